import LogPipeline
import Testing

@Suite struct OTLPAnswerTests {
  private func judge(
    _ transport: OTLPDialect.Transport, _ status: Int, after: Duration? = nil, body: Message = Message(),
    message: String = "", records: Int = 10
  ) -> Verdict {
    let answer = Answer(status: status, retryAfter: after, body: body.bytes, message: message)
    return [UInt8]().withUnsafeBytes { OTLPDialect(transport: transport).judge(answer, to: $0, records: records) }
  }

  private func kind(_ verdict: Verdict) -> String {
    switch verdict {
    case .delivered: "delivered"
    case .retry: "retry"
    case .mixed: "mixed"
    case .tooLarge: "tooLarge"
    case .refused: "refused"
    }
  }

  private func partial(_ rejected: Int64, _ message: String) -> Message {
    .message(1, Message(.int(1, UInt64(bitPattern: rejected)), .string(2, message)))
  }

  @Test(arguments: [
    (200, "delivered"), (202, "delivered"), (301, "retry"), (307, "retry"), (400, "tooLarge"), (401, "retry"),
    (403, "retry"), (404, "refused"), (405, "refused"), (407, "retry"), (408, "refused"), (413, "tooLarge"),
    (415, "refused"), (429, "retry"), (500, "refused"), (501, "refused"), (502, "retry"), (503, "retry"),
    (504, "retry"), (505, "refused"), (599, "refused"), (0, "refused"), (-1, "refused"),
  ])
  func httpStatusesMeanWhatTheSpecificationSays(status: Int, expected: String) {
    #expect(kind(judge(.http, status)) == expected)
  }

  @Test(arguments: [
    (0, "delivered"), (1, "retry"), (2, "refused"), (3, "tooLarge"), (4, "retry"), (5, "refused"), (6, "refused"),
    (7, "retry"), (8, "tooLarge"), (9, "refused"), (10, "retry"), (11, "retry"), (12, "refused"), (13, "refused"),
    (14, "retry"), (15, "retry"), (16, "retry"), (17, "refused"), (-1, "refused"),
  ])
  func grpcStatusesMeanWhatTheSpecificationSays(status: Int, expected: String) {
    #expect(kind(judge(.grpc, status)) == expected)
  }

  @Test func exhaustedResourcesAreRetriedIfTheServerSaysWhen() {
    #expect(
      judge(.grpc, 8, after: .seconds(3), message: "busy")
        == .retry(after: .seconds(3), reason: "gRPC RESOURCE_EXHAUSTED: busy"))
  }

  @Test func theWaitThatIsAskedForIsKept() {
    #expect(judge(.http, 503, after: .seconds(7)) == .retry(after: .seconds(7), reason: "HTTP 503"))
  }

  @Test func credentialsAreNamed() {
    #expect(judge(.http, 401) == .retry(after: nil, reason: "HTTP 401: credentials were refused"))
    #expect(
      judge(.grpc, 16, message: "token expired")
        == .retry(after: nil, reason: "credentials were refused: gRPC UNAUTHENTICATED: token expired"))
  }

  @Test func theMessageOfAStatusBodyIsTheReason() {
    let status = Message(.int(1, 3), .string(2, "bad\nthing"))
    #expect(judge(.http, 415, body: status) == .refused(reason: "HTTP 415: bad thing"))
    #expect(judge(.http, 415, body: .string(15, "x") + Message(raw: [0xFF])) == .refused(reason: "HTTP 415"))
  }

  @Test func longReasonsAreCut() {
    let status = Message.string(2, String(repeating: "é", count: 10_000))
    guard case .refused(let reason) = judge(.http, 415, body: status) else {
      Issue.record("not refused")
      return
    }
    #expect(reason.utf8.count < 4200)
  }

  @Test(arguments: [OTLPDialect.Transport.grpc, .http])
  func rejectedRecordsAreRefusedAndNotSentAgain(transport: OTLPDialect.Transport) {
    var outcomes = Verdict.Outcomes()
    outcomes.delivered = 7
    outcomes.refusedUnnamed = 3
    outcomes.refusedUnnamedReason = "rejected by the server: too old"
    let status = transport == .grpc ? 0 : 200
    #expect(judge(transport, status, body: partial(3, "too old")) == .mixed(outcomes))
  }

  @Test(arguments: [Int64(11), 1 << 40, .max])
  func noMoreRecordsAreRejectedThanWereSent(rejected: Int64) {
    guard case .mixed(let outcomes) = judge(.http, 200, body: partial(rejected, "")) else {
      Issue.record("not mixed")
      return
    }
    #expect(outcomes.refusedUnnamed == 10 && outcomes.delivered == 0)
  }

  @Test func aWarningOrANegativeCountRejectsNothing() {
    #expect(judge(.http, 200, body: partial(0, "slow down")) == .delivered(duplicates: 0))
    #expect(judge(.http, 200, body: partial(-4, "")) == .delivered(duplicates: 0))
  }

  @Test func successesWhoseBodyIsUnreadableCount() {
    for body in [[0xFF], [0x0A, 0x7F], Array("{}".utf8), Array(repeating: 0x0A, count: 100)] as [[UInt8]] {
      #expect(judge(.http, 200, body: Message(raw: body)) == .delivered(duplicates: 0))
    }
  }
}
