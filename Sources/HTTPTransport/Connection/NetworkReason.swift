import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Why a connection could not be made or used, in words for the operator; quotes nothing that was sent. Nil for an
/// error that is none of the network's.
package func networkReason(of error: any Error) -> String? {
  switch error {
  case let error as NIOConnectionError: reason(of: error)
  case let error as SocketAddressError.UnknownHost:
    "the name \(error.host) cannot be resolved: \(error.errorDescription)"
  case let error as SocketAddressError: "\(error)"
  case let error as IOError: systemWords(error.errnoCode)
  case let error as ChannelError: reason(of: error)
  case let error as HTTPParserError: reason(of: error)
  case let error as NIOSSLError: "TLS: \(reason(of: error))"
  case let error as BoringSSLError: "TLS: \(words(ofTLS: "\(error)"))"
  case let error as NIOSSLExtraError: "TLS: \(error.description)"
  case is DestinationNameError: "TLS: the certificate is not for the destination"
  default: nil
  }
}

/// Of several addresses that were tried each reason once.
private func reason(of error: NIOConnectionError) -> String {
  var reasons: [String] = []
  for failure in error.connectionErrors {
    let reason = networkReason(of: failure.error) ?? "\(type(of: failure.error))"
    if !reasons.contains(reason) { reasons.append(reason) }
  }
  if reasons.isEmpty {
    let lookup = [error.dnsAError, error.dnsAAAAError].compactMap { $0 }.first
    reasons = [lookup.flatMap(networkReason) ?? "the name \(error.host) cannot be resolved"]
  }
  return reasons.joined(separator: ", ")
}

private func reason(of error: ChannelError) -> String {
  switch error {
  case .connectTimeout(let time): "no connection within \(Duration.nanoseconds(time.nanoseconds))"
  case .ioOnClosedChannel, .alreadyClosed, .eof, .inputClosed, .outputClosed: "the connection was closed"
  default: error.description
  }
}

private func reason(of error: HTTPParserError) -> String {
  switch error {
  case .headerOverflow: "the head of what came back is too long"
  case .invalidEOFState: "the connection was closed within an answer"
  default: "what came back is not HTTP/1.1"
  }
}

private func reason(of error: NIOSSLError) -> String {
  switch error {
  case .handshakeFailed(let cause): words(ofTLS: "\(cause)")
  case .uncleanShutdown: "the connection was closed without notice"
  case .unableToValidateCertificate: "the certificate cannot be validated"
  default: "\(error)"
  }
}

/// What BoringSSL calls the last of its errors, as in `CERTIFICATE_VERIFY_FAILED`; the text itself if it has no name.
private func words(ofTLS text: String) -> String {
  let mark = "OPENSSL_internal:"
  guard let name = text.split(separator: mark, omittingEmptySubsequences: false).dropFirst().last else { return text }
  return "handshake failed: " + name.prefix { $0.isUppercase || $0.isNumber || $0 == "_" }
}

/// The system's words for an error number.
private func systemWords(_ number: CInt) -> String {
  var text = [CChar](repeating: 0, count: 128)
  guard unsafe strerror_r(number, &text, text.count) == 0 else { return "error \(number)" }
  return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
