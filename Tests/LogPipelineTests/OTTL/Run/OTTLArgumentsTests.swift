import Testing

@testable import LogPipeline

@Suite struct OTTLArgumentsTests {
  /// Arguments that are the operands of a call, each a constant.
  private func with<T>(
    _ constants: [OTTLConstant], _ body: (OTTLArguments, inout OTTLRun) throws(OTTLFault) -> T
  ) throws -> T {
    var code = OTTLCode()
    let nodes = constants.map { code.add(constant: $0) }
    let arguments = OTTLArguments(first: code.add(operands: nodes), preparedIndex: 0)
    var run = OTTLRun(code, request: RequestContext())
    return try body(arguments, &run)
  }

  @Test func valuesAreOfTheKindThatIsAskedFor() throws {
    try with([.text("a"), .int(1), .double(2), .bool(true), .time(3), .duration(4), .map([]), .list([.int(1)])]) {
      arguments, run throws(OTTLFault) in
      let text = try arguments.text(0, &run)
      #expect(Array(run.bytes(text)) == [0x61])
      let found1 = try arguments.int(1, &run)
      #expect(found1 == 1)
      let found2 = try arguments.double(2, &run)
      #expect(found2 == 2)
      let found3 = try arguments.bool(3, &run)
      #expect(found3)
      let found4 = try arguments.time(4, &run).nanoseconds
      #expect(found4 == 3)
      let found5 = try arguments.duration(5, &run)
      #expect(found5 == 4)
      let found6 = try arguments.map(6, &run).memberCount
      #expect(found6 == 0)
      let found7 = try arguments.list(7, &run).memberCount
      #expect(found7 == 1)
      let found8 = arguments.has(0, run)
      #expect(found8)
    }
  }

  @Test func anotherKindIsAFault() {
    #expect(throws: OTTLFault.wrongType) {
      try with([.int(1)]) { arguments, run throws(OTTLFault) in try arguments.text(0, &run) }
    }
    #expect(throws: OTTLFault.wrongType) {
      try with([.double(1)]) { arguments, run throws(OTTLFault) in try arguments.int(0, &run) }
    }
    #expect(throws: OTTLFault.nothing) {
      try with([.none]) { arguments, run throws(OTTLFault) in try arguments.map(0, &run) }
    }
  }

  @Test func whatIsNotGivenIsAbsent() throws {
    try with([.none]) { arguments, run throws(OTTLFault) in
      let found9 = arguments.has(0, run)
      #expect(!found9)
      let items = try arguments.items(0, &run)
      let found10 = items.count
      #expect(found10 == 0)
      let found11 = try items.value(0, &run).isNone
      #expect(found11)
      let found12 = try arguments.textLike(0, &run)?.count
      #expect(found12 == nil)
    }
  }

  @Test func aPatternOfTextIsCompiledAndKept() throws {
    try with([.text("a+")]) { arguments, run throws(OTTLFault) in
      let first = try arguments.pattern(0, &run)
      let found13 = try arguments.pattern(0, &run)
      #expect(found13 === first)
    }
  }

  /// Lists that an expression gives stand wherever one may be written out of expressions.
  @Test(arguments: [
    (#"Concat(Split("a,b", ","), "-")"#, "'a-b'"), (#"Concat(attributes["l"], "-")"#, "'3-1-2'"),
    (#"Concat([attributes["s"], 1, nil], "|")"#, "'hello wörld|1|<nil>'"),
    (#"Concat(Sort(attributes["l"]), "")"#, "'123'"),
    (#"Concat(attributes["s"], "-")"#, "!wrongType"), (#"Concat(attributes["none"], "-")"#, "!nothing"),
    (#"Concat(MapEach(attributes["l"], (k, v) => v + k), ",")"#, "'3,2,4'"),
    (#"Format("%d-%d-%d", attributes["l"])"#, "'3-1-2'"),
    (#"Format("%s %s", [attributes["n"], Len(body)])"#, "'17 %!s(int64=8)'"),
    (#"Format("%d", attributes["s"])"#, "!wrongType"), (#"Coalesce(attributes["l"])"#, "3"),
    (#"Coalesce([attributes["none"], attributes["i"]])"#, "42"), (#"Coalesce(Values(attributes["m"]))"#, "'1'"),
    (#"IsInCIDR("10.1.2.3", Split("10.0.0.0/8,::1/128", ","))"#, "true"),
    (#"IsInCIDR("10.1.2.3", [Concat(["10.0.0", "0/8"], ".")])"#, "true"),
    (#"IsInCIDR("10.1.2.3", Keys(attributes["m"]))"#, "!badText"),
    (#"ContainsValue([attributes["i"], "x"], 42)"#, "true"), (#"Index([body, attributes["n"]], "17")"#, "1"),
    (#"Len([body, [attributes["i"]]])"#, "2"), (#"Sort([attributes["i"], 7])"#, "[7, 42]"),
    (#"SliceToMap([attributes["s"]])"#, "{0: 'hello wörld'}"),
    (#"Filter([attributes["i"], 1], (k, v) => v > 1)"#, "[42]"),
    (#"Values({"a": attributes["i"], "b": [body]})"#, "[42, ['the body']]"), (#"[attributes["i"]][0]"#, "?"),
  ])
  func listsMayBeComputed(_ expression: String, _ expected: String) throws {
    if expected == "?" {
      #expect(throws: OTTLLoadError.self) { try OTTLOutcome.of(expression) }
      return
    }
    #expect(try OTTLOutcome.of(expression) == expected)
  }

  @Test(arguments: [
    (#"append(attributes["l"], values = Split("x y", " "))"#, "{l: [1, 'x', 'y'], k: 'l,none'}"),
    (#"append(attributes["l"], values = attributes["l"])"#, "{l: [1, 1], k: 'l,none'}"),
    (#"append(attributes["l"], values = attributes["k"])"#, "!wrongType {l: [1], k: 'l,none'}"),
    (#"keep_keys(attributes, Split(attributes["k"], ","))"#, "{l: [1]}"),
    (#"keep_keys(attributes, [Concat(["", "k"], "")])"#, "{k: 'l,none'}"),
    (#"keep_keys(attributes, attributes["l"])"#, "!wrongType {l: [1], k: 'l,none'}"),
    (#"keep_keys(attributes, attributes["x"])"#, "!nothing {l: [1], k: 'l,none'}"),
  ])
  func editorsTakeComputedLists(_ statement: String, _ expected: String) throws {
    let pairs =
      #"{"key":"l","value":{"arrayValue":{"values":[{"intValue":"1"}]}}},{"key":"k","value":{"stringValue":"l,none"}}"#
    #expect(try OTTLOutcome.after(statement, pairs) == expected)
  }

  @Test(arguments: [
    (#"set(body, Concat("a", ""))"#, "vals: expected a list, found a text"),
    (#"limit(attributes, 1, Split("a", ","))"#, "priority_keys: expected a list in brackets"),
    (#"keep_keys(attributes, 5)"#, "keys: expected a list, found a whole number"),
    (#"keep_keys(attributes, [5])"#, "keys: expected a text, found a whole number"),
  ])
  func whatIsNoListIsRefused(_ statement: String, _ part: String) throws {
    let problem = try #require(try OTTLTesting.problem(statement))
    #expect(problem.contains(part), "\(problem)")
  }
}
