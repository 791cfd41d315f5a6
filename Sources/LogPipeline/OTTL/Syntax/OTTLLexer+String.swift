/// Texts in double quotes: `\` and one of `abfnrtv\"`, three octal digits, `x` and two, `u` and four, or `U` and eight
/// hexadecimal digits stand for a character; anything else, a line break too, for itself.
extension OTTLLexer {
  /// Reads the text that begins with a quote here.
  mutating func string() throws(OTTLLoadError) -> [UInt8] {
    let start = position
    position += 1
    var value: [UInt8] = []
    while position < text.count {
      let next = text[position]
      if next == UInt8(ascii: "\"") {
        position += 1
        return value
      }
      if next == UInt8(ascii: "\\") {
        if position + 1 == text.count { break }
        value += String(Character(try escape())).utf8
      } else {
        value.append(next)
        position += 1
      }
    }
    throw OTTLLoadError("this text has no closing quote", at: start)
  }

  private mutating func escape() throws(OTTLLoadError) -> Unicode.Scalar {
    let start = position
    let letter = text[start + 1]
    position += 2
    switch letter {
    case UInt8(ascii: "a"): return "\u{7}"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "v"): return "\u{b}"
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "x"): return try character(ofDigits: 2, radix: 16, from: start)
    case UInt8(ascii: "u"): return try character(ofDigits: 4, radix: 16, from: start)
    case UInt8(ascii: "U"): return try character(ofDigits: 8, radix: 16, from: start)
    case 0x30...0x37:
      position -= 1
      return try character(ofDigits: 3, radix: 8, from: start)
    default:
      let shown = character(at: start + 1)
      throw OTTLLoadError("\\\(shown) is no escape; the two characters are written \\\\\(shown)", at: start)
    }
  }

  /// The character whose number follows in the escape that begins at `start`.
  private mutating func character(
    ofDigits count: Int, radix: Int, from start: Int
  ) throws(OTTLLoadError) -> Unicode.Scalar {
    let digits = text[position...].prefix(count).prefix { HexText.nibble($0).map { $0 < radix } ?? false }
    let shown = String(decoding: text[start..<(position + digits.count)], as: UTF8.self)
    guard digits.count == count, let number = UInt32(String(decoding: digits, as: UTF8.self), radix: radix) else {
      let kind = radix == 8 ? "octal" : "hexadecimal"
      throw OTTLLoadError("expected \(count) \(kind) digits in the escape \(shown)", at: start)
    }
    guard let scalar = Unicode.Scalar(number), radix == 16 || number <= 0xff else {
      throw OTTLLoadError("the escape \(shown) stands for no character", at: start)
    }
    position += count
    return scalar
  }
}
