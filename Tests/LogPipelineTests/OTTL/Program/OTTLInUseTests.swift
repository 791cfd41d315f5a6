import Testing

@testable import LogPipeline

/// Forms of statements and conditions that stand in public configurations, each compiled and run over a record.
@Suite struct OTTLInUseTests {
  private static let json = #"""
    {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},
    {"key":"kyma.x","value":{"stringValue":"1"}},{"key":"k8s.node.name","value":{"stringValue":"n"}}]},"scopeLogs":[{
    "scope":{"name":"lib","version":"1"},"logRecords":[{"severityNumber":9,"severityText":"info",
    "timeUnixNano":"1700000000000000000","observedTimeUnixNano":"1700000000000000001",
    "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",
    "body":{"stringValue":"{\"level\":\"WARN\",\"n\":1,\"msg\":\"a,b\"}"},"attributes":[
    {"key":"level","value":{"stringValue":"WARN"}},{"key":"tid","value":{"stringValue":"7"}},
    {"key":"client.port","value":{"stringValue":"80"}},{"key":"duration","value":{"stringValue":"1.5"}},
    {"key":"network.protocol.name","value":{"stringValue":"HTTP/1.1"}},
    {"key":"raw_attrs","value":{"stringValue":"a:1, b:2"}},
    {"key":"timestamp","value":{"stringValue":"2024/01/15 10:30:00"}},
    {"key":"map","value":{"kvlistValue":{"values":[{"key":"a","value":{"stringValue":"b"}}]}}}]}]}]}]}
    """#

  /// How often each of some statements was run, and how often it failed.
  private func run(_ statements: [String], in context: OTTLContext?) throws -> [(met: Int, faults: Int)] {
    var source = OTTLGroupSource()
    source.context = context
    source.statements = try statements.map { try OTTLParser.statement($0) }
    let program = try OTTLProgram([source])
    var batch = LogBatch()
    try batch.decode(json: Array(Self.json.utf8), limits: DecodeLimits())
    try program.run(over: &batch, of: RequestContext())
    return program.groups[0].statements.map { ($0.tally.met.value, $0.tally.faults.value) }
  }

  @Test(arguments: [
    "set(observed_time, time)", "set(observed_time, Now())", #"delete_key(attributes, "tid")"#,
    #"merge_maps(attributes, cache, "insert")"#, #"replace_pattern(body, "localhost", "127.0.0.1")"#,
    #"delete_matching_keys(resource.attributes, "kyma.*")"#, #"keep_keys(attributes, [""])"#,
    #"replace_all_patterns(attributes, "key", "\\.", "_")"#, "truncate_all(attributes, 10000)",
    #"merge_maps(attributes, ParseJSON(body), "upsert")"#, #"set(body, Split(body.string, "\n")) where IsString(body)"#,
    #"set (attributes["k8s.node.name"], Concat([attributes["k8s.node.name"], "k8s-1"], "-"))"#,
    "set(body, Substring(body,0, 10))", #"set(attributes["client.port"], Int(attributes["client.port"]))"#,
    #"set(body, Split(body, ","))"#, #"set(attributes["level"], ConvertCase(severity_text, "lower"))"#,
    #"set(body, String(attributes["map"])) where IsMap(attributes["map"])"#,
    #"set(cache["substr"], body.string) where Len(body.string) < 256"#,
    #"set(attributes["interval"], Milliseconds(Duration("1h")))"#,
    #"delete_key(resource.attributes, "service.name") where resource.attributes["service.name"] != nil and HasPrefix(resource.attributes["service.name"], "s")"#,
    #"set(attributes["duration_ms"], Double(attributes["duration"])) where attributes["duration"] != nil"#,
    #"set(time, Time(attributes["timestamp"], "%Y/%m/%d %H:%M:%S")) where attributes["timestamp"] != nil"#,
    #"set(attributes["network.protocol.name"], ToLowerCase(Split(attributes["network.protocol.name"], "/")[0]))"#,
    #"merge_maps(attributes, ParseKeyValue(attributes["raw_attrs"], ":", ", "), "upsert") where attributes["raw_attrs"] != nil"#,
    #"set(severity_text, ToUpperCase(attributes["level"])) where attributes["level"] != nil"#,
    #"set(cache, ExtractPatterns(body, "(?P<found>(\\{.*\\}))")) where IsString(body)"#,
    #"set(attributes["found"], ExtractPatterns(body, "(?P<a>\\{)")["a"])"#,
    #"set(attributes["level"], ParseJSON(body)["level"])"#,
    #"set(attributes["a"]["b"], body["x"]["y"]["z"]) where IsMap(body) or true == true"#,
    #"set(severity_number, SEVERITY_NUMBER_WARN) where severity_number == 9 or severity_text == "warn""#,
    #"set(severity_text, "FATAL") where severity_number < SEVERITY_NUMBER_FATAL and not IsMatch(severity_text, "^x")"#,
    #"set(attributes["t"], trace_id.string) where trace_id.string != "" and span_id.string != nil"#,
    #"set(attributes["s"], instrumentation_scope.name) where instrumentation_scope.version != nil"#,
    #"set(attributes["s"], scope.name) where not (scope.version == nil or flags == 1)"#,
    #"set(time_unix_nano, observed_time_unix_nano) where time_unix_nano != 0"#,
    "set(attributes[\"a\"],\n  resource.attributes[\"service.name\"]\n) where\n  resource.attributes[\"service.name\"] != nil",
    "flatten(attributes)", "truncate_all(body, 10000)",
    #"set(cache, ExtractPatterns(body, "(?P<0>(\\{.*\\}))")) where IsString(body)"#,
    #"set(attributes["n"], Int(Split(attributes["network.protocol.name"], "/")[1])) where Len(Split(body, ",")) > 1"#,
    #"set(attributes["n"], Split(Split(attributes["raw_attrs"], ", ")[1], ":")[0])"#,
    #"set(attributes["a"], Concat([attributes["level"], attributes["tid"]], "")) where IsMatch(String(body), "level")"#,
    #"set(attributes["new.key"], attributes["map"]["a"]) where IsMap(attributes["map"]) and attributes["map"]["a"] != nil"#,
    #"delete_key(attributes["map"], "a") where attributes["map"]["a"] == "b""#,
    #"set(attributes["a"], Double(attributes["duration"])) where not IsMatch(attributes["level"], "(?i)^debug$")"#,
    #"set(severity_number, SEVERITY_NUMBER_TRACE) where IsMatch(severity_text, "^(?i)(trace|info)")"#,
    #"replace_all_patterns(attributes, "value", "^WARN$", "$$1")"#,
    #"replace_pattern(attributes["level"], "W(A)", "$1")"#,
    #"set(instrumentation_scope.attributes["a"], "b") where instrumentation_scope.attributes["none"] == nil"#,
    #"set(body, "") where body.string == "" or flags == 0 and (time_unix_nano > 1 or observed_time != time)"#,
    #"keep_keys(resource.attributes, ["service.name", "host.name"])"#,
    #"set(body["k"]["a"], body["x"]["y"])"#,
  ])
  func statementsOfRecords(_ statement: String) throws {
    let outcomes = try run([statement], in: .log)
    // The body is a text, which has no members.
    let isFault = statement.contains(#"body["x"]"#) || statement.contains("truncate_all(body")
    #expect(outcomes.map(\.faults) == [isFault ? 1 : 0])
    #expect(outcomes.map(\.met) == [isFault ? 0 : 1])
  }

  @Test func chainsGoOnWithWhatCameBefore() throws {
    let outcomes = try run(
      [
        #"set(log.cache, ParseJSON(log.body)) where IsMatch(log.body, "^\\{")"#,
        "flatten(log.attributes) where IsMap(log.cache)",
        #"set(log.severity_text, log.cache["level"]) where log.cache["level"] != nil"#,
        #"set(log.severity_number, SEVERITY_NUMBER_WARN) where log.severity_text == "WARN""#,
        #"set(log.body, log.cache["msg"]) where log.severity_number == SEVERITY_NUMBER_WARN"#,
        #"set(log.attributes["first"], Split(log.body, ",")[0]) where log.body == "a,b""#,
        #"delete_key(log.attributes, "first") where log.attributes["first"] == "a""#,
      ], in: nil)
    #expect(outcomes.map(\.met) == Array(repeating: 1, count: 7))
    #expect(outcomes.map(\.faults) == Array(repeating: 0, count: 7))
  }

  @Test(arguments: [
    (#"set(attributes["a"], "b")"#, OTTLContext.resource), (#"set(attributes["a"], name)"#, .scope),
    (#"set(resource.attributes["a"], scope.name)"#, .scope), (#"delete_key(resource.attributes, "kyma.x")"#, .resource),
  ])
  func statementsOfScopesAndResources(_ statement: String, _ context: OTTLContext) throws {
    #expect(try run([statement], in: context).map(\.met) == [1])
  }

  /// What filters, routes and deduplication ask.
  @Test(arguments: [
    (#"IsMatch(body, ".*error.*")"#, OTTLContext.log, false), (#"IsMatch(body, "level")"#, .log, true),
    ("severity_number < SEVERITY_NUMBER_WARN", .log, true),
    ("severity_number != 0 and severity_number < SEVERITY_NUMBER_INFO", .log, false),
    (#"attributes["level"] == "WARN" or attributes["level"] == "ERROR""#, .log, true),
    (#"not IsMatch(resource.attributes["service.name"], "^(shop|cart)$")"#, .log, false),
    (#"IsMatch(resource.attributes["service.name"], "^(shop|cart)$") == true"#, .log, true),
    (#"attributes["none"] != nil and IsMatch(attributes["none"], "x")"#, .log, false),
    (#"resource.attributes["k8s.node.name"] == nil"#, .log, false), ("time_unix_nano == 0", .log, false),
    (#"attributes["service.name"] == "shop""#, .resource, true), (#"name == "lib" and version == "1""#, .scope, true),
    (#"IsMatch(attributes["rr-web.event"], ".*")"#, .resource, false),
    (#"log.attributes["map"]["a"] == "b" and log.severity_text == "info""#, .log, true),
    (#"attributes["client.port"] > 79"#, .log, false), (#"Int(attributes["client.port"]) > 79"#, .log, true),
    ("false", .log, false), (#"(body == nil or body == "") and true"#, .log, false),
  ])
  func conditions(_ condition: String, _ context: OTTLContext, _ holds: Bool) throws {
    let conditions = try OTTLConditions([try OTTLParser.condition(condition)], context: context)
    var batch = LogBatch()
    try batch.decode(json: Array(Self.json.utf8), limits: DecodeLimits())
    #expect(try conditions.matches(in: batch, of: RequestContext()) == [holds])
    #expect(conditions.all.map(\.tally.faults.value) == [0])
  }

  /// Two names that no Collector knows, which one repository has all the same.
  @Test(arguments: [
    (#"set(body, body) where len(body) > 0"#, "the names of converters begin with a capital letter"),
    (#"set(attributes["pid"], ParseRE(body.string, "x").groups[0])"#, "expected , or ), found ."),
  ])
  func whatTheCollectorRefusesIsRefused(_ statement: String, _ part: String) {
    let error = #expect(throws: OTTLLoadError.self) { try OTTLParser.statement(statement) }
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
  }
}
