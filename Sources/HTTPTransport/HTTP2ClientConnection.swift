package import NIOCore
package import NIOSSL

/// A client's HTTP/2 connection: many requests at once over one socket, clear text with prior knowledge or TLS.
package final class HTTP2ClientConnection: Sendable {
  init() {}

  /// Connects, and does the TLS handshake where `tls` is given.
  package static func connect(
    host: String, port: Int, tls: (context: NIOSSLContext, serverName: String?)? = nil,
    options: HTTP2ClientOptions = HTTP2ClientOptions(), group: any EventLoopGroup
  ) async throws(HTTP2ClientError) -> HTTP2ClientConnection {
    throw HTTP2ClientError.connectionClosed(reason: "not connected")
  }

  /// Sends a request and waits for its answer; cancelling the task resets the stream.
  package func send(
    _ request: HTTPClientRequest, timeout: Duration
  ) async throws(HTTP2ClientError) -> HTTPClientResponse {
    throw HTTP2ClientError.connectionClosed(reason: "not connected")
  }

  /// False once the server has said GOAWAY or the connection is closed: make another one.
  package var isOpen: Bool { false }

  /// Closes after GOAWAY; requests in flight fail.
  package func close() async {}
}
