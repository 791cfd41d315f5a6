import Testing

@testable import LogPipeline

@Suite struct OTTLExplanationTests {
  private static let json = #"""
    {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{
    "scope":{"name":"lib"},"logRecords":[{"severityNumber":9,"timeUnixNano":"1700000000000000000",
    "traceId":"5b8efff798038103d269b633813fc60c","body":{"stringValue":"took 31 ms"},"attributes":[
    {"key":"status","value":{"stringValue":"200"}},{"key":"n","value":{"intValue":"7"}},
    {"key":"a.b","value":{"boolValue":true}}]}]}]}]}
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
        #"  log.attributes | {"status":"200","n":7,"a.b":true}, as before"#,
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
        "    log.severity_number | 9", "  log.body == nil | not asked (false)",
        #"    log.body | not asked ("took 31 ms")"#,
      ])
    #expect(
      try explained("not (severity_number == 9) and body == nil")[4] == "  log.body == nil | not asked (false)")
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

  @Test func theArgumentThatIsNotTakenIsNamed() throws {
    #expect(
      try explained("Len(severity_number)").first
        == "Len(log.severity_number) | fails: a value is of a type that is not taken here")
    #expect(
      try explained(#"HasPrefix(attributes["n"], "7")"#).first
        == #"HasPrefix(log.attributes["n"], "7") | fails: a value is of a type that is not taken here: target: expected a text, found a whole number"#
    )
    #expect(
      try explained(#"IsInCIDR("10.0.0.1", [attributes["none"]])"#).first?
        .hasSuffix("| fails: a value is nil: networks[0]: expected a text, found nil") == true)
    #expect(
      try explained(#"merge_maps(attributes, body, "upsert")"#)[0]
        .hasSuffix("| fails: a value is of a type that is not taken here: source: expected a map, found a text"))
  }

  @Test func whatFailsIsNotSaidToBeAsBefore() throws {
    #expect(
      try explained(#"set(body["l"][9], 1)"#) == [
        #"set(log.body["l"][9], 1) | fails: a value has no members of such keys"#,
        #"  log.body["l"][9] | fails: a value has no members of such keys"#,
      ])
  }

  @Test(arguments: [
    ("1 / 2", "1 / 2 | 0"), ("(2 + 3) * 4", "(2 + 3) * 4 | 20"), ("7.0 / 2", "7.0 / 2 | 3.5"),
    ("2.0 + 2", "2.0 + 2 | 4.0"),
    ("SEVERITY_NUMBER_ERROR", "SEVERITY_NUMBER_ERROR | 17"), (#""\x41""#, #""A" | "A""#),
    ("[1, 2.0]", "[1, 2.0] | [1,2.0]"),
    ("nil", "nil | nil"), (#"Double("2.0")"#, #"Double("2.0") | 2.0"#), ("-7 / 2", "-7 / 2 | -3"),
    (#"ParseJSON("{\"a\":1}")"#, #"ParseJSON("{\"a\":1}") | {"a":1.0}"#), ("1.5e300", "1.5e+300 | 1.5e+300"),
  ])
  func constantsAreShownWithTheirTypes(_ text: String, _ expected: String) throws {
    #expect(try explained(text).first?.split(separator: "|").last == expected.split(separator: "|").last)
  }

  @Test func longValuesAreCutUnlessAllIsToBeShown() throws {
    var batch = LogBatch()
    try batch.decode(json: Array(Self.json.utf8), limits: DecodeLimits())
    var explainer = try OTTLExplainer(#"Format("%200d", [1])"#, context: nil)
    #expect(explainer.explanations(of: &batch)[0].lines[0].value.count < 180)
    explainer.maxCharacters = .max
    #expect(explainer.explanations(of: &batch)[0].lines[0].value.count == 202)
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
    #expect(try explained("attributes") == [#"log.attributes | {"status":"200","n":7,"a.b":true}"#])
    #expect(try explained(#"[body, 0x0fff, nil]"#).first == #"[log.body, 0x0fff, nil] | ["took 31 ms",0x0fff,nil]"#)
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

  /// What a new user wonders about first.
  @Test(arguments: [
    (#"attributes["a"]["b"] == nil"#, 1, #"nil: there is no "a", but "a.b", which is one key"#),
    (#"attributes["sttus"] == nil"#, 1, #"nil: there is no "sttus" (did you mean "status"?)"#),
    (#"attributes["x"]["y"] == nil"#, 1, #"nil: there is no "x""#), (#"attributes["none"] == nil"#, 1, "nil"),
    (#"ParseJSON("{}")["a"] == nil"#, 0, "true"), (#"severity_text == "INFO""#, 0, "false"),
    (#"body == "Took 31 ms""#, 0, "false: they differ in small and capital letters"),
    (
      #"set(time, attributes["status"])"#, 0,
      "fails: a value is of a type that is not taken here: value: expected a time, found a text"
    ),
    (#"set(severity_number, Double(attributes["status"]))"#, 0, ""),
  ])
  func whatPuzzlesIsExplained(_ text: String, _ line: Int, _ expected: String) throws {
    if expected.isEmpty {
      #expect(throws: OTTLExplainerProblem.self) { try explained(text) }
      return
    }
    let shown = try explained(text)[line].split(separator: " | ", maxSplits: 1)
    #expect(shown.last.map(String.init) == expected)
  }
}
