import CVector

/// Strings (RFC 8259 section 7).
extension JSONReader {
  /// The offset of the first byte from `start` on that is a quote, a backslash, a control character or not ASCII; `end`
  /// if there is none.
  @inline(__always)
  func plainEnd(from start: Int) -> Int {
    var index = json_plain_end(base, start, end)
    while index < end && byte(at: index) < 0x80 && Self.isContent(byte(at: index)) { index &+= 1 }
    return index
  }

  /// The offset of the first byte from `start` on that is a quote, a backslash or a control character; `end` if there
  /// is none.
  @inline(__always)
  func contentEnd(from start: Int) -> Int { Self.contentEnd(base, from: start, end: end) }

  @inline(never)
  static func contentEnd(_ base: UnsafeRawPointer, from start: Int, end: Int) -> Int {
    var index = start
    while index &+ 16 <= end {
      let stops = json_special16(bytes16_load(base + index))
      if stops != 0 { return index &+ stops.trailingZeroBitCount }
      index &+= 16
    }
    while index < end && isContent(base.byte(index)) { index &+= 1 }
    return index
  }

  /// Reads a string whose opening quote is at `position` if it is all plain; else does nothing and returns nil.
  @inline(__always)
  mutating func plainString() -> ByteSlice? { unescapedString(to: plainEnd(from: position &+ 1)) }

  /// Reads a string whose opening quote is at `position` if it has no escapes, valid UTF-8 or not; else does nothing
  /// and returns nil.
  mutating func unescapedString() -> ByteSlice? {
    unescapedString(to: contentEnd(from: position &+ 1))
  }

  @inline(__always)
  private mutating func unescapedString(to stop: Int) -> ByteSlice? {
    guard stop < end, byte(at: stop) == UInt8(ascii: "\"") else { return nil }
    let slice = ByteSlice(position &+ 1..<stop)
    position = stop &+ 1
    return slice
  }

  @inline(__always)
  private static func isContent(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }
}

/// Strings with escapes.
extension JSONReader {
  /// What `appendString` read.
  struct UnescapedString {
    /// The content in the body, escapes and all.
    var content: ByteSlice
    /// The first lone surrogate, which became U+FFFD.
    var loneSurrogateOffset: Int?
  }

  /// Reads a string whose opening quote is at `position` and appends its content, unescaped but not checked as UTF-8.
  @inline(never)
  mutating func appendString(to target: inout ByteWriter) throws(DecodeError) -> UnescapedString {
    position &+= 1
    var string = UnescapedString(content: .empty, loneSurrogateOffset: nil)
    let start = position
    while true {
      appendRun(to: &target)
      if try isAtQuote() { break }
      let escape = position
      let unit = try escapedUnit()
      if unit & 0xFFFF_F800 == 0xD800 {
        string.loneSurrogateOffset = string.loneSurrogateOffset ?? escape
        Self.append(0xFFFD, to: &target)
      } else {
        Self.append(unit, to: &target)
      }
    }
    string.content = ByteSlice(start..<position)
    position &+= 1
    return string
  }

  /// Appends the bytes up to the next quote, backslash or control character, and steps over them.
  @inline(__always)
  private mutating func appendRun(to target: inout ByteWriter) {
    while position &+ 16 <= end {
      let chunk = bytes16_load(base + position)
      target.makeRoom(16)
      bytes16_store(target.end, chunk)
      let stops = json_special16(chunk)
      let plain = stops == 0 ? 16 : stops.trailingZeroBitCount
      target.advance(plain)
      position &+= plain
      if plain < 16 { return }
    }
    while position < end && Self.isContent(byte(at: position)) {
      target.append(byte(at: position))
      position &+= 1
    }
  }

  /// Steps over a string of any content, whose opening quote is at `position`; it need not be valid UTF-8.
  @inline(never)
  mutating func skipString() throws(DecodeError) {
    position &+= 1
    while true {
      position = contentEnd(from: position)
      if try isAtQuote() { break }
      _ = try escapedUnit()
    }
    position &+= 1
  }

  /// Whether a string ends here; if not, an escape follows.
  @inline(__always)
  private func isAtQuote() throws(DecodeError) -> Bool {
    guard position < end else { throw expected("expected '\"' at the end of a string") }
    let byte = byte(at: position)
    if byte == UInt8(ascii: "\\") { return false }
    guard byte == UInt8(ascii: "\"") else { throw expected("expected a control character in a string to be escaped") }
    return true
  }

  /// Reads the escape whose backslash is at `position`: a Unicode scalar, or a lone surrogate.
  @inline(__always)
  private mutating func escapedUnit() throws(DecodeError) -> UInt32 {
    position &+= 1
    guard position < end else { throw expected("expected an escaped character") }
    let escaped = byte(at: position)
    if escaped == UInt8(ascii: "u") { return try escapedCodePoint() }
    guard let character = JSONEscape.character(escaped) else {
      throw expected("expected one of \"\\/bfnrtu after '\\'")
    }
    position &+= 1
    return UInt32(character)
  }

  /// Reads what follows a backslash, from the "u" on, and the low surrogate that belongs to a high one.
  @inline(never)
  private mutating func escapedCodePoint() throws(DecodeError) -> UInt32 {
    guard let unit = codeUnit(at: position &+ 1) else {
      throw expected("expected four hexadecimal digits after '\\u'")
    }
    position &+= 5
    guard unit & 0xFC00 == 0xD800, end &- position >= 6 else { return unit }
    guard byte(at: position) == UInt8(ascii: "\\"), byte(at: position &+ 1) == UInt8(ascii: "u") else { return unit }
    guard let low = codeUnit(at: position &+ 2), low & 0xFC00 == 0xDC00 else { return unit }
    position &+= 6
    return 0x10000 &+ (unit & 0x3FF) << 10 | low & 0x3FF
  }

  /// The UTF-16 code unit of four hexadecimal digits; nil if they are not that.
  private func codeUnit(at offset: Int) -> UInt32? {
    guard end &- offset >= 4 else { return nil }
    return JSONEscape.codeUnit { byte(at: offset &+ $0) }.map { UInt32($0) }
  }

  /// Appends a Unicode scalar value in UTF-8 (RFC 3629 section 3).
  @inline(__always)
  private static func append(_ scalar: UInt32, to target: inout ByteWriter) {
    if scalar < 0x80 {
      target.append(UInt8(truncatingIfNeeded: scalar))
    } else {
      appendSequence(scalar, to: &target)
    }
  }

  @inline(never)
  private static func appendSequence(_ scalar: UInt32, to target: inout ByteWriter) {
    if scalar < 0x800 {
      target.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
    } else {
      if scalar < 0x10000 {
        target.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
      } else {
        target.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
        target.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
      }
      target.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
    }
    target.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
  }
}
