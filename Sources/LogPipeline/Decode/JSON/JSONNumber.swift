import Glibc

/// A JSON number (RFC 8259 section 6): ± `significand` · 10^`exponent`, exact unless `isCut`.
struct JSONNumber {
  private(set) var isNegative = false
  private(set) var significand: UInt64 = 0
  private(set) var exponent = 0
  /// Digits other than 0 were left out of `significand`, which then is `fullSignificand` at least.
  private(set) var isCut = false
  /// Bytes of text.
  private(set) var count = 0

  /// From here on another digit might not fit; all numbers up to `Int64.max` do.
  private static let fullSignificand: UInt64 = 1_844_674_407_370_955_161
  /// Exponents beyond this mean 0 or infinity for any text that fits in memory.
  private static let maxExponent = 1 << 40

  /// The number that `text` starts with; nil if it starts with none.
  @inline(__always)
  init?(_ text: UnsafeRawBufferPointer) {
    if count < text.count && text[count] == UInt8(ascii: "-") {
      isNegative = true
      count &+= 1
    }
    let first = count
    guard takeDigits(text, isFraction: false) else { return nil }
    if text[first] == UInt8(ascii: "0") && count &- first > 1 {
      // A leading zero ends the number; what follows it is the caller's to refuse.
      self = JSONNumber(zeroOf: first &+ 1, isNegative: isNegative)
      return
    }
    guard count < text.count, text[count] == UInt8(ascii: ".") || text[count] | 0x20 == UInt8(ascii: "e") else {
      return
    }
    guard takeFractionAndExponent(text) else { return nil }
  }

  private init(zeroOf count: Int, isNegative: Bool) {
    self.count = count
    self.isNegative = isNegative
  }

  /// Takes a run of digits into the significand; false if there is none.
  @inline(__always)
  private mutating func takeDigits(_ text: UnsafeRawBufferPointer, isFraction: Bool) -> Bool {
    let start = count
    while count < text.count {
      let digit = text[count] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      take(digit, isFraction: isFraction)
      count &+= 1
    }
    return count > start
  }

  @inline(__always)
  private mutating func take(_ digit: UInt8, isFraction: Bool) {
    if significand < Self.fullSignificand {
      significand = significand &* 10 &+ UInt64(digit)
      if isFraction { exponent &-= 1 }
    } else {
      if digit != 0 { isCut = true }
      if !isFraction { exponent &+= 1 }
    }
  }

  @inline(never)
  private mutating func takeFractionAndExponent(_ text: UnsafeRawBufferPointer) -> Bool {
    if text[count] == UInt8(ascii: ".") {
      count &+= 1
      guard takeDigits(text, isFraction: true) else { return false }
    }
    guard count < text.count, text[count] | 0x20 == UInt8(ascii: "e") else { return true }
    count &+= 1
    var isNegative = false
    if count < text.count, text[count] == UInt8(ascii: "-") || text[count] == UInt8(ascii: "+") {
      isNegative = text[count] == UInt8(ascii: "-")
      count &+= 1
    }
    let start = count
    var written = 0
    while count < text.count {
      let digit = text[count] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      written = min(written &* 10 &+ Int(digit), Self.maxExponent)
      count &+= 1
    }
    exponent = isNegative ? exponent &- written : exponent &+ written
    return count > start
  }
}

extension JSONNumber {
  /// The number without its sign if it is integral and fits; always, if it is at most 2^63.
  var magnitude: UInt64? {
    if significand == 0 { return 0 }
    if isCut { return nil }
    var magnitude = significand
    var exponent = exponent
    while exponent > 0 {
      let (product, overflowed) = magnitude.multipliedReportingOverflow(by: 10)
      if overflowed { return nil }
      magnitude = product
      exponent &-= 1
    }
    while exponent < 0 {
      guard magnitude % 10 == 0 else { return nil }
      magnitude /= 10
      exponent &+= 1
    }
    return magnitude
  }

  /// The number if it is integral and fits.
  var int64: Int64? {
    guard let magnitude else { return nil }
    if !isNegative { return Int64(exactly: magnitude) }
    return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
  }

  /// The nearest double, infinity if it is out of range; `text` is what the number was read from.
  @inline(__always)
  func double(_ text: UnsafeRawBufferPointer) -> Double {
    // Both operands are exact, so that the one operation rounds right (Clinger 1990).
    guard significand <= 1 << 53, exponent >= -22, exponent <= 22 else { return correctlyRounded(text) }
    var power = 1.0
    for _ in 0..<exponent.magnitude { power *= 10 }
    let magnitude = exponent < 0 ? Double(significand) / power : Double(significand) * power
    return isNegative ? -magnitude : magnitude
  }

  /// Has the C library convert the number in the form "digits e exponent", whose size does not depend on the sender.
  @inline(never)
  private func correctlyRounded(_ text: UnsafeRawBufferPointer) -> Double {
    if significand == 0 { return isNegative ? -0.0 : 0 }
    let magnitude = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.maxDigits + 32) { copy in
      var digits = 0
      copyDigits(of: text, to: copy, count: &digits)
      // The significand's own digits are the first ones of the copy.
      writeExponent(exponent &+ significandDigits &- digits, to: copy, at: digits)
      return copy.baseAddress.map { strtod($0, nil) } ?? 0
    }
    return isNegative ? -magnitude : magnitude
  }

  /// Significant digits that decide how any decimal number rounds to a double.
  private static let maxDigits = 768

  /// Copies the significant digits; one more digit stands for all beyond `maxDigits` if they are not all 0.
  private func copyDigits(of text: UnsafeRawBufferPointer, to copy: UnsafeMutableBufferPointer<CChar>, count: inout Int)
  {
    for byte in text.prefix(self.count) {
      if byte | 0x20 == UInt8(ascii: "e") { return }
      guard byte >= UInt8(ascii: "0"), count > 0 || byte > UInt8(ascii: "0") else { continue }
      if count < Self.maxDigits {
        copy[count] = CChar(truncatingIfNeeded: byte)
        count &+= 1
      } else if byte > UInt8(ascii: "0") {
        copy[count] = CChar(truncatingIfNeeded: UInt8(ascii: "1"))
        count &+= 1
        return
      }
    }
  }

  /// Writes "e±exponent" and the end of a C string.
  private func writeExponent(_ exponent: Int, to copy: UnsafeMutableBufferPointer<CChar>, at start: Int) {
    var place = start
    func write(_ byte: UInt8) {
      copy[place] = CChar(truncatingIfNeeded: byte)
      place &+= 1
    }
    write(UInt8(ascii: "e"))
    write(UInt8(ascii: exponent < 0 ? "-" : "+"))
    var scale: UInt = 1
    while exponent.magnitude / scale >= 10 { scale &*= 10 }
    while scale > 0 {
      write(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: exponent.magnitude / scale % 10))
      scale /= 10
    }
    write(0)
  }

  private var significandDigits: Int {
    var digits = 1
    var rest = significand
    while rest >= 10 {
      rest /= 10
      digits &+= 1
    }
    return digits
  }
}
