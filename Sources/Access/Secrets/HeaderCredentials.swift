import HTTPTransport

/// What a header field of credentials holds: RFC 9110 section 11.4.
enum HeaderCredentials: Equatable {
  /// No such field, or one of another scheme.
  case absent
  /// What stands behind the scheme.
  case text(String)
  /// Several fields, or a text that is longer than it may be.
  case unusable

  /// Reads the field `name` of a head. Without a scheme its whole value is taken.
  init(_ head: HTTPRequestHead, name: String, scheme: String, maxBytes: Int) {
    guard let value = head.headers.first(name: name) else {
      self = .absent
      return
    }
    guard let text = Self.text(of: value, scheme) else {
      self = .absent
      return
    }
    let isUsable = text.utf8.count <= maxBytes && head.headers[name].count == 1
    self = isUsable ? .text(String(text)) : .unusable
  }

  /// What stands behind the scheme, in whatever letters it is written, and at least one space.
  private static func text(of value: String, _ scheme: String) -> Substring? {
    let bytes = value.utf8
    if scheme.isEmpty { return value[...] }
    guard bytes.count > scheme.utf8.count,
      zip(bytes, scheme.utf8).allSatisfy({ lowered($0) == lowered($1) })
    else { return nil }
    let rest = bytes.dropFirst(scheme.utf8.count)
    guard rest.first == UInt8(ascii: " ") else { return nil }
    return Substring(rest.drop { $0 == UInt8(ascii: " ") })
  }

  private static func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
