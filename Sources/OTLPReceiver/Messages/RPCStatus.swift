import HTTPTransport
import LogPipeline

/// A `google.rpc.Status`: the body of every refusal over HTTP, and `grpc-status-details-bin` over gRPC.
struct RPCStatus: Sendable, Equatable {
  var code: GRPCCode
  /// At most `maxMessageBytes` long.
  let message: String
  var details: [Detail] = []

  /// The details of a status that OTLP uses (specification, "Failures").
  enum Detail: Sendable, Equatable {
    /// `google.rpc.BadRequest` with one violation.
    case badRequest(field: String, description: String)
    /// `google.rpc.RetryInfo`.
    case retryInfo(Duration)
  }

  /// Keeps answers far below the 4 MiB that OTLP recommends as a client's limit.
  static let maxMessageBytes = 1024

  init(code: GRPCCode, message: String, details: [Detail] = []) {
    self.code = code
    self.message = message.cut(toBytes: Self.maxMessageBytes)
    self.details = details
  }

  /// The status of a refusal, with the hint if a retry can help.
  init(_ refusal: Refusal, retryHint: Duration) {
    let row = refusal.kind.row
    self.init(code: row.grpcCode, message: refusal.message)
    if row.grpcCode == .invalidArgument {
      details.append(.badRequest(field: refusal.violatedField, description: message))
    }
    if row.retry == .hinted { details.append(.retryInfo(max(refusal.retryAfter ?? retryHint, .milliseconds(1)))) }
  }
}

extension RPCStatus.Detail {
  /// The name of the message type behind `type.googleapis.com/`.
  var typeURL: String {
    switch self {
    case .badRequest: "type.googleapis.com/google.rpc.BadRequest"
    case .retryInfo: "type.googleapis.com/google.rpc.RetryInfo"
    }
  }
}

extension Duration {
  /// Whole seconds and the nanoseconds beyond them, as in `google.protobuf.Duration`.
  var secondsAndNanos: (seconds: Int64, nanos: Int32) {
    let (seconds, attoseconds) = components
    return (seconds, Int32(truncatingIfNeeded: attoseconds / 1_000_000_000))
  }

  /// Whole seconds, rounded up and at least 1: a `retry-after` of 0 would mean at once (RFC 9110 section 10.2.3).
  var retryAfterSeconds: Int64 {
    let (seconds, attoseconds) = components
    return max(1, attoseconds > 0 && seconds < .max ? seconds &+ 1 : seconds)
  }
}
