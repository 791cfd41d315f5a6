import LogPipeline
import Testing

@Suite struct OTLPAnswerTests {
  private func judge(
    _ transport: OTLPDialect.Transport, _ status: Int, after: Duration? = nil, body: Message = Message(),
    message: String = "", type: String = "", isOfProtocol: Bool = true, records: Int = 10
  ) -> Verdict {
    let answer = Answer(
      transport == .grpc ? .grpc(status) : .http(status), retryAfter: after, body: body.bytes, message: message,
      mediaType: type,
      isOfProtocol: isOfProtocol)
    return [UInt8]().withUnsafeBytes { OTLPDialect(transport: transport).judge(answer, to: $0, records: records) }
  }

  private func judge(_ status: Int, json: String, type: String = "application/json") -> Verdict {
    judge(.http, status, body: Message(raw: Array(json.utf8)), type: type)
  }

  private func kind(_ verdict: Verdict) -> String {
    switch verdict {
    case .delivered: "delivered"
    case .retry: "retry"
    case .unproven: "unproven"
    case .mixed: "mixed"
    case .tooLarge: "tooLarge"
    case .rejected: "rejected"
    }
  }

  private func partial(_ rejected: Int64, _ message: String) -> Message {
    .message(1, Message(.int(1, UInt64(bitPattern: rejected)), .string(2, message)))
  }

  private let status = Message(.int(1, 3), .string(2, "bad"))

  /// What a status means if the body is a `google.rpc.Status`, and if it is not.
  @Test(arguments: [
    (301, "retry", "retry"), (307, "retry", "retry"), (400, "tooLarge", "unproven"), (401, "retry", "retry"),
    (403, "retry", "unproven"), (404, "rejected", "unproven"), (405, "rejected", "unproven"), (407, "retry", "retry"),
    (408, "retry", "retry"), (413, "tooLarge", "tooLarge"), (415, "rejected", "unproven"), (429, "retry", "retry"),
    (500, "rejected", "unproven"), (501, "rejected", "unproven"), (502, "retry", "retry"), (503, "retry", "retry"),
    (504, "retry", "retry"), (505, "rejected", "unproven"), (599, "rejected", "unproven"), (0, "rejected", "unproven"),
    (-1, "rejected", "unproven"),
  ])
  func httpStatusesMeanWhatTheSpecificationSays(status: Int, own: String, foreign: String) {
    #expect(kind(judge(.http, status, body: self.status, type: "application/x-protobuf")) == own)
    #expect(kind(judge(.http, status, body: self.status)) == own)
    #expect(kind(judge(status, json: #"{"code":3,"message":"bad","details":[{}]}"#)) == own)
    #expect(kind(judge(.http, status)) == foreign)
    #expect(kind(judge(status, json: "<html>Not Found</html>", type: "text/html")) == foreign)
  }

  @Test(arguments: [200, 202, 204]) func anEmptySuccessIsAWholeOne(status: Int) {
    #expect(judge(.http, status) == .delivered(duplicates: 0))
    #expect(judge(.http, status, type: "application/x-protobuf") == .delivered(duplicates: 0))
    #expect(kind(judge(.http, status, type: "text/html")) == "unproven")
  }

  /// Errors of proxies and frameworks.
  @Test(arguments: [
    ("application/json", #"{"message":"no Route matched with those values"}"#),
    ("application/json", #"{"code":404,"message":"not found"}"#), ("application/json", #"{"error":"Not Found"}"#),
    ("application/json", #"{"code":5,"message":"cut"#), ("application/json", #"{"code":5}}"#),
    ("text/plain", "404 page not found"), ("text/html", "<html></html>"), ("", "404 page not found\n"),
    ("", "no such thing"), ("application/x-protobuf", "no protobuf"), ("text/plain", #"{"code":5,"message":"x"}"#),
  ])
  func anErrorThatIsNoStatusProvesNothing(type: String, text: String) {
    for status in [400, 404, 500] {
      #expect(
        judge(status, json: text, type: type)
          == .unproven(after: nil, reason: "HTTP \(status), not an answer of OTLP"))
    }
  }

  @Test(arguments: [
    (0, "delivered"), (1, "retry"), (2, "rejected"), (3, "tooLarge"), (4, "retry"), (5, "rejected"), (6, "rejected"),
    (7, "retry"), (8, "tooLarge"), (9, "rejected"), (10, "retry"), (11, "retry"), (12, "rejected"), (13, "rejected"),
    (14, "retry"), (15, "retry"), (16, "retry"), (17, "rejected"), (-1, "rejected"),
  ])
  func grpcStatusesMeanWhatTheSpecificationSays(status: Int, expected: String) {
    #expect(kind(judge(.grpc, status)) == expected)
    let foreign = judge(.grpc, status, message: "HTTP status 404 without grpc-status", isOfProtocol: false)
    #expect(kind(foreign) == (status == 14 ? "retry" : "unproven"))
  }

  @Test func anAnswerThatIsNoneOfGRPCIsToldAsWhatItIs() {
    #expect(
      judge(.grpc, 12, message: "HTTP status 404 without grpc-status", isOfProtocol: false)
        == .unproven(after: nil, reason: "HTTP status 404 without grpc-status, not an answer of gRPC"))
  }

  @Test func exhaustedResourcesAreRetriedIfTheServerSaysWhen() {
    #expect(
      judge(.grpc, 8, after: .seconds(3), message: "busy")
        == .retry(after: .seconds(3), reason: "gRPC RESOURCE_EXHAUSTED: busy"))
  }

  @Test func theWaitThatIsAskedForIsKept() {
    #expect(
      judge(.http, 503, after: .seconds(7)) == .retry(after: .seconds(7), reason: "HTTP 503, not an answer of OTLP"))
    #expect(
      judge(.http, 503, after: .seconds(7), body: status) == .retry(after: .seconds(7), reason: "HTTP 503: bad"))
  }

  @Test func credentialsAreNamed() {
    #expect(judge(.http, 401) == .retry(after: nil, reason: "HTTP 401, credentials were rejected"))
    #expect(
      judge(.grpc, 16, message: "token expired")
        == .retry(after: nil, reason: "credentials were rejected: gRPC UNAUTHENTICATED: token expired"))
  }

  @Test func theMessageOfAStatusBodyIsTheReason() {
    let status = Message(.int(1, 3), .string(2, "bad\nthing"))
    #expect(judge(.http, 415, body: status) == .rejected(reason: "HTTP 415: bad thing"))
    let other = Message.string(15, "x") + Message(raw: [0xFF])
    #expect(judge(.http, 415, body: other) == .unproven(after: nil, reason: "HTTP 415, not an answer of OTLP"))
  }

  @Test func longReasonsAreCut() {
    let status = Message.string(2, String(repeating: "é", count: 10_000))
    guard case .rejected(let reason) = judge(.http, 415, body: status) else {
      Issue.record("not rejected")
      return
    }
    #expect(reason.utf8.count < 4200)
  }

  @Test(arguments: [OTLPDialect.Transport.grpc, .http])
  func rejectedRecordsAreNotSentAgain(transport: OTLPDialect.Transport) {
    var outcomes = Verdict.Outcomes()
    outcomes.delivered = 7
    outcomes.rejectedUnnamed = 3
    outcomes.rejectedUnnamedReason = "rejected by the server: too old"
    let status = transport == .grpc ? 0 : 200
    #expect(judge(transport, status, body: partial(3, "too old")) == .mixed(outcomes))
  }

  @Test(arguments: [Int64(11), 1 << 40, .max])
  func noMoreRecordsAreRejectedThanWereSent(rejected: Int64) {
    guard case .mixed(let outcomes) = judge(.http, 200, body: partial(rejected, "")) else {
      Issue.record("not mixed")
      return
    }
    #expect(outcomes.rejectedUnnamed == 10 && outcomes.delivered == 0)
  }

  @Test func aWarningOrANegativeCountRejectsNothing() {
    #expect(judge(.http, 200, body: partial(0, "slow down")) == .delivered(duplicates: 0))
    #expect(judge(.http, 200, body: partial(-4, "")) == .delivered(duplicates: 0))
  }

  @Test(arguments: [
    "{}", " { } ", #"{"partialSuccess":{}}"#, #"{"partialSuccess":null}"#,
    #"{"partialSuccess":{"rejectedLogRecords":"0","errorMessage":"slow down"}}"#,
    #"{"partialSuccess":{"rejectedLogRecords":null,"errorMessage":null,"new":[1]}}"#,
  ])
  func successesInJSONCount(text: String) {
    #expect(judge(200, json: text) == .delivered(duplicates: 0))
  }

  @Test(arguments: [
    #"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}}"#,
    #"{"partialSuccess":{"rejectedLogRecords":3,"errorMessage":"too old"}}"#,
    #"{"partial_success":{"rejected_log_records":"3","error_message":"too old"}}"#,
  ])
  func rejectionsAreReadInJSON(text: String) {
    var outcomes = Verdict.Outcomes()
    outcomes.delivered = 7
    outcomes.rejectedUnnamed = 3
    outcomes.rejectedUnnamedReason = "rejected by the server: too old"
    #expect(judge(200, json: text) == .mixed(outcomes))
  }

  /// What is no `ExportLogsServiceResponse`, whatever it calls itself.
  @Test(arguments: [
    ("text/html", "<html>Welcome to nginx!</html>"), ("text/plain", "ok"), ("", "ok"), ("", "accepted\n"),
    ("", "<html>"), ("application/x-protobuf", "\u{0A}\u{7F}"), ("application/x-protobuf", "<html>"),
    ("application/json", "ok"), ("application/json", "[]"), ("application/json", "null"),
    ("application/json", #"{"status":"ok"}"#), ("application/json", #"{"code":5,"message":"no such route"}"#),
    ("application/json", #"{"partialSuccess":{"rejectedLogRecords":"x"}}"#),
    ("application/json", #"{"partialSuccess":{"rejectedLogRecords":"99999999999999999999"}}"#),
    ("application/json", #"{"partialSuccess":[]}"#), ("application/json", #"{"partialSuccess":{}"#),
    ("application/json", "{}}"),
  ])
  func aSuccessWithoutEvidenceProvesNothing(type: String, text: String) {
    let verdict = judge(200, json: text, type: type)
    guard case .unproven(nil, let reason) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(reason == "HTTP 200, not an answer of OTLP: \(text.utf8.count) bytes of \(type)")
  }

  @Test func aMessageOfGRPCThatCannotBeReadProvesNothing() {
    #expect(kind(judge(.grpc, 0, body: Message(raw: [0xFF]))) == "unproven")
    #expect(kind(judge(.grpc, 0, body: Message(raw: [0x0A, 0x7F]))) == "unproven")
  }

  @Test func anAnswerCutOrChangedAtAnyByteNeverInventsRejections() {
    let whole = partial(3, "too old").bytes
    for end in 1..<whole.count {
      #expect(
        kind(judge(.http, 200, body: Message(raw: Array(whole[..<end])), type: "application/x-protobuf")) == "unproven")
    }
    let text = Array(#"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}}"#.utf8)
    for end in 1..<text.count {
      #expect(kind(judge(.http, 200, body: Message(raw: Array(text[..<end])), type: "application/json")) == "unproven")
    }
  }
}
