import NIOCore

extension HTTPRequestHead {
  /// The address of the sender without the port, and without brackets.
  package var remoteHost: String { remoteAddress.withoutPort }

  /// Whom limits for each address are for: of an IPv6 address the first 64 bits, all of which one sender has as a rule
  /// (RFC 6177); else the address.
  package var remoteNetwork: String {
    let host = remoteHost
    guard host.contains(":"), let bytes = try? SocketAddress(ipAddress: host, port: 0).ipv6Bytes else { return host }
    let isOfIPv4 = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    return isOfIPv4 ? host : bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":") + "/64"
  }
}

extension SocketAddress {
  fileprivate var ipv6Bytes: [UInt8]? {
    guard case .v6(let address) = self else { return nil }
    return unsafe withUnsafeBytes(of: address.address.sin6_addr) { unsafe Array($0) }
  }
}

extension String {
  /// The address of `ip:port` or `[ip]:port`; other text as it is.
  fileprivate var withoutPort: String {
    guard let colon = lastIndex(of: ":") else { return self }
    let address = self[..<colon]
    return address.first == "[" ? String(address.dropFirst().dropLast()) : String(address)
  }
}
