/// Who is at the other end of a connection, and whether it came by TLS.
struct HTTPPeer: Sendable {
  /// `ip:port`, or `[ip]:port` for IPv6; of a mapped address the IPv4 one. Port 0 stands for one that is not known.
  private(set) var address: String
  let isTLS: Bool
  /// `HTTPServerOptions.listener` of the port that it came over.
  let listener: Int
  /// What its certificate says; nil without one, and before the handshake is over.
  var certificate: ClientCertificate?
  /// Set if it is a proxy that is trusted to name senders in `x-forwarded-for`.
  private var forwarding: TrustedProxies?

  init(address: String, isTLS: Bool, listener: Int = 0, certificate: ClientCertificate? = nil) {
    self.address = address
    self.isTLS = isTLS
    self.listener = listener
    self.certificate = certificate
  }

  /// Takes an address as that of the other end, which `proxies` may trust.
  mutating func move(to address: IPAddress, port: UInt16, _ proxies: TrustedProxies) {
    self.address = address.text(port: port)
    trust(proxies, at: address)
  }

  /// Has the fields of requests say who sends them, if the address is one of those that are trusted to.
  mutating func trust(_ proxies: TrustedProxies, at address: IPAddress) {
    forwarding = proxies.sayForwarded(address) ? proxies : nil
  }

  /// Who has sent a request with these fields.
  func sender(of headers: HTTPHeaders) -> HTTPPeer {
    guard let sender = forwarding?.sender(by: headers) else { return self }
    var peer = self
    peer.address = sender.text(port: 0)
    return peer
  }
}
