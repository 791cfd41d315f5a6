import Testing

@testable import LogPipeline

@Suite struct OTTLCompilerCallTests {
  @Test(arguments: [
    ("sett(body, 1)", #"line 1, column 1: there is no editor sett (did you mean "set"?)"#),
    ("set(body, Noww())", #"line 1, column 11: there is no converter Noww (did you mean "Now"?)"#),
    ("set(body)", "line 1, column 1: set lacks the argument value: it takes 2 arguments, 1 given"),
    ("set(body, 1, 2)", "line 1, column 14: set takes 2 arguments, 3 given"),
    ("set(body, value = 1, value = 2)", "line 1, column 22: value is given twice"),
    ("set(body, valu = 1)", #"line 1, column 11: set has no parameter valu (did you mean "value"?)"#),
    ("set(body, 1)\n  where Split(\"a\", \"b\")", "line 2, column 9: expected a condition: Split gives no truth value"),
    ("set(body, 1) where Set(body)", "line 1, column 20: there is no converter Set"),
    ("append(body)", "line 1, column 1: append: value or values must be given"),
    (
      "set(body, 1) where IsRootSpan()",
      "line 1, column 20: there is no converter IsRootSpan: it asks about spans, and there are only logs here"
    ),
    (
      "set(body, ProfileID(body))",
      "line 1, column 11: there is no converter ProfileID: it makes ids of profiles, and there are only logs here"
    ),
  ])
  func whatIsWrongIsFoundAtLoad(_ statement: String, _ problem: String) throws {
    #expect(try OTTLTesting.problem(statement) == problem)
  }
}
