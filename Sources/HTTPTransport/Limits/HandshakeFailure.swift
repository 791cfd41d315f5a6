/// A connection that did not begin as it has to, in its TLS handshake or the header of a proxy: whose, on which port,
/// what it counts as, and what the TLS library calls it.
package struct HandshakeFailure: Sendable, Equatable {
  package let peer: String
  package let port: Int
  package let kind: HTTPAbuse
  package let detail: String

  package init(peer: String, port: Int, kind: HTTPAbuse, detail: String) {
    self.peer = peer
    self.port = port
    self.kind = kind
    self.detail = detail
  }
}
