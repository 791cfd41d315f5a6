package import NIOCore

/// A request that a client sends, whole.
package struct HTTPClientRequest: Sendable {
  package var method: String
  /// Path with its query.
  package var path: String
  /// Host and port for `:authority`; nil takes those the connection was made to.
  package var authority: String?
  /// Without pseudo-headers; names in lower case.
  package var headers: HTTPHeaders
  package var body: ByteBuffer

  package init(
    method: String = "POST", path: String, authority: String? = nil, headers: HTTPHeaders = [:],
    body: ByteBuffer = ByteBuffer()
  ) {
    self.method = method
    self.path = path
    self.authority = authority
    self.headers = headers
    self.body = body
  }
}

/// A whole answer to a client's request.
package struct HTTPClientResponse: Sendable {
  package var status: Int
  package var headers: HTTPHeaders
  package var body: [UInt8]
  package var trailers: HTTPHeaders?

  package init(status: Int, headers: HTTPHeaders, body: [UInt8], trailers: HTTPHeaders?) {
    self.status = status
    self.headers = headers
    self.body = body
    self.trailers = trailers
  }
}
