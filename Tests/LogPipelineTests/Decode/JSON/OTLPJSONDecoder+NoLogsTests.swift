import LogPipeline
import Testing

/// Requests of which no record could be read although something stands where records should.
@Suite struct OTLPJSONDecoderNoLogsTests {
  @Test(arguments: [
    (#"{"resource_logs":[{}]}"#, 17, "`resource_logs`: OTLP/JSON says `resourceLogs`"),
    (#"{"resourceLogs":[{"scope_logs":[]}]}"#, 31, "`scope_logs`: OTLP/JSON says `scopeLogs`"),
    (#"{"resourceLogs":[{"scopeLogs":[{"log_records":[{}]}]}]}"#, 46, "`log_records`: OTLP/JSON says `logRecords`"),
    (#"{"foo":1}"#, 7, "expected `resourceLogs`, which OTLP/JSON has its logs in"),
    (#"{ "streams" : [{"stream":{}}]}"#, 13, "expected `resourceLogs`, which OTLP/JSON has its logs in"),
    (#"{"resource\u005flogs":[{}]}"#, 22, "`resource_logs`: OTLP/JSON says `resourceLogs`"),
    (#"{"resourceSpans":[]}"#, 17, "expected `resourceLogs`, which OTLP/JSON has its logs in"),
    (
      #"{"resourceLogs":[{"resource":{},"instrumentationLibraryLogs":[{}]}]}"#, 61,
      "expected `scopeLogs`, which OTLP/JSON has the logs of a resource in"
    ),
    (
      #"{"resourceLogs":[{"scopeLogs":[{"scope":{},"records":[{}],"logs":[]}]}]}"#, 53,
      "expected `logRecords`, which OTLP/JSON has the logs of a scope in"
    ),
    (#"{"resourceLogs":5}"#, 16, "expected a list of objects"),
    (#"{"resourceLogs":["a"]}"#, 17, "expected an object"),
    (#"{"resourceLogs":[{"scopeLogs":[7]}]}"#, 31, "expected an object"),
    (#"{"resourceLogs":[{"scopeLogs":[{"logRecords":["text"]}]}]}"#, 46, "expected an object"),
    (#"{"resourceLogs":[{"scopeLogs":[{"logRecords":"text"}]}]}"#, 45, "expected a list of objects"),
    (#"{"resourceLogs":[],"resource_logs":5,"resourceLogs":true}"#, 52, "expected a list of objects"),
    (#"{"resourceLogs":[],"resource_logs":[{}]}"#, 35, "`resource_logs`: OTLP/JSON says `resourceLogs`"),
    (#"{"resourceLogs":[{"scopeLogs":[],"scope_logs":[{}]}]}"#, 46, "`scope_logs`: OTLP/JSON says `scopeLogs`"),
    (
      #"{"resourceLogs":[{"scopeLogs":[{"foo":1,"log_records":[{}],"logRecords":[]}]}]}"#, 54,
      "`log_records`: OTLP/JSON says `logRecords`"
    ),
  ])
  func areRefusedWhereTheFirstWasLost(text: String, offset: Int, what: String) {
    #expect(JSONRequest.error(text)?.message == "byte \(offset): \(what)")
  }

  @Test(arguments: [
    "{}", " { } ", #"{"resourceLogs":[]}"#, #"{"resourceLogs":null}"#, #"{"resourceLogs":[null,{}]}"#,
    #"{"resourceLogs":[],"foo":1}"#, #"{"foo":1,"resourceLogs":[]}"#, #"{"resourceLogs":{}}"#,
    #"{"resourceLogs":[{"resource":{"new":1}}]}"#, #"{"resourceLogs":[{"resource":5,"scopeLogs":[]}]}"#,
    #"{"resourceLogs":[{"new":1,"scopeLogs":[{"new":2,"logRecords":[]}]}]}"#,
    #"{"resourceLogs":[{"scopeLogs":[{"scope":{"new":1}}]}]}"#,
  ])
  func areTakenIfNothingWasLost(text: String) throws {
    #expect(try JSONRequest.decode(text).records.isEmpty)
  }

  @Test(arguments: [#"{"scope_logs":[{}]}"#, "5", #"{"scopeLogs":7}"#])
  func doNotCostTheRecordsOfOthers(lost: String) throws {
    let whole = #"{"scopeLogs":[{"logRecords":[{}]}]}"#
    for list in ["\(lost),\(whole)", "\(whole),\(lost)"] {
      let batch = try JSONRequest.decode(#"{"resourceLogs":[\#(list)]}"#)
      #expect(batch.records.count == 1)
      #expect(batch.oddities.mendedValues + batch.oddities.snakeCaseMembers == 1)
    }
  }

  @Test func underBothNamesDoNotCostThoseThatCanBeRead() throws {
    let batch = try JSONRequest.decode(#"{"resource_logs":[{}],"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}"#)
    #expect(batch.records.count == 1 && batch.oddities.snakeCaseMembers == 1)
  }

  @Test func ofWhichTheRestIsNoJSONAreRefusedForThat() {
    #expect(JSONRequest.error(#"{"foo":1"#)?.message == "byte 8: expected ',' or '}'")
    #expect(JSONRequest.error(#"{"foo":1}x"#)?.message == "byte 9: expected nothing after the request")
  }
}
