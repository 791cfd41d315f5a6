import Testing

@testable import LogPipeline

/// What stands where in a tree, and which part of the text.
@Suite struct OTTLTreeTests {
  @Test func aPathHasAContextFieldsAndKeys() throws {
    let text = #"log.body["k"][0].string"#
    guard case .path(let path) = try OTTLParser.value(text).kind else { throw Unlike() }
    #expect(path.context == "log")
    #expect(path.fields.map(\.name) == ["body", "string"])
    #expect(path.fields[0].keys.map(\.description) == [#""k""#, "0"])
    #expect(path.span.text(in: text) == text)
    #expect(path.fields[0].span.text(in: text) == #"body["k"][0]"#)
    #expect(path.fields[0].keys[0].span.text(in: text) == #""k""#)
  }

  @Test(
    arguments: [
      ("body.string", nil, ["body", "string"]), ("resource", nil, ["resource"]), ("log", nil, ["log"]),
      ("instrumentation_scope.name", "instrumentation_scope", ["name"]), (#"resource["a"].b"#, nil, ["resource", "b"]),
      ("otelcol.client.addr", "otelcol", ["client", "addr"]), ("span.name", "span", ["name"]),
    ] as [(String, String?, [String])])
  func whichWordIsAContext(_ text: String, _ context: String?, _ fields: [String]) throws {
    guard case .path(let path) = try OTTLParser.value(text).kind else { throw Unlike() }
    #expect(path.context == context)
    #expect(path.fields.map(\.name) == fields)
  }

  @Test func parametersOfLambdasAreNoPaths() throws {
    guard case .call(let call) = try OTTLParser.value(#"F((k, v) => v["x"] == k and w == v.y, v)"#).kind,
      case .lambda(let lambda) = call.arguments[0].value.kind, case .condition(let body) = lambda.body,
      case .all(let all) = body.kind, case .comparison(let left, .equal, let right) = all[0].kind,
      case .comparison(let other, .equal, let path) = all[1].kind
    else { throw Unlike() }
    #expect(lambda.parameters == ["k", "v"])
    guard case .local(let field) = left.kind, case .local = right.kind else { throw Unlike() }
    #expect(field.name == "v" && field.keys.count == 1)
    guard case .path = other.kind, case .path = path.kind, case .path = call.arguments[1].value.kind else {
      throw Unlike()
    }
  }

  @Test func partsKnowTheirPlace() throws {
    let text = "set(a, 1 +  2*b)\n where not (IsMap( c ) or d == -1)"
    let statement = try OTTLParser.statement(text)
    #expect(statement.editor.nameSpan.text(in: text) == "set")
    #expect(statement.editor.arguments[1].span.text(in: text) == "1 +  2*b")
    let condition = try #require(statement.condition)
    #expect(condition.span.text(in: text) == "not (IsMap( c ) or d == -1)")
    guard case .not(let inner) = condition.kind, case .any(let two) = inner.kind,
      case .comparison(_, _, let minus) = two[1].kind,
      case .math(_, .add, let product) = statement.editor.arguments[1].value.kind
    else { throw Unlike() }
    #expect(two.map { $0.span.text(in: text) } == ["IsMap( c )", "d == -1"])
    #expect(minus.span.text(in: text) == "-1")
    #expect(product.span.text(in: text) == "2*b")
  }

  @Test func symbolsAreToldFromNamesOfFunctions() throws {
    guard case .call(let call) = try OTTLParser.value("F(SHA256, Hex, A)").kind else { throw Unlike() }
    guard case .symbol("SHA256") = call.arguments[0].value.kind,
      case .functionName("Hex") = call.arguments[1].value.kind,
      case .symbol("A") = call.arguments[2].value.kind
    else { throw Unlike() }
  }

  /// A tree is not what it should be.
  private struct Unlike: Error {}
}
