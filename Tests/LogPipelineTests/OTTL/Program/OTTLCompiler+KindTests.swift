import Testing

@testable import LogPipeline

@Suite struct OTTLCompilerKindTests {
  @Test(arguments: [
    (#"set(severity_number, "INFO")"#, "expected a whole number, found a text: write SEVERITY_NUMBER_INFO"),
    (#"set(severity_number, "warn")"#, ": write SEVERITY_NUMBER_WARN"),
    (#"set(severity_number, "loud")"#, "expected a whole number, found a text"),
    ("set(severity_text, SEVERITY_NUMBER_INFO)", "expected a text, found a whole number"),
    (#"set(trace_id, "5b8e")"#, "expected a trace id, found a text"),
    (#"set(time, "2020-01-01")"#, "expected a time, found a text"),
    ("set(time, 1600000000000000000)", "expected a time, found a whole number"),
    ("set(time_unix_nano, Now())", "expected a whole number, found a time"),
    (#"set(attributes["x"], time)"#, "a time cannot be set here: make it a text or a number"),
    (#"set(body, Duration("1s"))"#, "a duration cannot be set here"),
    (#"set(body, trace_id)"#, "a trace id cannot be set here: write .string behind it"),
    ("set(attributes, [1])", "expected a map, found a list"), ("set(cache, 1)", "expected a map, found a whole number"),
    (#"set(event_name, Concat(["a"], attributes["b"])["x"])"#, nil),
    (#"set(trace_id.string, "5b8e")"#, "expected 32 hexadecimal digits, found 4 bytes"),
    (#"set(span_id.string, "000000000000000g")"#, "expected 16 hexadecimal digits, found 16 bytes"),
    (#"set(span_id.string, "000000000000000f")"#, nil), (#"set(span_id.string, span_id.string)"#, nil),
    ("set(severity_number, nil)", nil), (#"set(severity_text, attributes["a"])"#, nil),
    ("set(severity_number, severity_number + 1)", nil), ("set(time, observed_time)", nil),
    ("set(attributes, attributes)", nil), (#"set(severity_number, Int("x"))"#, nil),
    (#"set(attributes["x"], Time(attributes["t"], "%Y"))"#, "a time cannot be set here"),
  ])
  func whatCanNeverBeSetIsAnError(_ statement: String, _ problem: String?) throws {
    let found = try OTTLTesting.problem(statement)
    if let problem { #expect(found?.contains(problem) == true, "\(found ?? "nil")") } else { #expect(found == nil) }
  }

  @Test func theProblemIsAtTheValue() throws {
    let found = try OTTLTesting.problem(#"set(severity_number, "INFO") where body == nil"#)
    #expect(found == "line 1, column 22: value: expected a whole number, found a text: write SEVERITY_NUMBER_INFO")
  }

  @Test(arguments: [
    (#"TruncateTime(time, Duration("1d"))"#, "Duration: a text cannot be parsed"),
    (#"SpanID(0x0102)"#, "SpanID: "), (#"ParseInt("zz", 10)"#, "ParseInt: a text cannot be parsed"),
    ("ParseInt(body, -1)", "base is -1: it must be 0, or 2 to 36"), ("ParseInt(body, 37)", "base is 37"),
    ("ParseInt(body, 1)", "base is 1"), ("ParseInt(body, 36)", nil), ("ParseInt(body, 0)", nil),
    ("Log(0)", "Log: an index or a number is out of range"),
    (#"ParseSeverity(body, {"info": ["info"]})"#, "info has to be a list of maps"),
    (#"ParseSeverity(body, {"info": "x"})"#, "info has to be a list of maps, found a text"),
    (#"ParseSeverity(body, {"info": [{"equal": ["info"]}]})"#, "a criterion of info has neither equals nor range"),
    (#"ParseSeverity(body, {"info": [{"equals": "info"}]})"#, "equals of info has to be a list, found a text"),
    (#"ParseSeverity(body, {"info": [{"range": "6xx"}]})"#, "range of info has to be"),
    (#"ParseSeverity(body, {"info": [{"range": {"min": 1}}]})"#, "range of info has to be"),
    (#"ParseSeverity(body, {"info": [{"range": {"min": 1, "max": 2}}, {"range": "5xx"}, {"equals": [1]}]})"#, nil),
    (#"ParseSeverity(body, attributes["m"])"#, nil), (#"Time("12:00", "%H:%M")"#, nil),
  ])
  func constantsThatFailForEveryRecordAreErrors(_ value: String, _ problem: String?) throws {
    let found = try OTTLTesting.problem("set(cache[\"x\"], Format(\"%v\", [\(value)]))")
    if let problem { #expect(found?.contains(problem) == true, "\(found ?? "nil")") } else { #expect(found == nil) }
  }

  /// What is said of converters holds of what they give.
  @Test func convertersGiveWhatIsSaidOfThem() throws {
    let batch = try OTTLTesting.batch()
    for expression in [
      #"Concat(["a"], "")"#, #"Len("a")"#, #"Split("a", "b")"#, "Now()", "Unix(1)", #"Duration("1s")"#,
      "Hours(Duration(\"1h\"))",
      "Milliseconds(Duration(\"1h\"))", "TraceID(0x00000000000000000000000000000001)", "SpanID(0x0000000000000001)",
      #"IsMatch("a", "a")"#, #"ParseKeyValue("a=b")"#, "Keys({})", "UnixNano(Now())", "Weekday(Now())", #"FNV("a")"#,
      #"SHA256("a")"#, "UUID()", #"Index("a", "b")"#, #"Int("1")"#, #"Double("1")"#, #"Bool("true")"#, "Log(1)",
      #"ParseInt("1", 10)"#, #"URL("http://a/b")"#, #"ToKeyValueString({})"#, #"Hex("a")"#, "String(1)",
      #"FormatTime(Now(), "%Y")"#, #"ExtractPatterns("a", "(?P<x>a)")"#, "TruncateTime(Now(), Duration(\"1h\"))",
    ] {
      let name = String(expression.prefix { $0 != "(" })
      let gives = try #require(OTTLFunctionTable.all[name]?.function.gives, "\(name)")
      #expect(try OTTLTesting.value(expression, on: batch)?.kind == gives, "\(name)")
    }
  }
}
