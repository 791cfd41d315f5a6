import Testing

@testable import Gateway

@Suite struct SignalCheckTests {
  private func problems(_ pipelines: String) -> [String] {
    standardProblems(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      processors:
        {filter: {logs: {exclude: {match_type: strict, bodies: [x]}}}, batch: , memory_limiter: {limit_mib: 64},
        resource: {attributes: [{key: a, action: delete}]}, rate_limit: {records_per_second: 1},
        resourcedetection: , rate_limit/a: {records_per_second: 1, key: {resource_attribute: a}}}
      exporters:
        {nop: , file/flat: {path: out, format: flat}, elasticsearch: {endpoint: "http://a"},
        otlphttp: {logs_endpoint: "http://a/l"}, otlphttp/t: {traces_endpoint: "http://a/t"}}
      connectors: {forward: }
      service: {telemetry: {metrics: {level: none}}, pipelines: {\(pipelines)}}
      """
    ).filter { !$0.contains("not used in any pipeline") }
  }

  @Test func whatTakesEverySignalHasNoProblem() {
    let processors = "[memory_limiter, resource, resourcedetection, rate_limit, batch]"
    #expect(
      problems(
        "traces: {receivers: [otlp], processors: \(processors), exporters: [nop, otlphttp/t]}, "
          + "metrics/x: {receivers: [otlp], processors: \(processors), exporters: [nop]}") == [])
  }

  @Test(arguments: [
    ("processors: [batch, filter], exporters: [nop]", "processors[1]: \"filter\" is for logs only"),
    (
      "processors: [rate_limit/a], exporters: [nop]",
      "processors[0]: \"rate_limit/a\" has key.resource_attribute, which is for logs only"
    ),
    ("exporters: [nop, elasticsearch]", "exporters[1]: \"elasticsearch\" is for logs only"),
    ("exporters: [file/flat]", "exporters[0]: \"file/flat\" has format: flat, which is for logs only"),
    (
      "exporters: [otlphttp]",
      "exporters[0]: \"otlphttp\" has neither endpoint nor traces_endpoint, so that traces go nowhere"
    ),
  ])
  func whatIsForLogsOnlyIsSaidWithItsPipelineAndAWayOut(pipeline: String, problem: String) {
    let found = problems("traces/x: {receivers: [otlp], \(pipeline)}")
    #expect(found.count == 1 && found.first?.contains("service.pipelines.traces/x.\(problem)") == true, "\(found)")
    #expect(found.first?.hasSuffix("; --signals logs runs the pipelines of logs alone") == true)
  }

  @Test func connectorsAreForLogs() {
    let found = problems(
      "traces: {receivers: [otlp], exporters: [forward]}, traces/b: {receivers: [forward], exporters: [nop]}")
    #expect(found.count == 2 && found.allSatisfy { $0.contains("\"forward\" is a connector, which are for logs only") })
  }

  @Test func anExporterThatSendsLogsNowhereIsFound() {
    let found = problems("logs: {receivers: [otlp], exporters: [otlphttp/t]}")
    let problem = "\"otlphttp/t\" has neither endpoint nor logs_endpoint, so that logs go nowhere"
    #expect(found.count == 1 && found.first?.hasSuffix(problem) == true, "\(found)")
  }
}
