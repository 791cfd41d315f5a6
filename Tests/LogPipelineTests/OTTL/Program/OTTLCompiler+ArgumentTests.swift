import Testing

@testable import LogPipeline

@Suite struct OTTLCompilerArgumentTests {
  @Test(arguments: [
    ("set(1, 2)", "line 1, column 5: target: expected a path"),
    (
      "delete_key(severity_text, \"x\")",
      "line 1, column 12: target: expected the path of a map or list, found severity_text"
    ),
    (
      "set(otelcol.client.addr, \"x\")",
      "line 1, column 5: target: otelcol.client.addr cannot be changed: it is the request's"
    ),
    (#"set(body, Split(1, ","))"#, "line 1, column 17: target: expected a text, found a whole number"),
    (#"set(body, Split(nil, ","))"#, "line 1, column 17: target: expected a text, found nil"),
    (#"set(body, 1) where IsMatch(body, "(")"#, "line 1, column 34: pattern: the pattern is refused: missing ): ("),
    (
      #"merge_maps(attributes, body, "upset")"#,
      #"line 1, column 30: strategy: expected one of "insert", "update", "upsert", found "upset""#
        + #" (did you mean "upsert"?)"#
    ),
    (
      "merge_maps(attributes, body, body.string)",
      #"line 1, column 30: strategy: expected one of "insert", "update", "upsert""#
    ),
    ("limit(attributes, severity_number, [])", "line 1, column 19: limit: expected a whole number that is constant"),
    ("keep_keys(attributes, true)", "line 1, column 23: keys: expected a list, found a truth value"),
    ("limit(attributes, 1, body)", "line 1, column 22: priority_keys: expected a list in brackets"),
    ("keep_keys(attributes, [1])", "line 1, column 24: keys: expected a text, found a whole number"),
    ("limit(attributes, 1, [body])", "line 1, column 23: priority_keys: expected a text that is constant"),
    (
      #"replace_pattern(body, "a", "b", Concat([body], ""))"#,
      "line 1, column 33: function: expected the name of a converter"
    ),
    (
      #"replace_pattern(body, "a", "b", SHA25)"#,
      #"line 1, column 33: there is no converter SHA25 (did you mean "SHA256"?)"#
    ),
    (
      #"replace_pattern(body, "a", "b", Substring)"#,
      "line 1, column 33: function: expected a converter of one argument, found Substring"
    ),
    (
      "set(body, All(body, (k) => true))",
      "line 1, column 21: predicate: expected a lambda of 2 parameters, found one of 1"
    ),
    ("set(body, All(body, true))", "line 1, column 21: predicate: expected a lambda of 2 parameters"),
    ("set(body, (k, v) => true)", "line 1, column 11: expected a value, found a lambda: only some functions take one"),
    ("set(body, Hours(body, SHA256))", "line 1, column 23: Hours takes 1 argument, 2 given"),
    ("set(body, IsMap(ToUpperCase))", "line 1, column 17: expected a value, found the function ToUpperCase"),
  ])
  func whatIsWrongWithAnArgumentIsFoundAtLoad(_ statement: String, _ problem: String) throws {
    #expect(try OTTLTesting.problem(statement) == problem)
  }

  /// What may be left out may be nil, which is not the same.
  @Test func nilIsGiven() throws {
    #expect(try OTTLTesting.problem("append(body, nil)") == nil)
    #expect(try OTTLTesting.problem("append(body)") != nil)
  }
}
