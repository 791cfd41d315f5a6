import LogPipeline
import Testing

/// The mapping of OTLP/JSON; the ids are the rows of its quirks, as the conformance list numbers them.
@Suite struct DecodeJSONTests {
  /// A request that has every field.
  static let full = #"""
    {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}],
    "droppedAttributesCount":4,"entityRefs":[{"schemaUrl":"u","type":"service","idKeys":["a","b"],
    "descriptionKeys":["c"]},{}]},"schemaUrl":"https://resource","scopeLogs":[{"scope":{"name":"lib","version":"1.2",
    "attributes":[{"key":"k","value":{"stringValue":"v"}}],"droppedAttributesCount":5},"schemaUrl":"https://scope",
    "logRecords":[{"timeUnixNano":"1700000000000000001","observedTimeUnixNano":1700000000000000002,
    "severityNumber":9,"severityText":"INFO","body":{"stringValue":"hello \"world\""},"attributes":[
    {"key":"s","value":{"stringValue":"v"}},{"key":"b","value":{"boolValue":true}},
    {"key":"i","value":{"intValue":"-5"}},{"key":"d","value":{"doubleValue":1.5}},
    {"key":"a","value":{"arrayValue":{"values":[{"stringValue":"x"},{"arrayValue":{"values":[{"intValue":7}]}}]}}},
    {"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"kvlistValue":{"values":[
    {"key":"deep","value":{"stringValue":"z"}}]}}}]}}},
    {"key":"y","value":{"bytesValue":"AP8="}},{"key":"e","value":{}}],
    "droppedAttributesCount":3,"flags":257,"traceId":"0102030405060708090a0B0c0D0e0f10","spanId":"0102030405060708",
    "eventName":"user.login"},{}]}]}]}
    """#

  @Test func everyFieldIsDecoded() throws {
    let batch = try JSONRequest.decode(Self.full)
    #expect(batch.records.count == 2)
    let record = try #require(batch.records.first)
    #expect(record.timeUnixNano == 1_700_000_000_000_000_001)
    #expect(record.observedTimeUnixNano == 1_700_000_000_000_000_002)
    #expect(record.severityNumber == 9)
    #expect(batch.text(record.severityText) == "INFO")
    #expect(batch.text(record.eventName) == "user.login")
    #expect(batch.readable(record.body) == #"hello "world""#)
    #expect(record.droppedAttributesCount == 3)
    #expect(record.flags == 257)
    #expect(record.traceID == TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10))
    #expect(record.spanID == 0x0102_0304_0506_0708)
    #expect(
      batch.readable(record.attributes) == [
        .init("s", "v"), .init("b", .bool(true)), .init("i", -5), .init("d", .double(1.5)),
        .init("a", .array(["x", .array([7])])), .init("m", .map([.init("k", .map([.init("deep", "z")]))])),
        .init("y", .bytes([0, 255])), .init("e", .empty),
      ])
    #expect(batch.oddities.isEmpty)
  }

  @Test func everyFieldAroundRecordsIsDecoded() throws {
    let batch = try JSONRequest.decode(Self.full)
    let scope = try #require(batch.scopes.first)
    #expect(batch.text(scope.name) == "lib")
    #expect(batch.text(scope.version) == "1.2")
    #expect(batch.text(scope.schemaURL) == "https://scope")
    #expect(batch.readable(scope.attributes) == [.init("k", "v")])
    #expect(scope.droppedAttributesCount == 5)
    let resource = try #require(batch.resources.first)
    #expect(batch.text(resource.schemaURL) == "https://resource")
    #expect(batch.readable(resource.attributes) == [.init("service.name", "shop")])
    #expect(resource.droppedAttributesCount == 4)
  }

  @Test func recordsKnowTheirScopeAndScopesTheirResource() throws {
    let scopeLogs = #"{"logRecords":[{},{}],"scope":{"name":"late"}}"#
    let text = #"{"resourceLogs":[{"scopeLogs":[\#(scopeLogs)]},{"scopeLogs":[{},\#(scopeLogs)]}]}"#
    let batch = try JSONRequest.decode(text)
    #expect(batch.records.map(\.scope) == [0, 0, 2, 2])
    #expect(batch.scopes.map(\.resource) == [0, 1, 1])
    #expect(batch.scopes.map { batch.text($0.name) } == ["late", "", "late"])
  }

  @Test func keyOrderDoesNotMatter() throws {
    let resource = #""resource":{"attributes":[{"value":{"intValue":1},"key":"r"}]}"#
    let scopeLogs = #"{"schemaUrl":"s","logRecords":[{}],"scope":{"name":"n"}}"#
    let batch = try JSONRequest.decode(
      #"{"resourceLogs":[{"schemaUrl":"u","scopeLogs":[\#(scopeLogs)],\#(resource)}]}"#)
    #expect(batch.readable(batch.resources[0].attributes) == [.init("r", 1)])
    #expect(batch.text(batch.resources[0].schemaURL) == "u")
    #expect(batch.text(batch.scopes[0].schemaURL) == "s")
    #expect(batch.text(batch.scopes[0].name) == "n")
  }

  @Test(arguments: [
    "{}", " \n\r\t{ } \n", #"{"resourceLogs":[]}"#, #"{"resourceLogs":null}"#, #"{"resourceLogs":[{}]}"#,
    #"{"resourceLogs":[{"scopeLogs":[]}]}"#, #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]}]}"#,
  ])
  func emptyEnvelopesAreAnEmptyRequest(text: String) throws {
    #expect(try JSONRequest.decode(text).records.count == 0)
  }

  @Test func aByteOrderMarkAtTheStartIsSkipped() throws {
    #expect(try JSONRequest.decode("\u{FEFF}" + JSONRequest.record("")).records.count == 1)
    #expect(JSONRequest.error("\u{FEFF}\u{FEFF}{}")?.offset == 3)
  }

  @Test func J1_originalFieldNamesAreUnknown() throws {
    let text = #"""
      {"resource_logs":[{}],"resourceLogs":[{"schema_url":"x","scope_logs":[{}],"scopeLogs":[{"log_records":[{}],
      "logRecords":[{"severity_number":9,"severity_text":"x","time_unix_nano":"5","trace_id":"zz","span_id":1,
      "dropped_attributes_count":9,"event_name":"e","observed_time_unix_nano":5,
      "body":{"string_value":"x","int_value":1}}]}]}]}
      """#
    let batch = try JSONRequest.decode(text)
    #expect(batch.records.count == 1)
    let record = batch.records[0]
    #expect(record.severityNumber == 0)
    #expect(record.timeUnixNano == 0)
    #expect(record.severityText.isEmpty)
    #expect(record.eventName.isEmpty)
    #expect(record.body == .empty)
    var expected = Oddities()
    expected.snakeCaseMembers = 14
    #expect(batch.oddities == expected)
  }

  @Test(arguments: [
    "null", "true", "false", "0", "-1.5e+3", #""""#, #""a\"b\u00e9\\""#, "{}", "[]", "[[]]", #"{"a":{}}"#,
    #"[1,"]",{"}":[null,true,{"x":[]}]},"\\"]"#, #"{"key":"k","value":{"stringValue":[1]}}"#, " [ 1 , { } ] ",
  ])
  func J2_unknownFieldsOfAnyShapeAreIgnoredAtEveryLevel(shape: String) throws {
    let unknown = #""unknown":\#(shape)"#
    let value = #"{\#(unknown),"stringValue":"v",\#(unknown)}"#
    let attributes = #""attributes":[{\#(unknown),"key":"k",\#(unknown),"value":\#(value),\#(unknown)}]"#
    let list = #"{"arrayValue":{\#(unknown),"values":[{"kvlistValue":{"values":[],\#(unknown)}}],\#(unknown)}}"#
    let record = #"{\#(unknown),"body":\#(list),\#(unknown),\#(attributes),\#(unknown)}"#
    let scope = #""scope":{\#(unknown),\#(attributes),\#(unknown)}"#
    let resource = #""resource":{\#(unknown),\#(attributes),"entityRefs":[{\#(unknown),"type":"t"}],\#(unknown)}"#
    let scopeLogs = #"{\#(unknown),\#(scope),"logRecords":[\#(record)],\#(unknown)}"#
    let text = #"{\#(unknown),"resourceLogs":[{\#(unknown),\#(resource),"scopeLogs":[\#(scopeLogs)]}],\#(unknown)}"#
    let batch = try JSONRequest.decode(text)
    #expect(batch.records.count == 1)
    var expected = Oddities()
    // In an `AnyValue` a member that is null is as good as none, whatever its name.
    expected.unknownMembers = shape == "null" ? 25 : 31
    #expect(batch.oddities == expected)
    #expect(batch.readable(batch.records[0].body) == .array([.map([])]))
    for range in [batch.records[0].attributes, batch.scopes[0].attributes, batch.resources[0].attributes] {
      #expect(batch.readable(range) == [.init("k", "v")])
    }
    #expect(Array(batch.store[batch.resources[0].entityRefs.range]) == [0x1A, 3, 0x12, 1, UInt8(ascii: "t")])
  }

  @Test func J10_nullIsWhatAnAbsentFieldIs() throws {
    let members = [
      "timeUnixNano", "observedTimeUnixNano", "severityNumber", "severityText", "body", "attributes", "traceId",
      "spanId", "flags", "eventName", "droppedAttributesCount",
    ]
    let (record, oddities) = try JSONRequest.decodedRecord(members.map { "\"\($0)\":null" }.joined(separator: ","))
    #expect(record.timeUnixNano == 0)
    #expect(record.body == .empty)
    #expect(record.attributes.isEmpty)
    #expect(record.severityText.isEmpty)
    #expect(oddities.isEmpty)
    for kind in ["string", "int", "bool", "double", "array", "kvlist", "bytes"] {
      #expect(try JSONRequest.value(#"{"\#(kind)Value":null}"#) == .empty)
      #expect(try JSONRequest.value(#"{"intValue":1,"\#(kind)Value":null}"#) == 1)
    }
    let text = #"""
      {"resourceLogs":[null,{"resource":null,"schemaUrl":null,"scopeLogs":[null,{"scope":null,"schemaUrl":null,
      "logRecords":[null,{}]}]},{"resource":{"attributes":null,"entityRefs":null},"scopeLogs":[{"scope":
      {"name":null,"version":null,"attributes":null,"droppedAttributesCount":null}}]}]}
      """#
    let batch = try JSONRequest.decode(text)
    #expect(batch.records.count == 1)
    #expect(batch.scopes.count == 2)
    #expect(batch.resources.count == 2)
  }

  @Test func J12_entityReferencesBecomeProtobuf() throws {
    let batch = try JSONRequest.decode(Self.full)
    let ref = Message(
      .string(1, "u"), .string(2, "service"), .string(3, "a"), .string(3, "b"), .string(4, "c"))
    let expected = Message(.message(3, ref), .message(3, Message()))
    #expect(Array(batch.store[batch.resources[0].entityRefs.range]) == expected.bytes)
  }

  @Test func J12_longAndEscapedEntityReferencesBecomeProtobuf() throws {
    let long = String(repeating: "k", count: 200)
    let refs = #"[{"type":"\u0041\uD800","idKeys":["\#(long)"]}]"#
    let batch = try JSONRequest.decode(#"{"resourceLogs":[{"resource":{"entityRefs":\#(refs)}}]}"#)
    let expected = Message(.message(3, Message(.string(2, "A\u{FFFD}"), .string(3, long))))
    #expect(Array(batch.store[batch.resources[0].entityRefs.range]) == expected.bytes)
    #expect(batch.oddities.repairedStrings == 1)
  }

  @Test func J12_eventNameAndFlagsAreKeptWhole() throws {
    let batch = try JSONRequest.decode(JSONRequest.record(#""eventName":"a.b","flags":4294967041"#))
    #expect(batch.text(batch.records[0].eventName) == "a.b")
    #expect(batch.records[0].flags == 0xFFFF_FF01)
  }

  @Test func ofDuplicateFieldsTheLastWinsAndListsAreJoined() throws {
    let first = #""flags":1,"severityText":"a","body":{"intValue":1},"attributes":[{"key":"a"}]"#
    let second = #""flags":2,"severityText":"b","body":{"intValue":2},"attributes":[{"key":"b"}]"#
    let batch = try JSONRequest.decode(JSONRequest.record(first + "," + second))
    #expect(batch.records[0].flags == 2)
    #expect(batch.text(batch.records[0].severityText) == "b")
    #expect(batch.readable(batch.records[0].body) == 2)
    #expect(batch.readable(batch.records[0].attributes) == [.init("a", .empty), .init("b", .empty)])
    #expect(
      try JSONRequest.value(#"{"arrayValue":{"values":[{"intValue":1}],"values":[{"intValue":2}]}}"#)
        == .array([1, 2]))
  }

  @Test func keysMayBeEscaped() throws {
    let batch = try JSONRequest.decode(JSONRequest.record(#""\u0062o\u0064y":{"\u0073tringValue":"v"},"fl\u00e4gs":1"#))
    #expect(batch.readable(batch.records[0].body) == "v")
    #expect(batch.records[0].flags == 0)
    // A key of any length that has to be unescaped, or repaired so that it grows, is just not known.
    for count in [22, 32, 33, 192, 193, 1000] {
      let escaped = String(repeating: #"\u0061"#, count: count)
      #expect(try JSONRequest.decodedRecord(#""\#(escaped)":1,"flags":2"#).record.flags == 2)
      let invalid = [UInt8](repeating: 0xFF, count: count) + Array(#"\n":1,"#.utf8)
      let request = Array(#"{""#.utf8) + invalid + Array(#""resourceLogs":[{}]}"#.utf8)
      #expect(try JSONRequest.decode(request).resources.count == 1)
    }
    let name = "observedTimeUnixNano".unicodeScalars.map { #"\u00\#(String($0.value, radix: 16))"# }.joined()
    #expect(try JSONRequest.decodedRecord(#""\#(name)":7"#).record.observedTimeUnixNano == 7)
  }
}
