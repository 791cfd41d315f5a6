import CNGHTTP2

/// How a client's HTTP/2 connection behaves; every member has a default.
package struct HTTP2ClientOptions: Sendable {
  /// TCP connect and TLS handshake. Default 10 s.
  package var connectTimeout: Duration = .seconds(10)
  /// Body of one response. Default 4 MiB.
  package var maxResponseBodyBytes = 4 * 1024 * 1024
  /// Names and values of a response's header fields, with 32 bytes for each. Default 32 KiB.
  package var maxHeaderBytes = 32 * 1024
  /// Receive window of a stream. Default 1 MiB.
  package var streamWindowBytes = 1024 * 1024
  /// Receive window of the connection. Default 4 MiB.
  package var connectionWindowBytes = 4 * 1024 * 1024
  /// Requests not yet sent, mostly because the server's SETTINGS_MAX_CONCURRENT_STREAMS is reached. Default 1000.
  package var maxWaitingRequests = 1000
  /// A PING after so long without a byte from the server while requests are in flight; nil sends none. Default 30 s.
  package var keepAliveInterval: Duration? = .seconds(30)
  /// Without any byte for so long after that PING the connection is given up. Default 10 s.
  package var keepAliveTimeout: Duration = .seconds(10)

  /// What the connection goes through; nil connects to the server itself.
  package var proxy: HTTPProxy?
  /// For whom the server's certificate has to be, beyond what the TLS context asks for. Default nobody.
  package var destination: DestinationName?

  package init() {}
}

extension HTTP2Announcement {
  /// What a client says of itself.
  init(_ options: HTTP2ClientOptions) {
    self.init(connectionWindowBytes: options.connectionWindowBytes)
    set(NGHTTP2_SETTINGS_ENABLE_PUSH, to: 0)
    set(streamWindowBytes: options.streamWindowBytes)
    set(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, to: options.maxHeaderBytes)
  }
}
