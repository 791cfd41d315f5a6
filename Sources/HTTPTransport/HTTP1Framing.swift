import NIOCore
import NIOHTTP1

/// How a peer tells where an HTTP/1.1 message ends: RFC 9112 section 6.
enum HTTP1Framing: Equatable {
  /// No body follows the head.
  case none
  case length(Int)
  case chunked
  /// The body ends with the connection; HTTP/1.0 only.
  case untilClose

  /// How an answer is framed. `length` is nil when it is not known beforehand.
  static func ofAnswer(status: Int, isHead: Bool, isHTTP10: Bool, length: Int?, hasTrailers: Bool) -> HTTP1Framing {
    if status < 200 || status == 204 || status == 304 { return .none }
    if let length, !hasTrailers || isHTTP10 || isHead { return .length(length) }
    return isHTTP10 ? .untilClose : .chunked
  }
}

/// Writes HTTP/1.1 answers.
enum HTTP1Answer {
  static func writeHead(
    to buffer: inout ByteBuffer, status: Int, headers: HTTPHeaders, framing: HTTP1Framing, connection: String?
  ) {
    buffer.writeStaticString("HTTP/1.1 ")
    buffer.writeString(String(status))
    buffer.writeStaticString(" ")
    buffer.writeString(HTTPResponseStatus(statusCode: status).reasonPhrase)
    buffer.writeStaticString("\r\n")
    for (name, value) in headers where isOfService(name, value) {
      write(name, value, to: &buffer)
    }
    switch framing {
    case .length(let count): write("content-length", String(count), to: &buffer)
    case .chunked: write("transfer-encoding", "chunked", to: &buffer)
    case .none, .untilClose: break
    }
    if let connection { write("connection", connection, to: &buffer) }
    buffer.writeStaticString("\r\n")
  }

  static func writeChunk(to buffer: inout ByteBuffer, _ bytes: ByteBuffer) {
    guard bytes.readableBytes > 0 else { return }
    buffer.writeString(String(bytes.readableBytes, radix: 16))
    buffer.writeStaticString("\r\n")
    buffer.writeImmutableBuffer(bytes)
    buffer.writeStaticString("\r\n")
  }

  /// The last chunk and the trailers: RFC 9112 section 7.1.
  static func writeEnd(to buffer: inout ByteBuffer, trailers: HTTPHeaders?) {
    buffer.writeStaticString("0\r\n")
    for (name, value) in trailers ?? [:] where isOfService(name, value) {
      write(name, value, to: &buffer)
    }
    buffer.writeStaticString("\r\n")
  }

  /// False for the fields that frame a message, which are the transport's, and for what must not be sent.
  private static func isOfService(_ name: String, _ value: String) -> Bool {
    guard HTTPFieldRules.isSendable(name: name), HTTPFieldRules.isSendable(value: value) else { return false }
    let lowercase = name.lowercased()
    return lowercase != "content-length" && !HTTPFieldRules.isConnectionSpecific(lowercaseName: lowercase)
  }

  private static func write(_ name: String, _ value: String, to buffer: inout ByteBuffer) {
    buffer.writeString(name)
    buffer.writeStaticString(": ")
    buffer.writeString(value)
    buffer.writeStaticString("\r\n")
  }
}
