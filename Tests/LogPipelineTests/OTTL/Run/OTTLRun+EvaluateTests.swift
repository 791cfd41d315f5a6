import Testing

@testable import LogPipeline

@Suite struct OTTLRunEvaluateTests {
  private static let record =
    #"""
    "severityNumber":9,"body":{"stringValue":"a b"},"attributes":[{"key":"t","value":{"boolValue":true}},
    {"key":"k","value":{"stringValue":"v"}},{"key":"n","value":{"intValue":1}}]
    """#

  @Test(arguments: [
    ("true", true), ("false", false), ("not false", true), ("true and false", false), ("false or true", true),
    ("severity_number == 9", true), ("9 != severity_number", false), ("severity_number < 9", false),
    ("10 > severity_number", true), ("severity_number >= SEVERITY_NUMBER_INFO", true),
    (#"IsMatch(body, "^a")"#, true), (#"IsMatch(body, "^b")"#, false), (#"not IsMatch(body, "^b")"#, true),
    (#"IsMatch(attributes["none"], "")"#, false), (#"IsMatch(attributes["n"], "^1$")"#, true),
    (#"attributes["k"] == "v" and (severity_number > 20 or body == "a b")"#, true),
    (#"attributes["none"] == nil"#, true), (#"nil != attributes["k"]"#, true), (#"attributes["k"] != "w""#, true),
    (#""v" == attributes["k"]"#, true), (#"attributes["n"] != "1""#, true), (#"attributes["t"] == true"#, true),
    (#"IsString(attributes["k"]) and not IsMap(body)"#, true), (#"attributes[body] == nil"#, true),
    (#"Split(body, " ")[1] == "b""#, true), (#"attributes[Split("k,n", ",")[0]] == "v""#, true),
  ])
  func conditionsHoldOrNot(_ condition: String, _ holds: Bool) throws {
    let batch = try OTTLTesting.batch(Self.record)
    #expect(try OTTLTesting.matches(condition, in: batch) == [holds])
  }

  /// What is not asked is no fault.
  @Test(arguments: [
    (#"severity_number == 1 and Split(attributes["n"], "")[0] == """#, 0), (#"true or IsMap(body["k"])"#, 0),
    (#"severity_number == 9 or IsMap(body["k"])"#, 0), (#"severity_number == 9 and IsMap(body["k"])"#, 1),
  ])
  func partsAreAskedFromLeftToRightAndNoFurtherThanNeeded(_ condition: String, _ faults: Int) throws {
    let batch = try OTTLTesting.batch(Self.record)
    let conditions = try OTTLConditions([try OTTLParser.condition(condition)], context: .log)
    _ = try conditions.matches(in: batch, of: RequestContext())
    #expect(conditions.all[0].tally.faults.value == faults)
  }

  @Test(arguments: [
    (#"Split(body, " ")"#, OTTLConstant.list([.text("a"), .text("b")])),
    (#"Split(body, "")"#, .list([.text("a"), .text(" "), .text("b")])),
    (#"[1, body, nil]"#, .list([.int(1), .text("a b"), .none])),
    (
      #"{"x": body, "y": {"z": severity_number}}"#,
      .map([
        .init(key: [0x78], value: .text("a b")), .init(key: [0x79], value: .map([.init(key: [0x7A], value: .int(9))])),
      ])
    ),
  ])
  func listsAndMapsAreWrittenOut(_ text: String, _ expected: OTTLConstant) throws {
    let batch = try OTTLTesting.batch(Self.record)
    #expect(try OTTLTesting.value(text, on: batch) == expected)
  }

  @Test func aConditionThatGivesNoTruthValueIsAFault() throws {
    let batch = try OTTLTesting.batch(Self.record)
    let conditions = try OTTLConditions([try OTTLParser.condition("Split(body, \" \")[0]")], context: .log)
    #expect(try conditions.matches(in: batch, of: RequestContext()) == [false])
    #expect(conditions.all[0].tally.faults.lastFault == .notBool)
  }

  /// A path that is asked for twice is looked up once, but again behind an edit.
  @Test func whatIsSharedIsLookedUpAgainBehindAnEdit() throws {
    let edited = try OTTLTesting.attributes(
      #"{"key":"a","value":{"stringValue":"1"}}"#,
      #"set(attributes["b"], attributes["a"]) where attributes["a"] == "1" and attributes["a"] != nil"#,
      #"set(attributes["a"], "2") where attributes["a"] == "1""#,
      #"set(attributes["c"], attributes["a"]) where attributes["a"] != nil"#)
    #expect(edited == [.init("a", "2"), .init("b", "1"), .init("c", "2")])
  }
}
