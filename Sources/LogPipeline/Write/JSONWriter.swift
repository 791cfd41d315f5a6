/// Writing JSON (RFC 8259) straight into bytes. Strings must be valid UTF-8, as all strings of a batch are.
extension ByteWriter {
  /// Appends a quoted JSON string, escaping what RFC 8259 section 7 requires.
  @inline(__always)
  package mutating func appendJSON(string bytes: RawSpan) {
    bytes.withUnsafeBytes { appendJSON(string: $0) }
  }

  /// Appends a quoted JSON string, escaping what RFC 8259 section 7 requires.
  package mutating func appendJSON(string bytes: UnsafeRawBufferPointer) {
    write(atMost: Pen.maxBytes(ofJSON: bytes.count)) { pen in
      pen.put(UInt8(ascii: "\""))
      pen = pen.putting(escaped: bytes)
      pen.put(UInt8(ascii: "\""))
    }
  }

  /// Appends a string of the batch, quoted and escaped.
  @inline(__always)
  mutating func appendJSON(_ slice: ByteSlice, in store: RawSpan) {
    write(atMost: Pen.maxBytes(ofJSON: Int(slice.count))) { $0.put(json: slice, in: store) }
  }

  /// Appends the inside of a JSON string, escaped, without quotes.
  package mutating func appendJSONEscaped(_ bytes: UnsafeRawBufferPointer) {
    write(atMost: Pen.maxBytes(ofJSON: bytes.count)) { $0 = $0.putting(escaped: bytes) }
  }

  /// Appends `true` or `false`.
  package mutating func appendJSON(_ value: Bool) {
    if value { append("true") } else { append("false") }
  }

  /// Appends a decimal integer.
  @inline(__always)
  package mutating func appendDecimal(_ value: Int64) {
    write(atMost: 20) { $0.put(decimal: value) }
  }

  /// Appends a decimal integer.
  @inline(__always)
  package mutating func appendDecimal(_ value: UInt64) {
    write(atMost: 20) { $0.put(decimal: value) }
  }

  /// Appends the last `digits` decimal digits of `value`, padded with zeros.
  package mutating func appendDecimal(_ value: UInt64, digits: Int) {
    makeRoom(digits)
    var rest = value
    for index in stride(from: digits &- 1, through: 0, by: -1) {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      end.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit), toByteOffset: index, as: UInt8.self)
      rest = quotient
    }
    advance(digits)
  }

  /// Appends a double as JSON: `200`, `-0`, `1e-7`; NaN and infinity, which JSON does not have, as strings.
  package mutating func appendJSON(_ value: Double) {
    write(atMost: Pen.maxDoubleBytes) { $0 = $0.putting(json: value) }
  }

  /// Appends bytes as lower-case hexadecimal digits.
  package mutating func appendHex(_ bytes: UnsafeRawBufferPointer) {
    write(atMost: bytes.count &* 2) { $0.put(hex: bytes) }
  }

  /// Appends eight bytes, big-endian, as 16 lower-case hexadecimal digits.
  @inline(__always)
  package mutating func appendHex(_ value: UInt64) { write(atMost: 16) { $0.put(hex: value) } }

  /// Appends a trace id as 32 lower-case hexadecimal digits.
  @inline(__always)
  package mutating func appendHex(_ id: TraceID) { write(atMost: 32) { $0.put(hex: id) } }

  /// Appends bytes in base64 with padding (RFC 4648 section 4).
  package mutating func appendBase64(_ bytes: UnsafeRawBufferPointer) {
    makeRoom((bytes.count &+ 2) / 3 &* 4)
    var index = 0
    while index < bytes.count {
      let left = bytes.count &- index
      var triple = UInt32(bytes[index]) &<< 16
      if left > 1 { triple |= UInt32(bytes[index &+ 1]) &<< 8 }
      if left > 2 { triple |= UInt32(bytes[index &+ 2]) }
      for place in 0..<4 {
        let sextet = UInt8(truncatingIfNeeded: triple &>> UInt32(18 &- 6 &* place)) & 63
        let digit = place <= left ? Self.base64Digit(sextet) : UInt8(ascii: "=")
        end.storeBytes(of: digit, toByteOffset: place, as: UInt8.self)
      }
      advance(4)
      index &+= 3
    }
  }

  private static func base64Digit(_ sextet: UInt8) -> UInt8 {
    switch sextet {
    case 0..<26: UInt8(ascii: "A") &+ sextet
    case 26..<52: UInt8(ascii: "a") &+ sextet &- 26
    case 52..<62: UInt8(ascii: "0") &+ sextet &- 52
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
  }
}
