/// Base64 as RFC 4648 sections 4 and 5 have it.
enum Base64 {
  /// The bytes that a text stands for; nil if it is none. Padding may be left out.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var padding = 0
    var bits: UInt32 = 0
    var count = 0
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 &* 3 &+ 3)
    for character in text {
      if character == UInt8(ascii: "=") {
        padding &+= 1
        continue
      }
      guard padding == 0, let value = value(of: character) else { return nil }
      bits = bits &<< 6 | UInt32(value)
      count &+= 1
      if count % 4 == 0 { for shift: UInt32 in [16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: bits &>> shift)) } }
    }
    guard padding == 0 || (padding < 3 && (count &+ padding) % 4 == 0) else { return nil }
    switch count % 4 {
    case 2: bytes.append(UInt8(truncatingIfNeeded: bits &>> 4))
    case 3: for shift: UInt32 in [10, 2] { bytes.append(UInt8(truncatingIfNeeded: bits &>> shift)) }
    case 1: return nil
    default: break
    }
    return bytes
  }

  /// The bytes of a text in the alphabet for URLs, without padding, as tokens have it. Each byte string has one text:
  /// the bits of the last character that stand for nothing have to be 0.
  static func decodeURL(_ text: some Collection<UInt8>) -> [UInt8]? {
    var last: UInt8 = 0
    var plain: [UInt8] = []
    plain.reserveCapacity(text.count)
    for character in text {
      switch character {
      case UInt8(ascii: "-"): last = UInt8(ascii: "+")
      case UInt8(ascii: "_"): last = UInt8(ascii: "/")
      case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
      default: last = character
      }
      plain.append(last)
    }
    let unused: UInt8 = [0, 0, 0xF, 0x3][plain.count % 4]
    guard plain.isEmpty || (value(of: last) ?? 0) & unused == 0 else { return nil }
    return decode(plain)
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character &- UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character &- UInt8(ascii: "a") &+ 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character &- UInt8(ascii: "0") &+ 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
