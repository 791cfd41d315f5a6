package import HTTPTransport
import LogPipeline

/// What a kind of refusal is on the wire.
package struct StatusRow: Sendable, Equatable {
  package var httpStatus: Int
  package var grpcCode: GRPCCode
  package var retry: Retry

  /// Whether the sender may send the request again.
  package enum Retry: Sendable, Equatable {
    /// It must not: the status is one of OTLP's final ones.
    case never
    /// It may, at its own pace.
    case unhinted
    /// It may, after the wait in `retry-after` and `google.rpc.RetryInfo`.
    case hinted
  }
}

/// What refusals have in common on the wire and in metrics, where the raw value is the label `reason`.
package enum RefusalKind: String, Sendable, CaseIterable {
  case notFound = "not_found"
  case methodNotAllowed = "method_not_allowed"
  case unsupportedMediaType = "unsupported_media_type"
  case unsupportedCoding = "unsupported_encoding"
  case unauthenticated = "unauthenticated"
  case permissionDenied = "permission_denied"
  case authenticationUnavailable = "authentication_unavailable"
  case tooLarge = "too_large"
  case overBudget = "over_budget"
  case queueFull = "queue_full"
  case queueUnavailable = "queue_unavailable"
  case notDelivered = "not_delivered"
  case limited = "limited"
  case tenantLimited = "tenant_limited"
  case undecodable = "undecodable"
  case unprocessable = "unprocessable"
  case malformedFrame = "malformed_frame"
  case notOneMessage = "not_one_message"
  case deadlineExceeded = "deadline_exceeded"
  case slowBody = "slow_body"
  case draining = "draining"
  case unknownService = "unknown_service"
  case internalError = "internal"

  /// The table: OTLP retries exactly 429, 502, 503 and 504 (specification, "Retryable Response Codes"), and gRPC's
  /// CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE and DATA_LOSS ("Failures").
  package var row: StatusRow {
    switch self {
    case .notFound: StatusRow(httpStatus: 404, grpcCode: .unimplemented, retry: .never)
    case .methodNotAllowed: StatusRow(httpStatus: 405, grpcCode: .unimplemented, retry: .never)
    case .unsupportedMediaType: StatusRow(httpStatus: 415, grpcCode: .unimplemented, retry: .never)
    case .unsupportedCoding: StatusRow(httpStatus: 415, grpcCode: .unimplemented, retry: .never)
    case .unauthenticated: StatusRow(httpStatus: 401, grpcCode: .unauthenticated, retry: .never)
    case .permissionDenied: StatusRow(httpStatus: 403, grpcCode: .permissionDenied, retry: .never)
    case .authenticationUnavailable: StatusRow(httpStatus: 503, grpcCode: .unavailable, retry: .hinted)
    case .tooLarge: StatusRow(httpStatus: 413, grpcCode: .resourceExhausted, retry: .never)
    case .overBudget: StatusRow(httpStatus: 429, grpcCode: .unavailable, retry: .hinted)
    case .queueFull: StatusRow(httpStatus: 429, grpcCode: .unavailable, retry: .hinted)
    case .queueUnavailable: StatusRow(httpStatus: 503, grpcCode: .unavailable, retry: .hinted)
    case .notDelivered: StatusRow(httpStatus: 503, grpcCode: .unavailable, retry: .hinted)
    case .limited: StatusRow(httpStatus: 429, grpcCode: .resourceExhausted, retry: .hinted)
    case .tenantLimited: StatusRow(httpStatus: 429, grpcCode: .resourceExhausted, retry: .hinted)
    case .undecodable: StatusRow(httpStatus: 400, grpcCode: .invalidArgument, retry: .never)
    case .unprocessable: StatusRow(httpStatus: 400, grpcCode: .invalidArgument, retry: .never)
    case .malformedFrame: StatusRow(httpStatus: 400, grpcCode: .internal, retry: .never)
    case .notOneMessage: StatusRow(httpStatus: 400, grpcCode: .unimplemented, retry: .never)
    case .deadlineExceeded: StatusRow(httpStatus: 504, grpcCode: .deadlineExceeded, retry: .unhinted)
    case .slowBody: StatusRow(httpStatus: 503, grpcCode: .unavailable, retry: .hinted)
    case .draining: StatusRow(httpStatus: 503, grpcCode: .unavailable, retry: .hinted)
    case .unknownService: StatusRow(httpStatus: 404, grpcCode: .notFound, retry: .never)
    case .internalError: StatusRow(httpStatus: 500, grpcCode: .internal, retry: .never)
    }
  }
}

extension RefusalKind {
  /// Whether what a request says of its sender may be believed as far as it ever is.
  var isOfKnownSender: Bool {
    switch self {
    case .unauthenticated, .permissionDenied, .authenticationUnavailable: false
    default: true
    }
  }
}

extension Refusal {
  /// How long the sender is asked to wait; nil leaves it to the receiver's hint.
  var retryAfter: Duration? {
    switch self {
    case .limited(_, _, let wait): wait
    case .tenant(let refusal): refusal.retryAfter
    default: nil
    }
  }

  /// What of the request is wrong (`google.rpc.BadRequest`): a header field, in lower case, or `body`.
  var violatedField: String {
    switch self {
    case .malformedTimeout: "grpc-timeout"
    case .tenant(let refusal): refusal.field ?? "body"
    case .metadata(let refusal, _): refusal.key ?? "body"
    default: "body"
    }
  }

  /// The row of the table that the refusal falls under.
  package var kind: RefusalKind {
    switch self {
    case .notFound, .otherSignal: .notFound
    case .methodNotAllowed: .methodNotAllowed
    case .unsupportedMediaType: .unsupportedMediaType
    case .unsupportedCoding, .severalCodings: .unsupportedCoding
    case .unauthenticated: .unauthenticated
    case .permissionDenied: .permissionDenied
    case .authenticationUnavailable: .authenticationUnavailable
    case .tooLarge, .tooManyMembers, .exceedsQueue: .tooLarge
    case .limited: .limited
    case .unprocessable: .unprocessable
    case .tenant(let refusal): refusal.kind
    case .metadata(let refusal, _): refusal.isPassing ? .limited : .undecodable
    case .undecodable(let error): error.isExcess ? .tooLarge : .undecodable
    case .corrupt, .truncatedMessage, .malformedTimeout, .malformedHealthCheck: .undecodable
    case .overBudget, .tooManyWatches: .overBudget
    case .queueFull, .queueBehind: .queueFull
    case .queueUnavailable: .queueUnavailable
    case .notDelivered: .notDelivered
    case .malformedFrame: .malformedFrame
    case .notOneMessage: .notOneMessage
    case .deadlineExceeded: .deadlineExceeded
    case .slowBody: .slowBody
    case .draining: .draining
    case .unknownService: .unknownService
    case .internalError: .internalError
    }
  }
}

extension TenantRefusal {
  fileprivate var kind: RefusalKind {
    switch reason {
    case .missing, .contradiction: .permissionDenied
    case .invalid: .undecodable
    case .tooLarge: .tooLarge
    case .records, .bytes, .inFlight, .queued, .queueShare, .workShare: .tenantLimited
    }
  }
}

extension DecodeError {
  /// Whether the request is well-formed but holds more than one request may.
  fileprivate var isExcess: Bool {
    switch reason {
    case .tooManyRecords, .tooManyValues, .tooLarge: true
    case .malformed, .tooDeep, .invalidUTF8: false
    }
  }
}
