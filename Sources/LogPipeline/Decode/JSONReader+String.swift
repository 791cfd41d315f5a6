/// Where a string's content lies, between its quotes, and what it takes to read it.
struct JSONString {
  var start: Int
  var count: Int
  var hasEscapes = false
  var isASCII = true
}

/// Strings (RFC 8259 section 7).
extension JSONReader {
  /// The offset of the first byte from `start` on that is a quote, a backslash, a control character or not ASCII.
  @inline(__always)
  func plainEnd(from start: Int) -> Int { contentEnd(from: start, stopsAtNonASCII: true) }

  /// Reads a string whose opening quote is at `position` if it is all plain; else does nothing and returns nil.
  @inline(__always)
  mutating func plainString() -> ByteSlice? {
    let start = position &+ 1
    let stop = plainEnd(from: start)
    guard stop < end, byte(at: stop) == UInt8(ascii: "\"") else { return nil }
    position = stop &+ 1
    return ByteSlice(start..<stop)
  }

  // The types are written out: without them the compiler compares element by element.
  private static var space: SIMD16<Int8> { SIMD16<Int8>(repeating: 0x20) }
  private static var zero: SIMD16<Int8> { SIMD16<Int8>(repeating: 0) }
  private static var quote: SIMD16<Int8> { SIMD16<Int8>(repeating: 0x22) }
  private static var backslash: SIMD16<Int8> { SIMD16<Int8>(repeating: 0x5C) }

  /// As `plainEnd`, 16 bytes at a time; `end` if there is none.
  @inline(__always)
  private func contentEnd(from start: Int, stopsAtNonASCII: Bool) -> Int {
    var index = start
    while index &+ 16 <= end {
      // As signed bytes, what is not ASCII is negative and so below the space too.
      let chunk = base.loadUnaligned(fromByteOffset: index, as: SIMD16<Int8>.self)
      let controls = stopsAtNonASCII ? chunk .< Self.space : (chunk .< Self.space) .& (chunk .>= Self.zero)
      let stops = controls .| (chunk .== Self.quote) .| (chunk .== Self.backslash)
      let halves = unsafeBitCast(stops, to: SIMD2<UInt64>.self)
      if halves[0] != 0 { return index &+ halves[0].littleEndian.trailingZeroBitCount &>> 3 }
      if halves[1] != 0 { return index &+ 8 &+ halves[1].littleEndian.trailingZeroBitCount &>> 3 }
      index &+= 16
    }
    while index < end {
      let byte = byte(at: index)
      if byte < 0x20 || byte == 0x22 || byte == 0x5C || (stopsAtNonASCII && byte >= 0x80) { return index }
      index &+= 1
    }
    return end
  }

  /// Reads a string of any content, whose opening quote is next, and checks its escapes.
  @inline(never)
  mutating func scanString() throws(DecodeError) -> JSONString {
    guard peek() == UInt8(ascii: "\"") else { throw expected("expected '\"'") }
    position &+= 1
    var string = JSONString(start: position, count: 0)
    while true {
      position = string.isASCII ? plainEnd(from: position) : contentEnd(from: position, stopsAtNonASCII: false)
      guard position < end else { throw expected("expected '\"' at the end of a string") }
      let byte = byte(at: position)
      if byte == UInt8(ascii: "\"") { break }
      if byte >= 0x80 {
        string.isASCII = false
      } else if byte == UInt8(ascii: "\\") {
        string.hasEscapes = true
        try skipEscape()
      } else {
        throw expected("expected a control character in a string to be escaped")
      }
    }
    string.count = position &- string.start
    position &+= 1
    return string
  }

  /// Steps over the backslash at `position` and what it escapes.
  private mutating func skipEscape() throws(DecodeError) {
    position &+= 1
    guard position < end else { throw expected("expected an escaped character") }
    switch byte(at: position) {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position &+= 1
    case UInt8(ascii: "u"):
      for _ in 0..<4 {
        position &+= 1
        guard position < end, HexText.nibble(byte(at: position)) != nil else {
          throw expected("expected four hexadecimal digits after '\\u'")
        }
      }
      position &+= 1
    default: throw expected("expected one of \"\\/bfnrtu after '\\'")
    }
  }
}

/// Unescaping.
extension JSONReader {
  /// The offset of the first byte of a string's content that is not valid UTF-8.
  func firstInvalidUTF8(in string: JSONString) -> Int? {
    if string.isASCII { return nil }
    let bytes = UnsafeRawBufferPointer(start: base + string.start, count: string.count)
    return UTF8Text.firstInvalid(in: bytes).map { $0 &+ string.start }
  }

  /// Appends the content of a string that `scanString` returned, valid UTF-8 in the end; returns the offset of what
  /// had to become U+FFFD first, lone surrogates included, or nil if there was none.
  func appendUnescaped(_ string: JSONString, to target: inout [UInt8]) -> Int? {
    var firstRepaired: Int?
    let stringEnd = string.start &+ string.count
    var index = string.start
    while index < stringEnd {
      let run = runEnd(from: index, to: stringEnd)
      let bytes = UnsafeRawBufferPointer(start: base + index, count: run &- index)
      if !string.isASCII, let invalid = UTF8Text.firstInvalid(in: bytes) {
        firstRepaired = firstRepaired ?? index &+ invalid
        UTF8Text.appendRepaired(bytes, to: &target)
      } else {
        target.append(contentsOf: bytes)
      }
      index = run
      if index < stringEnd {
        let escape = index
        if appendEscaped(&index, before: stringEnd, to: &target) { firstRepaired = firstRepaired ?? escape }
      }
    }
    return firstRepaired
  }

  /// The offset of the next backslash, or `limit`.
  private func runEnd(from start: Int, to limit: Int) -> Int {
    var index = start
    while true {
      index = contentEnd(from: index, stopsAtNonASCII: false)
      if index >= limit || byte(at: index) == UInt8(ascii: "\\") { return min(index, limit) }
      index &+= 1
    }
  }

  /// Appends what the escape at `index` stands for and steps over it; true for a lone surrogate, which becomes U+FFFD.
  private func appendEscaped(_ index: inout Int, before limit: Int, to target: inout [UInt8]) -> Bool {
    let escaped = byte(at: index &+ 1)
    guard escaped == UInt8(ascii: "u") else {
      target.append(Self.character(escaped: escaped))
      index &+= 2
      return false
    }
    let unit = codeUnit(at: index &+ 2)
    index &+= 6
    guard unit & 0xF800 == 0xD800 else {
      Self.appendUTF8(of: unit, to: &target)
      return false
    }
    if unit < 0xDC00, limit &- index >= 6, byte(at: index) == UInt8(ascii: "\\"),
      byte(at: index &+ 1) == UInt8(ascii: "u")
    {
      let low = codeUnit(at: index &+ 2)
      if low & 0xFC00 == 0xDC00 {
        index &+= 6
        Self.appendUTF8(of: 0x10000 &+ (unit & 0x3FF) << 10 | low & 0x3FF, to: &target)
        return false
      }
    }
    Self.appendUTF8(of: 0xFFFD, to: &target)
    return true
  }

  /// The UTF-16 code unit of four hexadecimal digits that were checked before.
  private func codeUnit(at offset: Int) -> UInt32 {
    var unit: UInt32 = 0
    for place in 0..<4 { unit = unit << 4 | UInt32(HexText.nibble(byte(at: offset &+ place)) ?? 0) }
    return unit
  }

  private static func character(escaped: UInt8) -> UInt8 {
    switch escaped {
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    default: escaped
    }
  }

  /// Appends a Unicode scalar value (RFC 3629 section 3).
  private static func appendUTF8(of scalar: UInt32, to target: inout [UInt8]) {
    if scalar < 0x80 {
      target.append(UInt8(truncatingIfNeeded: scalar))
      return
    }
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
