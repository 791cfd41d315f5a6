/// A handshake that failed: whose, on which port, what it counts as, and what the TLS library calls it.
package struct TLSFailure: Sendable, Equatable {
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
