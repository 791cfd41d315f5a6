import Testing

@testable import LogPipeline

@Suite struct OTTLRunFieldsTests {
  /// What a statement that sets a field leaves of a batch of one record.
  private func set(_ target: String, _ value: String, _ record: String = "") throws -> LogBatch {
    var batch = try OTTLTesting.batch(record, scope: #""name":"old""#)
    #expect(try OTTLTesting.run("set(\(target), \(value))", on: &batch) == [nil])
    return batch
  }

  private func fault(_ target: String, _ value: String) throws -> OTTLFault? {
    var batch = try OTTLTesting.batch()
    return try OTTLTesting.run("set(\(target), \(value))", on: &batch)[0]
  }

  @Test func everyFieldTakesItsType() throws {
    #expect(try set("time", "Now()").records[0].timeUnixNano == 1_700_000_000_000_000_000)
    #expect(try set("time_unix_nano", "7").records[0].timeUnixNano == 7)
    #expect(try set("observed_time", "Now()").records[0].observedTimeUnixNano == 1_700_000_000_000_000_000)
    #expect(try set("observed_time_unix_nano", "8").records[0].observedTimeUnixNano == 8)
    #expect(try set("severity_number", "SEVERITY_NUMBER_FATAL4").records[0].severityNumber == 24)
    #expect(try set("severity_number", "-1").records[0].severityNumber == -1)
    #expect(try set("flags", "4294967297").records[0].flags == 1)
    #expect(try set("dropped_attributes_count", "3").records[0].droppedAttributesCount == 3)
    let id = #""0102030405060708090A0b0c0d0e0f10""#
    #expect(
      try set("trace_id.string", id).records[0].traceID
        == TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10))
    #expect(try set("span_id.string", #""00000000000000ff""#).records[0].spanID == 255)
  }

  @Test func textsTakeTexts() throws {
    let record = try set("severity_text", #""high""#)
    #expect(record.text(record.records[0].severityText) == "high")
    let named = try set("event_name", #""login""#)
    #expect(named.text(named.records[0].eventName) == "login")
    let body = try set("body.string", #""text""#, #""body":{"intValue":1}"#)
    #expect(body.bodies == ["text"])
    for (path, slice) in [("name", \Scope.name), ("version", \.version), ("schema_url", \.schemaURL)] {
      let batch = try set("scope.\(path)", #""new""#)
      #expect(batch.text(batch.scopes[0][keyPath: slice]) == "new")
    }
    let resource = try set("resource.schema_url", #""url""#)
    #expect(resource.text(resource.resources[0].schemaURL) == "url")
    #expect(try set("scope.dropped_attributes_count", "2").scopes[0].droppedAttributesCount == 2)
    #expect(try set("resource.dropped_attributes_count", "2").resources[0].droppedAttributesCount == 2)
  }

  @Test func idsTakeIDs() throws {
    let record = #""traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"1112131415161718""#
    let batch = try set("trace_id", "trace_id", record)
    #expect(batch.records[0].traceID == TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10))
    #expect(try set("span_id", "span_id", record).records[0].spanID == 0x1112_1314_1516_1718)
  }

  @Test(arguments: [
    ("time", "1"), ("time", #""2024""#), ("time_unix_nano", "Now()"), ("severity_number", "1.0"),
    ("severity_number", #""9""#), ("flags", "true"), ("severity_text", "9"), ("event_name", "1"), ("body.string", "1"),
    ("scope.name", "1"), ("trace_id", #""0102030405060708090a0b0c0d0e0f10""#), ("trace_id", "span_id"),
    ("span_id", "1"),
    ("trace_id.string", "1"), ("resource.attributes", #""x""#), ("cache", "[1]"), ("scope.attributes", "true"),
  ])
  func anotherTypeIsRefused(_ target: String, _ value: String) throws {
    #expect(throws: OTTLSourceProblems.self) { try fault(target, value) }
  }

  /// What a value is that a record gives is known with the record alone.
  @Test(arguments: ["time", "severity_number", "flags", "severity_text", "trace_id", "span_id", "scope.name", "cache"])
  func anotherTypeOfARecordIsAFault(_ target: String) throws {
    let value = target == "severity_text" || target == "scope.name" ? "severity_number + 0" : "Coalesce([body, \"x\"])"
    #expect(try fault(target, value) == .wrongType)
  }

  @Test(arguments: [
    ("trace_id.string", #"Concat([body, "01"], "")"#, OTTLFault.badText),
    ("span_id.string", #"Concat([body, "111213141516171"], "")"#, .badText),
    ("time_unix_nano", "-1", .outOfRange), ("time", "time - (Now() - time)", .outOfRange),
  ])
  func anotherFormIsAFault(_ target: String, _ value: String, _ fault: OTTLFault) throws {
    #expect(try self.fault(target, value) == fault)
  }

  @Test func ownersAboveTheRecordAreEdited() throws {
    var batch = try OTTLTesting.batch(of: ["", ""], resource: #""attributes":[{"key":"a","value":{"intValue":1}}]"#)
    try OTTLTesting.run(
      #"set(resource.attributes["b"], 2)"#, #"set(scope.attributes["c"], 3)"#, #"delete_key(resource.attributes, "a")"#,
      on: &batch)
    #expect(batch.resourceAttributes == [[.init("b", 2)]])
    #expect(batch.readable(batch.scopes[0].attributes) == [.init("c", 3)])
  }
}
