import Testing

@testable import LogPipeline

@Suite struct OTTLCompilerValueTests {
  @Test(arguments: [
    (
      "set(body, SEVERITY_NUMBER_INF)",
      #"line 1, column 11: there is no symbol SEVERITY_NUMBER_INF (did you mean "SEVERITY_NUMBER_INFO"?)"#
    ),
    ("set(body, attributes[1.5])", "line 1, column 22: expected a text or a whole number as key"),
  ])
  func whatIsWrongIsFoundAtLoad(_ statement: String, _ problem: String) throws {
    #expect(try OTTLTesting.problem(statement) == problem)
  }
}
