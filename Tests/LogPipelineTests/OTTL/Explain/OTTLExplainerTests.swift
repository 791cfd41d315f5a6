import Testing

@testable import LogPipeline

@Suite struct OTTLExplainerTests {
  private static let json = #"""
    {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{
    "scope":{"name":"lib"},"logRecords":[{"severityNumber":9,"timeUnixNano":"1700000000000000000",
    "traceId":"5b8efff798038103d269b633813fc60c","body":{"stringValue":"took 31 ms"},"attributes":[
    {"key":"status","value":{"stringValue":"200"}},{"key":"n","value":{"intValue":"7"}}]}]}]}]}
    """#

  /// What is shown for the one record, two spaces for each level.
  private func explained(_ text: String, context: String? = nil) throws -> [String] {
    var batch = LogBatch()
    try batch.decode(json: Array(Self.json.utf8), limits: DecodeLimits())
    let explanations = try OTTLExplainer(text, context: context).explanations(of: &batch)
    #expect(explanations.count == 1)
    return explanations.flatMap(\.lines).map { String(repeating: "  ", count: $0.depth) + "\($0.text) | \($0.value)" }
  }

  @Test func showsWhyAConditionIsNotTrue() throws {
    #expect(
      try explained(#"set(severity_number, 13) where IsMatch(body, "took \\d+ s") or severity_number > 9"#) == [
        #"IsMatch(log.body, "took \\d+ s") or log.severity_number > 9 | false"#,
        #"  IsMatch(log.body, "took \\d+ s") | false"#, #"    log.body | "took 31 ms""#,
        "  log.severity_number > 9 | false", "    log.severity_number | 9",
        "set(log.severity_number, 13) | not run: where is not true",
      ])
  }

  @Test func showsWhatAStatementChanges() throws {
    #expect(
      try explained(#"set(log.attributes["n"], log.attributes["n"] * 2) where log.severity_number == 9"#) == [
        "log.severity_number == 9 | true", "  log.severity_number | 9",
        #"set(log.attributes["n"], log.attributes["n"] * 2) | run"#,
        #"  log.attributes["n"] * 2 | 14"#, #"    log.attributes["n"] | 7"#, #"  log.attributes["n"] | 7 -> 14"#,
      ])
    #expect(
      try explained(#"delete_key(log.attributes, "none")"#) == [
        #"delete_key(log.attributes, "none") | run"#,
        #"  log.attributes | {"status":"200","n":7}, as before"#,
      ])
  }

  @Test func saysThatNilChangesNothing() throws {
    #expect(
      try explained(#"set(log.attributes["n"], log.attributes["none"])"#) == [
        #"set(log.attributes["n"], log.attributes["none"]) | run: nil changes nothing"#,
        #"  log.attributes["none"] | nil"#, #"  log.attributes["n"] | 7, as before"#,
      ])
  }

  @Test func saysThatTypesDiffer() throws {
    #expect(
      try explained(#"attributes["status"] == 200"#) == [
        #"log.attributes["status"] == 200 | false: a text is never equal to a whole number, nor less or greater"#,
        #"  log.attributes["status"] | "200""#,
      ])
    #expect(try explained(#"attributes["n"] == 7.0"#)[0] == #"log.attributes["n"] == 7.0 | true"#)
    #expect(try explained(#"attributes["none"] == 7"#)[0] == #"log.attributes["none"] == 7 | false"#)
  }

  @Test func saysWhatIsNotAsked() throws {
    #expect(
      try explained("severity_number == 9 or body == nil") == [
        "log.severity_number == 9 or log.body == nil | true", "  log.severity_number == 9 | true",
        "    log.severity_number | 9", "  log.body == nil | false, not asked",
        #"    log.body | "took 31 ms", not asked"#,
      ])
    #expect(
      try explained("not (severity_number == 9) and body == nil")[4] == "  log.body == nil | false, not asked")
  }

  @Test func faultsAreShownWhereTheyAre() throws {
    #expect(
      try explained("set(body, body / 2) where true") == [
        "true | true", "set(log.body, log.body / 2) | fails: a value is of a type that is not taken here",
        "  log.body / 2 | fails: a value is of a type that is not taken here", #"    log.body | "took 31 ms""#,
        #"  log.body | "took 31 ms", as before"#,
      ])
    #expect(
      try explained(#"set(body, 1) where body["k"] == 1"#).last == "set(log.body, 1) | not run: where fails")
  }

  @Test func valuesOfEveryType() throws {
    #expect(try explained("log.time") == ["log.time | time 2023-11-14T22:13:20Z"])
    // As the clock shows it that the time was read off.
    let read = #"Time(Concat(["2024-01-", attributes["n"]], ""), "%Y-%m-%g", "Etc/GMT-2")"#
    #expect(
      try explained(read).first
        == "\(read.replacingOccurrences(of: "attr", with: "log.attr")) | time 2024-01-07T00:00:00+02:00")
    #expect(try explained("log.time - log.time").first == "log.time - log.time | duration 0s")
    #expect(try explained("trace_id") == ["log.trace_id | TraceID(0x5b8efff798038103d269b633813fc60c)"])
    #expect(try explained("span_id") == ["log.span_id | SpanID(0x0000000000000000)"])
    #expect(try explained("attributes") == [#"log.attributes | {"status":"200","n":7}"#])
    #expect(try explained(#"[body, 0x0fff, nil]"#).first == #"[log.body, 0x0fff, nil] | ["took 31 ms","D/8=",null]"#)
    #expect(
      try explained(#"Split(body, " ")[1]"#) == [#"Split(log.body, " ")[1] | "31""#, #"  log.body | "took 31 ms""#])
  }

  @Test func contextsAreChosenOrGiven() throws {
    #expect(
      try explained(#"set(resource.attributes["service.name"], "x")"#).last
        == #"  resource.attributes["service.name"] | "shop" -> "x""#)
    #expect(try OTTLExplainer("set(resource.attributes[\"a\"], 1)", context: nil).context == .resource)
    #expect(try OTTLExplainer("set(attributes[\"a\"], 1)", context: nil).context == .log)
    #expect(
      try explained(#"attributes["service.name"]"#, context: "resource").last == #"attributes["service.name"] | "shop""#
    )
  }

  @Test(arguments: [
    ("set(body, 1", "line 1, column 12: expected , or ), found the end"),
    ("set(bodyy, 1)", #"line 1, column 5: log has no bodyy (did you mean "body"?)"#),
    ("body = 1", "line 1, column 6: expected a comparison such as ==, found =: two values are compared with =="),
    (
      "len(body) > 3",
      "line 1, column 1: expected a value, found a call of len: the names of converters begin with a capital letter"
    ),
    (
      "route() where true",
      "line 1, column 1: no function route in the context log: it stands in a statement of a routing table, and nowhere "
        + "else"
    ),
    ("span.name == 1", "line 1, column 1: span.name: this gateway handles logs only"),
  ])
  func whatCannotBeExplainedIsSaid(_ text: String, _ message: String) {
    let problem = #expect(throws: OTTLExplainerProblem.self) { try OTTLExplainer(text, context: nil) }
    #expect(problem?.description == message)
  }
}
