import LogPipeline
import Testing

@testable import Gateway

@Suite struct CaseRunTests {
  private static let yaml = """
    receivers: {otlp: {protocols: {http: }}}
    processors:
      redaction: {detectors: [default]}
      filter: {logs: {exclude: {match_type: strict, severity_texts: [TRACE]}}}
    exporters:
      nop:
      otlphttp: {endpoint: "http://127.0.0.1:9", sending_queue: {directory: /no/such/folder}}
    service:
      pipelines:
        logs: {receivers: [otlp], processors: [filter, redaction], exporters: [otlphttp, nop]}
        logs/raw: {receivers: [otlp], exporters: [nop]}
    """

  /// The problems of each case of a YAML text, by the case's name.
  private func run(_ cases: String, _ configuration: String = yaml) async throws -> [String: [String]] {
    let report = ConfigReport()
    let cases = PipelineCase.read(Array(cases.utf8), source: "c.yaml", report: report)
    try report.throwErrors()
    let run = CaseRun(try loadStandard(configuration))
    var problems: [String: [String]] = [:]
    for test in cases { problems[test.name] = try await run.problems(of: test) }
    return problems
  }

  @Test func everyFieldGoesInAndComesOut() async throws {
    let record = """
      {body: {a: [1, 2.5, true, null, "x"]}, severity: WARN, severity_number: 13, event_name: e, flags: 1,
       trace_id: 5b8efff798038103d269b633813fc60c, span_id: eee19b7ec3c1b174, time_unix_nano: 1700000000000000000,
       observed_time_unix_nano: 1700000000000000001, attributes: {k: v, n: 1, m: {x: []}}, resource: {service: s},
       scope: {name: lib, version: "1.0", attributes: {s: t}}}
      """
    let problems = try await run(
      """
      pipeline: logs/raw
      cases:
      - name: same
        match: exact
        input: [\(record), \(record), {body: other}]
        expect: [\(record), \(record), {body: other}]
        dropped: 0
      """)
    #expect(problems == ["same": []])
  }

  @Test func differencesAreNamedByTheirPlace() async throws {
    let problems = try await run(
      """
      cases:
      - name: subset
        input: [{body: password=hunter2, attributes: {a: 1, token: x, list: [1, 2]}}]
        expect: [{body: password=****, attributes: {a: 2, token: "****", b: x, gone: null, list: [1, 3]}}, {body: y}]
      - name: exact
        match: exact
        input: [{body: one, severity: INFO}, {body: two}]
        expect: [{body: one}]
        dropped: 1
      - name: dropped
        input: [{body: one, severity: TRACE}]
        dropped: 1
      - name: all dropped
        input: [{body: one, severity: TRACE}]
        expect: []
      """)
    #expect(
      problems["subset"] == [
        "record 1.attributes.a: expected 2, found 1", "record 1.attributes.b: missing, expected \"x\"",
        "record 1.attributes.list[1]: expected 3, found 2", "record 2: missing, expected {\"body\":\"y\"}",
      ])
    #expect(
      problems["exact"] == [
        "record 1.severity: not expected: \"INFO\"", "record 2: not expected: {\"body\":\"two\"}",
        "dropped: expected 1 records, found 0",
      ])
    #expect(problems["dropped"] == [] && problems["all dropped"] == [])
  }

  @Test func aRequestMayBeGivenAsTextOrAsYAML() async throws {
    let problems = try await run(
      #"""
      pipeline: logs/raw
      cases:
      - name: text
        otlp: '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"bytesValue":"AP8="}}]}]}]}'
        expect: [{body: AP8=}]
      - name: yaml
        otlp: {resourceLogs: [{scopeLogs: [{logRecords: [{body: {intValue: 5}, attributes: []}]}]}]}
        expect: [{body: 5}]
      - name: broken
        otlp: "{"
        expect: []
      """#)
    #expect(problems["text"] == [] && problems["yaml"] == [])
    #expect(problems["broken"]?.first?.hasPrefix("the request is refused: ") == true)
  }

  @Test func pipelinesAndExportersAreNamed() async throws {
    let problems = try await run(
      """
      cases:
      - {name: by exporter, exporter: nop, input: [{body: a}], expect: [{body: a}]}
      - {name: no exporter, exporter: file, input: [{body: a}], dropped: 0}
      - {name: no pipeline, pipeline: logs/x, input: [{body: a}], dropped: 0}
      """)
    #expect(
      problems == [
        "by exporter": [], "no exporter": ["the configuration has no exporter file: there is nop, otlphttp"],
        "no pipeline": ["the configuration has no pipeline logs/x: there is logs, logs/raw"],
      ])
  }

  @Test func theExamplesPass() async throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    let text = { (path: String) in String(decoding: try readFile("\(root)/\(path)", maxBytes: 1 << 20), as: UTF8.self) }
    let problems = try await run(try text("config/cases/redaction.yaml"), try text("config/redaction.yaml"))
    #expect(problems.count == 6)
    for (name, problems) in problems { #expect(problems == [], "\(name)") }
  }
}
