/// Fields that are one number, id, name or run of bytes. Null is what an absent field is: 0, none or empty.
extension OTLPJSONDecoder {
  /// A `fixed64` time as a number or its text; one that is no time in 1970...2262 is ignored and counted.
  @inline(__always)
  mutating func time() throws(DecodeError) -> UInt64 {
    guard let integer = try integer() else { return 0 }
    if let nanoseconds = integer.number?.int64, nanoseconds >= 0 { return UInt64(nanoseconds) }
    oddities.ignoredTimes &+= 1
    return 0
  }

  /// An `int64` as a number or its text, with an exponent or not.
  @inline(__always)
  mutating func int64() throws(DecodeError) -> Int64 {
    guard let integer = try integer() else { return 0 }
    guard let value = integer.number?.int64 else {
      throw DecodeError(.malformed("expected a 64-bit integer"), at: integer.offset)
    }
    return value
  }

  /// A `uint32` or `fixed32` as a number or its text.
  mutating func uint32() throws(DecodeError) -> UInt32 {
    guard let integer = try integer() else { return 0 }
    guard let value = integer.number?.int64, let narrow = UInt32(exactly: value) else {
      throw DecodeError(.malformed("expected an unsigned 32-bit integer"), at: integer.offset)
    }
    return narrow
  }

  /// A `SeverityNumber` as a number, its text or, which senders must not use, its name; an unknown name is UNSPECIFIED.
  mutating func severityNumber() throws(DecodeError) -> Int32 {
    guard let integer = try integer() else { return 0 }
    guard let number = integer.number else { return withBytes(of: integer.text, SeverityName.number) }
    guard let value = number.int64, let narrow = Int32(exactly: value) else {
      throw DecodeError(.malformed("expected a 32-bit integer"), at: integer.offset)
    }
    return narrow
  }

  /// A `double` as a number, its text, "NaN", "Infinity" or "-Infinity".
  mutating func double() throws(DecodeError) -> Double {
    let byte = json.peek()
    let offset = json.position
    guard byte == UInt8(ascii: "\"") else {
      if try json.readNull() { return 0 }
      let number = try json.readNumber()
      return number.double(UnsafeRawBufferPointer(start: json.base + offset, count: number.count))
    }
    let text = try text()
    guard let value = withBytes(of: text, Self.double) else {
      throw DecodeError(.malformed("expected a number, \"NaN\", \"Infinity\" or \"-Infinity\""), at: offset)
    }
    return value
  }

  private static func double(_ text: UnsafeRawBufferPointer) -> Double? {
    if let number = JSONNumber(text), number.count == text.count { return number.double(text) }
    if text.elementsEqual("NaN".utf8) { return .nan }
    if text.elementsEqual("Infinity".utf8) { return .infinity }
    return text.elementsEqual("-Infinity".utf8) ? -.infinity : nil
  }

  /// What stands where an integer should.
  private struct Integer {
    /// Nil for text that is no number.
    var number: JSONNumber?
    /// Empty for a number without quotes.
    var text = ByteSlice.empty
    var offset: Int
  }

  /// Reads a number or a string; nil for null.
  @inline(__always)
  private mutating func integer() throws(DecodeError) -> Integer? {
    let byte = json.peek()
    let offset = json.position
    guard byte == UInt8(ascii: "\"") else {
      if try json.readNull() { return nil }
      return Integer(number: try json.readNumber(), offset: offset)
    }
    let text = try text()
    let number = withBytes(of: text) { bytes -> JSONNumber? in
      let number = JSONNumber(bytes)
      return number?.count == bytes.count ? number : nil
    }
    return Integer(number: number, text: text, offset: offset)
  }

  /// A trace id in hexadecimal, not base64; one that is no such id is dropped and counted.
  @inline(__always)
  mutating func traceID() throws(DecodeError) -> TraceID {
    let text = try text()
    let id = withBytes(of: text) { bytes -> TraceID? in
      guard bytes.count == 32, let base = bytes.baseAddress else { return nil }
      guard let high = HexText.uint64(base), let low = HexText.uint64(base + 16) else { return nil }
      return TraceID(high: high, low: low)
    }
    if id == nil && !text.isEmpty { oddities.droppedTraceIDs &+= 1 }
    return id ?? .none
  }

  /// A span id in hexadecimal, not base64; one that is no such id is dropped and counted.
  @inline(__always)
  mutating func spanID() throws(DecodeError) -> UInt64 {
    let text = try text()
    let id = withBytes(of: text) { bytes -> UInt64? in
      guard bytes.count == 16, let base = bytes.baseAddress else { return nil }
      return HexText.uint64(base)
    }
    if id == nil && !text.isEmpty { oddities.droppedSpanIDs &+= 1 }
    return id ?? 0
  }

  /// A `bytes` field.
  mutating func base64() throws(DecodeError) -> ByteSlice {
    _ = json.peek()
    let offset = json.position
    let text = try text()
    try checkRoom(forEdit: Int(text.count))
    let start = edits.count
    let isBase64: Bool
    if Int(text.offset) < json.end {
      let digits = UnsafeRawBufferPointer(start: json.base + Int(text.offset), count: Int(text.count))
      isBase64 = Base64Text.append(decoding: digits, to: &edits)
    } else {
      // Some senders escape every slash; their text is in the edits, which cannot grow while they are read.
      let digits = withBytes(of: text) { Array($0) }
      isBase64 = digits.withUnsafeBytes { Base64Text.append(decoding: $0, to: &edits) }
    }
    guard isBase64 else { throw DecodeError(.malformed("expected base64"), at: offset) }
    return edited(from: start)
  }
}
