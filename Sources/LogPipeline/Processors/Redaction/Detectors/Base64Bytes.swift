/// The bytes that base64 text stands for, in either alphabet, one after the other; ends at the first other character.
struct Base64Bytes {
  private let text: ScannedText
  private var position: Int
  private let end: Int
  private var bits: UInt32 = 0
  private var bitCount: UInt32 = 0

  init(_ text: ScannedText, _ range: Range<Int>) {
    self.text = text
    position = range.lowerBound
    end = range.upperBound
  }

  mutating func next() -> UInt8? {
    while bitCount < 8 {
      guard position < end, let sextet = Self.sextet(text[position]) else { return nil }
      bits = bits << 6 | sextet
      bitCount &+= 6
      position &+= 1
    }
    bitCount &-= 8
    return UInt8(truncatingIfNeeded: bits >> bitCount)
  }

  private static func sextet(_ byte: UInt8) -> UInt32? {
    if byte.isUpper { return UInt32(byte) &- 65 }
    if byte.isLower { return UInt32(byte) &- 71 }
    if byte.isDigit { return UInt32(byte) &+ 4 }
    switch byte {
    case UInt8(ascii: "+"), UInt8(ascii: "-"): return 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): return 63
    default: return nil
    }
  }
}
