import Testing

@testable import LogPipeline

@Suite struct OTTLCompilerTests {
  @Test(arguments: [
    ("sett(body, 1)", #"line 1, column 1: there is no editor sett (did you mean "set"?)"#),
    ("set(body, now())", nil as String?),
    ("set(body, Noww())", #"line 1, column 11: there is no converter Noww (did you mean "Now"?)"#),
    ("set(body)", "line 1, column 1: set lacks the argument value: it takes 2 arguments, 1 given"),
    ("set(body, 1, 2)", "line 1, column 14: set takes 2 arguments, 3 given"),
    ("set(body, value = 1, value = 2)", "line 1, column 22: value is given twice"),
    ("set(body, valu = 1)", #"line 1, column 11: set has no parameter valu (did you mean "value"?)"#),
    ("set(1, 2)", "line 1, column 5: target: expected a path"),
    ("delete_key(severity_text, \"x\")", "line 1, column 12: target: expected the path of a map or list, found severity_text"),
    ("set(otelcol.client.addr, \"x\")", "line 1, column 5: target: otelcol.client.addr cannot be changed: it is the request's"),
    (#"set(body, Split(1, ","))"#, "line 1, column 17: target: expected a text, found a whole number"),
    (#"set(body, Split(nil, ","))"#, "line 1, column 17: target: expected a text, found nil"),
    (#"set(body, 1) where IsMatch(body, "(")"#, "line 1, column 34: pattern: the pattern is refused: missing ): ("),
    (#"merge_maps(attributes, body, "upset")"#,
      #"line 1, column 30: strategy: expected one of "insert", "update", "upsert", found "upset" (did you mean "upsert"?)"#),
    ("merge_maps(attributes, body, body.string)",
      #"line 1, column 30: strategy: expected one of "insert", "update", "upsert""#),
    ("set(bdy, 1)", #"line 1, column 5: log has no bdy (did you mean "body"?)"#),
    ("set(log.boddy, 1)", #"line 1, column 5: log has no boddy (did you mean "body"?)"#),
    ("set(span.name, 1)",
      "line 1, column 5: span is not known for each log: paths begin with one of log., scope., instrumentation_scope., resource., otelcol."),
    ("set(severity_text[0], 1)", "line 1, column 19: severity_text has no members: expected no key"),
    ("set(body[\"x\"].string, 1)", "line 1, column 5: expected no key behind body: it stands before a point"),
    ("set(resource.cache[\"x\"], 1)", "line 1, column 5: the cache of resource is not at hand here: write log.cache"),
    ("set(body, SEVERITY_NUMBER_INF)", #"line 1, column 11: there is no symbol SEVERITY_NUMBER_INF (did you mean "SEVERITY_NUMBER_INFO"?)"#),
    ("set(body, attributes[1.5])", "line 1, column 22: expected a text or a whole number as key"),
    ("set(body, otelcol.client.metadata)",
      "line 1, column 11: expected a name in brackets behind client.metadata: only what is named is kept of a request"),
    ("set(body, 1)\n  where Split(\"a\", \"b\")", "line 2, column 9: expected a condition: Split gives no truth value"),
    ("set(body, 1) where Set(body)", "line 1, column 20: there is no converter Set"),
  ])
  func whatIsWrongIsFoundAtLoad(_ statement: String, _ expected: String?) throws {
    guard let expected else { return }
    let found = try OTTLTesting.problem(statement)
    #expect(found == expected)
  }

  @Test(arguments: [
    "set(target = body, value = 1)", "set(body, value = 1)", #"set(attributes["x"], "y") where Now() > time"#,
    #"set (body, Split (body, ",") [ 0 ] )"#, "set(log.body, log.severity_number)", "set(cache[\"x\"], scope.name)",
  ])
  func whatIsRightIsTaken(_ statement: String) throws {
    #expect(try OTTLTesting.problem(statement) == nil)
  }

  @Test func pathsAreThoseOfTheContext() throws {
    #expect(try OTTLTesting.problem(#"set(attributes["x"], name)"#, context: .scope) == nil)
    #expect(try OTTLTesting.problem(#"set(attributes["x"], schema_url)"#, context: .resource) == nil)
    #expect(
      try OTTLTesting.problem("set(body, 1)", context: .resource) == "line 1, column 5: resource has no body")
    #expect(
      try OTTLTesting.problem("set(attributes, log.body)", context: .resource)
        == "line 1, column 17: log is not known for each resource: paths begin with one of resource., otelcol.")
    #expect(
      try OTTLTesting.problem(#"set(attributes["x"], SEVERITY_NUMBER_INFO)"#, context: .resource)
        == "line 1, column 22: there is no symbol SEVERITY_NUMBER_INFO")
  }

  @Test func allProblemsAreToldAtOnce() throws {
    do {
      _ = try OTTLProgram([
        OTTLTesting.group(["set(a, 1)", "set(body, 1)", "sets(body)"], conditions: ["B()"]),
        OTTLTesting.group(["set(c, 1)"], context: .resource),
      ])
      Issue.record("expected problems")
    } catch let problems as OTTLSourceProblems {
      #expect(problems.all.map(\.group) == [0, 0, 0, 1])
      #expect(problems.all.map(\.part) == [.condition(0), .statement(0), .statement(2), .statement(0)])
    }
  }

  private func node(_ condition: String) throws -> OTTLNode {
    var compiler = OTTLCompiler(functions: .all)
    let index = try compiler.condition(try OTTLParser.condition(condition).condition)
    return compiler.code.nodes[Int(index)]
  }

  @Test(arguments: [
    ("1 < 2", true), ("not (1 < 2)", false), ("true and not false", true), (#""a" == "b""#, false), ("nil == nil", true),
    (#"severity_number == 9 and false"#, false), ("severity_number == 9 or 1 == 1", true), ("2 + 2 == 4", true),
    (#"Split("a,b", ",")[1] == "b""#, true), (#"IsMatch("abc", "b")"#, true), (#"{"a": [1]} == {"a": [1]}"#, true),
  ])
  func conditionsOfConstantsAreFolded(_ condition: String, _ value: Bool) throws {
    var compiler = OTTLCompiler(functions: .all)
    let index = try compiler.condition(try OTTLParser.condition(condition).condition)
    #expect(compiler.constant(of: index) == .bool(value))
  }

  @Test(arguments: [
    ("severity_number < 9", OTTLNode.Kind.severity), ("9 > log.severity_number", .severity),
    (#"IsMatch(body, "x")"#, .matches), ("IsMatch(body, body)", .truth), (#"attributes["x"] == nil"#, .absent),
    (#""x" != body"#, .sameText), ("body < \"x\"", .compare), ("severity_number == 9 and true", .severity),
    ("Now() == Now()", .compare), ("body == 1", .compare),
  ])
  func whatIsAskedMostHasNodesOfItsOwn(_ condition: String, _ kind: OTTLNode.Kind) throws {
    #expect(try node(condition).kind == kind)
  }

  @Test func pathsThatAreAskedForOftenShareASlot() throws {
    let program = try OTTLTesting.program([
      #"set(attributes["y"], 1) where attributes["x"] == "a" or attributes["x"] == "b""#,
      #"set(attributes["z"], attributes["once"]) where severity_number == 1 and severity_number == 2"#,
      #"set(attributes["t"], 1) where attributes["t"] == nil"#,
    ])
    #expect(program.code.slotCount == 1)
    #expect(program.code.nodes.count { $0.kind == .sharedPath } == 2)
  }
}
