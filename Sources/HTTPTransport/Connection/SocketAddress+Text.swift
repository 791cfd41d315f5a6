import NIOCore

extension SocketAddress {
  /// The IP address as text; an IPv4 address that is mapped into IPv6 (RFC 4291 section 2.5.5.2) as the IPv4 one.
  var plainIPAddress: String? {
    guard let text = ipAddress else { return nil }
    guard text.hasPrefix("::ffff:"), text.utf8.contains(UInt8(ascii: ".")) else { return text }
    return String(text.dropFirst(7))
  }

  /// `ip:port`, or `[ip]:port` for IPv6; nil if it is no IP address.
  var plainDescription: String? {
    guard let address = plainIPAddress, let port else { return nil }
    return address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]:\(port)" : "\(address):\(port)"
  }
}
