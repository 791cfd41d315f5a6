package import NIOCore
package import NIOHTTP1

/// The version of HTTP a request came in with; 1 covers HTTP/1.0 and HTTP/1.1.
package enum HTTPVersionSpoken: Sendable, Equatable {
  case http1
  case http2
}

/// What is known of a request before its body: RFC 9110 section 6.2. Copies share what the client sent.
package struct HTTPRequestHead: Sendable {
  private let sent: Sent
  /// What the service has noted about what the client sent (`HTTPService.note`).
  package var note: HTTPNote?
  /// When the head was complete.
  package var arrivedAt = NIODeadline.now()

  /// All that is the same for requests with the same fields.
  private final class Sent: Sendable {
    let method: String
    let path: String
    let query: String
    let headers: HTTPHeaders
    let version: HTTPVersionSpoken
    let peer: HTTPPeer

    init(
      method: String, path: String, query: String, headers: HTTPHeaders, version: HTTPVersionSpoken, peer: HTTPPeer
    ) {
      self.method = method
      self.path = path
      self.query = query
      self.headers = headers
      self.version = version
      self.peer = peer
    }
  }

  package init(
    method: String, path: String, query: String = "", headers: HTTPHeaders = [:], version: HTTPVersionSpoken = .http1,
    remoteAddress: String = "", isTLS: Bool = false, listener: Int = 0,
    clientCertificate: ClientCertificate? = nil
  ) {
    sent = Sent(
      method: method, path: path, query: query, headers: headers, version: version,
      peer: HTTPPeer(address: remoteAddress, isTLS: isTLS, listener: listener, certificate: clientCertificate))
  }

  /// The head of a request that has come from `peer`, or through it from another.
  init(
    method: String, path: String, query: String, headers: HTTPHeaders, version: HTTPVersionSpoken, from peer: HTTPPeer
  ) {
    let sender = peer.sender(of: headers)
    self.init(
      method: method, path: path, query: query, headers: headers, version: version, remoteAddress: sender.address,
      isTLS: sender.isTLS, listener: peer.listener, clientCertificate: sender.certificate)
  }

  package var method: String { sent.method }
  /// The path without the query, as the client wrote it (not percent-decoded).
  package var path: String { sent.path }
  /// What follows the first `?`, or `""`.
  package var query: String { sent.query }
  /// Without HTTP/2 pseudo-headers; `:authority` arrives as `host`.
  package var headers: HTTPHeaders { sent.headers }
  package var version: HTTPVersionSpoken { sent.version }
  /// `ip:port`, or `[ip]:port` for IPv6: of the sender, as far as proxies that are trusted have said it.
  package var remoteAddress: String { sent.peer.address }
  package var isTLS: Bool { sent.peer.isTLS }
  /// Which port it came over: `HTTPServerOptions.listener`.
  package var listener: Int { sent.peer.listener }
  /// What the client's certificate says, of which the chain has been verified; nil if it has shown none.
  package var clientCertificate: ClientCertificate? { sent.peer.certificate }

  /// How long ago the head was complete.
  package var age: Duration { Duration(NIODeadline.now() - arrivedAt) }
}

/// What a service keeps with a head; of a class, so that heads which share it cost no copy.
package typealias HTTPNote = any AnyObject & Sendable

/// A whole request: its head and every byte of its body, contiguous.
package struct HTTPRequest: Sendable {
  package var head: HTTPRequestHead
  package var body: [UInt8]
  /// Whether other requests of the same connection are under way.
  package var isOneOfSeveral: Bool
  /// What is reserved for the body until the response is finished.
  package let reservedBytes: Int

  package init(
    head: HTTPRequestHead, body: [UInt8] = [], reservedBytes: Int? = nil, isOneOfSeveral: Bool = false
  ) {
    self.head = head
    self.reservedBytes = reservedBytes ?? body.count
    self.body = body
    self.isOneOfSeveral = isOneOfSeveral
  }
}

/// Header fields, in the order they came; names compare without regard to case.
package typealias HTTPHeaders = NIOHTTP1.HTTPHeaders
