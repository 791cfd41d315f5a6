import Testing

@testable import LogPipeline

@Suite("Documents of otel mode")
struct OTelEncoderTests {
  private static func sample() -> BulkTestBatch {
    BulkTestBatch()
      .resource(
        [("service.name", "test-service"), ("host.name", "prod-server-01")],
        schemaURL: "https://opentelemetry.io/schemas/1.21.0"
      )
      .scope(
        "github.com/example/myapp", version: "1.0.0", schemaURL: "https://opentelemetry.io/schemas/1.21.0",
        [("scope.attribute", "example-value")]
      )
      .record(
        "Sample log message",
        [
          ("http.method", "GET"), ("http.status_code", 200), ("event.name", "user.login"), ("success", true),
          ("duration_ms", 45.67),
        ], time: 1_705_314_600_000_000_000
      ) { record, batch in
        record.observedTimeUnixNano = 1_705_314_600_001_000_000
        record.severityText = batch.slice("INFO")
        record.severityNumber = 9
        record.traceID = TraceID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10)
        record.spanID = 0x0102_0304_0506_0708
        record.flags = 1
      }
  }

  @Test func aWholeRecordHasEveryFieldOnceInTheModesOrder() throws {
    let expected =
      #"{"@timestamp":"1705314600000.000000","observed_timestamp":"1705314600001.000000","#
      + #""data_stream":{"type":"logs","dataset":"generic.otel","namespace":"default"},"#
      + #""severity_text":"INFO","severity_number":9,"#
      + #""trace_id":"0102030405060708090a0b0c0d0e0f10","span_id":"0102030405060708","#
      + #""attributes":{"http.method":"GET","http.status_code":200,"event.name":"user.login","#
      + #""success":true,"duration_ms":45.67},"event_name":"user.login","#
      + #""resource":{"schema_url":"https://opentelemetry.io/schemas/1.21.0","#
      + #""attributes":{"service.name":"test-service","host.name":"prod-server-01"}},"#
      + #""scope":{"schema_url":"https://opentelemetry.io/schemas/1.21.0","name":"github.com/example/myapp","#
      + #""version":"1.0.0","attributes":{"scope.attribute":"example-value"}},"#
      + #""body":{"text":"Sample log message"}}"#
    #expect(try Self.sample().document() == expected)
  }

  @Test func anEmptyRecordHasTimesTargetResourceAndScopeOnly() throws {
    let expected =
      #"{"@timestamp":"1705314600000.000000","observed_timestamp":"0.000000","#
      + #""data_stream":{"type":"logs","dataset":"generic.otel","namespace":"default"},"resource":{},"scope":{}}"#
    #expect(try BulkTestBatch().record().document() == expected)
  }

  @Test func droppedCountsAreWrittenOnEveryLevelUnlessZero() throws {
    let document = try BulkTestBatch().resource(dropped: 1).scope("", dropped: 2)
      .record(.empty) { record, _ in record.droppedAttributesCount = 3 }.document()
    #expect(document.contains(#""dropped_attributes_count":3,"resource":{"dropped_attributes_count":1},"#))
    #expect(document.hasSuffix(#""scope":{"dropped_attributes_count":2}}"#))
  }

  @Test(arguments: [
    (UInt64(5), "0.000005"), (1_000_005, "1.000005"), (1_705_314_600_123_456_789, "1705314600123.456789"),
    (9_223_372_036_854_775_807, "9223372036854.775807"), (UInt64.max, "18446744073709.551615"),
  ])
  func timesAreMillisWithSixPlaces(_ nanos: UInt64, _ text: String) throws {
    let document = try BulkTestBatch().record(time: nanos).document()
    #expect(document.hasPrefix(#"{"@timestamp":"\#(text)","#))
  }

  @Test func theObservedTimeStandsInForAMissingTime() throws {
    let document = try BulkTestBatch().record { record, _ in record.observedTimeUnixNano = 7_000_000 }.document()
    #expect(document.hasPrefix(#"{"@timestamp":"7.000000","observed_timestamp":"7.000000","#))
  }

  @Test(arguments: [
    (TestValue.string("hi"), #""text":"hi""#), (.string(""), #""text":"""#), (.int(7), #""text":7"#),
    (.bool(true), #""text":true"#), (.double(2), #""text":2.0"#), (.bytes([1, 171]), #""text":"01ab""#),
    (.map([("a.b", 1), ("c", "d")]), #""structured":{"a.b":1,"c":"d"}"#), (.map([]), #""structured":{}"#),
    (.array([.map([("a", 1)]), .map([])]), #""structured":[{"a":1},{}]"#),
    (.array([.map([("a", 1)]), 2]), #""structured":{"value":[{"a":1},2]}"#),
    (.array(["x"]), #""structured":{"value":["x"]}"#), (.array([]), #""structured":[]"#),
  ])
  func aBodyIsTextOrStructuredByItsKind(_ body: TestValue, _ json: String) throws {
    let document = try BulkTestBatch().record(body).document()
    #expect(document.hasSuffix(#""scope":{},"body":{\#(json)}}"#))
  }

  @Test func theEventNameOfTheRecordWinsOverItsAttribute() throws {
    let document = try BulkTestBatch().record(.empty, [("event.name", "attribute")]) { record, batch in
      record.eventName = batch.slice("field")
    }.document()
    #expect(document.contains(#""attributes":{"event.name":"attribute"},"event_name":"field""#))
    let number = try BulkTestBatch().record(.empty, [("event.name", 3)]).document()
    #expect(!number.contains("event_name"))
  }

  @Test func routingAttributesAreOnNoLevelOfTheDocument() throws {
    let routing: TestAttributes = [
      ("data_stream.type", "logs"), ("data_stream.dataset", "d"), ("data_stream.namespace", "n"),
      ("elasticsearch.mapping.hints", .array(["_x"])), ("elastic.mapping.mode", "otel"),
      ("elasticsearch.document_id", "1"), ("elasticsearch.ingest_pipeline", "p"), ("elasticsearch.index", "i"),
    ]
    let document = try BulkTestBatch().resource(routing).scope(routing).record(.empty, routing).document()
    #expect(
      document == #"{"@timestamp":"1705314600000.000000","observed_timestamp":"0.000000","resource":{},"scope":{}}"#)
    let kept = try BulkTestBatch().record(.empty, routing + [("elasticsearch.indexes", 1), ("a", 2)]).document()
    #expect(kept.contains(#""attributes":{"elasticsearch.indexes":1,"a":2}"#))
  }
}
