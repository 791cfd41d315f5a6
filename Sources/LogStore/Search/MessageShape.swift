/// The shape of a message: its text with numbers, ids, addresses, times and what stands in quotes as placeholders.
///
/// `<N>` is a number or a run of digits and hexadecimal letters, `<UUID>`, `<IP4>`, `<DATE>`, `<TIME>` and `<DATETIME>`
/// what their names say, and `<STR>` a text in quotes, unless it is a key, before a colon.
struct MessageShape {
  /// Bytes of a message that are looked at; a longer one has a shape with `…` behind it.
  static let maxBytes = 1024
  /// Bytes of a text in quotes at most; a quote that ends later is a character like any other.
  private static let maxQuotedBytes = 512
  /// What the last message was made to.
  private(set) var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(Self.maxBytes) }

  /// Takes the shape of a message; memory is kept from one to the next.
  mutating func take(_ message: UnsafeRawBufferPointer) {
    bytes.removeAll(keepingCapacity: true)
    let text = UnsafeRawBufferPointer(rebasing: message.prefix(Self.maxBytes))
    var index = 0
    while index < text.count {
      let byte = text[index]
      if Self.isQuote(byte), let end = Self.endOfQuote(text, index) {
        append("<STR>")
        index = end
      } else if Self.isAlphanumeric(byte) {
        index = takeRun(text, index)
      } else {
        bytes.append(byte)
        index += 1
      }
    }
    if message.count > text.count { append("…") }
  }

  private mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  // MARK: Runs of letters and digits

  /// Takes what begins at an offset, and returns where it ends.
  private mutating func takeRun(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var end = start
    var (digits, isHex) = (0, true)
    while end < text.count, Self.isAlphanumeric(text[end]) {
      if Self.isDigit(text[end]) { digits += 1 }
      isHex = isHex && Self.isHexDigit(text[end])
      end += 1
    }
    if digits == 0 {
      if isHex, let end = Self.end(text, start, as: Self.uuid) { return replaced("<UUID>", end) }
      bytes.append(contentsOf: text[start..<end])
      return end
    }
    if Self.isDigit(text[start]), let found = takeTime(text, start) { return found }
    if isHex, let end = Self.end(text, start, as: Self.uuid) { return replaced("<UUID>", end) }
    if digits == end - start { return replaced("<N>", Self.endOfFraction(text, end)) }
    let isPrefixed = end - start > 2 && text[start] == UInt8(ascii: "0") && text[start + 1] | 0x20 == UInt8(ascii: "x")
    if isHex || isPrefixed { return replaced("<N>", end) }
    takeWord(text, start..<end)
    return end
  }

  private mutating func replaced(_ placeholder: StaticString, _ end: Int) -> Int {
    append(placeholder)
    return end
  }

  /// A word with digits in it: `user42`, `12ms`; one that goes back and forth, such as `a1b2c3xy`, is an id.
  private mutating func takeWord(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) {
    let changes = zip(range, range.dropFirst()).reduce(0) {
      $0 + (Self.isDigit(text[$1.0]) == Self.isDigit(text[$1.1]) ? 0 : 1)
    }
    if changes > 2, range.count >= 8 { return append("<N>") }
    var index = range.lowerBound
    while index < range.upperBound {
      if Self.isDigit(text[index]) {
        append("<N>")
        while index < range.upperBound, Self.isDigit(text[index]) { index += 1 }
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
  }

  // MARK: Times and addresses

  private mutating func takeTime(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int? {
    if let day = Self.end(text, start, as: Self.date) {
      let isJoined = day < text.count && [UInt8(ascii: "T"), UInt8(ascii: " ")].contains(text[day])
      guard isJoined, let time = Self.end(text, day + 1, as: Self.time) else { return replaced("<DATE>", day) }
      return replaced("<DATETIME>", Self.endOfZone(text, Self.endOfFraction(text, time)))
    }
    if let time = Self.end(text, start, as: Self.time) {
      return replaced("<TIME>", Self.endOfFraction(text, time))
    }
    return Self.endOfAddress(text, start).map { replaced("<IP4>", $0) }
  }

  // `0` is a digit, `h` one of a hexadecimal number.
  private static let date: StaticString = "0000-00-00"
  private static let time: StaticString = "00:00:00"
  private static let uuid: StaticString = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"

  /// Where a text ends that has a form and goes on with no letter and no digit; nil if it has another.
  private static func end(_ text: UnsafeRawBufferPointer, _ start: Int, as form: StaticString) -> Int? {
    let end = start + form.utf8CodeUnitCount
    guard end <= text.count else { return nil }
    for index in 0..<form.utf8CodeUnitCount {
      let (byte, wanted) = (text[start + index], form.utf8Start[index])
      switch wanted {
      case UInt8(ascii: "0"): if !isDigit(byte) { return nil }
      case UInt8(ascii: "h"): if !isHexDigit(byte) { return nil }
      default: if byte != wanted { return nil }
      }
    }
    let isWhole =
      end == text.count || !isAlphanumeric(text[end]) || text[end] == UInt8(ascii: "T")
      || text[end] == UInt8(ascii: "Z")
    return isWhole ? end : nil
  }

  /// Past `.5`, or `,5` after a time, if that comes next.
  private static func endOfFraction(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
    guard start + 1 < text.count, text[start] == UInt8(ascii: "."), isDigit(text[start + 1]) else { return start }
    var end = start + 1
    while end < text.count, isDigit(text[end]) { end += 1 }
    return end
  }

  private static func endOfZone(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
    if start < text.count, text[start] == UInt8(ascii: "Z") { return start + 1 }
    guard start + 5 <= text.count, text[start] == UInt8(ascii: "+") || text[start] == UInt8(ascii: "-") else {
      return start
    }
    var end = start + 1
    while end < min(text.count, start + 6), isDigit(text[end]) || text[end] == UInt8(ascii: ":") { end += 1 }
    return end - start >= 5 ? end : start
  }

  private static func endOfAddress(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int? {
    var index = start
    for part in 0..<4 {
      if part > 0 {
        guard index < text.count, text[index] == UInt8(ascii: ".") else { return nil }
        index += 1
      }
      let first = index
      while index < text.count, isDigit(text[index]), index - first < 4 { index += 1 }
      if index == first || index - first > 3 { return nil }
    }
    return index < text.count && isAlphanumeric(text[index]) ? nil : index
  }

  // MARK: Quotes

  /// Past the end of a text in quotes that starts at an offset; nil if it has no end, is a key, or an apostrophe.
  private static func endOfQuote(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int? {
    let quote = text[start]
    if quote == UInt8(ascii: "'"), start > 0, isAlphanumeric(text[start - 1]) { return nil }
    var index = start + 1
    while index < min(text.count, start + maxQuotedBytes) {
      if text[index] == UInt8(ascii: "\\") {
        index += 2
        continue
      }
      if text[index] == quote {
        let next = index + 1 < text.count ? text[index + 1] : 0
        if next == UInt8(ascii: ":") || isAlphanumeric(next) { return nil }
        return index + 1
      }
      index += 1
    }
    return nil
  }

  private static func isQuote(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`")
  }

  @inline(__always)
  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  private static func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }
  /// Letters beyond ASCII are no part of numbers.
  @inline(__always)
  private static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 26 }
}
