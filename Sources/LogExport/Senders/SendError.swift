import AsyncHTTPClient
import Glibc
import HTTPTransport
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Why an HTTP request has no usable answer.
enum SendError: Error {
  case answerTooLarge(bytes: Int, limitBytes: Int)
  /// Heads, interim answers, framing and trailers of an answer.
  case tooMuchBesideBody(bytes: Int, limitBytes: Int)

  /// True if no byte of the request can have reached the server.
  static func isConnectFailure(_ error: any Error) -> Bool {
    switch error {
    case is NIOConnectionError: true
    case let error as HTTPClientError:
      error == .connectTimeout || error == .tlsHandshakeTimeout || proxyReason(of: error) != nil
    case let error as ChannelError:
      if case .connectTimeout = error { true } else { false }
    case let error as NIOSSLError:
      if case .handshakeFailed = error { true } else { false }
    case let error as IOError: error.errnoCode == ECONNREFUSED
    default: error is NIOSSLExtraError
    }
  }

  /// What is wrong with a proxy; nil if nothing is.
  private static func proxyReason(of error: HTTPClientError) -> String? {
    switch error {
    case .proxyAuthenticationRequired: "the proxy does not know who asks (407)"
    case .invalidProxyResponse: "the proxy opens no tunnel"
    case .httpProxyHandshakeTimeout: "the proxy does not answer"
    default: nil
    }
  }

  /// What to tell the operator: names the kind of failure, quotes neither headers nor bodies.
  static func reason(of error: any Error, timeout: Duration) -> String {
    switch error {
    case SendError.answerTooLarge(let bytes, let limitBytes):
      "answer of at least \(bytes) bytes exceeds the limit of \(limitBytes) bytes"
    case SendError.tooMuchBesideBody(let bytes, let limitBytes):
      "answer with at least \(bytes) bytes beside its body exceeds the limit of \(limitBytes) bytes"
    case let error as HTTPClientError where error == .deadlineExceeded: "no answer within \(timeout)"
    case let error as HTTPClientError where proxyReason(of: error) != nil: proxyReason(of: error) ?? ""
    // Other descriptions of this type may quote header values.
    case let error as HTTPClientError: error.shortDescription
    case is NIOConnectionError: "cannot connect: \(networkReason(of: error) ?? "\(type(of: error))")"
    case is CancellationError: "cancelled"
    default: networkReason(of: error) ?? "\(type(of: error))"
    }
  }
}
