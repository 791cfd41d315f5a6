/// Hexadecimal text, in either case.
enum HexText {
  /// The value of one digit; nil if it is none.
  @inline(__always)
  static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit &- UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit &- UInt8(ascii: "a") &+ 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit &- UInt8(ascii: "A") &+ 10
    default: nil
    }
  }

  /// The big-endian number that 16 digits at `text` stand for; nil if one is no digit.
  @inline(__always)
  static func uint64(_ text: UnsafeRawPointer) -> UInt64? {
    // The types are written out: without them the compiler compares element by element.
    let digits = text.loadUnaligned(as: SIMD16<UInt8>.self)
    let decimal = digits &- SIMD16<UInt8>(repeating: UInt8(ascii: "0"))
    let letter = (digits | SIMD16<UInt8>(repeating: 0x20)) &- SIMD16<UInt8>(repeating: UInt8(ascii: "a"))
    let ten = SIMD16<UInt8>(repeating: 10)
    let isDecimal: SIMDMask<SIMD16<Int8>> = decimal .< ten
    let isLetter: SIMDMask<SIMD16<Int8>> = letter .< SIMD16<UInt8>(repeating: 6)
    let isDigit = unsafeBitCast(isDecimal .| isLetter, to: SIMD2<UInt64>.self)
    guard isDigit[0] & isDigit[1] == .max else { return nil }
    let nibbles = (letter &+ ten).replacing(with: decimal, where: isDecimal)
    let bytes = (nibbles.evenHalf &<< SIMD8<UInt8>(repeating: 4)) | nibbles.oddHalf
    return UInt64(bigEndian: unsafeBitCast(bytes, to: UInt64.self))
  }
}
