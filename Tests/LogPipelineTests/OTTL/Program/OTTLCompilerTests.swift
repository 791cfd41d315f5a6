import Testing

@testable import LogPipeline

@Suite struct OTTLCompilerTests {
  @Test(arguments: [
    "set(target = body, value = 1)", "set(body, value = 1)", #"set(attributes["x"], "y") where Now() > time"#,
    #"set (body, Split (body, ",") [ 0 ] )"#, "set(log.body, log.severity_number)", "set(cache[\"x\"], scope.name)",
  ])
  func whatIsRightIsTaken(_ statement: String) throws {
    #expect(try OTTLTesting.problem(statement) == nil)
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
    ("1 < 2", true), ("not (1 < 2)", false), ("true and not false", true), (#""a" == "b""#, false),
    ("nil == nil", true),
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
