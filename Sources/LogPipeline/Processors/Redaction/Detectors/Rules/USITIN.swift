extension RuleDefinition {
  /// Taxpayer numbers of the United States.
  static let usITIN = RuleDefinition(
    id: "us_itin", packs: [.piiUS], mask: .keep(first: 0, last: 4),
    triggers: [.longDigits])
}

extension MatchFinder {
  /// Nine digits near a word for them.
  mutating func findITIN(_ text: ScannedText, _ range: Range<Int>) {
    guard enabled(.usITIN), isITIN(text, range) else { return }
    if hasContext(text, before: range.lowerBound, "itin", "taxpayer") { note(.usITIN, range) }
  }

  /// Groups of three, two and four digits with dashes, or near a word for them.
  mutating func findGroupedITIN(_ text: ScannedText, _ range: Range<Int>, isDashed: Bool) {
    guard enabled(.usITIN), isITIN(text, range) else { return }
    if isDashed || hasContext(text, before: range.lowerBound, "itin") { note(.usITIN, range) }
  }

  private func isITIN(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    let (area, group, _) = Self.ssnParts(text, range)
    guard area >= 900 else { return false }
    return (50...65).contains(group) || (70...88).contains(group) || (90...92).contains(group)
      || (94...99).contains(group)
  }
}
