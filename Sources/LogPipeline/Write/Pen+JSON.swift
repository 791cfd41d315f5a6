// decision: docs/decisions/0101-pen.md

import CVector

/// Putting JSON strings (RFC 8259 section 7). They must be valid UTF-8, as all strings of a batch are.
extension Pen {
  /// Bytes that a quoted string of `count` bytes takes at most: six (`\u00xx`) for each.
  @inline(__always)
  static func maxBytes(ofJSON count: Int) -> Int { count &* 6 &+ 2 }

  /// Puts a string of the batch, quoted and escaped.
  @inline(__always)
  mutating func put(json slice: ByteSlice, in store: RawSpan) {
    put(UInt8(ascii: "\""))
    put(escaped: slice, in: store)
    put(UInt8(ascii: "\""))
  }

  /// Puts a string of the batch, escaped, without quotes.
  @inline(__always)
  mutating func put(escaped slice: ByteSlice, in store: RawSpan) {
    let offset = Int(slice.offset)
    let count = Int(slice.count)
    // Nearly all strings are followed by other bytes of the request, which may be read with them.
    guard offset &+ count &+ 16 <= store.byteCount else {
      self = store.extracting(slice.range).withUnsafeBytes { putting(escaped: $0) }
      return
    }
    let source = store.start + offset
    let copied = json_copy_plain(at, source, count)
    at += copied
    if copied < count {
      self = putting(escaped: UnsafeRawBufferPointer(start: source + copied, count: count &- copied))
    }
  }

  /// A pen that has put a string escaped, without quotes; reads no byte beyond it.
  @inline(never)
  func putting(escaped bytes: UnsafeRawBufferPointer) -> Pen {
    guard var source = bytes.baseAddress else { return self }
    var pen = self
    var count = bytes.count
    while true {
      let copied = json_copy_plain_exact(pen.at, source, count)
      pen.at += copied
      if copied == count { return pen }
      pen.put(special: source.load(fromByteOffset: copied, as: UInt8.self))
      source += copied &+ 1
      count &-= copied &+ 1
    }
  }

  /// Puts a byte that must be escaped: a quote, a backslash or a control character.
  @inline(__always)
  private mutating func put(special byte: UInt8) {
    let short: UInt8
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): short = byte
    case 0x0A: short = UInt8(ascii: "n")
    case 0x0D: short = UInt8(ascii: "r")
    case 0x09: short = UInt8(ascii: "t")
    case 0x08: short = UInt8(ascii: "b")
    case 0x0C: short = UInt8(ascii: "f")
    default:
      put("\\u00")
      return withUnsafeBytes(of: byte) { put(hex: $0) }
    }
    put(word: UInt64(UInt8(ascii: "\\")) | UInt64(short) &<< 8, count: 2)
  }
}

/// Putting booleans and floating-point numbers.
extension Pen {
  /// Puts `true` or `false`.
  @inline(__always)
  mutating func put(_ value: Bool) {
    put(word: value ? 0x65_7572_74 : 0x65_736C_6166, count: value ? 4 : 5)
  }

  /// Bytes that a double takes at most.
  static var maxDoubleBytes: Int { 32 }

  /// Puts a double as text: the shortest decimal that reads back as `value`, in the form in which ECMAScript and Go's
  /// JSON write it (`200`, `-0`, `1e-7`), or `NaN`, `Infinity` and `-Infinity`.
  @inline(never)
  func putting(_ value: Double) -> Pen {
    var pen = self
    return pen.put(short: value) ? pen : puttingOther(value)
  }

  /// Puts a double as JSON, which has no NaN and no infinity, so that these become strings.
  @inline(never)
  func putting(json value: Double) -> Pen {
    var pen = self
    if pen.put(short: value) { return pen }
    if value.isFinite { return puttingOther(value) }
    pen.put(UInt8(ascii: "\""))
    pen = pen.puttingOther(value)
    pen.put(UInt8(ascii: "\""))
    return pen
  }

  /// Puts a finite double as JSON that always has a point or an exponent (`200.0`), for readers that take a number
  /// without one for an integer.
  @inline(never)
  func putting(jsonWithPoint value: Double) -> Pen {
    var pen = putting(json: value)
    let text = UnsafeRawBufferPointer(start: at, count: pen.at - at)
    if !text.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }) { pen.put(".0") }
    return pen
  }

  /// A pen that has put a number of many digits, or none.
  @inline(never)
  private func puttingOther(_ value: Double) -> Pen {
    var pen = self
    if value.isFinite {
      pen.put(Decimal(value))
    } else if value.isNaN {
      pen.put("NaN")
    } else {
      pen.put(value > 0 ? "Infinity" : "-Infinity")
    }
    return pen
  }

  /// Puts a decimal: with an exponent below 10^-6 and from 10^21 on, else without.
  private mutating func put(_ decimal: Decimal) {
    if decimal.isNegative { put(UInt8(ascii: "-")) }
    let exponent = decimal.point &- 1
    if exponent < -6 || exponent >= 21 {
      put(decimal, 0..<1)
      if decimal.count > 1 {
        put(UInt8(ascii: "."))
        put(decimal, 1..<decimal.count)
      }
      put(exponent < 0 ? "e-" : "e+")
      put(decimal: UInt64(exponent.magnitude))
    } else if decimal.point <= 0 {
      put("0.")
      for _ in decimal.point..<0 { put(UInt8(ascii: "0")) }
      put(decimal, 0..<decimal.count)
    } else {
      put(decimal, 0..<min(decimal.point, decimal.count))
      for _ in decimal.count..<max(decimal.point, decimal.count) { put(UInt8(ascii: "0")) }
      if decimal.point < decimal.count {
        put(UInt8(ascii: "."))
        put(decimal, decimal.point..<decimal.count)
      }
    }
  }

  /// Puts some digits of a decimal.
  private mutating func put(_ decimal: Decimal, _ range: Range<Int>) {
    for index in range { put(decimal.digits[index]) }
  }

  /// Puts whole numbers, and values such as 45.67 that are one of at most 2^53 over 10, 100 ... 10^6: that division is
  /// exact to the last bit, so the fewest places that give `value` back are its shortest decimal.
  @inline(__always)
  private mutating func put(short value: Double) -> Bool {
    let magnitude = value.magnitude
    if magnitude < 0x1p53, Double(UInt64(magnitude)) == magnitude {
      if value.sign == .minus { put(UInt8(ascii: "-")) }
      put(decimal: UInt64(magnitude))
      return true
    }
    guard magnitude < 1e9, magnitude >= 1e-3 else { return false }
    var scale = 10.0
    var places = 1
    while places <= 6 {
      // Beside 2^52 a double has no places left, and its bits end in the whole number.
      let scaled = magnitude * scale + 0x1p52
      if (scaled - 0x1p52) / scale == magnitude {
        if value.sign == .minus { put(UInt8(ascii: "-")) }
        put(scaled.bitPattern & (1 &<< 52 &- 1), places: places)
        return true
      }
      scale *= 10
      places &+= 1
    }
    return false
  }

  /// Puts a number below 10^16 over 10^`places`, for 1...6 places.
  @inline(__always)
  private mutating func put(_ scaled: UInt64, places: Int) {
    if scaled < 100_000_000 {
      // With a zero before the point if there is no other digit.
      let digits = Self.eightDigits(scaled)
      let zeros = min((digits & 0x0F0F_0F0F_0F0F_0F0F).trailingZeroBitCount / 8, 7 &- places)
      put(word: digits &>> UInt64(truncatingIfNeeded: zeros &* 8), count: 8 &- zeros)
    } else {
      let (high, low) = scaled.quotientAndRemainder(dividingBy: 100_000_000)
      put(decimalBelow1e8: high)
      put(word: Self.eightDigits(low), count: 8)
    }
    let point = at - places
    let decimals = point.loadUnaligned(as: UInt64.self)
    point.storeBytes(of: UInt8(ascii: "."), as: UInt8.self)
    point.storeBytes(of: decimals, toByteOffset: 1, as: UInt64.self)
    at += 1
  }
}

/// The shortest decimal that reads back as a double: 0.d₁d₂… · 10^`point`.
private struct Decimal {
  private(set) var isNegative = false
  private(set) var point = 0
  /// Digits as characters, of which the first `count` count, one at least; 17 are enough for any double.
  private(set) var digits = InlineArray<17, UInt8>(repeating: UInt8(ascii: "0"))
  private(set) var count = 0

  /// Takes the digits of a finite number from its description, which leaves and moves the point as it likes.
  init(_ value: Double) {
    var isFraction = false
    var rest = Substring(value.description).utf8
    while let byte = rest.popFirst(), byte != UInt8(ascii: "e") {
      switch byte {
      case UInt8(ascii: "-"): isNegative = true
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "0") where count == 0: if isFraction { point -= 1 }
      default:
        if !isFraction { point += 1 }
        if count < 17 {
          digits[count] = byte
          count += 1
        }
      }
    }
    point += Int(Substring(rest)) ?? 0
    while count > 1, digits[count - 1] == UInt8(ascii: "0") { count -= 1 }
    if count == 0 { (count, point) = (1, 1) }
  }
}

extension RawSpan {
  /// The first byte; only for a span that has bytes.
  @inline(__always)
  // A span that has bytes has an address.
  var start: UnsafeRawPointer { withUnsafeBytes { $0.baseAddress.unsafelyUnwrapped } }
}
