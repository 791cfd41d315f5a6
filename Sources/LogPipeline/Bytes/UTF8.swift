import CVector

/// Checking and mending UTF-8 (RFC 3629; Unicode 16, table 3-7).
enum UTF8Text {
  /// The offset of the first byte that starts no valid sequence; nil when all bytes are valid.
  static func firstInvalid(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    let end = utf8_valid_end(base, 0, bytes.count)
    return end < bytes.count ? end : nil
  }

  /// Whether the bytes from `start` to `end` are ASCII; for an `end` of 16 or more.
  @inline(__always)
  static func isASCII(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Bool {
    utf8_is_ascii(base, start, end)
  }

  /// Whether the bytes from `start` to `end` are valid.
  @inline(__always)
  static func isValid(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Bool {
    if end >= 16, isASCII(base, from: start, to: end) { return true }
    return isValidBeyondASCII(base, from: start, to: end)
  }

  /// The same, for text that is not all ASCII.
  @inline(never)
  static func isValidBeyondASCII(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Bool {
    utf8_valid_end(base, start, end) == end
  }

  /// The length of the valid sequence at `index`; else minus the length of the invalid part to replace as one
  /// (the maximal subpart of an ill-formed sequence, Unicode 16 section 3.9, "U+FFFD Substitution").
  private static func sequenceLength(in bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
    let first = bytes[index]
    if first < 0x80 { return 1 }
    let length: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    switch first {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, low) = (3, 0xA0)
    case 0xED: (length, high) = (3, 0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, low) = (4, 0x90)
    case 0xF4: (length, high) = (4, 0x8F)
    case 0xF1...0xF3: length = 4
    default: return -1
    }
    for place in 1..<length {
      guard index &+ place < bytes.count else { return -place }
      let byte = bytes[index &+ place]
      if byte < low || byte > high { return -place }
      (low, high) = (0x80, 0xBF)
    }
    return length
  }

  /// Appends `bytes` with each invalid part replaced by U+FFFD.
  static func appendRepaired(_ bytes: UnsafeRawBufferPointer, to target: inout [UInt8]) {
    var index = 0
    while index < bytes.count {
      let length = sequenceLength(in: bytes, at: index)
      if length > 0 {
        target.append(contentsOf: bytes[index..<index &+ length])
        index &+= length
      } else {
        target.append(contentsOf: [0xEF, 0xBF, 0xBD])
        index &-= length
      }
    }
  }
}
