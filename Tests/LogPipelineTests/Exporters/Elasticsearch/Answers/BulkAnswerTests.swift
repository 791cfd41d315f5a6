import Testing

@testable import LogPipeline

@Suite("Answers of _bulk")
struct BulkAnswerTests {
  private let dialect: ElasticsearchDialect
  /// Four records; the third brings its own `_id`.
  private let body: [UInt8]
  private let ranges: [Range<Int>]

  init() throws {
    dialect = try ElasticsearchDialect(ElasticsearchOptions())
    var body: [UInt8] = []
    var ranges: [Range<Int>] = []
    for id in ["", "", #""_id":"x","#, ""] {
      let start = body.count
      body +=
        Array(#"{"create":{\#(id)"_index":"logs"}}"#.utf8) + [10] + Array(#"{"message":"m\#(start)"}"#.utf8) + [10]
      ranges.append(start..<body.count)
    }
    self.body = body
    self.ranges = ranges
  }

  private func judge(_ text: String, status: Int = 200, after: Duration? = nil) -> Verdict {
    let answer = Answer(.http(status), retryAfter: after, body: Array(text.utf8))
    return body.withUnsafeBytes { dialect.judge(answer, to: $0, records: ranges.count) }
  }

  private func items(_ items: String...) -> String { #"{"errors":true,"items":[\#(items.joined(separator: ","))]}"# }
  private let stored = #"{"create":{"status":201}}"#

  private func failed(_ status: Int, _ type: String = "some_exception", _ reason: String = "why") -> String {
    #"{"create":{"_index":"logs","status":\#(status),"error":{"type":"\#(type)","reason":"\#(reason)"}}}"#
  }

  private func mixed(_ edit: (inout Verdict.Outcomes) -> Void) -> Verdict {
    var outcomes = Verdict.Outcomes()
    edit(&outcomes)
    return .mixed(outcomes)
  }

  // MARK: Items

  @Test func allItemsStoredIsDelivered() {
    #expect(judge(items(stored, stored, stored, stored)) == .delivered(duplicates: 0))
    #expect(
      judge(#"{"errors":false,"items":[{"create":{"status":200}},\#(stored),\#(stored),\#(stored)]}"#)
        == .delivered(duplicates: 0))
    #expect(judge(" { \"items\" : [\n\(stored) , \(stored),\t\(stored),\(stored) ] } \n") == .delivered(duplicates: 0))
  }

  /// Items were asked for, so that an answer without them is not whole.
  @Test func noErrorsWithoutItemsProvesNothingUnlessNoneWereAskedFor() throws {
    let text = #"{"took":1,"errors":false}"#
    #expect(judge(text).isUnproven)
    var options = ElasticsearchOptions()
    for (path, isProof) in [("errors", true), ("errors,took", true), ("", false), ("items,errors", false)] {
      options.bulkResponseFilterPath = path
      let dialect = try ElasticsearchDialect(options)
      let answer = Answer(.http(200), retryAfter: nil, body: Array(text.utf8))
      let verdict = body.withUnsafeBytes { dialect.judge(answer, to: $0, records: ranges.count) }
      #expect(isProof ? verdict == .delivered(duplicates: 0) : verdict.isUnproven)
    }
  }

  @Test(arguments: ["x", "{}", "]", "\n<html>", "\0", #","errors":false}"#])
  func anAnswerThatSomethingFollowsProvesNothing(_ rest: String) throws {
    let whole = items(stored, stored, stored, failed(400))
    #expect(!judge(whole).isUnproven && judge(whole + rest).isUnproven)
    #expect(judge(items(stored, stored, stored, stored) + rest).isUnproven)
    #expect(judge(items(stored, stored) + rest).isUnproven)
    var options = ElasticsearchOptions()
    options.bulkResponseFilterPath = "errors"
    let dialect = try ElasticsearchDialect(options)
    let answer = Answer(.http(200), body: Array((#"{"errors":false}"# + rest).utf8))
    #expect(body.withUnsafeBytes { dialect.judge(answer, to: $0, records: ranges.count) }.isUnproven)
    let error = #"{"error":{"type":"parsing_exception","reason":"why"},"status":400}"#
    #expect(!judge(error, status: 400).isUnproven && judge(error + rest, status: 400).isUnproven)
  }

  @Test func aDocumentThatTheFailureStoreTookIsDeliveredAndTold() {
    let used = #"{"create":{"status":201,"failure_store":"used"}}"#
    #expect(
      judge(items(stored, used, used, stored))
        == mixed {
          $0.delivered = 4
          $0.inFailureStore = 2
          $0.inFailureStoreBytes = ranges[1].count + ranges[2].count
        })
  }

  @Test(arguments: ["not_enabled", "not_applicable_or_unknown", "new_kind", ""])
  func otherOutcomesOfTheFailureStoreChangeNothing(_ outcome: String) {
    let item = #"{"create":{"status":201,"failure_store":"\#(outcome)"}}"#
    #expect(judge(items(item, stored, stored, stored)) == .delivered(duplicates: 0))
    let rejected =
      #"{"create":{"status":400,"failure_store":"\#(outcome)","error":{"type":"mapper_parsing_exception","reason":"why"}}}"#
    #expect(
      judge(items(rejected, stored, stored, stored))
        == mixed {
          $0.delivered = 3
          $0.rejected = [Verdict.Rejection(range: ranges[0], reason: "mapper_parsing_exception: why")]
        })
  }

  /// The record is faulty, but the cluster could not even store that.
  @Test func aDocumentThatTheFailureStoreCouldNotTakeIsSentAgain() {
    let outside =
      #"{"status":400,"failure_store":"failed","error":{"type":"document_parsing_exception","reason":"why"}}"#
    let inside =
      #"{"status":400,"error":{"type":"document_parsing_exception","reason":"why","failure_store":"failed"}}"#
    for item in [outside, inside] {
      #expect(
        judge(items(stored, #"{"create":\#(item)}"#, stored, stored))
          == mixed {
            $0.delivered = 3
            $0.resend = [ranges[1]]
            $0.resendRecords = 1
            $0.resendReason = "failure store could not take it: document_parsing_exception: why"
            $0.failureStoreFailed = 1
          })
    }
  }

  @Test(arguments: [429, 500, 502, 503, 504, 408])
  func aTemporaryStatusResendsThatRecordOnly(_ status: Int) {
    let verdict = judge(items(stored, failed(status), stored, stored))
    #expect(
      verdict
        == mixed {
          $0.delivered = 3
          $0.resend = [ranges[1]]
          $0.resendRecords = 1
          $0.resendReason = "some_exception: why"
        })
  }

  @Test(arguments: ["es_rejected_execution_exception", "circuit_breaking_exception", "unavailable_shards_exception"])
  func aTemporaryErrorResendsWhateverItsStatus(_ type: String) {
    let verdict = judge(items(failed(400, type), stored, stored, stored))
    #expect(
      verdict
        == mixed {
          $0.delivered = 3
          $0.resend = [ranges[0]]
          $0.resendRecords = 1
          $0.resendReason = "\(type): why"
        })
  }

  /// What the cluster lacks can be mended without touching the record.
  @Test(arguments: [
    (401, "security_exception", "why"), (403, "security_exception", "why"), (403, "cluster_block_exception", "why"),
    (429, "cluster_block_exception", "flood stage"), (403, "new_kind_of_exception", "why"),
    (400, "validation_exception", "this action would add [2] shards, but this cluster has [1000]/[1000]"),
    (400, "illegal_argument_exception", "maximum normal shards open"),
    (400, "resource_already_exists_exception", "index [x] already exists"),
    (503, "process_cluster_event_timeout_exception", "why"),
  ])
  func anErrorOfTheClusterResendsTheRecord(_ status: Int, _ type: String, _ reason: String) {
    #expect(
      judge(items(stored, stored, stored, failed(status, type, reason)))
        == mixed {
          $0.delivered = 3
          $0.resend = [ranges[3]]
          $0.resendRecords = 1
          $0.resendReason = "\(type): \(reason)"
        })
  }

  private func told(
    _ status: Int, _ type: String, _ reason: String, _ edit: (inout ElasticsearchOptions) -> Void = { _ in }
  ) throws -> String {
    var options = ElasticsearchOptions()
    edit(&options)
    let answer = Answer(.http(200), body: Array(items(failed(status, type, reason), stored, stored, stored).utf8))
    let dialect = try ElasticsearchDialect(options)
    guard case .mixed(let outcomes) = body.withUnsafeBytes({ dialect.judge(answer, to: $0, records: 4) }) else {
      return "not mixed"
    }
    #expect(outcomes.resendRecords == 1 && outcomes.rejected.isEmpty)
    return String(outcomes.resendReason.prefix { $0 != ":" })
  }

  @Test func whatIsMissingIsNamedUnlessRecordsNameIt() throws {
    let pipeline = ("illegal_argument_exception", "pipeline with id [parse-logs] does not exist")
    #expect(try told(400, pipeline.0, pipeline.1) == "pipeline [parse-logs] does not exist")
    #expect(
      try told(400, pipeline.0, pipeline.1) { $0.logsDynamicPipelineEnabled = true }
        == "pipeline (named by records) does not exist")
    #expect(
      try told(400, pipeline.0, pipeline.1) {
        $0.logsDynamicPipelineEnabled = true
        $0.pipeline = "parse-logs"
      } == "pipeline [parse-logs] does not exist")
    let index = "index_not_found_exception"
    #expect(
      try told(404, index, "no such index [logs-generic.otel-default]")
        == "index [logs-generic.otel-default] does not exist")
    #expect(try told(404, index, "no such index [logs-secret]") == "index (named by records) does not exist")
    #expect(
      try told(404, index, "no such index [fixed]") { $0.logsIndex = "fixed" } == "index [fixed] does not exist")
    #expect(
      try told(400, "illegal_argument_exception", "no matching index template found for data stream [logs-x]")
        == "index template for (named by records) is missing")
    #expect(try told(404, index, "no such index") == "index (named by records) does not exist")
    #expect(
      try told(404, index, "no such index [a:b]") { $0.logsIndex = "a:b" } == "index (named by records) does not exist")
  }

  @Test(arguments: [
    (400, "document_parsing_exception"), (400, "mapper_parsing_exception"), (400, "illegal_argument_exception"),
    (400, "strict_dynamic_mapping_exception"), (400, "validation_exception"), (404, "x"), (413, "too_large"),
    (501, "x"), (400, "invalid_index_name_exception"),
  ])
  func aLastingErrorRejectsThatRecordWithTypeAndReason(_ status: Int, _ type: String) {
    let verdict = judge(items(stored, stored, stored, failed(status, type)))
    #expect(
      verdict
        == mixed {
          $0.delivered = 3
          $0.rejected = [Verdict.Rejection(range: ranges[3], reason: "\(type): why")]
        })
  }

  @Test func aConflictOnAnOwnIDIsADuplicateAndElseRejected() {
    let conflict = failed(409, "version_conflict_engine_exception")
    #expect(judge(items(stored, stored, conflict, stored)) == .delivered(duplicates: 1))
    let verdict = judge(items(conflict, stored, conflict, stored))
    #expect(
      verdict
        == mixed {
          $0.delivered = 3
          $0.duplicates = 1
          $0.rejected = [Verdict.Rejection(range: ranges[0], reason: "version_conflict_engine_exception: why")]
        })
  }

  @Test func neighboursAreResentAsOneRange() {
    let verdict = judge(items(failed(429, "a", "b"), failed(503), stored, failed(500)))
    #expect(
      verdict
        == mixed {
          $0.delivered = 1
          $0.resend = [ranges[0].lowerBound..<ranges[1].upperBound, ranges[3]]
          $0.resendRecords = 3
          $0.resendReason = "a: b"
        })
  }

  @Test func reasonsAreUnescapedAndBounded() {
    let verdict = judge(items(failed(400, "t", #"a\"b\\c\u00e9\ud83d\ude00\ud83d\n/\/"#), stored, stored, stored))
    #expect(
      verdict
        == mixed {
          $0.delivered = 3
          $0.rejected = [Verdict.Rejection(range: ranges[0], reason: "t: a\"b\\cé😀\u{FFFD}\n//")]
        })
    let long = judge(items(failed(400, "t", String(repeating: "é", count: 4000)), stored, stored, stored))
    guard case .mixed(let outcomes) = long else { return #expect(Bool(false)) }
    #expect(outcomes.rejected[0].reason.utf8.count <= 4096)
    #expect(outcomes.rejected[0].reason.utf8.count > 1000)
  }

  @Test func anErrorMayBeAStringOrNull() {
    let old = #"{"create":{"status":400,"error":"MapperParsingException[failed]"}}"#
    #expect(
      judge(items(old, #"{"create":{"error":null,"status":201}}"#, stored, stored))
        == mixed {
          $0.delivered = 3
          $0.rejected = [
            Verdict.Rejection(range: ranges[0], reason: "error of no known type: MapperParsingException[failed]")
          ]
        })
  }

  /// The log shows what stands before the first colon.
  @Test func whatIsNoNameDoesNotStandBeforeTheColon() {
    for (type, reason) in [("", "why"), ("card 4111111111111111", "why"), ("Secret", "why")] {
      let text = type.isEmpty ? reason : "\(type) \(reason)"
      #expect(
        judge(items(failed(400, type, reason), stored, stored, stored))
          == mixed {
            $0.delivered = 3
            $0.rejected = [Verdict.Rejection(range: ranges[0], reason: "error of no known type: \(text)")]
          })
    }
  }

  /// Neither stored nor rejected: what Elasticsearch never says of a record that it was sent with `create`.
  private static let odd = [
    #"{"create":{"status":201,"error":{"type":"some_exception","reason":"why"}}}"#,
    #"{"create":{"status":-201}}"#, #"{"create":{"status":0}}"#, #"{"create":{"status":1000}}"#,
    #"{"create":{"status":100}}"#, #"{"create":{"status":304}}"#, #"{"create":{"status":600}}"#,
    #"{"create":{"status":"201"}}"#, #"{"create":{"status":201.5}}"#, #"{"create":{"status":2e2}}"#,
    #"{"create":{"status":null}}"#, #"{"create":{"status":[201]}}"#, #"{"create":{"status":201,"status":400}}"#,
    #"{"create":{"status":99999999999999999999}}"#, #"{"create":{}}"#, "{}",
    #"{"create":{"status":0,"error":{"type":"document_parsing_exception","reason":"why"}}}"#,
    #"{"delete":{"status":200}}"#, #"{"index":{"status":201}}"#, #"{"update":{"status":200}}"#,
    #"{"delete":{"status":404,"error":{"type":"some_exception","reason":"why"}}}"#,
    #"{"create":{"status":201},"delete":{"status":200}}"#, #"{"create":{"status":201},"create":{"status":201}}"#,
    #"{"index":{"status":201,"failure_store":"used"}}"#,
  ]

  @Test(arguments: odd)
  func anItemThatIsNoAnswerToWhatWasSentProvesNothing(_ item: String) {
    #expect(
      judge(items(stored, item, stored, stored))
        == mixed {
          $0.delivered = 3
          $0.resend = [ranges[1]]
          $0.resendRecords = 1
          $0.resendReason = "item is no answer to what was sent"
        })
    // By itself it is tried as what proves nothing, so that a record that causes it ends in isolation.
    #expect(
      judge(items(item, item, item, item))
        == .unproven(
          after: nil,
          reason: "HTTP 200, no evidence of success: answer has no item that answers one of the 4 sent"))
  }

  @Test func anErrorWithoutAStatusIsSentAgain() {
    let item = #"{"create":{"error":{"type":"document_parsing_exception","reason":"why"}}}"#
    #expect(
      judge(items(stored, item, stored, stored))
        == mixed {
          $0.delivered = 3
          $0.resend = [ranges[1]]
          $0.resendRecords = 1
          $0.resendReason = "document_parsing_exception: why"
        })
  }

  // MARK: Answers that are no evidence

  @Test func recordsWithoutAnItemAreResent() {
    for text in [items(stored, stored), #"{"items":[\#(stored),\#(stored)"#] {
      guard case .mixed(let outcomes) = judge(text) else {
        Issue.record("not mixed: \(text)")
        continue
      }
      #expect(outcomes.delivered == 2)
      #expect(outcomes.resend == [ranges[2].lowerBound..<ranges[3].upperBound])
      #expect(outcomes.resendRecords == 2)
      #expect(outcomes.resendReason.hasSuffix("has 2 of 4 items"))
    }
  }

  @Test func anItemWithoutAStatusIsResent() {
    for item in [#"{"create":{}}"#, #"{}"#] {
      guard case .mixed(let outcomes) = judge(items(item, stored, stored, stored)) else {
        Issue.record("not mixed: \(item)")
        continue
      }
      #expect(outcomes.resend == [ranges[0]])
    }
  }

  @Test(arguments: [
    "", " ", "{", "{}", "null", "[]", "true", "<html>ok</html>", #"{"items":[]}"#, #"{"items":{}}"#, #"{"items":"#,
    #"{"errors":true}"#, #"{"errors":"false"}"#, #"{"errors":false"#, #"{"errors":false}}"#, #"{"errors":falsey}"#,
    #"{"items":[1,2,3,4]}"#, #"{"items":[[],[],[],[]]}"#, #"{"items":[{"create":5}]}"#,
    #"{"items":[{"create":{"status":"201"}}]}"#, #"{"items":[{"create":{"status":99999999999999999999}}]}"#,
    #"{"items":[{"create":{"status":201,"error":}}]}"#, "\u{0}\u{1}", #"{"a":"unterminated"#,
    #"{"items":[{"create":{"status":2"#,
    #"{"errors":false,"items":[]}"#,
  ])
  func anAnswerThatSaysNothingOfItemsIsTriedAgain(_ text: String) {
    let verdict = judge(text, after: .seconds(3))
    guard case .unproven(.seconds(3), let reason) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    let isOwn = text.contains("items\":") || text.contains("errors\":")
    #expect(
      reason.hasPrefix(isOwn ? "HTTP 200, no evidence of success: " : "HTTP 200, not an answer of Elasticsearch: "))
  }

  @Test func moreItemsThanRecordsIsNoEvidence() {
    let verdict = judge(items(stored, stored, stored, stored, stored))
    #expect(
      verdict
        == .unproven(after: nil, reason: "HTTP 200, no evidence of success: answer has more than the 4 items sent"))
    let flood = #"{"items":["# + String(repeating: stored + ",", count: 100_000) + stored + "]}"
    #expect(judge(flood) == verdict)
  }

  @Test func nestedBombsCostNeitherStackNorVerdict() {
    for open in ["[", #"{"a":"#] {
      let bomb = String(repeating: open, count: 200_000)
      #expect(judge(bomb).isUnproven)
      #expect(judge(#"{"items":[{"create":{"x":"# + bomb).isUnproven)
      #expect(judge(#"{"x":"# + bomb).isUnproven)
      #expect(judge(bomb, status: 500) == .retry(after: nil, reason: "HTTP 500, not an answer of Elasticsearch"))
    }
    let closed = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    let all = "\(stored),\(stored),\(stored),\(stored)"
    #expect(judge(#"{"x":\#(closed),"errors":false,"items":[\#(all)]}"#) == .delivered(duplicates: 0))
  }

  @Test func anAnswerCutAtAnyByteNeverDeliversMoreThanItSays() {
    let whole = Array(items(stored, failed(400), failed(409), failed(429)).utf8)
    for end in 0..<whole.count {
      let answer = Answer(.http(200), body: Array(whole[..<end]))
      let verdict = body.withUnsafeBytes { dialect.judge(answer, to: $0, records: 4) }
      switch verdict {
      case .unproven: break
      case .mixed(let outcomes):
        #expect(outcomes.delivered + outcomes.resendRecords + outcomes.rejected.count == 4)
        #expect(outcomes.delivered <= 2)
        #expect(outcomes.resendRecords >= 1)
      default: Issue.record("\(end): \(verdict)")
      }
    }
  }

  @Test func anAnswerWithAnyByteChangedNeverLosesARecord() {
    let whole = Array(items(stored, failed(400), stored, stored).utf8)
    for position in whole.indices {
      for byte: UInt8 in [0, 0x22, 0x5C, 0x7B, 0x7D, 0x2C, 0x30, 0xFF] {
        var text = whole
        text[position] = byte
        let verdict = body.withUnsafeBytes { dialect.judge(Answer(.http(200), body: text), to: $0, records: 4) }
        if case .mixed(let outcomes) = verdict {
          #expect(outcomes.delivered + outcomes.resendRecords + outcomes.rejected.count == 4)
        }
      }
    }
  }

  @Test func invalidUTF8InAReasonIsRepaired() {
    let text =
      Array(#"{"items":[{"create":{"status":400,"error":{"type":"t","reason":"a"#.utf8) + [0xFF, 0xC3]
      + Array(#"b"}}}]}"#.utf8)
    let verdict = body.withUnsafeBytes { dialect.judge(Answer(.http(200), body: text), to: $0, records: 4) }
    guard case .mixed(let outcomes) = verdict else { return #expect(Bool(false)) }
    #expect(outcomes.rejected[0].reason == "t: a\u{FFFD}\u{FFFD}b")
  }

  // MARK: Whole requests

  @Test(arguments: [429, 500, 502, 503, 504, 408, 401, 407, 301, 501])
  func aStatusThatSaysNothingOfRecordsIsTriedAgain(_ status: Int) {
    for text in ["", "<html>", #"{"error":{"type":"some_exception","reason":"why"}}"#] {
      let verdict = judge(text, status: status, after: .seconds(7))
      guard case .retry(.seconds(7), let reason) = verdict else {
        Issue.record("\(verdict)")
        return
      }
      #expect(reason.hasPrefix("HTTP \(status), "))
      #expect(reason.contains("credentials were not accepted") == [401, 407].contains(status))
      #expect(reason.contains("not an answer of Elasticsearch") == !text.contains("some_exception"))
    }
  }

  /// What a proxy, an ingress or a wrong address answers; the last two are Elasticsearch's own, but not of `_bulk`.
  @Test(arguments: [
    "", "404 page not found", "<html><h1>400 Bad Request</h1>The plain HTTP request was sent to HTTPS port</html>",
    #"{"message":"no Route matched with those values"}"#, #"{"error":"Not Found","status":404,"path":"/_bulk"}"#,
    #"{"error":null}"#, #"{"error":{}}"#, #"{"error":{"reason":"why"}}"#, #"{"error":{"type":""#, "[]",
    #"{"error":"no handler found for uri [/x/_bulk] and method [POST]"}"#,
    #"{"error":"Incorrect HTTP method for uri [/x] and method [POST], allowed: [GET]","status":405}"#,
  ])
  func anAnswerThatIsNotElasticsearchsProvesNothing(_ text: String) {
    for status in [400, 403, 404, 405, 406, 415, 0, 100] {
      #expect(
        judge(text, status: status, after: .seconds(7))
          == .unproven(after: .seconds(7), reason: "HTTP \(status), not an answer of Elasticsearch"))
    }
  }

  @Test func aWholeAnswerOfMissingRightsSpeaksOfCredentials() {
    let text = #"{"error":{"type":"security_exception","reason":"action is unauthorized"},"status":403}"#
    #expect(
      judge(text, status: 403)
        == .retry(
          after: nil, reason: "HTTP 403, credentials were not accepted: security_exception: action is unauthorized"))
  }

  @Test(arguments: [404, 405, 406, 415])
  func otherErrorsOfElasticsearchAreTriedAgain(_ status: Int) {
    let text = #"{"error":{"type":"some_exception","reason":"why"}}"#
    #expect(judge(text, status: status) == .retry(after: nil, reason: "HTTP \(status), some_exception: why"))
  }

  @Test func aReasonOfElasticsearchIsGivenOn() {
    let text = #"{"error":{"root_cause":[{"type":"r"}],"type":"es_rejected","reason":"queue full"},"status":429}"#
    #expect(judge(text, status: 429) == .retry(after: nil, reason: "HTTP 429, es_rejected: queue full"))
  }

  @Test func aTooLargeBodyIsHalvedWhoeverSaysSo() {
    #expect(judge("", status: 413) == .tooLarge(reason: "HTTP 413, not an answer of Elasticsearch"))
  }

  @Test func aRejectedBodyIsHalvedUntilTheFaultyLineIsAlone() {
    let text = #"{"error":{"type":"illegal_argument_exception","reason":"Malformed action/metadata line [3]"}}"#
    #expect(
      judge(text, status: 400)
        == .tooLarge(reason: "HTTP 400, illegal_argument_exception: Malformed action/metadata line [3]"))
  }

  @Test(arguments: [
    ("illegal_argument_exception", "request [/_bulk] contains unrecognized parameter: [require_data_stream]"),
    ("not_x_content_exception", "Compressor detection can only be called on some xcontent bytes"),
    ("media_type_header_exception", "Invalid media-type value on headers [Content-Type]"),
  ])
  func whatAServerDoesNotKnowOfTheRequestIsNoFaultOfRecords(_ type: String, _ reason: String) {
    let text = #"{"error":{"type":"\#(type)","reason":"\#(reason)"}}"#
    #expect(judge(text, status: 400) == .retry(after: nil, reason: "HTTP 400, \(type): \(reason)"))
  }

  // MARK: Halving

  private func middle(_ text: String) -> Split? { Array(text.utf8).withUnsafeBytes { dialect.middle(of: $0) } }

  @Test func theMiddleIsTheRecordBoundaryNearestToIt() {
    #expect(middle("a\nb\nc\nd\n") == Split(offset: 4, recordsBefore: 1))
    #expect(middle("a\nb\nc\nd\ne\nf\n") == Split(offset: 4, recordsBefore: 1))
    #expect(middle("a\nb\nc\nd\ne\nf\ng\nh\n") == Split(offset: 8, recordsBefore: 2))
    let long = String(repeating: "x", count: 100)
    #expect(middle("a\n\(long)\nc\nd\ne\nf\n") == Split(offset: 103, recordsBefore: 1))
    #expect(middle("a\nb\nc\nd\ne\n\(long)\n") == Split(offset: 8, recordsBefore: 2))
  }

  @Test func aSingleRecordHasNoMiddle() {
    for text in ["", "a", "a\n", "a\nb", "a\nb\n"] { #expect(middle(text) == nil) }
  }

  @Test func halvingEndsAtSingleRecords() {
    var pieces: [Range<Int>] = [0..<body.count]
    var single: [Range<Int>] = []
    while let piece = pieces.popLast() {
      let split = body.withUnsafeBytes { dialect.middle(of: UnsafeRawBufferPointer(rebasing: $0[piece])) }
      guard let split else {
        single.append(piece)
        continue
      }
      pieces.append(piece.lowerBound + split.offset..<piece.upperBound)
      pieces.append(piece.lowerBound..<piece.lowerBound + split.offset)
    }
    #expect(single == ranges)
  }
}

extension Verdict {
  fileprivate var isUnproven: Bool {
    if case .unproven = self { true } else { false }
  }
}
