/// Encodings that bytes can be decoded from, under their IANA names.
enum TextCharset: Sendable {
  case utf8, ascii, latin1, utf16, utf16BigEndian, utf16LittleEndian

  /// The encoding of a name in any case; nil for one that is not known here.
  init?(_ name: String) {
    switch name.lowercased() {
    case "utf-8", "utf8", "unicode-1-1-utf-8": self = .utf8
    case "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "us": self = .ascii
    case "iso-8859-1", "iso_8859-1", "latin1", "l1", "ibm819", "cp819": self = .latin1
    case "utf-16": self = .utf16
    case "utf-16be": self = .utf16BigEndian
    case "utf-16le": self = .utf16LittleEndian
    default: return nil
    }
  }

  /// Appends bytes of this encoding as UTF-8; what is no character becomes U+FFFD.
  func append(_ bytes: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    switch self {
    case .utf8: writer.append(repairing: bytes)
    case .ascii: for byte in bytes { writer.append(scalar: byte < 0x80 ? Unicode.Scalar(byte) : "\u{FFFD}") }
    case .latin1: for byte in bytes { writer.append(scalar: Unicode.Scalar(byte)) }
    case .utf16BigEndian: Self.appendUTF16(bytes, isBigEndian: true, to: &writer)
    case .utf16LittleEndian: Self.appendUTF16(bytes, isBigEndian: false, to: &writer)
    case .utf16:
      // The mark at the beginning tells the order of bytes; without it, it is big-endian.
      let isLittle = bytes.count >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE
      let hasMark = isLittle || bytes.count >= 2 && bytes[0] == 0xFE && bytes[1] == 0xFF
      Self.appendUTF16(bytes.part(hasMark ? 2..<bytes.count : 0..<bytes.count), isBigEndian: !isLittle, to: &writer)
    }
  }

  private static func appendUTF16(
    _ bytes: UnsafeRawBufferPointer, isBigEndian: Bool, to writer: inout ByteWriter
  ) {
    func unit(_ place: Int) -> UInt32 {
      let (first, second) = (UInt32(bytes[place]), UInt32(bytes[place &+ 1]))
      return isBigEndian ? first << 8 | second : second << 8 | first
    }
    var place = 0
    while place &+ 1 < bytes.count {
      let first = unit(place)
      place &+= 2
      guard first & 0xFC00 == 0xD800, place &+ 1 < bytes.count, unit(place) & 0xFC00 == 0xDC00 else {
        writer.append(scalar: Unicode.Scalar(first) ?? "\u{FFFD}")
        continue
      }
      let number = 0x10000 &+ (first & 0x3FF) << 10 | unit(place) & 0x3FF
      writer.append(scalar: Unicode.Scalar(number) ?? "\u{FFFD}")
      place &+= 2
    }
    if place < bytes.count { writer.append(scalar: "\u{FFFD}") }
  }
}

extension ByteWriter {
  /// Appends bytes as valid UTF-8: what is none becomes U+FFFD.
  mutating func append(repairing bytes: UnsafeRawBufferPointer) {
    guard UTF8Text.firstInvalid(in: bytes) != nil else { return append(bytes) }
    var repaired: [UInt8] = []
    UTF8Text.appendRepaired(bytes, to: &repaired)
    append(repaired)
  }
}
