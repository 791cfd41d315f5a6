import Testing

@testable import LogPipeline

@Suite struct OTTLTextFunctionTests {
  @Test(arguments: [
    (#"Concat(["a", attributes["i"], attributes["none"], true, 1.5], "-")"#, "'a-42-<nil>-true-1.5'"),
    (#"Concat([], "-")"#, "''"),
    (#"Concat([attributes["m"], attributes["y"]], attributes["s"])"#, #"'{"x":"1","y":{"z":2}}hello wörldabcd'"#),
    (
      #"Concat([Concat([attributes["s"], "x"], ""), SHA256("a")], "|")"#,
      "'hello wörldx|ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'"
    ),
    (#"Concat(["a"], attributes["none"])"#, "!nothing"),
    (#"Substring(attributes["s"], 0, 5)"#, "'hello'"), (#"Substring(attributes["s"], 6, 2)"#, "'w\u{FFFD}'"),
    (#"Substring(attributes["s"], 6, 2, true)"#, "'w'"),
    (#"Substring(attributes["s"], 8, 3, true)"#, "'örl'"), (#"Substring(attributes["s"], 0, 13)"#, "!outOfRange"),
    (#"Substring(attributes["s"], 0, attributes["i"])"#, "!outOfRange"),
    (#"Substring(attributes["s"], 0, 12)"#, "'hello wörld'"), (#"Substring(attributes["none"], 0, 1)"#, "!nothing"),
    (#"Substring(attributes["i"], 0, 1)"#, "!wrongType"),
    (#"Substring(attributes["s"], 0 - attributes["i"], 1)"#, "!outOfRange"),
    (#"Substring(attributes["s"], 9223372036854775807, attributes["i"])"#, "!outOfRange"),
    (#"Trim("  a b ")"#, "'a b'"), (#"Trim("xxaxx", "x")"#, "'a'"), (#"Trim("öäaäö", "äö")"#, "'a'"),
    (#"Trim("xx", "x")"#, "''"), (#"Trim(attributes["s"], "hd")"#, "'ello wörl'"),
    (#"Trim("a", "")"#, "'a'"), (#"TrimPrefix(attributes["s"], "hello ")"#, "'wörld'"),
    (#"TrimPrefix("ab", "b")"#, "'ab'"), (#"TrimSuffix("ab", "b")"#, "'a'"),
    (#"TrimSuffix("ab", "abc")"#, "'ab'"), (#"HasPrefix(attributes["s"], "hell")"#, "true"),
    (#"HasPrefix(attributes["s"], "x")"#, "false"), (#"HasPrefix("a", "")"#, "true"),
    (#"HasSuffix(attributes["s"], "ld")"#, "true"), (#"HasSuffix("a", "aa")"#, "false"),
    (#"HasPrefix(attributes["i"], "4")"#, "!wrongType"),
    (#"ConvertCase(attributes["s"], "upper")"#, "'HELLO WÖRLD'"), (#"ConvertCase("AbC", "lower")"#, "'abc'"),
    (#"ConvertCase("someName", "snake")"#, "'some_name'"),
    (#"ConvertCase("some_name", "camel")"#, "'SomeName'"), (#"ConvertCase(attributes["none"], "camel")"#, "!nothing"),
    (#"ToLowerCase("ÄB")"#, "'äb'"),
    (#"ToUpperCase(attributes["s"])"#, "'HELLO WÖRLD'"), (#"ToSnakeCase("JSONData")"#, "'json_data'"),
    (#"ToCamelCase("a_b")"#, "'AB'"), (#"ToLowerCase(attributes["i"])"#, "!wrongType"),
    (
      #"Format("%s is %d%% of %5.1f %v", [attributes["s"], attributes["i"], attributes["d"], attributes["none"]])"#,
      "'hello wörld is 42% of   1.5 <nil>'"
    ),
    (#"Format("%d", ["x"])"#, "'%!d(string=x)'"), (#"Format("%d", [])"#, "'%!d(MISSING)'"),
    (#"Format("a", [1, "b"])"#, "'a%!(EXTRA int64=1, string=b)'"),
    (#"Format("%", [])"#, "'%!(NOVERB)'"), (#"Format("%[2]s %[1]s", ["a", "b"])"#, "'b a'"),
    (#"Format("%*d", [5, 1])"#, "'    1'"), (#"Format("%-*d|", [-3, 1])"#, "'1  |'"),
    (#"Format("%*d", ["x", 1])"#, "'%!(BADWIDTH)1'"),
    (#"Format("%*d", [-9223372036854775807 - 1, 1])"#, "'%!(BADWIDTH)1'"),
    (#"Format("%.*d", [-9223372036854775807 - 1, 1])"#, "'%!(BADPREC)1'"),
    (#"Format("%v %v", [attributes["l"], Duration("90s")])"#, "'[3,1,2] 1m30s'"),
    (#"Format("%x", [attributes["y"]])"#, "'abcd'"),
    (#"Format("%v", [time])"#, "'2024-01-05T15:04:09.12Z'"),
    (#"Format("%v", [attributes["m"]])"#, #"'{"x":"1","y":{"z":2}}'"#),
    (#"Format("%9999999d", [1])"#, "'\(String(repeating: " ", count: 4095))1'"),
    (#"String(attributes["i"])"#, "'42'"), (#"String(attributes["none"])"#, "nil"),
    (#"String(attributes["y"])"#, "'abcd'"), (#"String(attributes["l"])"#, "'[3,1,2]'"),
    (#"String(attributes["b"])"#, "'true'"), (#"String(attributes["d"])"#, "'1.5'"),
    (#"String(time)"#, "'\"2024-01-05T15:04:09.12Z\"'"), (#"String(Duration("1.5s"))"#, "'1500000000'"),
    (#"String(Time("2023-05-26 12:34:56 +0200", "%Y-%m-%d %H:%M:%S %z"))"#, "'\"2023-05-26T12:34:56+02:00\"'"),
    (#"String(trace_id)"#, "'00000000000000000000000000000000'"),
    (#"String(SpanID(0x0102030405060708))"#, "'0102030405060708'"),
    (#"Concat([span_id, 1, "a", Duration("1ns")], "|")"#, "'0000000000000000|1|a|1'"),
    (#"Hex(attributes["y"])"#, "'abcd'"), (#"Hex("ab")"#, "'6162'"),
    (#"Hex(attributes["i"])"#, "'000000000000002a'"), (#"Hex(attributes["none"])"#, "''"), (#"Hex(true)"#, "'01'"),
    (#"Hex(attributes["l"])"#, "!wrongType"),
    (#"Index(attributes["s"], "wör")"#, "6"), (#"Index(attributes["s"], "x")"#, "-1"),
    (#"Index(attributes["l"], 1)"#, "1"), (#"Index(attributes["l"], 9)"#, "-1"), (#"Index(attributes["l"], 2.0)"#, "2"),
    (#"Index(attributes["s"], 1)"#, "!wrongType"), (#"Index(attributes["i"], 1)"#, "!wrongType"),
    (#"Index(attributes["none"], 1)"#, "!nothing"),
    (#"Len(attributes["s"])"#, "12"), (#"Len(attributes["l"])"#, "3"), (#"Len(attributes["m"])"#, "2"),
    (#"Len(attributes["e"])"#, "0"), (#"Len(attributes["i"])"#, "!wrongType"),
    (#"Len(attributes["none"])"#, "!nothing"), (#"Len([1, 2])"#, "2"),
    (#"ToKeyValueString({"b": 1, "a": "x y", "c": "q\"q"})"#, #"'b=1 a="x y" c=q\"q'"#),
    (#"ToKeyValueString({"b": 1, "a": [1]}, ":", ",", true)"#, "'a:[1],b:1'"),
    (#"ToKeyValueString(attributes["m"])"#, #"'x=1 y={\"z\":2}'"#), (#"ToKeyValueString({})"#, "''"),
    (#"ToKeyValueString({"a=b": nil})"#, #"'"a=b"='"#),
    (#"ToKeyValueString(attributes["s"])"#, "!wrongType"),
  ])
  func converters(_ expression: String, _ expected: String) throws {
    #expect(try OTTLOutcome.of(expression) == expected)
  }

  @Test(arguments: [
    (#"set(body, ConvertCase(body, "title"))"#, "lower"), (#"set(body, Substring(body, -1, 1))"#, "start is -1"),
    (#"set(body, Substring(body, 0, 0))"#, "length is 0"),
    (#"set(body, ToKeyValueString(attributes, "=", "="))"#, "same delimiter"),
    (#"set(body, ToKeyValueString(attributes, ""))"#, "empty delimiter"),
    (#"set(body, Format(body, []))"#, "constant"), (#"set(body, Concat("a", "b"))"#, "list"),
  ])
  func problemsAreFoundAtLoad(_ statement: String, _ part: String) throws {
    let problem = try #require(try OTTLTesting.problem(statement))
    #expect(problem.contains(part), "\(problem)")
  }

  @Test func aTextGetsNoLargerThanAStatementMayMakeIt() throws {
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"\#(String(repeating: "x", count: 1 << 20))"}"#)
    let parts = Array(repeating: "body", count: 100).joined(separator: ", ")
    #expect(try OTTLTesting.run("set(body, Concat([\(parts)], \"\"))", on: &batch) == [.noRoom])
    let half = Array(repeating: "body", count: 20).joined(separator: ", ")
    #expect(try OTTLTesting.run("set(body, Concat([\(half)], \"\"))", on: &batch) == [nil])
  }
}
