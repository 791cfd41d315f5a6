/// Numbers that begin with a run of at least three digits.
extension MatchFinder {
  /// Looks at the run of digits that starts at `start`, and at the groups that follow it.
  mutating func findNumber(_ text: ScannedText, _ start: Int) {
    let end = text.end(ofRunAt: start, limit: 20) { $0.isDigit }
    guard end &- start < 20 else { return }
    let isGrouped = (text[end] == 0x20 || text[end] == 0x2D) && text[end &+ 1].isDigit
    if enabled(.geoCoordinate) { findCoordinate(text, start, end) }
    if !isFraction(text, start, end) {
      if end &- start >= 6 { findRun(text, start, end) }
      if isGrouped { findGroups(text, start) }
    }
    if enabled(.phoneUS) { findPhoneUS(text, start, end) }
    if enabled(.brCPF) { findCPF(text, start, end) }
  }

  /// Whether digits are part of a decimal number, an address or a version: a point and a digit on either side.
  private func isFraction(_ text: ScannedText, _ start: Int, _ end: Int) -> Bool {
    text[start &- 1] == UInt8(ascii: ".") && text[start &- 2].isDigit
      || text[end] == UInt8(ascii: ".") && text[end &+ 1].isDigit
  }

  /// A number written without separators.
  private mutating func findRun(_ text: ScannedText, _ start: Int, _ end: Int) {
    let range = start..<end
    let isFree = text.startsToken(start)
    if isFree && text.endsToken(end) {
      switch range.count {
      case 8: findLettered(text, start, end)
      case 9: findNineDigits(text, range)
      case 11:
        findMobile(text, range)
        if isCPF(text, range) { note(.brCPF, range) }
      case 12: findTwelveDigits(text, range)
      default: break
      }
      if range.count == 13 && text.has("86", at: start) { findMobile(text, start &+ 2..<end) }
      if range.count == 13 && isRRN(text, range) { note(.krRRN, range) }
      if range.count >= 12 { findCard(text, range) }
      if range.count == 18 { findResidentID(text, start) }
    } else if isFree && (range.count == 17 || range.count == 8) {
      findLettered(text, start, end)
    }
    findSocialCredit(text, start)
    if range.count >= 7 { findBehindLetter(text, start, end) }
  }

  /// 17 or 8 digits and a letter that checks them.
  private mutating func findLettered(_ text: ScannedText, _ start: Int, _ end: Int) {
    guard text[end].isLetter, text.endsToken(end &+ 1) else { return }
    if end &- start == 17 && text[end] | 0x20 == UInt8(ascii: "x") { findResidentID(text, start) }
    if end &- start == 8 && isDNI(text, start) { note(.esDNI, start..<end &+ 1) }
  }

  /// GB 11643: region, date of birth, sequence, and a check character by ISO 7064 MOD 11-2.
  private mutating func findResidentID(_ text: ScannedText, _ start: Int) {
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

  /// A mainland mobile number: 11 digits of an assigned prefix.
  private mutating func findMobile(_ text: ScannedText, _ range: Range<Int>) {
    if enabled(.cnMobile), Self.isMobilePrefix(text.leadingDigits(3, of: range)) { note(.cnMobile, range) }
  }

  private static func isMobilePrefix(_ prefix: Int) -> Bool {
    switch prefix {
    case 130...139, 145...149, 150...153, 155...159, 162, 165...167, 170...178, 180...193, 195...199: true
    default: false
    }
  }

  /// ISO/IEC 7812: Luhn, and an issuer's prefix at a length that it issues, or a word for a card before it.
  private mutating func findCard(_ text: ScannedText, _ range: Range<Int>) {
    guard detectors.rules.containsAny(of: .creditCard, .cnBankCard), text.passesLuhn(range) else { return }
    let count = text.digitCount(range)
    if text.has("62", at: range.lowerBound), (16...19).contains(count) { note(.cnBankCard, range) }
    if Self.isIssued(text.leadingDigits(6, of: range), count: count) || isCalledCard(text, range, count) {
      note(.creditCard, range)
    }
  }

  /// Whether a word before 12 to 19 digits says that they are a card's; 12 and 13 digits are no part of a longer id.
  private func isCalledCard(_ text: ScannedText, _ range: Range<Int>, _ count: Int) -> Bool {
    let start = range.lowerBound
    if count < 14, text[start &- 1] == UInt8(ascii: "-"), text[start &- 2].isAlphanumeric { return false }
    return count >= 12
      && hasContext(
        text, before: start, "card", "pan=", "pan:", "cc=", "cc:", "visa", "maestro", "amex", "american express",
        "diners", "jcb", "discover", "unionpay", "卡")
  }

  /// Whether an issuer with these first six digits issues numbers of this length.
  ///
  /// Lengths that are possible and hardly issued (Visa's 13 and 19 digits, 19 of Discover and Diners) are left to the
  /// word before, since barcodes, order numbers and ids have them too and one in ten of these passes Luhn.
  static func isIssued(_ prefix: Int, count: Int) -> Bool {
    switch prefix {
    case 400_000...499_999, 510_000...559_999, 222_100...272_099, 601_100...601_199, 644_000...659_999: count == 16
    case 340_000...349_999, 370_000...379_999: count == 15
    // JCB has 3528 to 3589; test numbers use the rest of 35 too. Its old numbers have 15 digits.
    case 350_000...359_999: count == 16
    case 180_000...180_099, 213_100...213_199: count == 15
    case 300_000...305_999, 309_500...309_599, 360_000...369_999, 380_000...399_999: count == 14 || count == 16
    case 620_000...629_999: (16...19).contains(count)
    default: false
    }
  }

  private mutating func findNineDigits(_ text: ScannedText, _ range: Range<Int>) {
    guard detectors.rules.containsAny(of: .usSSN, .usITIN) else { return }
    let (area, group, serial) = ssnParts(text, range)
    if isSSN(area, group, serial), hasContext(text, before: range.lowerBound, "ssn", "social security") {
      note(.usSSN, range)
    }
    if isITIN(area, group), hasContext(text, before: range.lowerBound, "itin", "taxpayer") { note(.usITIN, range) }
  }

  private func ssnParts(_ text: ScannedText, _ range: Range<Int>) -> (area: Int, group: Int, serial: Int) {
    let number = text.leadingDigits(9, of: range)
    return (number / 1_000_000, number / 10_000 % 100, number % 10_000)
  }

  private func isSSN(_ area: Int, _ group: Int, _ serial: Int) -> Bool {
    area != 0 && area != 666 && area < 900 && group != 0 && serial != 0
  }

  private func isITIN(_ area: Int, _ group: Int) -> Bool {
    guard area >= 900 else { return false }
    return (50...65).contains(group) || (70...88).contains(group) || (90...92).contains(group)
      || (94...99).contains(group)
  }
}

/// Numbers in groups of digits.
extension MatchFinder {
  /// Looks at up to six groups of digits with one and the same separator, a space or a dash; a form is told by the
  /// sizes of its groups, one hexadecimal digit each. The longest known form counts.
  private mutating func findGroups(_ text: ScannedText, _ start: Int) {
    guard text.startsToken(start), !(text[start &- 1] == UInt8(ascii: "-") && text[start &- 2].isAlphanumeric) else {
      return
    }
    var form = 0
    var position = start
    var separator: UInt8 = 0
    for _ in 0..<6 {
      let end = text.end(ofRunAt: position, limit: 14) { $0.isDigit }
      form = form << 4 | (end &- position)
      let next = text[end]
      if form > 0xF {
        guard Self.mayBecomeKnown(form) else { return }
        if isClosed(text, end, separator) { findGrouped(text, start..<end, form, separator) }
      }
      guard next == 0x20 || next == UInt8(ascii: "-"), separator == 0 || next == separator else { return }
      guard text[end &+ 1].isDigit else { return }
      separator = next
      position = end &+ 1
    }
  }

  /// Whether a known form starts with these groups.
  private static func mayBecomeKnown(_ form: Int) -> Bool {
    switch form {
    case 0x32, 0x34, 0x44, 0x46, 0x6D, 0x67, 0x324, 0x344, 0x444, 0x465, 0x464, 0x4444, 0x44443: true
    default: false
    }
  }

  /// Whether groups may end here.
  private func isClosed(_ text: ScannedText, _ end: Int, _ separator: UInt8) -> Bool {
    if text[end].isAlphanumeric || text[end] == UInt8(ascii: ".") && text[end &+ 1].isDigit { return false }
    return !(text[end] == UInt8(ascii: "-") && text[end &+ 1].isAlphanumeric)
  }

  /// Whether more digits stand beside groups, a space away.
  private func isInTable(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    text[range.lowerBound &- 1] == 0x20 && text[range.lowerBound &- 2].isDigit
      || text[range.upperBound] == 0x20 && text[range.upperBound &+ 1].isDigit
  }

  private mutating func findGrouped(_ text: ScannedText, _ range: Range<Int>, _ form: Int, _ separator: UInt8) {
    switch form {
    case 0x4444, 0x44443, 0x465, 0x464, 0x6D: findCard(text, range)
    case 0x324:
      let (area, group, serial) = ssnParts(text, range)
      let isDashed = separator == UInt8(ascii: "-")
      if isSSN(area, group, serial), isDashed || hasContext(text, before: range.lowerBound, "ssn", "social") {
        note(.usSSN, range)
      }
      if isITIN(area, group), isDashed || hasContext(text, before: range.lowerBound, "itin") { note(.usITIN, range) }
    case 0x344: if !isInTable(text, range) { findMobile(text, range) }
    case 0x444: findTwelveDigits(text, range)
    case 0x67: if isRRN(text, range) { note(.krRRN, range) }
    default: break
    }
  }
}
