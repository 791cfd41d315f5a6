import Testing

@testable import LogPipeline

@Suite struct OTTLContextChoiceTests {
  private let choice: OTTLContextChoice = {
    let functions: Set<String> = ["set", "Concat", "SHA256", "IsMap"]
    return OTTLContextChoice(among: [
      OTTLContextFacts(
        name: "log", reaches: ["scope", "resource", "otelcol"],
        symbols: ["SEVERITY_NUMBER_INFO"], functions: functions.union(["OnlyOfLogs"])),
      OTTLContextFacts(name: "scope", reaches: ["resource", "otelcol"], symbols: [], functions: functions),
      OTTLContextFacts(
        name: "resource", reaches: ["otelcol"], symbols: [], functions: functions.union(["OnlyOfResources"])),
    ])
  }()

  private func context(_ statements: [String]) throws -> String {
    switch choice.context(of: try statements.map { OTTLUses(of: try OTTLParser.statement($0)) }) {
    case .success(let name): return name
    case .failure(let problems):
      return problems.all.map { "\($0.index): \($0.problem.described(in: statements[$0.index]))" }.joined(
        separator: "; ")
    }
  }

  @Test(arguments: [
    (["set(resource.attributes[\"a\"], 1)"], "resource"),
    (["set(resource.attributes[\"a\"], 1)", "set(log.body, 1)"], "log"),
    (["set(scope.name, resource.attributes[\"a\"])"], "scope"),
    (["set(instrumentation_scope.name, \"a\")"], "scope"),
    (["set(resource.attributes[\"a\"], 1) where IsMap(log.body)"], "log"),
    (["set(resource.attributes[\"a\"], otelcol.client.addr)"], "resource"),
    (["set(resource.attributes[Concat([scope.name], \"\")], {\"a\": [SHA256]})"], "scope"),
    (["set(resource.attributes[log.body], -1 + 2)"], "log"),
    (["set(scope.name, OnlyOfLogs())"], "0: line 1, column 17: no function OnlyOfLogs in the context scope"),
    (
      ["set(scope.name, 1) where 1 == SEVERITY_NUMBER_INFO"],
      "0: line 1, column 31: no symbol SEVERITY_NUMBER_INFO in the context scope"
    ),
    (
      ["set(log.severity_number, SEVERITY_NUMBER_INF)"],
      "0: line 1, column 26: no symbol SEVERITY_NUMBER_INF in the context log (did you mean \"SEVERITY_NUMBER_INFO\"?)"
    ),
    (
      ["set(log.body, Concat())", "set(log.body, Conact())"],
      "1: line 1, column 15: no function Conact in the context log (did you mean \"Concat\"?)"
    ),
    (["set(span.name, 1)"], "0: line 1, column 5: span.name: this gateway handles logs only"),
    (
      ["set(log.body, 1)", "set(body, attributes)"],
      "1: line 1, column 5: body does not say whose it is: expected one of log., scope., resource. before it, or the option context; 1: line 1, column 11: attributes does not say whose it is: expected one of log., scope., resource. before it, or the option context"
    ),
  ])
  func statementsTogether(_ statements: [String], _ expected: String) throws {
    #expect(try context(statements) == expected)
  }

  @Test func whatNamesNothingIsOfTheInnermost() throws {
    let condition = OTTLUses(of: try OTTLParser.condition("true and (1 == 2 or not IsMap({}))").condition)
    guard case .success("log") = choice.context(of: [condition]) else {
      Issue.record("not the context log")
      return
    }
  }

  /// A context that lacks a function yields to one that it reaches, if the paths allow.
  @Test func aContextFurtherOutMayHaveTheFunction() throws {
    #expect(try context(["set(resource.attributes[\"a\"], OnlyOfResources())"]) == "resource")
    #expect(
      try context(["set(scope.name, OnlyOfResources())"])
        == "0: line 1, column 17: no function OnlyOfResources in the context scope")
    let bare = OTTLUses(of: try OTTLParser.condition("OnlyOfResources()").condition)
    guard case .success("resource") = choice.context(of: [bare]) else {
      Issue.record("not the context resource")
      return
    }
  }
}
