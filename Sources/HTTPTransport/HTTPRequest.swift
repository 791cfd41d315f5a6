package import NIOHTTP1

/// The version of HTTP a request came in with; 1 covers HTTP/1.0 and HTTP/1.1.
package enum HTTPVersionSpoken: Sendable, Equatable {
  case http1
  case http2
}

/// What is known of a request before its body: RFC 9110 section 6.2.
package struct HTTPRequestHead: Sendable {
  package var method: String
  /// The path without the query, as the client wrote it (not percent-decoded).
  package var path: String
  /// What follows the first `?`, or `""`.
  package var query: String
  /// Without HTTP/2 pseudo-headers; `:authority` arrives as `host`.
  package var headers: HTTPHeaders
  package var version: HTTPVersionSpoken
  /// `ip:port`, or `[ip]:port` for IPv6.
  package var remoteAddress: String
  package var isTLS: Bool
  /// When the head was complete.
  package var arrivedAt = ContinuousClock.now

  package init(
    method: String, path: String, query: String = "", headers: HTTPHeaders = [:], version: HTTPVersionSpoken = .http1,
    remoteAddress: String = "", isTLS: Bool = false
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.version = version
    self.remoteAddress = remoteAddress
    self.isTLS = isTLS
  }
}

/// A whole request: its head and every byte of its body, contiguous.
package struct HTTPRequest: Sendable {
  package var head: HTTPRequestHead
  package var body: [UInt8]
  /// Whether other requests of the same connection are under way.
  package var isOneOfSeveral: Bool

  package init(head: HTTPRequestHead, body: [UInt8] = [], isOneOfSeveral: Bool = false) {
    self.head = head
    self.body = body
    self.isOneOfSeveral = isOneOfSeveral
  }
}

/// Header fields, in the order they came; names compare without regard to case.
package typealias HTTPHeaders = NIOHTTP1.HTTPHeaders
