/// Base64 as the JSON mapping of protobuf takes it: the standard or the URL-safe alphabet (RFC 4648 sections 4 and 5),
/// padded or not.
package enum Base64Text {
  /// The bytes that `text` stands for; nil if it is not base64. For small texts and rare paths.
  package static func decode(_ text: [UInt8]) -> [UInt8]? {
    var bytes = ByteWriter(capacityBytes: text.count)
    return text.withUnsafeBytes { append(decoding: $0, to: &bytes) } ? bytes.array : nil
  }

  /// Appends the bytes that `text` stands for; false, with nothing appended, if it is not base64.
  static func append(decoding text: UnsafeRawBufferPointer, to target: inout ByteWriter) -> Bool {
    let digits = withoutPadding(text)
    guard digits.count % 4 != 1, digits.count == text.count || text.count % 4 == 0 else { return false }
    let start = target.count
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for digit in digits {
      guard let sextet = sextet(digit) else {
        target.truncate(to: start)
        return false
      }
      bits = bits << 6 | sextet
      bitCount &+= 6
      if bitCount >= 8 {
        bitCount &-= 8
        target.append(UInt8(truncatingIfNeeded: bits >> bitCount))
      }
    }
    return true
  }

  /// The text before at most two padding characters.
  private static func withoutPadding(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var count = text.count
    while count > 0 && text.count &- count < 2 && text[count &- 1] == UInt8(ascii: "=") { count &-= 1 }
    return UnsafeRawBufferPointer(rebasing: text[0..<count])
  }

  private static func sextet(_ digit: UInt8) -> UInt32? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit &- UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit &- UInt8(ascii: "a") &+ 26)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit &- UInt8(ascii: "0") &+ 52)
    case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
