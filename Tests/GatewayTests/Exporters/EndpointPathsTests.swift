import Testing

@testable import Gateway

@Suite struct EndpointPathsTests {
  @Test(arguments: [
    (
      "elasticsearch", "endpoint: http://h:9/_bulk",
      "endpoint: ends in \"/_bulk\", which is appended to it: give http://h:9"
    ),
    (
      "elasticsearch", "endpoints: [http://a, http://b/es/_bulk/]",
      "endpoints: ends in \"/_bulk\", which is appended to it: give http://b/es"
    ),
    (
      "victorialogs", "endpoint: http://h:9/insert/elasticsearch/_bulk",
      "endpoint: ends in \"/insert/elasticsearch/_bulk\", which is appended to it: protocol says which path is used; "
        + "give http://h:9"
    ),
    (
      "victorialogs", "endpoint: http://h:9/x/insert/jsonline",
      "endpoint: ends in \"/insert/jsonline\", which is appended to it: protocol says which path is used; give "
        + "http://h:9/x"
    ),
    (
      "victorialogs", "endpoint: http://h:9/insert/",
      "endpoint: ends in \"/insert\", which is appended to it: protocol says which path is used; give http://h:9"
    ),
    (
      "victorialogs", "endpoints: [http://h:9/x/select/vmui/]",
      "endpoints: ends in \"/select/vmui\", where no records are taken: give http://h:9/x"
    ),
    (
      "otlphttp", "endpoint: http://h:9/v1/logs",
      "endpoint: ends in \"/v1/logs\", which is appended to it: give it as logs_endpoint, or http://h:9"
    ),
  ])
  func aPathThatIsAppendedAnywayIsAnError(_ type: String, _ option: String, _ problem: String) {
    let found = standardProblems(withExporter(type, option))
    #expect(found.count == 1 && found[0].hasSuffix("exporters.\(type).\(problem)"), "\(found)")
  }

  @Test(arguments: [
    ("elasticsearch", "endpoint: http://h/es"), ("elasticsearch", "endpoint: http://h/a_bulk"),
    ("victorialogs", "endpoint: http://h/reinsert"), ("victorialogs", "endpoint: http://h/insert/7"),
    ("otlphttp", "logs_endpoint: http://h/v1/logs"),
    ("otlphttp", "endpoint: http://h/insert/opentelemetry"),
  ])
  func otherPathsAreNot(_ type: String, _ option: String) {
    #expect(standardProblems(withExporter(type, option)) == [])
  }
}
