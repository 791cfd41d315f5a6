/// Writing JSON (RFC 8259) straight into bytes. Strings must be valid UTF-8, as all strings of a batch are.
extension ByteWriter {
  /// Appends a quoted JSON string, escaping what RFC 8259 section 7 requires.
  @inline(__always)
  package mutating func appendJSON(string bytes: RawSpan) {
    bytes.withUnsafeBytes { appendJSON(string: $0) }
  }

  /// Appends a quoted JSON string, escaping what RFC 8259 section 7 requires.
  package mutating func appendJSON(string bytes: UnsafeRawBufferPointer) {
    if bytes.count <= 16, appendPlain(bytes) { return }
    append(UInt8(ascii: "\""))
    appendJSONEscaped(bytes)
    append(UInt8(ascii: "\""))
  }

  /// Appends 4 to 16 bytes of which none must be escaped, quoted, and says true; says false for others.
  @inline(__always)
  private mutating func appendPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let count = bytes.count
    guard count >= 4, let source = bytes.baseAddress else { return false }
    makeRoom(24)
    let target = end
    if count >= 8 {
      let first = source.loadUnaligned(as: UInt64.self)
      let last = source.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
      if Self.needsEscape(SIMD2(first, last)) { return false }
      target.storeBytes(of: first, toByteOffset: 1, as: UInt64.self)
      target.storeBytes(of: last, toByteOffset: count &- 7, as: UInt64.self)
    } else {
      let first = source.loadUnaligned(as: UInt32.self)
      let last = source.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
      if Self.needsEscape(UInt64(first) | UInt64(last) &<< 32) { return false }
      target.storeBytes(of: first, toByteOffset: 1, as: UInt32.self)
      target.storeBytes(of: last, toByteOffset: count &- 3, as: UInt32.self)
    }
    target.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    target.storeBytes(of: UInt8(ascii: "\""), toByteOffset: count &+ 1, as: UInt8.self)
    advance(count &+ 2)
    return true
  }

  /// Appends the inside of a JSON string, escaped, without quotes.
  package mutating func appendJSONEscaped(_ bytes: UnsafeRawBufferPointer) {
    // Six bytes (\u00xx) for each byte at worst.
    makeRoom(bytes.count &* 6 &+ 16)
    guard let source = bytes.baseAddress else { return }
    var target = end
    let start = target
    var index = 0
    while index &+ 16 <= bytes.count {
      let words = source.loadUnaligned(fromByteOffset: index, as: SIMD2<UInt64>.self)
      if Self.needsEscape(words) { break }
      target.storeBytes(of: words, as: SIMD2<UInt64>.self)
      target += 16
      index &+= 16
    }
    while index &+ 8 <= bytes.count {
      let word = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if Self.needsEscape(word) {
        for offset in index..<index &+ 8 {
          target = Self.escape(source.load(fromByteOffset: offset, as: UInt8.self), at: target)
        }
      } else {
        target.storeBytes(of: word, as: UInt64.self)
        target += 8
      }
      index &+= 8
    }
    if index < bytes.count, target - start == index, Self.copyPlainEnd(source, bytes.count, to: start) {
      advance(bytes.count)
      return
    }
    while index < bytes.count {
      target = Self.escape(source.load(fromByteOffset: index, as: UInt8.self), at: target)
      index &+= 1
    }
    advance(target - start)
  }

  /// Stores the last bytes of a string whose bytes before were stored as they are, and says true; says false if one of
  /// the last eight must be escaped or the string has fewer than four.
  @inline(__always)
  private static func copyPlainEnd(
    _ source: UnsafeRawPointer, _ count: Int, to target: UnsafeMutableRawPointer
  ) -> Bool {
    if count >= 8 {
      let word = source.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
      if needsEscape(word) { return false }
      target.storeBytes(of: word, toByteOffset: count &- 8, as: UInt64.self)
      return true
    }
    guard count >= 4 else { return false }
    let first = source.loadUnaligned(as: UInt32.self)
    let last = source.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
    if needsEscape(UInt64(first) | UInt64(last) &<< 32) { return false }
    target.storeBytes(of: first, as: UInt32.self)
    target.storeBytes(of: last, toByteOffset: count &- 4, as: UInt32.self)
    return true
  }

  /// The same for two words at once.
  @inline(__always)
  private static func needsEscape(_ words: SIMD2<UInt64>) -> Bool {
    let ones = SIMD2<UInt64>(repeating: 0x0101_0101_0101_0101)
    let controls = words &- SIMD2(repeating: 0x2020_2020_2020_2020)
    let quotes = (words ^ SIMD2(repeating: 0x2222_2222_2222_2222)) &- ones
    let backslashes = (words ^ SIMD2(repeating: 0x5C5C_5C5C_5C5C_5C5C)) &- ones
    let found = (controls | quotes | backslashes) & ~words
    return (found[0] | found[1]) & 0x8080_8080_8080_8080 != 0
  }

  /// Whether one of eight bytes is below 0x20, a quote or a backslash: taking away what each is compared with borrows
  /// from the top bit of a byte that was clear. (Compares of `SIMD16` come out as a loop over lanes, many times slower.)
  @inline(__always)
  private static func needsEscape(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let controls = word &- 0x2020_2020_2020_2020
    let quotes = (word ^ 0x2222_2222_2222_2222) &- ones
    let backslashes = (word ^ 0x5C5C_5C5C_5C5C_5C5C) &- ones
    return (controls | quotes | backslashes) & ~word & 0x8080_8080_8080_8080 != 0
  }

  /// Stores one byte, escaped if it must be, and returns where the next goes.
  @inline(__always)
  private static func escape(_ byte: UInt8, at target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
      target.storeBytes(of: byte, as: UInt8.self)
      return target + 1
    }
    return escapeSpecial(byte, at: target)
  }

  @inline(never)
  private static func escapeSpecial(_ byte: UInt8, at target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    target.storeBytes(of: UInt8(ascii: "\\"), as: UInt8.self)
    let short: UInt8
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): short = byte
    case 0x0A: short = UInt8(ascii: "n")
    case 0x0D: short = UInt8(ascii: "r")
    case 0x09: short = UInt8(ascii: "t")
    case 0x08: short = UInt8(ascii: "b")
    case 0x0C: short = UInt8(ascii: "f")
    default:
      target.storeBytes(of: UInt8(ascii: "u"), toByteOffset: 1, as: UInt8.self)
      target.storeBytes(of: UInt16(0x3030), toByteOffset: 2, as: UInt16.self)
      target.storeBytes(of: hexDigit(byte >> 4), toByteOffset: 4, as: UInt8.self)
      target.storeBytes(of: hexDigit(byte & 15), toByteOffset: 5, as: UInt8.self)
      return target + 6
    }
    target.storeBytes(of: short, toByteOffset: 1, as: UInt8.self)
    return target + 2
  }

  @inline(__always)
  private static func hexDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &- 10 &+ nibble
  }

  /// Appends `true` or `false`.
  package mutating func appendJSON(_ value: Bool) {
    if value { append("true") } else { append("false") }
  }

  /// Appends a decimal integer.
  package mutating func appendDecimal(_ value: Int64) {
    if value < 0 { append(UInt8(ascii: "-")) }
    appendDecimal(value.magnitude)
  }

  /// Appends a decimal integer.
  package mutating func appendDecimal(_ value: UInt64) {
    makeRoom(20)
    var digits = 1
    var bound: UInt64 = 10
    while digits < 20 && value >= bound {
      digits &+= 1
      bound = digits < 20 ? bound &* 10 : UInt64.max
    }
    Self.store(value, digits: digits, at: end)
    advance(digits)
  }

  /// Appends the last `digits` decimal digits of `value`, padded with zeros.
  package mutating func appendDecimal(_ value: UInt64, digits: Int) {
    makeRoom(digits)
    Self.store(value, digits: digits, at: end)
    advance(digits)
  }

  @inline(__always)
  private static func store(_ value: UInt64, digits: Int, at target: UnsafeMutableRawPointer) {
    var rest = value
    var index = digits
    while index > 0 {
      index &-= 1
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      target.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit), toByteOffset: index, as: UInt8.self)
      rest = quotient
    }
  }

  /// Appends the shortest decimal that reads back as `value`, always with a radix point or an exponent;
  /// JSON has no NaN and no infinity, so these become the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
  package mutating func appendJSON(_ value: Double) {
    guard value.isFinite else {
      if value.isNaN { append("\"NaN\"") } else if value > 0 { append("\"Infinity\"") } else { append("\"-Infinity\"") }
      return
    }
    if appendShortDecimal(value) { return }
    append(text: value.description)
  }

  /// Appends values such as 45.67 that are a whole number of at most 2^53 over 10, 100 ... 10^6: that division is
  /// exact to the last bit, so the fewest places that give `value` back are its shortest decimal.
  private mutating func appendShortDecimal(_ value: Double) -> Bool {
    let magnitude = value.magnitude
    guard magnitude < 1e9, magnitude >= 1e-3 || magnitude == 0 else { return false }
    var scale = 10.0
    var unit: UInt64 = 10
    for places in 1...6 {
      let scaled = (magnitude * scale).rounded()
      if scaled / scale == magnitude {
        let digits = UInt64(scaled)
        if value.sign == .minus { append(UInt8(ascii: "-")) }
        appendDecimal(digits / unit)
        append(UInt8(ascii: "."))
        appendDecimal(digits % unit, digits: places)
        return true
      }
      scale *= 10
      unit &*= 10
    }
    return false
  }

  /// Appends bytes as lower-case hexadecimal digits.
  package mutating func appendHex(_ bytes: UnsafeRawBufferPointer) {
    makeRoom(bytes.count &* 2)
    for byte in bytes {
      end.storeBytes(of: Self.hexDigit(byte >> 4), as: UInt8.self)
      end.storeBytes(of: Self.hexDigit(byte & 15), toByteOffset: 1, as: UInt8.self)
      advance(2)
    }
  }

  /// Appends eight bytes, big-endian, as 16 lower-case hexadecimal digits.
  package mutating func appendHex(_ value: UInt64) {
    makeRoom(16)
    var shift: UInt64 = 64
    for index in 0..<16 {
      shift &-= 4
      let nibble = UInt8(truncatingIfNeeded: value &>> shift) & 15
      end.storeBytes(of: Self.hexDigit(nibble), toByteOffset: index, as: UInt8.self)
    }
    advance(16)
  }

  /// Appends a trace id as 32 lower-case hexadecimal digits.
  package mutating func appendHex(_ id: TraceID) {
    appendHex(id.high)
    appendHex(id.low)
  }

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
