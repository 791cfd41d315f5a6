/// Why a client's HTTP/2 request has no answer.
package enum HTTP2ClientError: Error, Equatable, CustomStringConvertible {
  case cannotConnect(reason: String)
  /// The connection went away with the request in flight; whether the server acted on it is unknown.
  case connectionClosed(reason: String)
  /// The server did not act on the request (GOAWAY, REFUSED_STREAM, or never sent); it is safe to send again.
  case notProcessed(reason: String)
  /// The server reset the stream with this error code: RFC 9113 section 7.
  case streamReset(code: UInt32)
  case timedOut(after: Duration)
  case responseTooLarge(bytes: Int, limitBytes: Int)
  case cancelled

  package var description: String {
    switch self {
    case .cannotConnect(let reason): "cannot connect: \(reason)"
    case .connectionClosed(let reason): "connection closed with the request in flight: \(reason)"
    case .notProcessed(let reason): "request not processed by the server: \(reason)"
    case .streamReset(let code): "stream reset by the server with HTTP/2 error code \(code)"
    case .timedOut(let limit): "no answer within \(limit)"
    case .responseTooLarge(let bytes, let limit): "response of \(bytes) bytes exceeds the limit of \(limit) bytes"
    case .cancelled: "cancelled"
    }
  }
}
