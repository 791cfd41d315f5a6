/// Fields that are one number, id, name or run of bytes. Null is what an absent field is: 0, none or empty.
extension OTLPJSONDecoder {
  /// A `fixed64` time as a number or its text; one that is no time in 1970...2262 is ignored and counted.
  @inline(__always)
  mutating func time() throws(DecodeError) -> UInt64 {
    guard let integer = try integer() else { return 0 }
    guard let number = integer.number?.int64, let time = UInt64(exactly: number) else {
      oddities.ignoredTimes &+= 1
      return 0
    }
    return times.isNanoseconds(time) ? time : times.judge(time, &oddities)
  }

  /// A `uint32` or `fixed32` as a number or its text; another number becomes the nearest, other text 0.
  mutating func uint32() throws(DecodeError) -> UInt32 {
    guard let integer = try integer() else { return 0 }
    if integer.number == nil { oddities.mendedValues &+= 1 }
    return integer.number.map { nearest(to: $0, in: integer.text) } ?? 0
  }

  /// A `SeverityNumber` as a number, its text or, which senders must not use, its name; an unknown name is UNSPECIFIED,
  /// and a number beyond 32 bits the nearest.
  mutating func severityNumber() throws(DecodeError) -> Int32 {
    guard let integer = try integer() else { return 0 }
    if let number = integer.number { return nearest(to: number, in: integer.text) }
    oddities.mendedValues &+= 1
    return withBytes(of: integer.text, SeverityName.number)
  }

  /// A number as an integer, cut towards zero and to the range of the type if need be, which is counted.
  private mutating func nearest<N: FixedWidthInteger>(to number: JSONNumber, in text: ByteSlice) -> N {
    if let value = number.int64, let exact = N(exactly: value) { return exact }
    oddities.mendedValues &+= 1
    let double = withBytes(of: text) { number.double($0) }
    if double >= Double(N.max) { return .max }
    return double <= Double(N.min) ? .min : N(double)
  }

  /// The double that a text is, as OTLP's JSON has it.
  static func double(_ text: UnsafeRawBufferPointer) -> Double? {
    if let number = Number(whole: text) { return number.double }
    if text.elementsEqual("NaN".utf8) { return .nan }
    if text.elementsEqual("Infinity".utf8) { return .infinity }
    return text.elementsEqual("-Infinity".utf8) ? -.infinity : nil
  }

  /// A number with the text that it was read from, which must stay where it is.
  struct Number {
    private let number: JSONNumber
    private let text: UnsafeRawBufferPointer

    /// The number that the start of a text is.
    @inline(__always)
    init?(_ text: UnsafeRawBufferPointer) {
      guard let number = JSONNumber(text) else { return nil }
      self.number = number
      self.text = UnsafeRawBufferPointer(rebasing: text[..<number.count])
    }

    /// The number that a whole text is.
    @inline(__always)
    init?(whole text: UnsafeRawBufferPointer) {
      self.init(text)
      if number.count != text.count { return nil }
    }

    var count: Int { number.count }
    var double: Double { number.double(text) }
    /// The whole number if it is one of 64 bits, else a double.
    @inline(__always)
    var value: Value { number.int64.map { .int($0) } ?? .double(double) }
  }

  /// Reads a number.
  @inline(__always)
  mutating func number() throws(DecodeError) -> Number {
    let rest = UnsafeRawBufferPointer(start: json.base + json.position, count: json.end &- json.position)
    guard let number = Number(rest) else { throw json.expected("expected a JSON number") }
    json.position &+= number.count
    return number
  }

  /// What stands where an integer should.
  private struct Integer {
    /// Nil for text that is no number.
    var number: JSONNumber?
    /// What the number was read from.
    var text: ByteSlice
  }

  /// Reads a number or a string; nil for null, and for another value, which is stepped over and counted.
  @inline(__always)
  private mutating func integer() throws(DecodeError) -> Integer? {
    let byte = json.peek()
    let start = json.position
    if byte == UInt8(ascii: "\"") {
      let text = try text()
      let number = withBytes(of: text) { bytes -> JSONNumber? in
        let number = JSONNumber(bytes)
        return number?.count == bytes.count ? number : nil
      }
      return Integer(number: number, text: text)
    }
    guard byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10 else {
      if try !json.readNull() { try skipOdd() }
      return nil
    }
    return Integer(number: try json.readNumber(), text: ByteSlice(from: start, to: json.position))
  }

  /// A trace id in hexadecimal; one in base64, as protobuf's own JSON has it, is read and counted, and one that is no
  /// such id is dropped and counted.
  @inline(__always)
  mutating func traceID() throws(DecodeError) -> TraceID {
    guard let text = try idText() else { return .none }
    let id = withBytes(of: text) { bytes -> TraceID? in
      guard bytes.count == 32, let base = bytes.baseAddress else { return nil }
      guard let high = HexText.uint64(base), let low = HexText.uint64(base + 16) else { return nil }
      return TraceID(high: high, low: low)
    }
    if let id { return id }
    if let id = idInBase64(text, bytes: 16) { return TraceID(high: id.first, low: id.last) }
    oddities.droppedTraceIDs &+= 1
    return .none
  }

  /// A span id, likewise.
  @inline(__always)
  mutating func spanID() throws(DecodeError) -> UInt64 {
    guard let text = try idText() else { return 0 }
    let id = withBytes(of: text) { bytes -> UInt64? in
      guard bytes.count == 16, let base = bytes.baseAddress else { return nil }
      return HexText.uint64(base)
    }
    if let id { return id }
    if let id = idInBase64(text, bytes: 8) { return id.first }
    oddities.droppedSpanIDs &+= 1
    return 0
  }

  /// The text of an id; nil if there is none.
  @inline(__always)
  private mutating func idText() throws(DecodeError) -> ByteSlice? {
    let text = try text()
    return text.isEmpty ? nil : text
  }

  /// The first and the last eight bytes of an id of so many bytes in padded base64; nil if it is none.
  @inline(never)
  private mutating func idInBase64(_ text: ByteSlice, bytes count: Int) -> (first: UInt64, last: UInt64)? {
    guard Int(text.count) == (count &+ 2) / 3 &* 4 else { return nil }
    guard let bytes = Base64Text.decode(withBytes(of: text) { Array($0) }), bytes.count == count else { return nil }
    oddities.mendedValues &+= 1
    let word = { (bytes: ArraySlice<UInt8>) in bytes.reduce(0 as UInt64) { $0 << 8 | UInt64($1) } }
    return (word(bytes.prefix(8)), word(bytes.suffix(8)))
  }

  /// The bytes that a text of base64 stands for; nil if it is none.
  mutating func base64(_ text: ByteSlice) throws(DecodeError) -> ByteSlice? {
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
    return isBase64 ? edited(from: start) : nil
  }
}
