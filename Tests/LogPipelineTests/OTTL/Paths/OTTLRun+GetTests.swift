import Testing

@testable import LogPipeline

@Suite struct OTTLRunGetTests {
  private static let record = #"""
    "timeUnixNano":"5","observedTimeUnixNano":"6","severityNumber":17,"severityText":"ERROR","flags":3,
    "traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"1112131415161718","eventName":"e",
    "droppedAttributesCount":2,"body":{"kvlistValue":{"values":[
      {"key":"a","value":{"arrayValue":{"values":[{"intValue":1},{"kvlistValue":{"values":[
        {"key":"deep","value":{"stringValue":"x"}}]}}]}}},{"key":"nothing","value":{}}]}},
    "attributes":[{"key":"k","value":{"stringValue":"v"}},{"key":"key","value":{"stringValue":"k"}},
      {"key":"index","value":{"intValue":1}},{"key":"b","value":{"bytesValue":"AAE="}}]
    """#
  private static let scope =
    #""name":"lib","version":"1.2","attributes":[{"key":"s","value":{"boolValue":true}}],"droppedAttributesCount":4"#
  private static let resource =
    #""attributes":[{"key":"service.name","value":{"stringValue":"shop"}}],"droppedAttributesCount":5"#

  private static func batch() throws -> LogBatch {
    try OTTLTesting.batch(record, scope: scope, resource: resource)
  }

  private static let deep = OTTLConstant.map([.init(key: Array("deep".utf8), value: .text("x"))])

  @Test(arguments: [
    ("log.time", OTTLConstant.time(5)), ("time_unix_nano", .int(5)), ("observed_time", .time(6)),
    ("log.observed_time_unix_nano", .int(6)), ("severity_number", .int(17)), ("log.severity_text", .text("ERROR")),
    ("flags", .int(3)), ("dropped_attributes_count", .int(2)), ("event_name", .text("e")),
    ("trace_id", .traceID(TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10))),
    ("trace_id.string", .text("0102030405060708090a0b0c0d0e0f10")), ("span_id", .spanID(0x1112_1314_1516_1718)),
    ("log.span_id.string", .text("1112131415161718")), (#"attributes["k"]"#, .text("v")),
    (#"log.attributes["none"]"#, .none), (#"log.attributes["none"]["more"][3]"#, .none),
    (#"attributes[attributes["key"]]"#, .text("v")), (#"attributes["b"]"#, .bytes([0, 1])),
    (#"body["a"][0]"#, .int(1)), (#"body["a"][1]"#, deep), (#"log.body["a"][1]["deep"]"#, .text("x")),
    (#"body["a"][attributes["index"]]["deep"]"#, .text("x")), (#"body["nothing"]"#, .none),
    (#"body["no"]["x"]"#, .none),
    ("body.string", .text(#"{"a":[1,{"deep":"x"}],"nothing":null}"#)), ("scope.name", .text("lib")),
    ("instrumentation_scope.version", .text("1.2")), (#"scope.attributes["s"]"#, .bool(true)),
    ("scope.dropped_attributes_count", .int(4)), ("scope.schema_url", .text("")),
    (#"resource.attributes["service.name"]"#, .text("shop")), ("resource.dropped_attributes_count", .int(5)),
    ("resource.schema_url", .text("")), ("cache", .map([])), (#"log.cache["x"]"#, .none),
    ("otelcol.client.addr", .none),
    (#"otelcol.client.metadata["x"]"#, .none),
  ])
  func pathsGiveWhatIsThere(_ path: String, _ expected: OTTLConstant) throws {
    #expect(try OTTLTesting.value(path, on: try Self.batch()) == expected)
  }

  @Test(arguments: [
    (#"attributes["k"]["x"]"#, OTTLFault.notIndexable), (#"body[0]"#, .notIndexable),
    (#"body["a"]["x"]"#, .notIndexable),
    (#"body["a"][2]"#, .outOfRange), (#"body["a"][-1]"#, .outOfRange),
    (#"attributes[attributes["index"]]"#, .notIndexable),
    (#"body["a"][attributes["none"]]"#, .notIndexable), (#"attributes[1 + 1]"#, .notIndexable),
  ])
  func keysOfAnotherKindAreFaults(_ path: String, _ fault: OTTLFault) throws {
    #expect(try OTTLTesting.fault(path, on: try Self.batch()) == fault)
  }

  @Test(arguments: [#""body":{"stringValue":"text"}"#, ""])
  func aBodyThatIsNoMapOrListHasNoMembers(_ record: String) throws {
    #expect(try OTTLTesting.fault(#"body["k"]"#, on: try OTTLTesting.batch(record)) == .notIndexable)
  }

  @Test(arguments: [
    (#""body":{"stringValue":"text"}"#, "text"), (#""body":{"intValue":5}"#, "5"),
    (#""body":{"boolValue":true}"#, "true"),
    (#""body":{"bytesValue":"AAE="}"#, "AAE="), ("", ""), (#""body":{"doubleValue":1.5}"#, "1.5"),
  ])
  func theTextOfABodyIsOfAnyKind(_ record: String, _ text: String) throws {
    #expect(try OTTLTesting.value("body.string", on: try OTTLTesting.batch(record)) == .text(text))
  }

  @Test func idsThatAreNotSetAreZero() throws {
    let batch = try OTTLTesting.batch()
    #expect(try OTTLTesting.value("trace_id.string", on: batch) == .text(String(repeating: "0", count: 32)))
    #expect(try OTTLTesting.value("span_id.string", on: batch) == .text(String(repeating: "0", count: 16)))
    #expect(try OTTLTesting.matches("trace_id != nil", in: batch) == [true])
  }

  @Test(arguments: [
    ("otelcol.client.addr", OTTLConstant.text("10.0.0.1")),
    (#"otelcol.client.metadata["X-Tenant"]"#, .list([.text("a"), .text("b")])),
    (#"otelcol.grpc.metadata["x-tenant"][1]"#, .text("b")), (#"otelcol.client.metadata["other"][0]"#, .none),
    (#"otelcol.client.auth.attributes["username"]"#, .text("ann")),
    (#"otelcol.client.auth.attributes["groups"]"#, .list([.text("x"), .text("y")])),
    (#"otelcol.client.auth.attributes["x-tenant"]"#, .none),
  ])
  func theRequestIsAsked(_ path: String, _ expected: OTTLConstant) throws {
    var request = RequestContext(clientAddress: "10.0.0.1", monotonicNano: 0)
    request.addField("X-Tenant", "a")
    request.addField("x-tenant", "b")
    request.addClaim("username", "ann")
    request.addClaim("groups", "x")
    request.addClaim("groups", "y")
    #expect(try OTTLTesting.value(path, on: try OTTLTesting.batch(), request: request) == expected)
  }

  @Test func whatIsAskedOfARequestIsToldToTheReceiver() throws {
    let program = try OTTLTesting.program([
      #"set(body, otelcol.client.metadata["X-Tenant"][0]) where otelcol.client.auth.attributes["sub"] != nil"#
    ])
    #expect(program.needsRequest)
    #expect(program.requestNames == [Array("x-tenant".utf8), RequestContext.claimName("sub")])
    #expect(try OTTLTesting.program(["set(body, 1)"]).needsRequest == false)
  }
}
