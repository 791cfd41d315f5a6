extension RuleDefinition {
  /// Korea's resident registration numbers.
  static let krRRN = RuleDefinition(
    id: "kr_rrn", packs: [],
    triggers: [.longDigits])
}

extension MatchFinder {
  /// Korea's resident registration number: a date of birth, a century and sex digit, and mod 11.
  func isRRN(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    guard enabled(.krRRN) else { return false }
    let date = text.leadingDigits(6, of: range)
    guard ScannedText.isDay(date % 100, month: date / 100 % 100, leapYear: true) else { return false }
    guard (1...8).contains(text.digit(6, of: range)) else { return false }
    let sum = text.weightedSum(range, "234567892345")
    return text.digit(12, of: range) == (11 &- sum % 11) % 10
  }
}
