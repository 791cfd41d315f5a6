import HTTPTransport
import LogPipeline
import NIOHTTP1

/// Reads the answer to a unary gRPC call out of an HTTP/2 response (gRPC over HTTP/2, "Responses").
enum GRPCAnswer {
  /// `grpc-status` comes in the trailers, or in the head of an answer without a message; without it the HTTP status
  /// has to do, and what answered was no gRPC server.
  static func answer(status: Int, headers: HTTPHeaders, trailers: HTTPHeaders?, body: [UInt8]) -> Answer {
    let end = trailers?.contains(name: "grpc-status") == true ? trailers ?? headers : headers
    guard let text = end.first(name: "grpc-status") else {
      let code = status == 200 ? GRPCCode.unknown : GRPCCode(httpStatus: status)
      return Answer(.grpc(code.number), message: "HTTP status \(status) without grpc-status", isOfProtocol: false)
    }
    guard let code = Int(text).flatMap(GRPCCode.init(number:)) else {
      return Answer(.grpc(GRPCCode.unknown.number), message: "a grpc-status that is none", isOfProtocol: false)
    }
    if code == .ok { return success(body) }
    let details = end.first(name: "grpc-status-details-bin").flatMap { decodeBase64($0) } ?? []
    return Answer(
      .grpc(code.number), retryAfter: RetryInfo(status: details)?.delay, body: details,
      message: GRPCPercentCoding.decode(end.first(name: "grpc-message") ?? ""))
  }

  private static func success(_ body: [UInt8]) -> Answer {
    guard let prefix = GRPCPrefix(of: body), prefix.flag == 0 else {
      return unreadable("an answer of \(body.count) bytes is no plain message")
    }
    guard prefix.messageBytes == body.count - GRPCPrefix.byteCount else {
      return unreadable("a message of \(prefix.messageBytes) bytes in an answer of \(body.count) bytes")
    }
    return Answer(.grpc(GRPCCode.ok.number), body: Array(body[GRPCPrefix.byteCount...]))
  }

  /// A success that cannot be read is no evidence of one.
  private static func unreadable(_ message: String) -> Answer {
    Answer(.grpc(GRPCCode.internal.number), message: message, isOfProtocol: false)
  }

  /// Decodes Base64 with or without padding; nil if it is none or longer than `maxBytes`.
  static func decodeBase64(_ text: String, maxBytes: Int = 16 << 10) -> [UInt8]? {
    guard text.utf8.count <= maxBytes else { return nil }
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    var rest = text.utf8[...]
    while rest.last == UInt8(ascii: "=") { rest.removeLast() }
    for character in rest {
      guard let value = base64Value(character) else { return nil }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
      }
    }
    return bytes
  }

  private static func base64Value(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
