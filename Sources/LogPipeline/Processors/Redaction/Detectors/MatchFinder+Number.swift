/// The one walk over a run of digits, which all rules of numbers share, and what it hands to each.
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
      case 9:
        findSSN(text, range)
        findITIN(text, range)
      case 11:
        findMobile(text, range)
        if isCPF(text, range) { note(.brCPF, range) }
      case 12:
        findAadhaar(text, range)
        findMyNumber(text, range)
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

  /// A letter before digits, `start..<end`, as ids and passports have it.
  private mutating func findBehindLetter(_ text: ScannedText, _ start: Int, _ end: Int) {
    guard text[start &- 1].isUpper, text.startsToken(start &- 1) else { return }
    findNRIC(text, start, end)
    guard text.endsToken(end) else { return }
    findPassport(text, start, end)
    findHKPass(text, start, end)
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
      let isDashed = separator == UInt8(ascii: "-")
      findGroupedSSN(text, range, isDashed: isDashed)
      findGroupedITIN(text, range, isDashed: isDashed)
    case 0x344: if !isInTable(text, range) { findMobile(text, range) }
    case 0x444:
      findAadhaar(text, range)
      findMyNumber(text, range)
    case 0x67: if isRRN(text, range) { note(.krRRN, range) }
    default: break
    }
  }
}
