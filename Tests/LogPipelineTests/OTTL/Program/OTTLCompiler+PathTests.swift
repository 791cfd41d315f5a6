import Testing

@testable import LogPipeline

@Suite struct OTTLCompilerPathTests {
  @Test(arguments: [
    ("set(bdy, 1)", #"line 1, column 5: log has no bdy (did you mean "body"?)"#),
    ("set(log.boddy, 1)", #"line 1, column 5: log has no boddy (did you mean "body"?)"#),
    (
      "set(span.name, 1)",
      "line 1, column 5: span is not known for each log: paths begin with one of log., scope., "
        + "instrumentation_scope., resource., otelcol."
    ),
    ("set(severity_text[0], 1)", "line 1, column 19: severity_text has no members: expected no key"),
    ("set(body[\"x\"].string, 1)", "line 1, column 5: expected no key behind body: it stands before a point"),
    ("set(resource.cache[\"x\"], 1)", "line 1, column 5: the cache of resource is not at hand here: write log.cache"),
    (
      "set(body, otelcol.client.metadata)",
      "line 1, column 11: expected a name in brackets behind client.metadata: only what is named is kept of a request"
    ),
  ])
  func whatIsWrongIsFoundAtLoad(_ statement: String, _ problem: String) throws {
    #expect(try OTTLTesting.problem(statement) == problem)
  }

  @Test func pathsAreThoseOfTheContext() throws {
    #expect(try OTTLTesting.problem(#"set(attributes["x"], name)"#, context: .scope) == nil)
    #expect(try OTTLTesting.problem(#"set(attributes["x"], schema_url)"#, context: .resource) == nil)
    #expect(
      try OTTLTesting.problem("set(body, 1)", context: .resource) == "line 1, column 5: resource has no body")
    #expect(
      try OTTLTesting.problem("set(attributes, log.body)", context: .resource)
        == "line 1, column 17: log is not known for each resource: paths begin with one of resource., otelcol.")
    #expect(
      try OTTLTesting.problem(#"set(attributes["x"], SEVERITY_NUMBER_INFO)"#, context: .resource)
        == "line 1, column 22: there is no symbol SEVERITY_NUMBER_INFO")
  }
}
