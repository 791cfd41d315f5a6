import NIOCore
import NIOHTTP1

/// How a client learns where an HTTP/1.1 answer ends: RFC 9112 section 6.
enum HTTP1Framing: Equatable {
  /// No body follows the head.
  case none
  case length(Int)
  case chunked
  /// The body ends with the connection; HTTP/1.0 only.
  case untilClose
}

/// Writes one answer as HTTP/1.1 bytes, whole or in parts.
struct HTTP1AnswerWriter {
  private let isHEAD: Bool
  private let isHTTP10: Bool
  private(set) var framing = HTTP1Framing.none

  /// Bodies up to this size share one buffer with their head.
  static let copiedBytes = 16 * 1024

  init(isHEAD: Bool, isHTTP10: Bool) {
    self.isHEAD = isHEAD
    self.isHTTP10 = isHTTP10
  }

  /// Appends a whole answer; a large body is not copied but returned, to be sent after `buffer`.
  mutating func writeWhole(_ response: HTTPResponse, isLast: Bool, to buffer: inout ByteBuffer) -> ByteBuffer? {
    let length = response.body.readableBytes
    let isChunked = response.trailers != nil && !isHTTP10 && !isHEAD
    framing = Self.hasBody(response.status) ? (isChunked ? .chunked : .length(length)) : .none
    writeHead(response.status, response.headers, isLast: isLast, to: &buffer)
    guard !isHEAD, framing != .none else { return nil }
    if isChunked {
      writePart(response.body, to: &buffer)
      writeEnd(trailers: response.trailers, to: &buffer)
    } else if length > Self.copiedBytes {
      return response.body
    } else {
      buffer.writeImmutableBuffer(response.body)
    }
    return nil
  }

  /// Appends the head of an answer in parts. Over HTTP/1.0 it must be the last, as the connection ends its body.
  mutating func writeStart(_ status: Int, _ headers: HTTPHeaders, isLast: Bool, to buffer: inout ByteBuffer) {
    framing = Self.hasBody(status) ? (isHTTP10 ? .untilClose : .chunked) : .none
    writeHead(status, headers, isLast: isLast || framing == .untilClose, to: &buffer)
    if isHEAD { framing = .none }
  }

  /// Appends a part of the body.
  func writePart(_ bytes: ByteBuffer, to buffer: inout ByteBuffer) {
    switch framing {
    case .chunked where bytes.readableBytes > 0:
      buffer.writeString(String(bytes.readableBytes, radix: 16))
      buffer.writeStaticString("\r\n")
      buffer.writeImmutableBuffer(bytes)
      buffer.writeStaticString("\r\n")
    case .untilClose: buffer.writeImmutableBuffer(bytes)
    case .none, .length, .chunked: break
    }
  }

  /// Appends the last chunk and the trailers: RFC 9112 section 7.1.
  func writeEnd(trailers: HTTPHeaders?, to buffer: inout ByteBuffer) {
    guard framing == .chunked else { return }
    buffer.writeStaticString("0\r\n")
    if let trailers { write(trailers, to: &buffer) }
    buffer.writeStaticString("\r\n")
  }

  private func writeHead(_ status: Int, _ headers: HTTPHeaders, isLast: Bool, to buffer: inout ByteBuffer) {
    if status == 200 {
      buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
    } else {
      buffer.writeString("HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\n")
    }
    write(headers, to: &buffer)
    switch framing {
    case .length(0): buffer.writeStaticString("content-length: 0\r\n")
    case .length(let count):
      buffer.writeStaticString("content-length: ")
      buffer.writeString(String(count))
      buffer.writeStaticString("\r\n")
    case .chunked: buffer.writeStaticString("transfer-encoding: chunked\r\n")
    case .none, .untilClose: break
    }
    if isLast {
      buffer.writeStaticString("connection: close\r\n")
    } else if isHTTP10 {
      buffer.writeStaticString("connection: keep-alive\r\n")
    }
    buffer.writeStaticString("\r\n")
  }

  /// Leaves out the fields that frame a message, which are the transport's, and what must not be sent.
  private func write(_ headers: HTTPHeaders, to buffer: inout ByteBuffer) {
    for (name, value) in headers {
      guard HTTPFieldRules.isSendable(name: name), HTTPFieldRules.isSendable(value: value) else { continue }
      guard !HTTPFieldRules.isSame(name, "content-length"), !HTTPFieldRules.isConnectionSpecific(name) else { continue }
      buffer.writeString(name)
      buffer.writeStaticString(": ")
      buffer.writeString(value)
      buffer.writeStaticString("\r\n")
    }
  }

  /// False for statuses whose answers have no body: RFC 9112 section 6.3.
  private static func hasBody(_ status: Int) -> Bool { status >= 200 && status != 204 && status != 304 }
}
