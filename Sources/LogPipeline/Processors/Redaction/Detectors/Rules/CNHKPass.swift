extension RuleDefinition {
  /// Passes between mainland China, Hong Kong and Macau, near a word for them.
  static let cnHKPass = RuleDefinition(
    id: "cn_hk_pass", packs: [.piiCN],
    triggers: [.longDigits])
}

extension MatchFinder {
  /// `H`, `M`, `C` or `W` before eight to ten digits, `start..<end`.
  mutating func findHKPass(_ text: ScannedText, _ start: Int, _ end: Int) {
    guard (8...10).contains(end &- start), enabled(.cnHKPass) else { return }
    switch text[start &- 1] {
    case UInt8(ascii: "H"), UInt8(ascii: "M"), UInt8(ascii: "C"), UInt8(ascii: "W"):
      if hasContext(text, before: start &- 1, "permit", "pass", "通行证") { note(.cnHKPass, start &- 1..<end) }
    default: return
    }
  }
}
