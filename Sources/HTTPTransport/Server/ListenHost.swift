import NIOCore

/// What the host of an address to listen on stands for.
package enum ListenHost: Sendable, Hashable {
  /// No host, `0.0.0.0` or `::`: every interface by IPv4 and by IPv6, as Go's `net.Listen` has it for `tcp`.
  case everyInterface
  /// `localhost`: this machine alone, by IPv4 and by IPv6.
  case loopback
  /// An address in its shortest form, one with a zone, or a name.
  case one(String)

  /// Reads a host without brackets.
  package init(_ host: String) {
    if host.isEmpty {
      self = .everyInterface
    } else if host.lowercased() == "localhost" {
      self = .loopback
    } else if let text = Self.address(host) {
      self = ["0.0.0.0", "::"].contains(text) ? .everyInterface : .one(text)
    } else {
      self = .one(host.lowercased())
    }
  }

  /// Nil for a name, and for an address with a zone.
  private static func address(_ host: String) -> String? {
    if host.utf8.contains(UInt8(ascii: "%")) { return nil }
    return (try? SocketAddress(ipAddress: host, port: 0))?.plainIPAddress
  }

  /// Whether a port of the one is a port of the other too.
  package func overlaps(_ other: ListenHost) -> Bool {
    switch (self, other) {
    case (.everyInterface, _), (_, .everyInterface), (.loopback, .loopback): true
    case (.loopback, .one(let address)), (.one(let address), .loopback): ["127.0.0.1", "::1"].contains(address)
    case (.one(let address), .one(let another)): address == another
    }
  }
}
