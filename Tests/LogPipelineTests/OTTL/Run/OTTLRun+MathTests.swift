import Testing

@testable import LogPipeline

@Suite struct OTTLRunMathTests {
  private static let record =
    #"""
    "timeUnixNano":"100","observedTimeUnixNano":"130","attributes":[{"key":"i","value":{"intValue":7}},
    {"key":"d","value":{"doubleValue":0.5}},{"key":"s","value":{"stringValue":"7"}},
    {"key":"low","value":{"intValue":"-9223372036854775808"}},
    {"key":"high","value":{"intValue":"9223372036854775807"}},{"key":"zero","value":{"intValue":0}}]
    """#

  private static func value(_ text: String) throws -> OTTLConstant? {
    try OTTLTesting.value(text, on: try OTTLTesting.batch(record))
  }

  @Test(arguments: [
    ("1 + 2 * 3", OTTLConstant.int(7)), ("(1 + 2) * 3", .int(9)), ("7 / 2", .int(3)), ("-7 / 2", .int(-3)),
    ("7 / 2.0", .double(3.5)), ("1 + 0.5", .double(1.5)), ("0.5 * 2", .double(1)),
    (#"attributes["i"] + 1"#, .int(8)), (#"attributes["i"] * attributes["d"]"#, .double(3.5)),
    (#"-attributes["i"]"#, .int(-7)), (#"-attributes["d"]"#, .double(-0.5)), (#"10 - attributes["i"] - 1"#, .int(2)),
    (#"attributes["high"] + 1"#, .int(.min)), (#"attributes["low"] - 1"#, .int(.max)),
    (#"attributes["high"] * 2"#, .int(-2)), (#"attributes["low"] / -1"#, .int(.min)),
    (#"-attributes["low"]"#, .int(.min)),
    ("observed_time - time", .duration(30)), ("time + (observed_time - time)", .time(130)),
    ("(observed_time - time) + time", .time(130)), ("time - (observed_time - time)", .time(70)),
    ("(observed_time - time) - (observed_time - time)", .duration(0)),
    ("(observed_time - time) + (observed_time - time)", .duration(60)),
    ("SEVERITY_NUMBER_INFO + 1", .int(10)),
  ])
  func computes(_ text: String, _ expected: OTTLConstant) throws {
    #expect(try Self.value(text) == expected)
  }

  @Test(arguments: [
    (#"1 / attributes["zero"]"#, OTTLFault.divisionByZero), (#"attributes["d"] / attributes["zero"]"#, .divisionByZero),
    (#"attributes["s"] + 1"#, .wrongType), (#"1 + attributes["s"]"#, .wrongType), ("time + time", .wrongType),
    ("time * 2", .wrongType), (#"attributes["none"] + 1"#, .nothing), (#"-attributes["none"]"#, .nothing),
    (#"-attributes["s"]"#, .wrongType), ("-time", .wrongType), ("(observed_time - time) - time", .wrongType),
  ])
  func whatCannotBeComputedIsAFault(_ text: String, _ fault: OTTLFault) throws {
    #expect(try OTTLTesting.fault(text, on: try OTTLTesting.batch(Self.record)) == fault)
  }

  @Test(arguments: [
    ("set(flags, 1 / 0)", "line 1, column 16: a number is divided by zero"),
    (#"set(flags, Split("a", ",") + 1)"#, "line 1, column 12: expected a number, a time or a duration to compute with"),
  ])
  func whatCannotBeComputedOfConstantsIsRefused(_ statement: String, _ problem: String) throws {
    #expect(try OTTLTesting.problem(statement) == problem)
  }
}
