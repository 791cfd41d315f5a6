extension RuleDefinition {
  /// Chinese passports, near a word for them.
  static let cnPassport = RuleDefinition(
    id: "cn_passport", packs: [.piiCN],
    triggers: [.longDigits])
}

extension MatchFinder {
  /// `E`, `G` or `D` before eight digits, `start..<end`.
  mutating func findPassport(_ text: ScannedText, _ start: Int, _ end: Int) {
    guard end &- start == 8, enabled(.cnPassport) else { return }
    switch text[start &- 1] {
    case UInt8(ascii: "E"), UInt8(ascii: "G"), UInt8(ascii: "D"):
      if hasContext(text, before: start &- 1, "passport", "护照") { note(.cnPassport, start &- 1..<end) }
    default: return
    }
  }
}
