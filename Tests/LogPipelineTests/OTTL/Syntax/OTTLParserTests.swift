import Testing

@testable import LogPipeline

/// What is read and what is refused; trees are compared by the text that they print as, with all parentheses.
@Suite struct OTTLParserTests {
  private func problem(_ text: String, _ read: (String) throws(OTTLLoadError) -> Void) -> String? {
    do throws(OTTLLoadError) {
      try read(text)
      return nil
    } catch {
      return error.described(in: text)
    }
  }

  private func problem(ofStatement text: String) -> String? {
    problem(text) { (text) throws(OTTLLoadError) in _ = try OTTLParser.statement(text) }
  }

  private func problem(ofCondition text: String) -> String? {
    problem(text) { (text) throws(OTTLLoadError) in _ = try OTTLParser.condition(text) }
  }

  @Test(arguments: [
    "set(observed_time, time)", #"delete_key(attributes, "tid")"#, #"merge_maps(attributes, cache, "insert")"#,
    #"keep_keys(attributes, [""])"#, #"replace_all_patterns(attributes, "key", "\\.", "_")"#,
    "truncate_all(body, 10000)",
    #"route() where IsMatch(attributes["rr-web.event"], ".*")"#, "flatten(log.attributes) where IsMap(log.cache)",
    #"merge_maps(attributes, ParseJSON(body), "upsert")"#,
    #"set(log.cache, ExtractPatterns(log.body, "(?P<0>(\\{.*\\}))")) where IsString(log.body)"#,
    #"set(log.cache["substr"], log.body.string) where Len(log.body.string) < 256"#,
    #"set(attributes["a"]["b"], body["x"]["y"][0]) where trace_id.string != "" and span_id.string != nil"#,
    #"set(attributes["x"], Split(Split(body, ",")[1], ":")[0])"#,
    #"delete_key(resource.attributes, "a") where resource.attributes["a"] != nil and HasPrefix(resource.attributes["a"], "b")"#,
    #"set(severity_number, SEVERITY_NUMBER_WARN) where severity_text == "warn""#,
    #"replace_pattern(body, "a", "b", SHA256, "<%s>")"#, #"replace_pattern(body, "a", "b", function = ToUpperCase)"#,
    #"set(body, {"a": 1, "b": [true, nil, 0x00ff, {"c": {}}], "d": []})"#,
    #"set(attributes["n"], (severity_number + 1) * -2 - flags / 3.5)"#,
    #"set(attributes["n"], -attributes["m"]) where not (attributes["m"] == nil or IsString(attributes["m"]))"#,
    #"set(body, Filter(body, (_, v) => IsMatch(v, "x") and v != "y"))"#, #"set(body, When(() => true, "a", "b"))"#,
    #"set(body, Reduce(body, 0, (acc, k, v) => acc + v["n"]))"#,
    #"set(attributes[Concat(["a", "b"], ".")], attributes[body["k"]])"#,
    #"set(body, "x") where otelcol.client.metadata["x-tenant"][0] == "a""#,
    "set(time, Now()) where log.time_unix_nano == 0",
  ])
  func statementsPrintAsTheyWereWritten(_ text: String) throws {
    let statement = try OTTLParser.statement(text)
    #expect(statement.description == text)
    #expect(statement.editor.span.text(in: text) == statement.editor.description)
    #expect(statement.text == text)
  }

  @Test(arguments: [
    ("set (a, b)", "set(a, b)"), ("set(body, Substring(body,0, 10))", "set(body, Substring(body, 0, 10))"),
    ("set(\n  a,\n  b\n)\nwhere\n true", "set(a, b) where true"), ("set(a, Parse JSON (b))", "set(a, ParseJSON(b))"),
    ("set(a, [1 2])", "set(a, [1, 2])"), (#"set(a, {"b": 1 "c": 2,})"#, #"set(a, {"b": 1, "c": 2})"#),
    ("set(a, +5)", "set(a, 5)"), ("set(a, - 5)", "set(a, -5)"), ("set(a, -(5))", "set(a, -(5))"),
    ("set(a, ((b)))", "set(a, b)"), ("set(a, (1 + 2) + 3)", "set(a, 1 + 2 + 3)"),
    ("set(a, 1 + (2 + 3))", "set(a, 1 + (2 + 3))"), ("set(a, (1 * 2) + 3)", "set(a, 1 * 2 + 3)"),
    ("set(a, 1 + 2 * 3 - 4 / 5)", "set(a, 1 + 2 * 3 - 4 / 5)"), ("set(a, 1 - (2 - 3))", "set(a, 1 - (2 - 3))"),
    ("set(a, 2 * (3 * 4))", "set(a, 2 * (3 * 4))"), ("set(a, 1.50e21)", "set(a, 1.5e+21)"),
    ("set(a, 1.0e30)", "set(a, 1.0e+30)"), ("set(a, F(b, c=d, eF = g))", "set(a, F(b, c = d, eF = g))"),
    (#"set(a, "\x41\u00e4\001\x7f")"#, #"set(a, "Aä\x01\x7f")"#), ("set(a, 0XX)", nil),
    ("set(a, 0xAB)", "set(a, 0xab)"),
  ])
  func otherWaysToWriteAStatement(_ text: String, _ printed: String?) throws {
    guard let printed else {
      #expect(problem(ofStatement: text) != nil)
      return
    }
    #expect(try OTTLParser.statement(text).description == printed)
    #expect(try OTTLParser.statement(printed).description == printed)
  }

  @Test(arguments: [
    ("true", "true"), ("not true and false or true", "not true and false or true"),
    ("a == 1 or b == 2 and c == 3", "a == 1 or b == 2 and c == 3"),
    ("(a == 1 or b == 2) and c == 3", "(a == 1 or b == 2) and c == 3"), ("(a == 1 and b == 2) or c == 3", "any"),
    ("not (a == 1)", "not a == 1"), ("not (not true)", "not (not true)"), ("((IsMap(a)))", "IsMap(a)"),
    ("(a + 1) * 2 > 3", "(a + 1) * 2 > 3"), ("((a) + (1)) == (b)", "a + 1 == b"), ("(a) == 1", "a == 1"),
    ("not (a) == 1", "not a == 1"), ("not (a == 1) and (b) == 2", "not a == 1 and b == 2"),
    ("(IsMap(a)) == true", "IsMap(a) == true"), ("true == IsMap(a)", "true == IsMap(a)"), ("5 < a", "5 < a"),
    ("nil != a", "nil != a"), (#"{"a": 1} == a"#, #"{"a": 1} == a"#), ("[1] == a", "[1] == a"),
    ("SEVERITY_NUMBER_INFO + 1 <= severity_number", "SEVERITY_NUMBER_INFO + 1 <= severity_number"),
    ("Split(a, b)[0] == c", "Split(a, b)[0] == c"), (#"ParseJSON(a)["b"]["c"]"#, #"ParseJSON(a)["b"]["c"]"#),
  ])
  func conditions(_ text: String, _ printed: String) throws {
    let condition = try OTTLParser.condition(text).condition
    let expected = printed == "any" ? "a == 1 and b == 2 or c == 3" : printed
    #expect(condition.description == expected)
    #expect(try OTTLParser.condition(expected).condition.description == expected)
  }

  @Test(arguments: [
    ("", "line 1, column 1: expected an editor such as set, found the end"),
    (
      "Concat([a], b)",
      "line 1, column 1: expected an editor such as set, found Concat: the names of editors begin with a small letter"
    ),
    ("set", "line 1, column 4: expected ( after set, found the end"),
    ("set(", "line 1, column 5: expected a value, found the end"),
    ("set(a", "line 1, column 6: expected , or ), found the end"),
    ("set(a,)", "line 1, column 7: expected a value, found )"),
    ("set(a b)", "line 1, column 7: expected , or ), found b"),
    (
      "set(a, concat(b))",
      "line 1, column 8: expected a value, found a call of concat: the names of converters begin with a capital letter"
    ),
    ("set(a, fooBar)", "line 1, column 8: expected a path, found a word with small and capital letters"),
    ("set(a, b)[0]", "line 1, column 11: expected where or the end, found a key: an editor has no result"),
    (
      #"log.body == "x""#,
      "line 1, column 4: expected ( after log, found .: a statement is the call of an editor, this reads as a condition"
    ),
    (
      #"attributes["a"] == "b""#,
      "line 1, column 11: expected ( after attributes, found [: a statement is the call of an editor, this reads as a "
        + "condition"
    ),
    ("set(a, b) wehre true", #"line 1, column 11: expected where or the end, found wehre (did you mean "where"?)"#),
    ("set(a, b) where", "line 1, column 16: expected a value, found the end"),
    ("set(a, b) where c", "line 1, column 18: expected a comparison such as ==, found the end"),
    (
      "set(a, b) where c = 1",
      "line 1, column 19: expected a comparison such as ==, found =: two values are compared with =="
    ),
    ("set(a, b) where c == 1 AND d == 2", "line 1, column 24: expected and, or, or the end, found AND: write and"),
    ("set(a, b) and true", "line 1, column 11: expected where or the end, found and"),
    (
      "set(a, b = 1, c)",
      "line 1, column 15: expected a name and = before this argument: it stands behind the argument b"
    ),
    ("set(a, [1, 2)", "line 1, column 13: expected , or ], found )"),
    ("set(a, [1, 2 3])", "line 1, column 14: expected , or ], found 3"),
    ("set(a, {b: 1})", "line 1, column 9: expected a key in double quotes or }, found b"),
    (#"set(a, {"b" 1})"#, "line 1, column 13: expected :, found 1"),
    (
      "set(a[nil], b)",
      "line 1, column 7: expected a text in double quotes, a whole number, a path or a converter as key"
    ),
    ("set(a[1, b)", "line 1, column 8: expected ], found ,"),
    ("set(a., b)", "line 1, column 7: expected a word of small letters, found ,"),
    ("set(a, (b == 1))", "line 1, column 8: expected a value, found a condition or a constant in parentheses"),
    (#"set(a, ("b"))"#, "line 1, column 8: expected a value, found a condition or a constant in parentheses"),
    (#"set(a, "b" + 1)"#, "line 1, column 12: expected , or ), found +"),
    ("set(a, 1 +)", "line 1, column 11: expected a value, found )"),
    ("set(a, --1)", "line 1, column 9: expected a value, found -"),
    ("set(a, Hex[1])", "line 1, column 11: expected ( after Hex, found ["),
    ("set(a, (x, x) => 1)", "line 1, column 12: expected another name for this parameter, found x"),
    ("set(a, (x,) => 1)", "line 1, column 11: expected the name of a parameter or _, found )"),
    (
      "set(a, b)\n  where c == 1\n  orr d",
      #"line 3, column 3: expected and, or, or the end, found orr (did you mean "or"?)"#
    ),
  ])
  func statementsThatAreRefused(_ text: String, _ message: String) {
    #expect(problem(ofStatement: text) == message)
  }

  @Test(arguments: [
    ("not not true", "line 1, column 5: expected one not: a second needs parentheses around its operand, found not"),
    ("a == b == c", "line 1, column 8: expected one comparison: use and between two, found =="),
    ("(a == 1", "line 1, column 8: expected and, or, or ), found the end"),
    ("a", "line 1, column 2: expected a comparison such as ==, found the end"),
    ("nil", "line 1, column 4: expected a comparison such as ==, found the end"),
    ("()", "line 1, column 2: expected a value, found )"),
    ("true or", "line 1, column 8: expected a value, found the end"),
    ("and true", "line 1, column 1: expected a value, found and"),
    (
      "set(a, b)",
      "line 1, column 1: expected a value, found a call of set: the names of converters begin with a capital letter"
    ),
    ("true true", "line 1, column 6: expected and, or, or the end, found true"),
    ("a == Hex", "line 1, column 9: expected ( after Hex, found the end"),
  ])
  func conditionsThatAreRefused(_ text: String, _ message: String) {
    #expect(problem(ofCondition: text) == message)
  }

  @Test func nestingIsBounded() throws {
    /// A path in so many lists.
    func lists(_ count: Int) -> String {
      "set(a, " + String(repeating: "[", count: count) + "b" + String(repeating: "]", count: count) + ")"
    }
    // The editor's call, the lists, the path and its word.
    _ = try OTTLParser.statement(lists(OTTLTextLimits.maxDepth - 3))
    #expect(
      problem(ofStatement: lists(OTTLTextLimits.maxDepth - 2))
        == "line 1, column 1: 65 levels of parts within parts: the limit is 64")
    #expect(problem(ofStatement: lists(20_000))?.hasSuffix("65 levels of parts within parts: the limit is 64") == true)
    for open in ["(", "not (", "-(", "F(", "a[", "F(()=>", #"[{"a":"#] {
      let text = String(repeating: open, count: 10_000)
      #expect(problem(ofCondition: text)?.hasSuffix("levels of parts within parts: the limit is 64") == true, "\(open)")
    }
    let sum = { (count: Int) in "1 < " + Array(repeating: "1", count: count).joined(separator: "+") }
    _ = try OTTLParser.condition(sum(OTTLTextLimits.maxDepth - 1))
    #expect(
      problem(ofCondition: sum(OTTLTextLimits.maxDepth))?.hasSuffix("65 levels of parts within parts: the limit is 64")
        == true)
  }

  @Test func partsAreCounted() throws {
    let list = { (count: Int) in "[\(Array(repeating: "1", count: count).joined(separator: ","))]" }
    _ = try OTTLParser.value(list(OTTLTextLimits.maxParts - 1))
    #expect(
      problem(list(OTTLTextLimits.maxParts)) { (text) throws(OTTLLoadError) in _ = try OTTLParser.value(text) }
        == "line 1, column 1: 8193 parts or more: the limit is 8192")
    let parameters = { (count: Int) in "F((\(Array(repeating: "_", count: count).joined(separator: ","))) => true)" }
    _ = try OTTLParser.condition(parameters(OTTLTextLimits.maxParameters))
    #expect(
      problem(ofCondition: "F((a, b, c, d, e, f, g, h, i) => true)")
        == "line 1, column 28: 9 parameters of a lambda or more: the limit is 8")
    #expect(problem(ofCondition: parameters(OTTLTextLimits.maxParameters + 1)) != nil)
  }
}
