import HTTPTransport
import NIOHTTP1

/// What the head of a gRPC call says of its messages ("gRPC over HTTP2", Request-Headers).
struct GRPCCall: Sendable, Equatable {
  /// `grpc-encoding`: how messages whose compressed flag is set are compressed.
  var coding: ContentCoding
  /// `grpc-timeout`: how long the sender waits, from when it sent the head; nil means for ever.
  var timeout: Duration?

  private static let allCodings = Set(ContentCoding.allCases)

  init(_ headers: HTTPHeaders) throws(Refusal) {
    coding = try ContentCoding(fields: headers["grpc-encoding"], accepted: Self.allCodings)
    if let text = headers.first(name: "grpc-timeout") {
      guard let timeout = GRPCTimeout.read(text) else { throw .malformedTimeout }
      self.timeout = timeout
    }
  }
}
