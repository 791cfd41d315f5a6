import HTTPTransport
import LogPipeline
import NIOCore
import NIOHTTP1

/// How gRPC calls are answered ("gRPC over HTTP2", Responses).
enum GRPCAnswer {
  static let headers: HTTPHeaders = ["content-type": "application/grpc"]
  private static let okTrailers: HTTPHeaders = ["grpc-status": "0"]

  private static let emptyOK = response([])

  /// One message and the status OK.
  static func ok(_ message: [UInt8] = []) -> HTTPResponse {
    message.isEmpty ? emptyOK : response(message)
  }

  private static func response(_ message: [UInt8]) -> HTTPResponse {
    HTTPResponse(
      status: 200, headers: headers, body: ByteBuffer(bytes: GRPCPrefix.framed(message)), trailers: okTrailers)
  }

  /// A refusal without a message: its status stands in the headers (Trailers-Only).
  static func refusal(_ refusal: Refusal, retryHint: Duration) -> HTTPResponse {
    var headers = headers
    headers.add(contentsOf: trailers(refusal, retryHint: retryHint))
    if case .unsupportedCoding(let accepted) = refusal {
      headers.add(name: "grpc-accept-encoding", value: ContentCoding.list(accepted))
    }
    return HTTPResponse(status: 200, headers: headers)
  }

  /// The trailers that say why a call failed.
  static func trailers(_ refusal: Refusal, retryHint: Duration) -> HTTPHeaders {
    let status = RPCStatus(refusal, retryHint: retryHint)
    var trailers: HTTPHeaders = [
      "grpc-status": String(status.code.rawValue),
      "grpc-message": GRPCPercentCoding.encode(status.message),
    ]
    if !status.details.isEmpty { trailers.add(name: "grpc-status-details-bin", value: base64(status.protobuf)) }
    return trailers
  }

  /// Base64 without padding, as binary headers are sent.
  static func base64(_ bytes: [UInt8]) -> String {
    var writer = ByteWriter(capacityBytes: bytes.count * 2)
    bytes.withUnsafeBytes { writer.appendBase64($0) }
    let padded = writer.array
    return String(decoding: padded.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
  }
}
