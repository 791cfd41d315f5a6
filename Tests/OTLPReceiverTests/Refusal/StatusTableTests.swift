import HTTPTransport
import LogPipeline
import HTTPTransport
import Testing

@testable import OTLPReceiver

private let asked = Asked(HTTPRequestHead(method: "PUT", path: "/91"))

/// One of every refusal.
let everyRefusal: [Refusal] = [
  .notFound(asked), .otherSignal(.traces), .methodNotAllowed(asked), .unsupportedMediaType,
  .unsupportedCoding(accepted: [.gzip]),
  .severalCodings(accepted: [.gzip]),
  .unauthenticated(.wrong, challenges: ["Bearer"]), .permissionDenied(.sender), .authenticationUnavailable,
  .tooLarge(.requestBody(bytes: 11, limitBytes: 10)),
  .tooManyMembers(.gzip, limit: 7), .overBudget(neededBytes: 21, capacityBytes: 20),
  .queueFull(destination: "es", neededBytes: 31, freeBytes: 30, capacityBytes: 300),
  .queueUnavailable(destination: "es"), .queueBehind(destination: "es", waitingBytes: 2, limitBytes: 1),
  .notDelivered(after: .seconds(2), limit: .seconds(1)),
  .limited(processor: "rate_limit", reason: "more than 81 records a second", retryAfter: .seconds(1)),
  .unprocessable(processor: "transform", reason: "log_statements[0] failed"),
  .tenant(TenantRefusal(.records, "71 more records have to wait", retryAfter: .seconds(2))),
  .metadata(.combinations(limit: 9), destination: "es"),
  .metadata(.longValue(key: "k", bytes: 9, limit: 8), destination: "es"),
  .exceedsQueue(destination: "es", neededBytes: 41, capacityBytes: 40),
  .undecodable(DecodeError(.malformed("a tag"), at: 51)), .undecodable(DecodeError(.tooDeep(limit: 64), at: 5)),
  .undecodable(DecodeError(.tooManyRecords(limit: 61), at: 5)),
  .undecodable(DecodeError(.tooManyValues(limit: 6), at: 5)),
  .corrupt(.zstd, "damaged"), .malformedFrame("odd"), .truncatedMessage(bytes: 71, declaredBytes: 70), .notOneMessage,
  .malformedTimeout, .malformedHealthCheck, .deadlineExceeded(timeout: .seconds(1)), .slowBody(after: .seconds(15)),
  .draining, .unknownService, .tooManyWatches(limit: 81), .internalError,
]

@Suite struct StatusTableTests {
  @Test func everyKindHasARefusalHere() {
    #expect(Set(everyRefusal.map(\.kind)) == Set(RefusalKind.allCases))
  }

  /// OTLP specification, "Retryable Response Codes" and "Failures".
  @Test(arguments: RefusalKind.allCases)
  func httpAndGRPCAgreeOnWhetherARetryHelps(kind: RefusalKind) {
    let mayRetry = kind.row.retry != .never
    #expect([429, 502, 503, 504].contains(kind.row.httpStatus) == mayRetry)
    let retryable: [GRPCCode] = [.cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss]
    // RESOURCE_EXHAUSTED may be retried if RetryInfo says so.
    let isHinted = kind.row.grpcCode == .resourceExhausted && kind.row.retry == .hinted
    #expect((retryable.contains(kind.row.grpcCode) || isHinted) == mayRetry)
  }

  @Test func overloadIsNeverAnInternalError() {
    for kind in [
      RefusalKind.overBudget, .queueFull, .queueUnavailable, .notDelivered, .draining, .slowBody,
      .authenticationUnavailable,
    ] {
      #expect(kind.row.retry == .hinted)
      #expect([429, 503].contains(kind.row.httpStatus))
      #expect(kind.row.grpcCode == .unavailable)
    }
  }

  @Test(arguments: [
    (RefusalKind.notFound, 404, GRPCCode.unimplemented), (.methodNotAllowed, 405, .unimplemented),
    (.unsupportedMediaType, 415, .unimplemented), (.unsupportedCoding, 415, .unimplemented),
    (.unauthenticated, 401, .unauthenticated), (.permissionDenied, 403, .permissionDenied),
    (.tooLarge, 413, .resourceExhausted), (.undecodable, 400, .invalidArgument), (.internalError, 500, .internal),
    (.deadlineExceeded, 504, .deadlineExceeded), (.unknownService, 404, .notFound),
    (.notOneMessage, 400, .unimplemented), (.malformedFrame, 400, .internal),
    (.limited, 429, .resourceExhausted), (.unprocessable, 400, .invalidArgument),
  ])
  func statusesAreThoseOfTheSpecification(kind: RefusalKind, http: Int, grpc: GRPCCode) {
    #expect(kind.row.httpStatus == http)
    #expect(kind.row.grpcCode == grpc)
  }

  @Test func requestsThatHoldTooMuchAreTooLargeAndDamagedOnesUndecodable() {
    #expect(Refusal.undecodable(DecodeError(.tooManyRecords(limit: 1), at: 0)).kind == .tooLarge)
    #expect(Refusal.undecodable(DecodeError(.tooLarge(limitBytes: 1), at: 0)).kind == .tooLarge)
    #expect(Refusal.undecodable(DecodeError(.tooDeep(limit: 1), at: 0)).kind == .undecodable)
    #expect(Refusal.undecodable(DecodeError(.invalidUTF8, at: 0)).kind == .undecodable)
  }
}
