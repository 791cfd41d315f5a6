extension RuleDefinition {
  /// Shared access signatures and keys of storage accounts of Azure.
  static let azureSAS = RuleDefinition(
    id: "azure_sas", packs: [.default, .secrets],
    triggers: [Trigger("ig=", anchor: 0) { $0.findSAS($1, $2) }, .key])
}

extension MatchFinder {
  /// A shared access signature, `sig=…`.
  mutating func findSAS(_ text: ScannedText, _ value: Int) {
    guard text[value &- 4] | 0x20 == UInt8(ascii: "s"), text.startsToken(value &- 4) else { return }
    let digits = text.end(ofRunAt: value) { $0.isBase64 || $0 == 0x25 || $0 == 0x2D || $0 == 0x5F }
    let end = text.end(ofRunAt: digits, limit: 2) { $0 == 0x3D }
    if end &- value >= 40 { note(.azureSAS, value..<end) }
  }

  /// The key of a storage account, `AccountKey=…`; `end` is after `Key`.
  mutating func findAccountKey(_ text: ScannedText, _ end: Int) {
    guard text[end] == 0x3D, text.hasIgnoringCase("accountkey", at: end &- 10) else { return }
    let digits = text.end(ofRunAt: end &+ 1, limit: 87) { $0.isBase64 }
    if digits &- end == 87, text.has("==", at: digits) { note(.azureSAS, end &+ 1..<digits &+ 2) }
  }
}
