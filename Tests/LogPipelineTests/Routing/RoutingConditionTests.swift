import Options
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

  /// What a row's condition or statement is read as, or what is said against it.
  private func read(
    _ text: String, _ context: RoutingCondition.Context?, isStatement: Bool = false
  ) -> (condition: RoutingCondition?, problems: [String]) {
    let place = ConfigPlace(source: "f.yaml")
    let entry = ConfigNode.Entry(key: "condition", place: place, value: ConfigNode(.scalar(.init(text)), at: place))
    let report = ConfigReport()
    let options = ConfigReader(ConfigNode(.map([entry]), at: place), path: "row", report: report)
    guard let text = options.text("condition", "") else { return (nil, report.errors.map(\.message)) }
    let reader = RoutingConditionReader(options: options, context: context, errorMode: .propagate)
    let condition = isStatement ? reader.statement(text) : reader.condition(text)
    return (condition, report.errors.map(\.message))
  }

  private func problem(
    _ text: String, _ context: RoutingCondition.Context?, isStatement: Bool = false
  ) -> String? {
    let (condition, problems) = read(text, context, isStatement: isStatement)
    #expect((condition == nil) == (problems.count == 1))
    return problems.first
  }

  private func matches(
    _ condition: String, _ context: RoutingCondition.Context?, isStatement: Bool = false
  ) throws -> [Bool] {
    let (read, problems) = read(condition, context, isStatement: isStatement)
    guard case .records(let compiled)? = read else {
      Issue.record("\(problems)")
      return []
    }
    return try compiled.conditions.matches(in: try batch(), of: RequestContext())
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
      guard case .request(let matcher)? = read(condition, .request).condition else { throw NotOfRequests() }
      var request = RequestContext()
      if let tenant { request.addField("x-tenant", tenant) }
      return matcher.matches(request)
    }
    #expect(try matches(#"request["X-Tenant"] == "acme""#, "acme"))
    #expect(try !matches(#"request["X-Tenant"] == "acme""#, "other"))
    #expect(try matches(#"request["X-Tenant"] != "acme""#, "other"))
    #expect(try !matches(#"request["X-Tenant"] != "acme""#, nil))
  }

  private struct NotOfRequests: Error {}

  @Test func statementsAreConditionsAfterWhere() throws {
    #expect(
      try matches(#"route() where attributes["service.name"] == "shop""#, nil, isStatement: true)
        == [true, true, true])
    guard case .everything? = read("route()", nil, isStatement: true).condition else {
      Issue.record("route() alone takes everything")
      return
    }
    #expect(
      problem(#"set(body, "x")"#, nil, isStatement: true)
        == "line 1, column 1: expected route(): a row changes nothing of records, set stands in a transform of the "
        + "pipeline that they go to")
    #expect(
      problem(#"delete_key(attributes, "x") where true"#, .resource, isStatement: true)
        == "line 1, column 1: expected route(): a row changes nothing of records, delete_key stands in a transform of the "
        + "pipeline that they go to")
    #expect(
      problem(#"route() where request["a"] == "b""#, .request, isStatement: true)
        == "line 1, column 1: the context request takes a condition, not a statement")
    #expect(
      problem(#" route() where attributes["a"] == "b""#, nil)
        == "line 1, column 1: expected a condition, found route(): that stands in the option statement")
  }

  /// What the small language of earlier versions did not have.
  @Test(arguments: [
    (#"attributes["status"] > 499"#, [true, true, false]), (#"attributes["status"] == 500.0"#, [true, true, false]),
    (#"Len(body.string) > 4"#, [true, false, false]), ("IsString(body)", [true, true, false]),
    (#"trace_id.string == "00000000000000000000000000000000""#, [true, true, true]),
    (#"attributes["region"] == attributes["region"]"#, [true, true, true]), (#"body == 5"#, [false, false, false]),
    (#"resource.schema_url == """#, [true, true, true]), ("1 == 1", [true, true, true]),
    (#"body == "\x66ine""#, [false, true, false]), ("severity_number == nil", [false, false, false]),
  ])
  func theWholeLanguage(condition: String, expected: [Bool]) throws {
    #expect(try matches(condition, .log) == expected)
  }

  @Test(arguments: [
    ("", "line 1, column 1: expected a value, found the end"),
    ("body ==", "line 1, column 8: expected a value, found the end"),
    (#"body == "x"#, "line 1, column 9: this text has no closing quote"),
    ("(true]", "line 1, column 6: expected and, or, or ), found ]"),
    (
      #"attributes["a"] == "b" xor true"#,
      #"line 1, column 24: expected and, or, or the end, found xor (did you mean "or"?)"#
    ),
    ("IsMatch(body, 5)", "line 1, column 15: pattern: expected a text, found a whole number"),
    ("Lenn(body) > 1", #"line 1, column 1: there is no converter Lenn (did you mean "Len"?)"#),
    (
      "set(body, 1)",
      "line 1, column 1: expected a value, found a call of set: the names of converters begin with a capital letter"
    ),
  ])
  func whatIsBrokenIsNamed(condition: String, message: String) {
    #expect(problem(condition, .log) == message)
  }

  @Test func recordPathsNeedTheContextLogOrTheirOwn() throws {
    #expect(problem(#"body == "x""#, nil) == "line 1, column 1: resource has no body")
    #expect(
      problem(#"log.body == "x""#, .resource)
        == "line 1, column 1: log is not known for each resource: paths begin with one of resource., otelcol.")
    #expect(
      try matches(#"log.severity_number >= 17 and attributes["service.name"] == "shop""#, nil) == [true, false, false])
    #expect(
      problem(#"attributes["a"] == "b""#, .request)
        == #"line 1, column 1: expected a condition such as request["x-tenant"] == "a""#)
  }

  /// A fault of one record is none of the others; the request is refused only if the table says so.
  @Test func faultsPropagate() throws {
    guard case .records(let compiled)? = read(#"attributes["status"] / 2 == 250"#, .log).condition else {
      Issue.record("not read")
      return
    }
    #expect(throws: OTTLFailure.self) { try compiled.conditions.matches(in: try self.batch(), of: RequestContext()) }
    #expect(compiled.tallies.map(\.faults) == [1])
  }

  @Test func extremeSeverityNumbersDoNotTrap() throws {
    #expect(try matches("severity_number > 9223372036854775807", .log) == [false, false, false])
    #expect(try matches("severity_number < -9223372036854775807", .log) == [false, false, false])
  }
}
