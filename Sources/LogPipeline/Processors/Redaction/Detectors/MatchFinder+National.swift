/// Numbers of single countries, each with its check digit.
extension MatchFinder {
  /// Aadhaar (Verhoeff, first digit 2...9) and Japan's individual number (mod 11).
  mutating func findTwelveDigits(_ text: ScannedText, _ range: Range<Int>) {
    guard detectors.rules.containsAny(of: .inAadhaar, .jpMyNumber) else { return }
    if text[range.lowerBound] >= UInt8(ascii: "2"), text.passesVerhoeff(range) { note(.inAadhaar, range) }
    let remainder = text.weightedSum(range, "65432765432") % 11
    if text.digit(11, of: range) == (remainder <= 1 ? 0 : 11 &- remainder) { note(.jpMyNumber, range) }
  }

  /// Korea's resident registration number: a date of birth, a century and sex digit, and mod 11.
  func isRRN(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    guard enabled(.krRRN) else { return false }
    let date = text.leadingDigits(6, of: range)
    guard ScannedText.isDay(date % 100, month: date / 100 % 100, leapYear: true) else { return false }
    guard (1...8).contains(text.digit(6, of: range)) else { return false }
    let sum = text.weightedSum(range, "234567892345")
    return text.digit(12, of: range) == (11 &- sum % 11) % 10
  }

  /// Brazil's CPF: two check digits by mod 11, and not all digits the same.
  func isCPF(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    guard enabled(.brCPF) else { return false }
    let number = text.leadingDigits(11, of: range)
    guard number % 11_111_111_111 != 0 else { return false }
    let first = text.weightedSum(range, ":98765432") &* 10 % 11 % 10
    let second = text.weightedSum(range, ";:98765432") &* 10 % 11 % 10
    return text.digit(9, of: range) == first && text.digit(10, of: range) == second
  }

  /// A CPF as it is printed, 123.456.789-09.
  mutating func findCPF(_ text: ScannedText, _ start: Int, _ end: Int) {
    let range = start..<start &+ 14
    guard end &- start == 3, text.startsToken(start), text.endsToken(range.upperBound) else { return }
    let point = UInt8(ascii: ".")
    guard text[start &+ 3] == point, text[start &+ 7] == point, text[start &+ 11] == UInt8(ascii: "-") else { return }
    if text.digitCount(range) == 11, isCPF(text, range) { note(.brCPF, range) }
  }

  /// Spain's DNI: eight digits and the letter their remainder by 23 gives.
  func isDNI(_ text: ScannedText, _ start: Int) -> Bool {
    let letters: StaticString = "TRWAGMYFPDXBNJZSQVHLCKE"
    let number = text.leadingDigits(8, of: start..<start &+ 8)
    return text[start &+ 8] == letters.utf8Start[number % 23]
  }

  /// Numbers with a letter before the digits: Singapore's NRIC, and Chinese passports and passes near a word for them.
  mutating func findBehindLetter(_ text: ScannedText, _ start: Int, _ end: Int) {
    let letter = text[start &- 1]
    guard letter.isUpper, text.startsToken(start &- 1) else { return }
    if end &- start == 7, text.endsToken(end &+ 1), isNRIC(text, start) { note(.sgNRIC, start &- 1..<end &+ 1) }
    guard text.endsToken(end) else { return }
    let isPassport = letter == UInt8(ascii: "E") || letter == UInt8(ascii: "G") || letter == UInt8(ascii: "D")
    if isPassport, end &- start == 8, enabled(.cnPassport),
      hasContext(text, before: start &- 1, "passport", "护照")
    {
      note(.cnPassport, start &- 1..<end)
    }
    let isPass =
      letter == UInt8(ascii: "H") || letter == UInt8(ascii: "M") || letter == UInt8(ascii: "C")
      || letter == UInt8(ascii: "W")
    if isPass, (8...10).contains(end &- start), enabled(.cnHKPass),
      hasContext(text, before: start &- 1, "permit", "pass", "通行证")
    {
      note(.cnHKPass, start &- 1..<end)
    }
  }

  private func isNRIC(_ text: ScannedText, _ start: Int) -> Bool {
    let sum = text.weightedSum(start..<start &+ 7, "2765432")
    let citizen: StaticString = "JZIHGFEDCBA"
    let foreigner: StaticString = "XWUTRQPNMLK"
    switch text[start &- 1] {
    case UInt8(ascii: "S"): return text[start &+ 7] == citizen.utf8Start[sum % 11]
    case UInt8(ascii: "T"): return text[start &+ 7] == citizen.utf8Start[(sum &+ 4) % 11]
    case UInt8(ascii: "F"): return text[start &+ 7] == foreigner.utf8Start[sum % 11]
    case UInt8(ascii: "G"): return text[start &+ 7] == foreigner.utf8Start[(sum &+ 4) % 11]
    default: return false
    }
  }

  /// The United Kingdom's national insurance number: two letters, six digits, A to D.
  mutating func findNINO(_ text: ScannedText, _ start: Int) {
    guard enabled(.ukNINO), text.startsToken(start) else { return }
    let (first, second) = (text[start], text[start &+ 1])
    let never: StaticString = "DFIQUV"
    for place in 0..<6 where first == never.utf8Start[place] || second == never.utf8Start[place] { return }
    if second == UInt8(ascii: "O") { return }
    for pair: StaticString in ["BG", "GB", "NK", "KN", "TN", "NT", "ZZ"] where text.has(pair, at: start) { return }
    var position = start &+ 2
    for group in 0..<3 {
      guard text[position].isDigit, text[position &+ 1].isDigit else { return }
      position &+= 2
      if group < 3, text[position] == 0x20 { position &+= 1 }
    }
    guard (UInt8(ascii: "A")...UInt8(ascii: "D")).contains(text[position]), text.endsToken(position &+ 1) else {
      return
    }
    note(.ukNINO, start..<position &+ 1)
  }

  /// The unified social credit code of China (GB 32100): 18 characters, the last a check by mod 31. Its digits begin
  /// at most two characters after it does.
  mutating func findSocialCredit(_ text: ScannedText, _ digits: Int) {
    guard enabled(.cnUSCC) else { return }
    let start = text.start(ofRunBefore: digits, limit: 3) { $0.isAlphanumeric }
    guard digits &- start <= 2, text.endsToken(start &+ 18) else { return }
    let alphabet: StaticString = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    var sum = 0
    var weight = 1
    for place in 0..<18 {
      guard let value = (0..<31).first(where: { alphabet.utf8Start[$0] == text[start &+ place] }) else { return }
      if (2..<8).contains(place) && value > 9 { return }
      sum &+= value &* (place == 17 ? 1 : weight)
      weight = weight &* 3 % 31
    }
    if sum % 31 == 0 { note(.cnUSCC, start..<start &+ 18) }
  }

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
