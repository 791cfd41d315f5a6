extension RuleDefinition {
  /// India's Aadhaar.
  static let inAadhaar = RuleDefinition(
    id: "in_aadhaar", packs: [], mask: .keep(first: 0, last: 4),
    triggers: [.longDigits])
}

extension MatchFinder {
  /// Twelve digits that pass Verhoeff, the first of them 2 to 9.
  mutating func findAadhaar(_ text: ScannedText, _ range: Range<Int>) {
    guard enabled(.inAadhaar), text[range.lowerBound] >= UInt8(ascii: "2") else { return }
    if text.passesVerhoeff(range) { note(.inAadhaar, range) }
  }
}
