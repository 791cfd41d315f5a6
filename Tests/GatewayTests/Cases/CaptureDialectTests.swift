import FrameQueues
import Testing

@testable import Gateway
@testable import LogPipeline

@Suite struct CaptureDialectTests {
  private func captured(_ json: String) throws -> [Constant] {
    var batch = LogBatch()
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    let dialect = CaptureDialect()
    var frames = FrameWriter()
    try dialect.encode(batch, into: &frames)
    #expect(frames.records == batch.records.count && frames.bytes.count == 0)
    return dialect.records
  }

  private func record(_ members: String) throws -> Constant {
    let found = try captured(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{\#(members)}]}]}]}"#)
    return try #require(found.first)
  }

  @Test func whatIsUnsetOrEmptyIsLeftOut() throws {
    #expect(try record("") == .map([]))
    #expect(
      try record(#""severityNumber":0,"severityText":"","attributes":[],"flags":0,"timeUnixNano":"0""#) == .map([]))
  }

  @Test func aBodyIsKeptWhateverItIs() throws {
    let bodies: [(String, Constant)] = [
      (#"{"stringValue":""}"#, .string("")), (#"{"intValue":0}"#, .int(0)), (#"{"boolValue":false}"#, .bool(false)),
      (#"{"doubleValue":0.5}"#, .double(0.5)), (#"{"bytesValue":"AP8="}"#, .string("AP8=")),
      (#"{"arrayValue":{"values":[{},{"intValue":1}]}}"#, .array([.empty, .int(1)])),
      (
        #"{"kvlistValue":{"values":[{"key":"k","value":{"arrayValue":{}}}]}}"#,
        .map([Constant.Member("k", .array([]))])
      ),
    ]
    for (json, body) in bodies { #expect(try record(#""body":\#(json)"#)["body"] == body) }
  }

  @Test func everyFieldHasTheNameOfACase() throws {
    let found = try record(
      #""severityText":"WARN","severityNumber":13,"eventName":"e","flags":1,"timeUnixNano":"18446744073709551615","#
        + #""observedTimeUnixNano":"9223372036854775807","traceId":"0102030405060708090a0b0c0d0e0f10","#
        + #""spanId":"0102030405060708","attributes":[{"key":"a","value":{"intValue":1}}]"#)
    #expect(found["severity"] == .string("WARN") && found["severity_number"] == .int(13))
    #expect(found["event_name"] == .string("e") && found["flags"] == .int(1))
    #expect(found["trace_id"] == .string("0102030405060708090a0b0c0d0e0f10"))
    #expect(found["span_id"] == .string("0102030405060708"))
    #expect(found["observed_time_unix_nano"] == .int(.max) && found["time_unix_nano"] == nil)
    #expect(found["attributes"] == .map([Constant.Member("a", .int(1))]))
  }

  @Test func recordsOfAllBatchesAreKeptInTheirOrderWithScopeAndResource() throws {
    let dialect = CaptureDialect()
    for number in 0..<3 {
      var batch = LogBatch()
      let scope = #"{"scope":{"name":"s\#(number)","version":"1"},"logRecords":[{},{}]}"#
      let resource = #"{"attributes":[{"key":"r","value":{"intValue":\#(number)}}]}"#
      try batch.decode(
        json: Array(#"{"resourceLogs":[{"resource":\#(resource),"scopeLogs":[\#(scope)]}]}"#.utf8),
        limits: DecodeLimits())
      var frames = FrameWriter()
      try dialect.encode(batch, into: &frames)
    }
    #expect(dialect.records.map { $0["scope"]?["name"] } == [0, 0, 1, 1, 2, 2].map { .string("s\($0)") })
    #expect(dialect.records.map { $0["resource"]?["r"] } == [0, 0, 1, 1, 2, 2].map { .int($0) })
  }
}
