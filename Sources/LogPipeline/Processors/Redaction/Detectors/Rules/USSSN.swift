extension RuleDefinition {
  /// Social security numbers of the United States.
  static let usSSN = RuleDefinition(
    id: "us_ssn", packs: [.default, .piiUS], mask: .keep(first: 0, last: 4),
    triggers: [.longDigits])
}

extension MatchFinder {
  /// Nine digits near a word for them.
  mutating func findSSN(_ text: ScannedText, _ range: Range<Int>) {
    guard enabled(.usSSN), isSSN(text, range) else { return }
    if hasContext(text, before: range.lowerBound, "ssn", "social security") { note(.usSSN, range) }
  }

  /// Groups of three, two and four digits with dashes, or near a word for them.
  mutating func findGroupedSSN(_ text: ScannedText, _ range: Range<Int>, isDashed: Bool) {
    guard enabled(.usSSN), isSSN(text, range) else { return }
    if isDashed || hasContext(text, before: range.lowerBound, "ssn", "social") { note(.usSSN, range) }
  }

  private func isSSN(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    let (area, group, serial) = Self.ssnParts(text, range)
    return area != 0 && area != 666 && area < 900 && group != 0 && serial != 0
  }

  /// The three parts of nine digits.
  static func ssnParts(_ text: ScannedText, _ range: Range<Int>) -> (area: Int, group: Int, serial: Int) {
    let number = text.leadingDigits(9, of: range)
    return (number / 1_000_000, number / 10_000 % 100, number % 10_000)
  }
}
