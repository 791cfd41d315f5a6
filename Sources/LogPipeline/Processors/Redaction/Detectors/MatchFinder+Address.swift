/// Addresses of people and machines.
extension MatchFinder {
  /// An e-mail address around the `@` at an offset (RFC 5321 section 4.5.3.1: at most 64 bytes before it).
  mutating func findEmail(_ text: ScannedText, _ at: Int) {
    let start = text.start(ofRunBefore: at, limit: 64) { Self.isLocal($0) }
    let labels = text.end(ofRunAt: at &+ 1, limit: 255) { $0.isAlphanumeric || $0 == 0x2D || $0 == 0x2E }
    var end = labels
    while end > at, text[end &- 1] == 0x2D || text[end &- 1] == 0x2E { end &-= 1 }
    let top = text.start(ofRunBefore: end, limit: 25) { $0.isLetter }
    guard start < at, (2...24).contains(end &- top), text[top &- 1] == 0x2E, top &- 1 > at &+ 1 else { return }
    guard text[at &+ 1].isAlphanumeric, !Self.isFileEnding(text, top, end) else { return }
    if text[end] == 0x3A, text[end &+ 1].isLetter, text.has("git", at: start), at &- start == 3 { return }
    note(.email, start..<end)
  }

  private static func isLocal(_ byte: UInt8) -> Bool {
    byte.isWord || byte == 0x2E || byte == 0x25 || byte == 0x2B || byte == 0x2D
  }

  /// Endings after which `name@2x.png` and `unit@1.service` are no addresses.
  private static func isFileEnding(_ text: ScannedText, _ start: Int, _ end: Int) -> Bool {
    let endings: [StaticString] = [
      "png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css", "service", "timer", "socket", "mount", "slice",
    ]
    return endings.contains { $0.utf8CodeUnitCount == end &- start && text.hasIgnoringCase($0, at: start) }
  }

  /// Four octets; `first` is the last digit of what may be the first of them.
  mutating func findIPv4(_ text: ScannedText, _ first: Int) {
    let start = text.start(ofRunBefore: first &+ 1, limit: 4) { $0.isDigit }
    guard text.startsToken(start), text[start &- 1] != 0x2E else { return }
    guard let end = ipv4End(text, start), text.endsToken(end), !(text[end] == 0x2E && text[end &+ 1].isDigit) else {
      return
    }
    note(.ipv4, start..<end)
  }

  /// Where an IPv4 address that starts here ends; nil if there is none.
  private func ipv4End(_ text: ScannedText, _ start: Int) -> Int? {
    var position = start
    for octet in 0..<4 {
      let end = text.end(ofRunAt: position, limit: 4) { $0.isDigit }
      guard (1...3).contains(end &- position), text.leadingDigits(3, of: position..<end) < 256 else { return nil }
      if end &- position > 1 && text[position] == 0x30 { return nil }
      if octet == 3 { return end }
      guard text[end] == 0x2E else { return nil }
      position = end &+ 1
    }
    return nil
  }

  /// An IPv6 address (RFC 4291 section 2.2) in the run of its characters around an offset.
  mutating func findIPv6(_ text: ScannedText, _ offset: Int) {
    guard offset > networkEnd else { return }
    let isMember: (UInt8) -> Bool = { $0.isHexDigit || $0 == 0x3A || $0 == 0x2E }
    let start = text.start(ofRunBefore: offset, limit: 46, of: isMember)
    var end = text.end(ofRunAt: offset, limit: 46, of: isMember)
    networkEnd = end
    while end > start, text[end &- 1] == 0x2E || (text[end &- 1] == 0x3A && text[end &- 2] != 0x3A) { end &-= 1 }
    guard text.startsToken(start), text.endsToken(end), isIPv6(text, start..<end) else { return }
    note(.ipv6, start..<end)
  }

  private func isIPv6(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    guard (3...45).contains(range.count) else { return false }
    var position = range.lowerBound
    var groups = 0
    var hasGap = false
    if text.has("::", at: position) { (hasGap, position) = (true, position &+ 2) }
    while position < range.upperBound {
      let end = text.end(ofRunAt: position, limit: 5) { $0.isHexDigit }
      if text[end] == 0x2E, end < range.upperBound {
        guard ipv4End(text, position) == range.upperBound else { return false }
        groups &+= 2
        break
      }
      guard (1...4).contains(end &- position) else { return false }
      groups &+= 1
      position = end
      if position == range.upperBound { break }
      if text.has("::", at: position) {
        if hasGap { return false }
        (hasGap, position) = (true, position &+ 2)
      } else {
        guard text[position] == 0x3A, position &+ 1 < range.upperBound else { return false }
        position &+= 1
      }
    }
    return hasGap ? (1...7).contains(groups) && range.count > 4 : groups == 8
  }

  /// Six octets with one and the same separator.
  mutating func findMAC(_ text: ScannedText, _ start: Int) {
    let separator = text[start &+ 2]
    guard text.startsToken(start), text[start &- 1] != separator, text.endsToken(start &+ 17) else { return }
    guard text[start &+ 17] != separator || !text[start &+ 18].isHexDigit else { return }
    for octet in 0..<6 {
      let place = start &+ 3 &* octet
      guard text[place].isHexDigit, text[place &+ 1].isHexDigit else { return }
      if octet < 5 && text[place &+ 2] != separator { return }
    }
    note(.macAddress, start..<start &+ 17)
  }

  /// A number of ITU-T E.164 after its `+`: 8 to 15 digits.
  mutating func findPhone(_ text: ScannedText, _ plus: Int) {
    guard text.startsToken(plus), text[plus &+ 1] != 0x30 else { return }
    var digits = 0
    var end = plus &+ 1
    var position = plus &+ 1
    while digits <= 15 {
      if text[position].isDigit {
        digits &+= 1
        end = position &+ 1
      } else if !Self.isPhoneSeparator(text, position) {
        break
      }
      position &+= 1
    }
    if (8...15).contains(digits), text.endsToken(end) { note(.phoneIntl, plus..<end) }
  }

  private static func isPhoneSeparator(_ text: ScannedText, _ offset: Int) -> Bool {
    switch text[offset] {
    case 0x20, 0x2D, 0x2E: text[offset &+ 1].isDigit || text[offset &+ 1] == 0x28
    case 0x28: text[offset &+ 1].isDigit
    case 0x29: text[offset &+ 1].isDigit || (text[offset &+ 1] == 0x20 && text[offset &+ 2].isDigit)
    default: false
    }
  }

  /// A number of the North American plan with separators; `start..<end` is the area code.
  mutating func findPhoneUS(_ text: ScannedText, _ start: Int, _ end: Int) {
    guard end &- start == 3, text[start] >= UInt8(ascii: "2"), text.startsToken(start) else { return }
    var position = end
    let isBracketed = text[start &- 1] == 0x28 && text[position] == 0x29
    if isBracketed { position &+= 1 }
    let hasSeparator = Self.isPhoneUSSeparator(text[position])
    if hasSeparator { position &+= 1 }
    guard hasSeparator || isBracketed, text[position] >= UInt8(ascii: "2") else { return }
    guard text.end(ofRunAt: position, limit: 4, of: { $0.isDigit }) == position &+ 3 else { return }
    guard Self.isPhoneUSSeparator(text[position &+ 3]) else { return }
    let last = position &+ 4
    guard text.end(ofRunAt: last, limit: 5, of: { $0.isDigit }) == last &+ 4, text.endsToken(last &+ 4) else { return }
    let before = text[start &- 1]
    if (before == 0x2D || before == 0x2E) && text[start &- 2].isDigit && !text.has("1", at: start &- 2) { return }
    note(.phoneUS, (isBracketed ? start &- 1 : start)..<last &+ 4)
  }

  private static func isPhoneUSSeparator(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x2D || byte == 0x2E }

  /// A latitude and a longitude in degrees; `start..<end` are the decimals of the latitude.
  mutating func findCoordinate(_ text: ScannedText, _ start: Int, _ end: Int) {
    guard end &- start >= 4, text[start &- 1] == 0x2E, text[end] == 0x2C else { return }
    var first = text.start(ofRunBefore: start &- 1, limit: 3) { $0.isDigit }
    guard (1...2).contains(start &- 1 &- first), text.startsToken(first) else { return }
    guard text.leadingDigits(2, of: first..<start &- 1) <= 90 else { return }
    if text[first &- 1] == 0x2D || text[first &- 1] == 0x2B { first &-= 1 }
    var position = text.end(ofRunAt: end &+ 1, limit: 4) { $0 == 0x20 }
    if text[position] == 0x2D || text[position] == 0x2B { position &+= 1 }
    let degrees = text.end(ofRunAt: position, limit: 4) { $0.isDigit }
    guard (1...3).contains(degrees &- position), text[degrees] == 0x2E else { return }
    guard text.leadingDigits(3, of: position..<degrees) <= 180 else { return }
    let last = text.end(ofRunAt: degrees &+ 1, limit: 20) { $0.isDigit }
    if last &- degrees > 4 { note(.geoCoordinate, first..<last) }
  }
}
