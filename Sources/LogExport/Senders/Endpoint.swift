package import Access
import NIOCore

/// A server's address as the configuration gives it: `https://user:password@host:9200/prefix`, or `host:4317`.
package struct Endpoint: Sendable, Equatable, CustomStringConvertible {
  package let isTLS: Bool
  /// Without the brackets of an IPv6 address.
  package let host: String
  package let port: Int
  /// Starts with a slash unless it is empty; has none at its end.
  package let path: String
  /// `user` and `password` if the address had them.
  package let authorization: Authorization

  /// `defaultPorts` are for clear text and TLS. An address without a scheme is clear text unless `defaultTLS`.
  package init(
    parsing address: String, defaultPorts: (Int, Int) = (80, 443), defaultTLS: Bool = false
  ) throws(SenderConfigurationError) {
    var rest = Substring(address)
    isTLS = try Self.takeScheme(&rest) ?? defaultTLS
    let end = rest.firstIndex(where: { $0 == "/" || $0 == "?" || $0 == "#" }) ?? rest.endIndex
    path = try Self.path(rest[end...])
    var authority = rest[..<end]
    authorization = try Self.takeUser(&authority)
    let (host, port) = try Self.hostAndPort(authority)
    self.host = host
    self.port = port ?? (isTLS ? defaultPorts.1 : defaultPorts.0)
  }

  /// Without credentials.
  package var description: String { "\(isTLS ? "https" : "http")://\(authority)\(path)" }
  /// `host:port`, with brackets where they are needed.
  package var authority: String { "\(Self.bracketed(host)):\(port)" }

  /// True if the host is an IPv4 or IPv6 address and no name.
  var isIPAddress: Bool { (try? SocketAddress(ipAddress: host, port: port)) != nil }

  /// True if the host is this machine by its name or its address.
  package var isLoopback: Bool {
    if host.lowercased() == "localhost" { return true }
    switch try? SocketAddress(ipAddress: host, port: port) {
    case .v4(let address): return UInt32(bigEndian: address.address.sin_addr.s_addr) >> 24 == 127
    case .v6(let address):
      let bytes = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
      return bytes == [UInt8](repeating: 0, count: 15) + [1]
        || bytes.prefix(13) == ([UInt8](repeating: 0, count: 10) + [0xff, 0xff, 127])[...]
    default: return false
    }
  }

  static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

  private static func takeScheme(_ rest: inout Substring) throws(SenderConfigurationError) -> Bool? {
    for (scheme, isTLS) in [("https://", true), ("http://", false)] where rest.lowercased().hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
      return isTLS
    }
    guard !rest.contains("://") else {
      throw SenderConfigurationError("endpoint: the scheme has to be http or https")
    }
    return nil
  }

  private static func path(_ text: Substring) throws(SenderConfigurationError) -> String {
    guard !text.contains(where: { $0 == "?" || $0 == "#" }), isPrintable(text) else {
      throw SenderConfigurationError("endpoint: what follows the host has to be a path, without query or fragment")
    }
    var path = text
    while path.last == "/" { path.removeLast() }
    return String(path)
  }

  private static func takeUser(_ authority: inout Substring) throws(SenderConfigurationError) -> Authorization {
    guard let at = authority.lastIndex(of: "@") else { return .none }
    let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    authority = authority[authority.index(after: at)...]
    guard let user = percentDecoded(parts[0]), let password = parts.count > 1 ? percentDecoded(parts[1]) : "" else {
      throw SenderConfigurationError("endpoint: the credentials are not percent-encoded as they should be")
    }
    return .basic(user: user, password: password)
  }

  private static func hostAndPort(_ text: Substring) throws(SenderConfigurationError) -> (String, Int?) {
    let wrong = SenderConfigurationError("endpoint: expected host or host:port")
    var host = text
    var portText = Substring()
    if text.first == "[" {
      guard let close = text.firstIndex(of: "]") else { throw wrong }
      host = text[text.index(after: text.startIndex)..<close]
      let after = text[text.index(after: close)...]
      guard after.isEmpty || after.first == ":" else { throw wrong }
      portText = after.dropFirst()
    } else if let colon = text.lastIndex(of: ":") {
      host = text[..<colon]
      portText = text[text.index(after: colon)...]
      guard !host.contains(":") else { throw wrong }
    }
    guard !host.isEmpty, isPrintable(host), !host.contains("@") else { throw wrong }
    guard !portText.isEmpty else { return (String(host), nil) }
    guard let port = Int(portText), (1...65_535).contains(port) else {
      throw SenderConfigurationError("endpoint: the port has to be 1 to 65535")
    }
    return (String(host), port)
  }

  private static func isPrintable(_ text: Substring) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } }

  private static func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16), rest.prefix(2).count == 2 else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
