/// Text that is safe to print.
extension ByteWriter {
  /// Appends UTF-8 text with each character that could end a line, drive a terminal or turn the direction of writing
  /// as `\u{…}`, and each backslash doubled, so that no text looks like the escape of another.
  mutating func appendVisible(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { appendVisible($0, doublesBackslash: true) }
  }

  /// Appends JSON text, whose backslashes are doubled already, with what is not safe to print escaped.
  mutating func appendVisible(json bytes: UnsafeRawBufferPointer) {
    appendVisible(bytes, doublesBackslash: false)
  }

  private mutating func appendVisible(_ bytes: UnsafeRawBufferPointer, doublesBackslash: Bool) {
    var index = 0
    var plain = 0
    while index < bytes.count {
      let (length, scalar) = Self.unsafeCharacter(in: bytes, at: index)
      if length > 0, doublesBackslash || scalar != 0x5C {
        append(UnsafeRawBufferPointer(rebasing: bytes[plain..<index]))
        appendEscape(scalar)
        plain = index &+ length
      }
      index &+= max(length, 1)
    }
    append(UnsafeRawBufferPointer(rebasing: bytes[plain..<bytes.count]))
  }

  private mutating func appendEscape(_ scalar: UInt32) {
    if scalar == 0x5C {
      append("\\\\")
      return
    }
    append("\\u{")
    append(text: String(scalar, radix: 16))
    append("}")
  }

  /// The length and code point of the character at `index` if it must be escaped; else a length of 0.
  @inline(__always)
  private static func unsafeCharacter(
    in bytes: UnsafeRawBufferPointer, at index: Int
  ) -> (length: Int, scalar: UInt32) {
    let first = bytes[index]
    if first < 0x20 || first == 0x7F || first == UInt8(ascii: "\\") { return (1, UInt32(first)) }
    if first != 0xC2 && first != 0xD8 && first != 0xE2 { return (0, 0) }
    return unsafeSequence(in: bytes, at: index)
  }

  /// C1 controls (U+0080...U+009F), U+061C, U+200E...U+200F, U+2028...U+202E and U+2066...U+2069.
  private static func unsafeSequence(
    in bytes: UnsafeRawBufferPointer, at index: Int
  ) -> (length: Int, scalar: UInt32) {
    guard index &+ 1 < bytes.count else { return (0, 0) }
    let second = bytes[index &+ 1]
    switch (bytes[index], second) {
    case (0xC2, 0x80...0x9F): return (2, UInt32(second))
    case (0xD8, 0x9C): return (2, 0x061C)
    case (0xE2, 0x80), (0xE2, 0x81):
      guard index &+ 2 < bytes.count else { return (0, 0) }
      let scalar = 0x2000 &+ UInt32(second & 0x3F) &<< 6 &+ UInt32(bytes[index &+ 2] & 0x3F)
      switch scalar {
      case 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: return (3, scalar)
      default: return (0, 0)
      }
    default: return (0, 0)
    }
  }
}
