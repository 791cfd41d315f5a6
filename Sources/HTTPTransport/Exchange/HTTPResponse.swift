package import NIOCore

/// A whole answer; over HTTP/1.1 the transport adds `content-length`, or `transfer-encoding` for the sake of trailers.
package struct HTTPResponse: Sendable {
  package var status: Int
  package var headers: HTTPHeaders
  package var body: ByteBuffer
  /// Sent after the body: always over HTTP/2, chunked over HTTP/1.1, left out over HTTP/1.0.
  package var trailers: HTTPHeaders?

  package init(
    status: Int, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer(), trailers: HTTPHeaders? = nil
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.trailers = trailers
  }
}
