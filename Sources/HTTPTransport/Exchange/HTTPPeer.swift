/// Who is at the other end of a connection, and whether it came by TLS.
struct HTTPPeer: Sendable, Equatable {
  /// `ip:port`, or `[ip]:port` for IPv6; of a mapped address the IPv4 one.
  let address: String
  let isTLS: Bool
  /// `HTTPServerOptions.listener` of the port that it came over.
  var listener = 0
}
