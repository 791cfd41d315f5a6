/// The bytes of one string under examination; an offset outside them reads as 0, so that looking around a candidate
/// needs no check and can leave nothing behind.
struct ScannedText {
  private let base: UnsafeRawPointer?
  let count: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    base = bytes.baseAddress
    count = bytes.count
  }

  @inline(__always)
  subscript(offset: Int) -> UInt8 {
    guard UInt(bitPattern: offset) < UInt(bitPattern: count), let base else { return 0 }
    return base.load(fromByteOffset: offset, as: UInt8.self)
  }

  /// The bytes in a range, cut to the text.
  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    let range = range.clamped(to: 0..<count)
    guard let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  /// Whether `word` stands at the offset.
  func has(_ word: StaticString, at offset: Int) -> Bool {
    for place in 0..<word.utf8CodeUnitCount where self[offset &+ place] != word.utf8Start[place] { return false }
    return true
  }

  /// Whether `word`, which is in lower case, stands at the offset in any case.
  func hasIgnoringCase(_ word: StaticString, at offset: Int) -> Bool {
    for place in 0..<word.utf8CodeUnitCount where self[offset &+ place].lowercased != word.utf8Start[place] {
      return false
    }
    return true
  }

  /// Whether `word`, in lower case, stands anywhere in the range, in any case.
  func containsIgnoringCase(_ word: StaticString, in range: Range<Int>) -> Bool {
    let range = range.clamped(to: 0..<count)
    var offset = range.lowerBound
    while offset &+ word.utf8CodeUnitCount <= range.upperBound {
      if hasIgnoringCase(word, at: offset) { return true }
      offset &+= 1
    }
    return false
  }

  /// Where the run of bytes of an alphabet that starts at `start` ends, looking at no more than `limit` bytes.
  @inline(__always)
  func end(ofRunAt start: Int, limit: Int = .max, of isMember: (UInt8) -> Bool) -> Int {
    let last = limit < count &- start ? start &+ limit : count
    var offset = start
    while offset < last, isMember(self[offset]) { offset &+= 1 }
    return offset
  }

  /// Where the run of bytes of an alphabet that ends before `end` starts, looking at no more than `limit` bytes.
  @inline(__always)
  func start(ofRunBefore end: Int, limit: Int, of isMember: (UInt8) -> Bool) -> Int {
    let first = Swift.max(end &- limit, 0)
    var offset = end
    while offset > first, isMember(self[offset &- 1]) { offset &-= 1 }
    return offset
  }

  /// Whether a token may start here: no letter or digit stands before it.
  @inline(__always)
  func startsToken(_ offset: Int) -> Bool { !self[offset &- 1].isAlphanumeric }

  /// Whether a token may end here: no letter or digit follows.
  @inline(__always)
  func endsToken(_ offset: Int) -> Bool { !self[offset].isAlphanumeric }
}

/// Classes of ASCII bytes.
extension UInt8 {
  @inline(__always) var isDigit: Bool { self &- 0x30 < 10 }
  @inline(__always) var isUpper: Bool { self &- 0x41 < 26 }
  @inline(__always) var isLower: Bool { self &- 0x61 < 26 }
  @inline(__always) var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
  @inline(__always) var isAlphanumeric: Bool { isDigit || isLetter }
  @inline(__always) var isHexDigit: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }
  /// Letters, digits and `_`.
  @inline(__always) var isWord: Bool { isAlphanumeric || self == UInt8(ascii: "_") }
  /// The URL-safe alphabet of base64 (RFC 4648 section 5).
  @inline(__always) var isBase64URL: Bool { isWord || self == UInt8(ascii: "-") }
  /// The standard alphabet of base64 (RFC 4648 section 4), without padding.
  @inline(__always) var isBase64: Bool { isAlphanumeric || self == UInt8(ascii: "+") || self == UInt8(ascii: "/") }
  /// Space, tab, line feed, carriage return.
  @inline(__always) var isSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
  /// Space and tab.
  @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 }
  /// `(`, `[` and `{`.
  @inline(__always) var isOpener: Bool { self == 0x28 || self == 0x5B || self == 0x7B }
  /// `)`, `]` and `}`.
  @inline(__always) var isCloser: Bool { self == 0x29 || self == 0x5D || self == 0x7D }
  @inline(__always) var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
  @inline(__always) var lowercased: UInt8 { isUpper ? self | 0x20 : self }
  /// The value of a decimal digit; meaningless for another byte.
  @inline(__always) var digitValue: Int { Int(self &- 0x30) }
}
