extension RuleDefinition {
  /// Mobile numbers of mainland China.
  static let cnMobile = RuleDefinition(
    id: "cn_mobile", packs: [.default, .piiCN], mask: .keep(first: 3, last: 4),
    triggers: [.longDigits])
}

extension MatchFinder {
  /// A mainland mobile number: 11 digits of an assigned prefix.
  mutating func findMobile(_ text: ScannedText, _ range: Range<Int>) {
    if enabled(.cnMobile), Self.isMobilePrefix(text.leadingDigits(3, of: range)) { note(.cnMobile, range) }
  }

  private static func isMobilePrefix(_ prefix: Int) -> Bool {
    switch prefix {
    case 130...139, 145...149, 150...153, 155...159, 162, 165...167, 170...178, 180...193, 195...199: true
    default: false
    }
  }
}
