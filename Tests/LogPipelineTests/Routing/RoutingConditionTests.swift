import Testing

@testable import LogPipeline

@Suite struct RoutingConditionTests {
  /// Three records of one resource: an error of `scopeA`, an info of `scopeA`, a bare one of no scope.
  private func batch() throws -> LogBatch {
    var batch = LogBatch()
    let json = #"""
      {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[
      {"scope":{"name":"scopeA"},"logRecords":[
      {"severityNumber":17,"severityText":"ERROR","body":{"stringValue":"no \"luck\""},"attributes":[
      {"key":"region","value":{"stringValue":"east"}},{"key":"status","value":{"intValue":"500"}},
      {"key":"ok","value":{"boolValue":false}},{"key":"none","value":{}}]},
      {"severityNumber":9,"severityText":"INFO","body":{"stringValue":"fine"},"attributes":[
      {"key":"region","value":{"stringValue":"west"}},{"key":"status","value":{"doubleValue":500}}]}]},
      {"logRecords":[{}]}]}]}
      """#
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    return batch
  }

  private func matches(_ condition: String, _ context: RoutingCondition.Context?) throws -> [Bool] {
    guard case .records(let read) = try RoutingCondition(condition, context: context) else { return [] }
    return RecordMatcher([read]).matches(in: try batch())
  }

  @Test(arguments: [
    (#"attributes["region"] == "east""#, [true, false, false]),
    (#"attributes["region"] != "east""#, [false, true, true]),
    (#"attributes["region"] != nil"#, [true, true, false]), (#"attributes["region"] == nil"#, [false, false, true]),
    (#"attributes["none"] == nil"#, [true, true, true]), (#"attributes["status"] == 500"#, [true, true, false]),
    (#"attributes["status"] == "500""#, [false, false, false]), (#"attributes["ok"] == false"#, [true, false, false]),
    (#"log.attributes["region"]=="west""#, [false, true, false]),
    ("severity_number >= 9", [true, true, false]), ("severity_number > 9", [true, false, false]),
    ("severity_number < SEVERITY_NUMBER_ERROR", [false, true, true]),
    ("severity_number <= SEVERITY_NUMBER_ERROR", [true, true, true]), ("severity_number == 9", [false, true, false]),
    ("severity_number != SEVERITY_NUMBER_INFO", [true, false, true]), ("severity_number >= 0", [true, true, true]),
    ("severity_number == SEVERITY_NUMBER_UNSPECIFIED", [false, false, true]),
    ("severity_number < SEVERITY_NUMBER_ERROR2", [true, true, true]),
    (#"severity_text == "INFO""#, [false, true, false]), (#"severity_text != "INFO""#, [true, false, true]),
    (#"body == "no \"luck\"""#, [true, false, false]), (#"IsMatch(body, "^(no|fine)")"#, [true, true, false]),
    (#"IsMatch(attributes["region"], "st$")"#, [true, true, false]),
    (#"not IsMatch(severity_text, "^E")"#, [false, true, true]),
    (#"instrumentation_scope.name == "scopeA""#, [true, true, false]),
    (#"IsMatch(scope.name, "A$") and not body == "fine""#, [true, false, false]),
    (#"resource.attributes["service.name"] == "shop""#, [true, true, true]),
    (
      #"resource.attributes["service.name"] == "shop" and instrumentation_scope.name == "scopeA" "#
        + #"and attributes["region"] != nil"#, [true, true, false]
    ),
    (#"severity_number == 9 or severity_number == 17 and body == "x""#, [false, true, false]),
    (#"(severity_number == 9 or severity_number == 17) and body == "fine""#, [false, true, false]),
    (#"not (severity_number == 9 or severity_number == 17)"#, [false, false, true]),
    (#"not severity_number == 9 and body != "x""#, [true, false, true]), ("true", [true, true, true]),
    ("false", [false, false, false]),
  ])
  func conditionsOfLogs(condition: String, expected: [Bool]) throws {
    #expect(try matches(condition, .log) == expected)
  }

  @Test func withoutAContextAttributesAreTheResources() throws {
    for context in [nil, RoutingCondition.Context.resource] {
      #expect(try matches(#"attributes["service.name"] == "shop""#, context) == [true, true, true])
      #expect(try matches(#"IsMatch(resource.attributes["service.name"], "^sh")"#, context) == [true, true, true])
      #expect(try matches(#"attributes["region"] == "east""#, context) == [false, false, false])
    }
    #expect(try matches(#"log.severity_number >= 17"#, nil) == [true, false, false])
    #expect(try matches(#"log.attributes["region"] == "east""#, nil) == [true, false, false])
  }

  @Test func conditionsOfRequests() throws {
    func matches(_ condition: String, _ tenant: String?) throws -> Bool {
      guard case .request(let matcher) = try RoutingCondition(condition, context: .request) else { return false }
      var request = RequestContext()
      if let tenant { request.addField("x-tenant", tenant) }
      return matcher.matches(request)
    }
    #expect(try matches(#"request["X-Tenant"] == "acme""#, "acme"))
    #expect(try !matches(#"request["X-Tenant"] == "acme""#, "other"))
    #expect(try matches(#"request["X-Tenant"] != "acme""#, "other"))
    #expect(try !matches(#"request["X-Tenant"] != "acme""#, nil))
  }

  @Test func statementsAreConditionsAfterWhere() throws {
    guard
      case .records(let read) = try RoutingCondition(
        statement: #"route() where attributes["service.name"] == "shop""#, context: nil)
    else {
      Issue.record("not of records")
      return
    }
    #expect(RecordMatcher([read]).matches(in: try batch()) == [true, true, true])
    #expect(throws: ConditionError.self) { try RoutingCondition(statement: #"set(body, "x")"#, context: nil) }
    #expect(throws: ConditionError.self) {
      try RoutingCondition(statement: #"route() where request["a"] == "b""#, context: .request)
    }
  }

  @Test(arguments: [
    #"attributes["a"] > 5"#, #"attributes["a"]["b"] == 1"#, #"attributes["a"] == attributes["b"]"#,
    #"Len(body) > 5"#, #"IsMap(body)"#, #"trace_id.string == "00""#, #"attributes["a"] == 1.5"#, "body == 5",
    #"resource.schema_url == """#, #"attributes["a"] == "b" xor true"#, #"body == "a" body == "b""#, "1 == 1",
    #"attributes[0] == "a""#, #"body == "\x41""#, "severity_number == nil", "body =~ 5", "%",
  ])
  func whatIsNotSupportedSaysSo(condition: String) {
    let error = #expect(throws: ConditionError.self) { try RoutingCondition(condition, context: .log) }
    #expect(error?.message.contains("not yet supported") == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    ("", "ends too early"), ("body ==", "ends too early"), (#"body == "x"#, "closing quote"),
    (#"body == "x\"#, "closing"),
    ("(true", "ends too early"), ("(true]", "expected ), found ]"), (#"IsMatch(body, "(")"#, "the pattern"),
    ("IsMatch(body, 5)", "in quotes"), ("not", "ends too early"),
  ])
  func whatIsBrokenIsNamed(condition: String, message: String) {
    let error = #expect(throws: ConditionError.self) { try RoutingCondition(condition, context: .log) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func recordPathsNeedTheContextLog() {
    for path in ["body", "severity_text", "scope.name"] {
      let error = #expect(throws: ConditionError.self) { try RoutingCondition(#"\#(path) == "x""#, context: nil) }
      #expect(error?.message == "\(path) needs context: log")
      #expect(throws: ConditionError.self) { try RoutingCondition(#"log.body == "x""#, context: .resource) }
    }
  }

  @Test func nestingIsBounded() throws {
    func nested(_ levels: Int) -> String {
      String(repeating: "(", count: levels) + "true" + String(repeating: ")", count: levels)
    }
    #expect(throws: Never.self) { try RoutingCondition(nested(64), context: .log) }
    #expect(throws: ConditionError.self) { try RoutingCondition(nested(65), context: .log) }
    #expect(throws: ConditionError.self) {
      try RoutingCondition(String(repeating: "not ", count: 100_000) + "true", context: .log)
    }
  }

  @Test func noConditionCrashes() {
    let pieces = [
      "attributes", "[", "]", "\"k\"", "==", "!=", "<", ">=", "(", ")", "and", "or", "not", "IsMatch", ",", "nil", "9",
      "-", "\"", "\\", "body", "severity_number", "request", "route", "where", "é", "99999999999999999999", " ",
    ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined(separator: Bool.random(using: &random) ? " " : "")
      for context in [nil, RoutingCondition.Context.log, .request] {
        _ = try? RoutingCondition(text, context: context)
        _ = try? RoutingCondition(statement: text, context: context)
      }
    }
  }

  @Test func extremeSeverityNumbersDoNotTrap() throws {
    #expect(try matches("severity_number > 9223372036854775807", .log) == [false, false, false])
    #expect(try matches("severity_number < -9223372036854775808", .log) == [false, false, false])
  }
}
