import CVector

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
    var number: UInt64 = 0
    return json_hexadecimal(text, &number) ? number : nil
  }
}
