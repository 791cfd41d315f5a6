extension RuleDefinition {
  /// International bank account numbers.
  static let iban = RuleDefinition(
    id: "iban", packs: [.default, .gdpr], mask: .keep(first: 2, last: 4),
    triggers: [.lettersDigits])
}

extension MatchFinder {
  /// An IBAN: country, two check digits, and as many characters as the country has, in one or in groups of four with
  /// spaces or dashes.
  mutating func findIBAN(_ text: ScannedText, _ start: Int) {
    guard enabled(.iban), text.startsToken(start), let count = Self.ibanLength(text[start], text[start &+ 1]) else {
      return
    }
    var position = start &+ 4
    var found = 4
    while found < count {
      if found % 4 == 0, text[position] == 0x20 || text[position] == 0x2D { position &+= 1 }
      guard text[position].isDigit || text[position].isUpper else { return }
      position &+= 1
      found &+= 1
    }
    if text.endsToken(position), text.passesMod97(start, start &+ 4..<position) { note(.iban, start..<position) }
  }

  /// The length of a country's IBANs (SWIFT's IBAN registry); nil if it has none.
  static func ibanLength(_ first: UInt8, _ second: UInt8) -> Int? {
    let registry: StaticString = """
      AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27\
      GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22\
      MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28\
      TL23TN24TR26UA29VA22VG24XK20YE30
      """
    for place in stride(from: 0, to: registry.utf8CodeUnitCount, by: 4) {
      let entry = registry.utf8Start + place
      if entry[0] == first && entry[1] == second { return entry[2].digitValue &* 10 &+ entry[3].digitValue }
    }
    return nil
  }
}
