import Testing

@testable import LogPipeline

@Suite struct OTTLValueFunctionTests {
  @Test(arguments: [
    (#"Int(attributes["n"])"#, "17"), (#"Int("2.0")"#, "nil"), (#"Int(attributes["d"])"#, "1"), ("Int(true)", "1"),
    (#"Int(attributes["none"])"#, "nil"), (#"Int(attributes["l"])"#, "!wrongType"),
    (#"Int("-9223372036854775808")"#, "-9223372036854775808"),
    (#"Double(attributes["n"])"#, "17.0d"), (#"Double(attributes["i"])"#, "42.0d"), ("Double(false)", "0.0d"),
    (#"Double(attributes["s"])"#, "!badText"), (#"Double(attributes["none"])"#, "nil"),
    (#"Bool(attributes["i"])"#, "true"), (#"Bool("t")"#, "true"), (#"Bool(attributes["s"])"#, "!badText"),
    ("Bool(0.0)", "false"), (#"Bool(attributes["none"])"#, "nil"),
    (#"IsInt(attributes["i"])"#, "true"), (#"IsInt(attributes["d"])"#, "false"),
    (#"IsInt(attributes["none"])"#, "false"), (#"IsDouble(attributes["d"])"#, "true"),
    (#"IsDouble(attributes["i"])"#, "false"), (#"IsBool(attributes["b"])"#, "true"),
    (#"IsBool(attributes["s"])"#, "false"), (#"IsList(attributes["l"])"#, "true"),
    (#"IsList(attributes["m"])"#, "false"), (#"IsList(Split("a,b", ","))"#, "true"),
    ("IsEmpty(nil)", "true"), (#"IsEmpty(attributes["e"])"#, "true"), (#"IsEmpty(attributes["s"])"#, "false"),
    ("IsEmpty(0)", "true"), ("IsEmpty(1)", "false"), ("IsEmpty(false)", "true"), ("IsEmpty({})", "true"),
    ("IsEmpty([])", "true"), ("IsEmpty([nil])", "false"),
    ("IsEmpty(0.0)", "true"), ("IsEmpty(trace_id)", "true"), ("IsEmpty(span_id)", "true"), ("IsEmpty(time)", "false"),
    (#"IsEmpty(attributes["y"])"#, "false"),
    (#"Coalesce([attributes["none"], attributes["i"], 1])"#, "42"), (#"Coalesce([attributes["none"], nil])"#, "nil"),
    ("Coalesce([])", "nil"), (#"Coalesce([attributes["e"], 1])"#, "''"),
    (#"ContainsValue(attributes["l"], 2)"#, "true"), (#"ContainsValue(attributes["l"], 2.0)"#, "true"),
    (#"ContainsValue(attributes["l"], "2")"#, "false"), (#"ContainsValue(["a", nil], nil)"#, "true"),
    (#"ContainsValue(attributes["s"], "h")"#, "!wrongType"),
    (#"Keys(attributes["m"])"#, "['x', 'y']"), ("Keys({})", "[]"), (#"Keys(attributes["l"])"#, "!wrongType"),
    (#"Values(attributes["m"])"#, "['1', {z: 2}]"), (#"Values(attributes["none"])"#, "!nothing"),
    (#"SliceToMap([{"n": "a", "v": 1}, {"n": "b", "v": 2}], ["n"], ["v"])"#, "{a: 1, b: 2}"),
    (#"SliceToMap([{"n": "a"}], ["n"])"#, "{a: {n: 'a'}}"),
    (#"SliceToMap([{"x": {"n": "a"}}], ["x", "n"])"#, "{a: {x: {n: 'a'}}}"),
    (#"SliceToMap(attributes["l"])"#, "{0: 3, 1: 1, 2: 2}"), (#"SliceToMap([{"v": 5}], value_path=["v"])"#, "{0: 5}"),
    (#"SliceToMap([{"n": "a"}], ["m"])"#, "!nothing"), (#"SliceToMap([1], ["m"])"#, "!wrongType"),
    (#"SliceToMap([{"n": 1}], ["n"])"#, "!wrongType"),
    (#"SliceToMap([{"n": "a", "v": 1}, {"n": "a", "v": 2}], ["n"], ["v"])"#, "{a: 2}"),
    (#"Sort(attributes["l"])"#, "[1, 2, 3]"), (#"Sort(attributes["l"], "desc")"#, "[3, 2, 1]"),
    ("Sort([2.5, 1])", "[1, 2.5d]"), (#"Sort(["b", "a", 1, true])"#, "[1, 'a', 'b', true]"), ("Sort([])", "[]"),
    ("Sort([true, false, true])", "[false, true, true]"),
    (#"Sort([1, "two", 3.33, false])"#, "[1, 3.33d, false, 'two']"),
    ("Sort([0, 2, 3.33, 0])", "[0, 0, 2, 3.33d]"), (#"Sort([1, 2.5, 1.0, 3], "desc")"#, "[3, 2.5d, 1, 1.0d]"),
    (#"Sort([1, [2]])"#, "[1, [2]]"),
    (#"Sort(attributes["s"])"#, "'hello wörld'"), ("Sort([\"a\", nil])", "[nil, 'a']"), ("Sort([10, 9])", "[9, 10]"),
  ])
  func converters(_ expression: String, _ expected: String) throws {
    #expect(try OTTLOutcome.of(expression) == expected)
  }

  @Test func ordersAreCheckedAtLoad() throws {
    #expect(try OTTLTesting.problem(#"set(body, Sort(body, "up"))"#)?.contains("asc") == true)
  }

  @Test func manyElementsAreSortedQuickly() throws {
    let listed = (0..<2_000).map { "\(($0 * 7919) % 2_000)" }.joined(separator: ",")
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"[\#(listed)]"}"#)
    #expect(try OTTLTesting.run("set(body, Sort(ParseJSON(body)))", on: &batch) == [nil])
    let entries = batch.records[0].body.entries
    #expect(entries.count == 2_000)
    #expect(
      zip(entries.indices, entries.indices.dropFirst()).allSatisfy {
        batch.nested[$0].value.doubleValue <= batch.nested[$1].value.doubleValue
      })
  }
}
