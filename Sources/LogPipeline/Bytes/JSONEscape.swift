/// Escapes of JSON strings (RFC 8259 section 7), for readers that differ in what becomes of one that is none.
enum JSONEscape {
  /// The character that a letter after a backslash stands for; nil for `u` and for what is no such letter.
  @inline(__always)
  static func character(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    default: nil
    }
  }

  /// The UTF-16 code unit of four hexadecimal digits, each of which `digit` gives by its place; nil if one is none.
  @inline(__always)
  static func codeUnit(_ digit: (Int) -> UInt8) -> UInt16? {
    var unit: UInt16 = 0
    for place in 0..<4 {
      guard let nibble = HexText.nibble(digit(place)) else { return nil }
      unit = unit << 4 | UInt16(nibble)
    }
    return unit
  }
}
