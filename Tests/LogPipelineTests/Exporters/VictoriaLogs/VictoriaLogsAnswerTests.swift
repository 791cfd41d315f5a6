import LogPipeline
import Testing

@Suite struct VictoriaLogsAnswerTests {
  typealias IngestProtocol = VictoriaLogsOptions.IngestProtocol

  /// Three records of the `elasticsearch` layout, 6 + 3, 6 + 5 and 6 + 3 bytes long.
  private let body = "{\"c\":1}\na\n{\"c\":2}\nbbb\n{\"c\":3}\nc\n"

  private func judge(
    _ ingestProtocol: IngestProtocol, _ status: Int, _ answer: String = "", after: Duration? = nil,
    type: String = "", records: Int = 3
  ) -> Verdict {
    var options = VictoriaLogsOptions()
    options.ingestProtocol = ingestProtocol
    return Array(body.utf8).withUnsafeBytes {
      VictoriaLogsDialect(options).judge(
        Answer(.http(status), retryAfter: after, body: Array(answer.utf8), mediaType: type), to: $0,
        records: records)
    }
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

  @Test(arguments: [
    (200, "delivered"), (204, "delivered"), (301, "retry"), (400, "unproven"), (401, "retry"),
    (403, "unproven"), (404, "unproven"), (405, "unproven"), (407, "retry"), (408, "retry"), (413, "tooLarge"),
    (415, "unproven"), (429, "retry"), (500, "retry"), (502, "retry"), (503, "retry"), (504, "retry"), (507, "retry"),
    (0, "unproven"),
  ])
  func statusesOfLinesAndOTLP(status: Int, expected: String) {
    #expect(kind(judge(.jsonline, status)) == expected)
    #expect(kind(judge(.otlp, status)) == expected)
    if status >= 300 { #expect(kind(judge(.elasticsearch, status)) == expected) }
  }

  @Test func theServersTextAndWaitAreKept() {
    #expect(
      judge(.jsonline, 429, "cannot write\ndisk full", after: .seconds(4))
        == .retry(after: .seconds(4), reason: "HTTP 429: cannot write disk full"))
  }

  /// Texts as the server writes them.
  @Test(arguments: [
    "cannot process jsonline request; error: cannot parse JSON; line contents: \"x\"",
    "cannot read OpenTelemetry protocol data: cannot decode LogsData request from 1 bytes",
    "cannot decode log message #1 in /_bulk request",
  ])
  func aBodyThatCannotBeReadIsHalved(text: String) {
    for ingestProtocol in IngestProtocol.allCases {
      #expect(judge(ingestProtocol, 400, text) == .tooLarge(reason: "HTTP 400: \(text)"))
    }
  }

  @Test(arguments: [
    ("unsupported path requested: \"/x/insert/jsonline\"", "unsupported path requested"),
    ("missing route for \"http://a/insert/jsonline\"", "missing route for"),
    ("invalid extra_field format: \"a\"; must be in the form", "invalid extra_field format"),
    ("requests to /insert/* are disabled with -insert.disable", "requests to /insert/"),
  ])
  func aWrongPathOrArgumentIsNoFaultOfRecords(text: String, told: String) {
    for ingestProtocol in IngestProtocol.allCases {
      #expect(judge(ingestProtocol, 400, text) == .unproven(after: nil, reason: "HTTP 400, \(told): \(text)"))
    }
  }

  @Test(arguments: [
    "<html><h1>404 Not Found</h1></html>", "default backend - 404", "",
    "cannot read OpenTelemetry protocol data: unsupported encoding: br", "cannot parse \"x\" as uint32",
  ])
  func whatIsNotTheServersOwnTextProvesNothing(text: String) {
    for ingestProtocol in IngestProtocol.allCases {
      for status in [400, 403, 404] {
        #expect(
          judge(ingestProtocol, status, text, after: .seconds(2))
            == .unproven(after: .seconds(2), reason: "HTTP \(status), not an answer of VictoriaLogs"))
      }
    }
  }

  @Test func aSuccessOfAnotherServerProvesNothing() {
    let page = "<html>Welcome</html>"
    #expect(
      judge(.jsonline, 200, page, type: "text/html")
        == .unproven(after: nil, reason: "HTTP 200, not an answer of VictoriaLogs"))
    #expect(kind(judge(.jsonline, 200, "", type: "text/html")) == "unproven")
    #expect(kind(judge(.jsonline, 200, "", type: "application/json")) == "delivered")
    #expect(
      judge(.otlp, 200, page, type: "text/html")
        == .unproven(after: nil, reason: "HTTP 200, not an answer of VictoriaLogs: 20 bytes of text/html"))
    #expect(kind(judge(.otlp, 200, "", type: "text/html")) == "unproven")
    #expect(kind(judge(.elasticsearch, 200, page, type: "text/html")) == "unproven")
  }

  // MARK: _bulk

  private let item = #"{"create":{"status":201}}"#

  @Test func everyItemStoredIsDelivered() {
    let answer = #"{"took":1,"errors":false,"items":[\#(item),\#(item),\#(item)]}"#
    #expect(judge(.elasticsearch, 200, answer) == .delivered(duplicates: 0))
  }

  @Test(arguments: [
    "", "{}", "[]", "null", #"{"items":{}}"#, #"{"items":[1,2,3]}"#, #"{"took":1,"errors":true}"#,
    #"{"items":[{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}}"#,
    #"{"items":[{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}}]"#,
    String(repeating: "[", count: 100_000), #"{"took":"# + String(repeating: "[", count: 100_000),
  ])
  func whatIsNoWholeAnswerIsNoEvidence(answer: String) {
    #expect(
      judge(.elasticsearch, 200, answer, after: .seconds(1))
        == .unproven(
          after: .seconds(1), reason: "HTTP 200, no evidence of success: answer of \(answer.utf8.count) bytes"))
  }

  /// The items do not tell which lines the server skipped.
  @Test(arguments: [0, 1, 2])
  func fewerItemsThanRecordsHalveTheBody(count: Int) {
    let answer = #"{"errors":false,"items":[\#(Array(repeating: item, count: count).joined(separator: ","))]}"#
    #expect(
      judge(.elasticsearch, 200, answer) == .tooLarge(reason: "HTTP 200, answer has \(count) items for 3 records"))
  }

  @Test func moreItemsThanRecordsAreNoEvidence() {
    let answer = #"{"items":[\#(item),\#(item),\#(item),\#(item)]}"#
    #expect(kind(judge(.elasticsearch, 200, answer)) == "unproven")
  }

  @Test func itemsWithoutAStatusAreSentAgain() {
    for odd in [#"{"create":{}}"#, #"{"create":{"status":"201"}}"#, #"{"create":{"status":99999999999999999999}}"#] {
      guard case .mixed(let outcomes) = judge(.elasticsearch, 200, #"{"items":[{},\#(odd),\#(item)]}"#) else {
        Issue.record("not mixed: \(odd)")
        continue
      }
      #expect(outcomes.delivered == 1 && outcomes.resendRecords == 2 && outcomes.resend == [0..<22])
    }
  }

  @Test func anItemThatIsRejectedIsNamedWithItsReason() {
    let rejected = #"{"create":{"status":400,"error":{"type":"too_long","reason":"line of 300000 bytes","x":[1]}}}"#
    var outcomes = Verdict.Outcomes()
    outcomes.delivered = 2
    outcomes.rejected = [.init(range: 10..<22, reason: "too_long: line of 300000 bytes")]
    #expect(judge(.elasticsearch, 200, #"{"items":[\#(item),\#(rejected),\#(item)]}"#) == .mixed(outcomes))
  }

  @Test func anItemThatIsBusyIsSentAgain() {
    let busy = #"{"create":{"error":"try later","status":429}}"#
    var outcomes = Verdict.Outcomes()
    outcomes.delivered = 1
    outcomes.resend = [0..<10, 22..<32]
    outcomes.resendRecords = 2
    outcomes.resendReason = "error of no known type: try later"
    #expect(judge(.elasticsearch, 200, #"{"items":[\#(busy),\#(item),\#(busy)]}"#) == .mixed(outcomes))
  }
}
