extension RuleDefinition {
  /// Japan's individual numbers.
  static let jpMyNumber = RuleDefinition(
    id: "jp_mynumber", packs: [], mask: .keep(first: 0, last: 4),
    triggers: [.longDigits])
}

extension MatchFinder {
  /// Twelve digits, the last a check by mod 11.
  mutating func findMyNumber(_ text: ScannedText, _ range: Range<Int>) {
    guard enabled(.jpMyNumber) else { return }
    let remainder = text.weightedSum(range, "65432765432") % 11
    if text.digit(11, of: range) == (remainder <= 1 ? 0 : 11 &- remainder) { note(.jpMyNumber, range) }
  }
}
