extension RuleDefinition {
  /// China's ids of residents.
  static let cnResidentID = RuleDefinition(
    id: "cn_resident_id", packs: [.default, .piiCN], mask: .keep(first: 3, last: 2),
    triggers: [.longDigits])
}

extension MatchFinder {
  /// GB 11643: region, date of birth, sequence, and a check character by ISO 7064 MOD 11-2.
  mutating func findResidentID(_ text: ScannedText, _ start: Int) {
    guard enabled(.cnResidentID), Self.isProvince(text.leadingDigits(2, of: start..<start &+ 2)) else { return }
    guard text.isDate(at: start &+ 6), text.passesMod11Radix2(start) else { return }
    note(.cnResidentID, start..<start &+ 18)
  }

  private static func isProvince(_ code: Int) -> Bool {
    switch code {
    case 11...15, 21...23, 31...37, 41...46, 50...54, 61...65, 71, 81...83, 91: true
    default: false
    }
  }
}
