/// UUIDs (RFC 9562) as text; the caller brings what is random.
enum UUIDText {
  /// Appends a UUID of version 4: all of it is random.
  static func appendVersion4(_ high: UInt64, _ low: UInt64, to writer: inout ByteWriter) {
    append(high & ~0xF000 | 0x4000, low & ~(3 << 62) | 1 << 63, to: &writer)
  }

  /// Appends a UUID of version 7: milliseconds since 1970 come first.
  static func appendVersion7(unixNano: UInt64, _ high: UInt64, _ low: UInt64, to writer: inout ByteWriter) {
    let milliseconds = unixNano / 1_000_000
    append(milliseconds << 16 | 0x7000 | high & 0xFFF, low & ~(3 << 62) | 1 << 63, to: &writer)
  }

  private static func append(_ high: UInt64, _ low: UInt64, to writer: inout ByteWriter) {
    for place in 0..<16 {
      if place == 4 || place == 6 || place == 8 || place == 10 { writer.append(UInt8(ascii: "-")) }
      let word = place < 8 ? high : low
      let byte = UInt8(truncatingIfNeeded: word >> UInt64(56 &- place % 8 &* 8))
      writer.append(digit(byte >> 4))
      writer.append(digit(byte & 15))
    }
  }

  private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? nibble &+ 0x30 : nibble &+ 0x57 }
}
