import NIOHTTP1

/// What a header field may consist of: RFC 9110 section 5.
enum HTTPFieldRules {
  /// False for a value that would break out of its field: one with CR, LF or NUL.
  static func isSendable(value: String) -> Bool {
    all(value) { $0 != 0x0D && $0 != 0x0A && $0 != 0 }
  }

  /// True for a token, the only thing a field name may be.
  static func isSendable(name: String) -> Bool {
    !name.isEmpty && all(name, isTokenByte)
  }

  /// True for what a Host field may be: a host, which may be empty, and a port (RFC 9110 section 7.2), in the bytes
  /// that RFC 3986 section 3.2 allows them.
  static func isHost(_ value: String) -> Bool {
    all(value) { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"),
        // !$%&'()*+,-.:;=[]_~
        0x21, 0x24...0x2E, 0x3A, 0x3B, 0x3D, 0x5B, 0x5D, 0x5F, 0x7E:
        true
      default:
        false
      }
    }
  }

  /// Fields that belong to one connection and do not exist in HTTP/2: RFC 9113 section 8.2.2.
  static func isConnectionSpecific(_ name: String) -> Bool {
    switch name.utf8.count {
    case 7: isSame(name, "upgrade")
    case 10: isSame(name, "connection") || isSame(name, "keep-alive")
    case 16: isSame(name, "proxy-connection")
    case 17: isSame(name, "transfer-encoding")
    default: false
    }
  }

  /// Whether a name is `other`, which must be in lower case, in any letter case.
  static func isSame(_ name: String, _ other: StaticString) -> Bool {
    guard name.utf8.count == other.utf8CodeUnitCount else { return false }
    var expected = unsafe other.utf8Start
    for byte in name.utf8 {
      guard unsafe (byte &- 0x41 < 26 ? byte | 0x20 : byte) == expected.pointee else { return false }
      unsafe expected += 1
    }
    return true
  }

  /// Takes the white space behind values away, which the parser leaves there: RFC 9110 section 5.5.
  static func trim(_ headers: inout HTTPHeaders) {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    func endsInSpace(_ text: String) -> Bool {
      let last = unsafe text.utf8.withContiguousStorageIfAvailable { unsafe $0.last } ?? text.utf8.last
      return last.map(isSpace) ?? false
    }
    guard headers.contains(where: { endsInSpace($0.value) }) else { return }
    headers = HTTPHeaders(
      headers.map { name, value in
        let count = value.utf8.reversed().prefix(while: isSpace).count
        return (name, String(Substring(value.utf8.dropLast(count))))
      })
  }

  /// A Content-Length: digits only, and no larger than an Int holds.
  static func contentLength(_ headers: HTTPHeaders) -> Int? {
    guard let value = headers.first(name: "content-length") else { return nil }
    guard !value.isEmpty, value.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return Int(value) ?? .max
  }

  @inline(__always)
  private static func all(_ text: String, _ holds: (UInt8) -> Bool) -> Bool {
    unsafe text.utf8.withContiguousStorageIfAvailable { unsafe $0.allSatisfy(holds) } ?? text.utf8.allSatisfy(holds)
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      // !#$%&'*+-.^_`|~
      0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E:
      true
    default:
      false
    }
  }
}
