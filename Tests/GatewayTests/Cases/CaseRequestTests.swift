import FrameQueues
import Testing

@testable import Gateway
@testable import LogPipeline

@Suite struct CaseRequestTests {
  private func text(_ records: [Constant]) -> String { String(decoding: CaseRequest.bytes(of: records), as: UTF8.self) }

  private func record(_ members: (String, Constant)...) -> Constant {
    .map(members.map { Constant.Member($0.0, $0.1) })
  }

  @Test func aRequestIsWhatSendersWrite() {
    #expect(text([]) == #"{"resourceLogs":[]}"#)
    #expect(
      text([record(("body", .string("a\"b")), ("severity", .string("WARN")))])
        == #"{"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"scope":{"attributes":[]},"logRecords":["#
        + #"{"severityText":"WARN","body":{"stringValue":"a\"b"},"attributes":[]}]}]}]}"#)
  }

  @Test func neighboursOfOneResourceAndScopeStandTogether() throws {
    let first = record(("resource", record(("r", .int(1)))), ("scope", record(("name", .string("s")))))
    let other = record(("resource", record(("r", .int(1)))), ("scope", record(("name", .string("t")))))
    var batch = LogBatch()
    try batch.decode(json: CaseRequest.bytes(of: [first, first, other, first]), limits: DecodeLimits())
    #expect(batch.resources.count == 3 && batch.records.map(\.scope) == [0, 0, 1, 2])
  }

  /// What a case says comes back as it was, through the decoder.
  @Test func everyValueComesBack() throws {
    let values: [Constant] = [
      .empty, .string(""), .string("é\n\u{1}\"\\"), .bool(true), .int(.min), .int(.max), .double(0.1), .double(-1e300),
      .array([]), .array([.empty, .array([.int(1)])]), .map([]),
      .map([Constant.Member("k\"", .map([Constant.Member("", .string("x"))]))]),
    ]
    for value in values {
      let attributes = Constant.map([Constant.Member("a", value), Constant.Member("z", .int(7))])
      var batch = LogBatch()
      try batch.decode(json: CaseRequest.bytes(of: [record(("attributes", attributes))]), limits: DecodeLimits())
      #expect(batch.oddities.isEmpty)
      let dialect = CaptureDialect()
      var frames = FrameWriter()
      try dialect.encode(batch, into: &frames)
      #expect(dialect.records.first?["attributes"] == attributes, "\(value)")
    }
  }

  @Test func aRequestMayBeSpelledOut() {
    #expect(CaseRequest.bytes(of: .string("{ not JSON")) == Array("{ not JSON".utf8))
    let spelled = record(("a", .array([.int(1), .empty, .bool(false)])), ("b", .map([])), ("c", .array([])))
    #expect(String(decoding: CaseRequest.bytes(of: spelled), as: UTF8.self) == #"{"a":[1,null,false],"b":{},"c":[]}"#)
  }
}
