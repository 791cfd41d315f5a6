import Testing

@testable import LogPipeline

@Suite struct OTTLParseFunctionTests {
  @Test(arguments: [
    (#"ExtractPatterns(body, "(?P<a>\\w+) (?P<b>\\w+)")"#, "the body", "{a: 'the', b: 'body'}"),
    (#"ExtractPatterns(body, "(?P<a>x)")"#, "the body", "{}"),
    (#"ExtractPatterns(body, "(?P<a>t)(?P<b>x)?(h)")"#, "the", "{a: 't', b: ''}"),
    (#"ExtractPatterns(body, body)"#, "(?P<x>.)", "{x: '('}"),
    (#"ExtractPatterns(body, body)"#, "x", "!badPattern"),
    (#"ExtractPatterns(attributes["i"], "(?P<a>x)")"#, "", "!wrongType"),
    (#"ExtractPatterns(attributes["none"], "(?P<a>x)")"#, "", "!nothing"),
    (#"ExtractGrokPatterns(body, "%{WORD:a.b} %{INT:n:int}", true)"#, "x 5", "{a.b: 'x', n: 5}"),
    (#"ExtractGrokPatterns(body, "%{WORD}")"#, "x 5", "{WORD: 'x'}"),
    (#"ExtractGrokPatterns(body, "%{N:n}", true, ["N=[0-9]+"])"#, "x 5", "{n: '5'}"),
    (#"ExtractGrokPatterns(body, "%{INT:n}", true)"#, "none", "{}"),
    (#"ExtractGrokPatterns(body, "%{WORD:n:int}", true)"#, "x", "!badText"),
    (#"ParseKeyValue(body)"#, #"a=1 b="x y" a=2"#, "{b: 'x y', a: '2'}"),
    (#"ParseKeyValue(body, ":", ", ")"#, "a:1, b:2", "{a: '1', b: '2'}"), (#"ParseKeyValue(body)"#, "", "!badText"),
    (#"ParseKeyValue(body)"#, "a", "!badText"),
    (#"ParseKeyValue(Concat([body, "c=3"], " "))"#, "a=1 b='2'", "{a: '1', b: '2', c: '3'}"),
    (#"ParseKeyValue(attributes["i"])"#, "", "!wrongType"),
    (#"ParseCSV(body, "a,b")"#, #"1,"x,y""#, "{a: '1', b: 'x,y'}"),
    (#"ParseCSV(body, "a|b", ",", "|")"#, "1,2", "{a: '1', b: '2'}"),
    (#"ParseCSV(body, "a|b", "|")"#, "1|2", "{a: '1', b: '2'}"),
    (#"ParseCSV(body, "a,b", mode="ignoreQuotes")"#, "\"1,2", "{a: '\"1', b: '2'}"),
    (#"ParseCSV(body, "a,b")"#, "1", "!badText"), (#"ParseCSV(body, attributes["none"])"#, "1", "!nothing"),
    (#"ParseInt(body, 16)"#, "ff", "255"), (#"ParseInt(body, 0)"#, "0b11", "3"),
    (#"ParseInt(body, 10)"#, "x", "!badText"),
    (
      #"ParseSeverity(body, {"error": [{"equals": ["err", "error"]}, {"range": {"min": 3, "max": 5}}], "info": [{"range": "2xx"}]})"#,
      "err", "'error'"
    ),
    (
      #"ParseSeverity(4, {"error": [{"equals": ["err"]}, {"range": {"min": 3, "max": attributes["i"]}}]})"#, "",
      "'error'"
    ), (#"ParseSeverity(204, {"error": [{"range": {"min": 3, "max": 5}}], "info": [{"range": "2xx"}]})"#, "", "'info'"),
    (#"ParseSeverity(body, {"error": [{"equals": ["err"]}]})"#, "x", "!badText"),
    (#"ParseSeverity(300, {"info": [{"range": "2xx"}]})"#, "", "!badText"),
    (#"ParseSeverity(1.5, {"info": []})"#, "", "!wrongType"),
    (#"URL(body)["url.domain"]"#, "http://example.com:80/a.b", "'example.com'"),
    (#"URL(body)["url.port"]"#, "http://example.com:80/a.b", "80"), (#"URL(body)"#, "", "!badText"),
    (#"URL(body)["url.path"]"#, "http://h/%C3%A4%FF", "'/ä\u{FFFD}'"),
    (#"UserAgent(body)["user_agent.name"]"#, "curl/8.1", "'curl'"),
    (#"UserAgent(body)["user_agent.version"]"#, "curl/8.1", "'8.1'"),
    (#"ParseCEF(body)["cef.extensions"]["src"]"#, "CEF:0|V|P|1|2|n|3|src=1.1.1.1", "'1.1.1.1'"),
    (#"ParseCEF(body)"#, "x", "!badText"), (#"ParseLEEF(body)["leef.attributes"]"#, "LEEF:1.0|V|P|1|9|a=b", "{a: 'b'}"),
    (#"ParseCLF(body)["clf.status"]"#, #"h - - [d] "GET / HTTP/1.1" 200 5"#, "200"),
    (#"ParseCLF(body, "combined")["clf.referer"]"#, #"h - - [d] "GET / HTTP/1.1" 200 5 "r" "u""#, "'r'"),
    (#"ParseCLF(body, "combined")"#, #"h - - [d] "GET / HTTP/1.1" 200 5"#, "!badText"),
    (#"ParseELF(body)["elf.entries"][0]["a"]"#, "#Version: 1.0\n#Fields: a\n7", "'7'"),
    (
      #"ParseXML(body)"#, "<a x=\"1\"><b>t</b></a>",
      "{tag: 'a', attributes: {x: '1'}, children: [{tag: 'b', content: 't'}]}"
    ), (#"ParseXML(body)"#, "<a>", "!badText"),
    (#"ParseSimplifiedXML(body)"#, "<a><b>1</b><b>2</b></a>", "{a: {b: ['1', '2']}}"),
    (#"ParseXML(attributes["none"])"#, "", "!nothing"),
    (#"Base64Encode(body)"#, "hi?>", "'aGk/Pg=='"), (#"Base64Encode(body, "base64-raw-url")"#, "hi?>", "'aGk_Pg'"),
    (#"Base64Encode(attributes["y"])"#, "", "'q80='"), (#"Base64Encode(attributes["none"])"#, "", "!nothing"),
    (#"Base64Decode(body)"#, "aGk/Pg==", "'hi?>'"), (#"Base64Decode(body)"#, "a", "!badText"),
    (#"Decode(body, "base64-url")"#, "aGk_Pg==", "'hi?>'"), (#"Decode(attributes["y"], "iso-8859-1")"#, "", "'«Í'"),
    (#"Decode(body, "us-ascii")"#, "aä", "'a\u{FFFD}\u{FFFD}'"),
    (#"Decode(attributes["none"], "utf-8")"#, "", "!nothing"), (#"Decode(body, "utf-8")"#, "ä", "'ä'"),
    (#"ExtractPatterns(Trim(body), "(?P<a>\\S+)")["a"]"#, " x ", "'x'"),
  ])
  func converters(_ expression: String, _ body: String, _ expected: String) throws {
    #expect(try OTTLOutcome.of(expression, body: body) == expected)
  }

  @Test(arguments: [
    (#"set(body, ExtractPatterns(body, "x"))"#, "names no group"),
    (#"set(body, ExtractPatterns(body, "("))"#, "pattern"),
    (#"set(body, ExtractGrokPatterns(body, "%{NOPE:a}"))"#, "NOPE"),
    (#"set(body, ExtractGrokPatterns(body, "%{WORD}", true))"#, "names no field"),
    (#"set(body, ExtractGrokPatterns(body, body))"#, "constant"),
    (#"set(body, ParseKeyValue(body, "=", "="))"#, "same delimiter"),
    (#"set(body, ParseCSV(body, "a", ",,"))"#, "delimiter of 2 bytes"),
    (#"set(body, ParseCSV(body, "a", mode="x"))"#, "strict"), (#"set(body, ParseCLF(body, "x"))"#, "combined"),
    (#"set(body, Decode(body, "koi8-r"))"#, "encoding"),
    (#"set(body, Base64Encode(body, "x"))"#, "base64"),
  ])
  func problemsAreFoundAtLoad(_ statement: String, _ part: String) throws {
    let problem = try #require(try OTTLTesting.problem(statement))
    #expect(problem.contains(part), "\(problem)")
  }

  @Test func whatIsParsedCanBeStored() throws {
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"http://u:p@h:1/%E4.x?q#f"}"#)
    #expect(try OTTLTesting.run(#"merge_maps(attributes, URL(body), "upsert")"#, on: &batch) == [nil])
    #expect(batch.recordAttributes[0].contains(.init("url.path", "/\u{FFFD}.x")))
  }
}
