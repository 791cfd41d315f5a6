package import Access

/// The ports of a receiver, by the number that the transport knows them by.
package enum OTLPListener: Int, Sendable {
  case grpc, http
}

/// Who may send over each port of a receiver; nil for everybody. It is the port that counts, not the protocol: both
/// ports take both.
package struct OTLPAuthentication: Sendable {
  package var grpc: PortAuthentication?
  package var http: PortAuthentication?

  package init(grpc: PortAuthentication? = nil, http: PortAuthentication? = nil) {
    self.grpc = grpc
    self.http = http
  }

  subscript(listener: Int) -> PortAuthentication? { listener == OTLPListener.http.rawValue ? http : grpc }
}

/// Who may send over one port (config `auth`).
package struct PortAuthentication: Sendable {
  let chain: AuthenticatorChain
  /// How long a verdict may take (config `auth.timeout`).
  let timeout: Duration

  package init(_ chain: AuthenticatorChain, timeout: Duration) {
    self.chain = chain
    self.timeout = timeout
  }
}
