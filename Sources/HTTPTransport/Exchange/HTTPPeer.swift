/// Who is at the other end of a connection, and whether it came by TLS.
struct HTTPPeer: Sendable {
  /// `ip:port`, or `[ip]:port` for IPv6; of a mapped address the IPv4 one.
  let address: String
  let isTLS: Bool
  /// `HTTPServerOptions.listener` of the port that it came over.
  let listener: Int
  /// What its certificate says; nil without one, and before the handshake is over.
  var certificate: ClientCertificate?

  init(address: String, isTLS: Bool, listener: Int = 0, certificate: ClientCertificate? = nil) {
    self.address = address
    self.isTLS = isTLS
    self.listener = listener
    self.certificate = certificate
  }
}
