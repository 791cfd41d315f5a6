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
