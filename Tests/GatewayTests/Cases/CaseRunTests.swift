import Files
import LogPipeline
import Options
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
    try await outcomes(cases, configuration).mapValues(\.problems)
  }

  private func outcomes(_ cases: String, _ configuration: String) async throws -> [String: CaseRun.Outcome] {
    let report = ConfigReport()
    let cases = PipelineCase.read(Array(cases.utf8), source: "c.yaml", report: report)
    try report.throwErrors()
    let run = CaseRun(try loadStandard(configuration))
    var outcomes: [String: CaseRun.Outcome] = [:]
    for test in cases { outcomes[test.name] = try await run.outcome(of: test) }
    return outcomes
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

  private static let statements = """
    receivers: {otlp: {protocols: {http: }}}
    processors:
      transform:
        log_statements:
          - set(log.attributes["y"], FormatTime(Now(), "%Y"))
          - set(log.attributes["n"], Int(log.body) / Int(log.attributes["d"]))
          - set(log.time, Time(log.body, "%b %e %H:%M:%S")) where log.severity_number == 9
      transform/strict: {error_mode: propagate, log_statements: ["set(log.body, ParseJSON(log.body))"]}
    exporters: {nop: }
    service:
      pipelines:
        logs: {receivers: [otlp], processors: [transform], exporters: [nop]}
        logs/strict: {receivers: [otlp], processors: [transform/strict], exporters: [nop]}
    """

  @Test func aCaseMaySayWhenItIs() async throws {
    let problems = try await run(
      """
      cases:
      - {name: then, received_unix_nano: 1600000000000000000, input: [{body: "8"}], expect: [{attributes: {y: "2020"}}]}
      - name: year
        received_unix_nano: 1600000000000000000
        input: [{body: Sep 12 12:26:40, severity_number: 9}]
        expect: [{time_unix_nano: 1599913600000000000}]
      - {name: now, input: [{body: "8"}], expect: [{attributes: {y: "1970"}}]}
      """, Self.statements)
    #expect(problems["then"] == [] && problems["year"] == [])
    // It is the time of the test.
    let now = try #require(problems["now"]?.first)
    #expect(now.hasPrefix("record 1.attributes.y: expected \"1970\", found \"20"), "\(now)")
  }

  @Test func faultsOfStatementsAreToldByTheirPlace() async throws {
    let outcomes = try await outcomes(
      """
      cases:
      - {name: some, input: [{body: "8"}, {body: "8", attributes: {d: 0}}, {body: "8", attributes: {d: 2}}], dropped: 0}
      - {name: none, input: [{body: "8", attributes: {d: 2}}], expect: [{attributes: {n: 4.0}}]}
      - {name: refused, pipeline: logs/strict, input: [{body: hunter2}], dropped: 0}
      """, Self.statements)
    #expect(
      outcomes["some"]
        == CaseRun.Outcome(faults: [
          "processors.transform.log_statements[1] failed 2 times: a number is divided by zero"
        ]))
    #expect(outcomes["none"] == CaseRun.Outcome())
    let place = "processors.transform/strict.log_statements[0] failed"
    #expect(
      outcomes["refused"]
        == CaseRun.Outcome(
          problems: ["the request is refused: transform/strict: \(place) for a record: a text cannot be parsed"],
          faults: ["\(place) once: a text cannot be parsed"]))
  }

  @Test func tenantsAreKnownByTheReceiversThatFeedThePipelineAndHaveNoQuotas() async throws {
    let configuration = """
      extensions:
        tenants: {from: [auth.tenant, metadata.x-tenant], required: true, when_idle: refuse, quota: {in_flight: 1}}
      receivers: {otlp: {tenants: tenants, protocols: {http: }}}
      exporters: {nop: }
      service: {extensions: [tenants], pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """
    let problems = try await run(
      """
      pipeline: logs
      cases:
      - {name: known, auth: {tenant: a}, input: [{body: a}], expect: [{body: a}]}
      - {name: named, headers: {X-Tenant: a}, input: [{body: a}], expect: [{body: a}]}
      - {name: nobody, input: [{body: a}], dropped: 0}
      - {name: other, auth: {tenant: a}, headers: {X-Tenant: b}, input: [{body: a}], dropped: 0}
      """, configuration)
    #expect(problems["known"] == [] && problems["named"] == [])
    #expect(problems["nobody"]?.first?.contains("no tenant is named") == true, "\(problems)")
    #expect(problems["other"]?.first?.contains("another tenant than the sender's") == true, "\(problems)")
  }

  @Test func aCaseGoesThroughConnectorsAndSaysWhatTheRequestSays() async throws {
    let configuration = """
      receivers: {otlp: {protocols: {http: }}}
      processors:
        required_attributes: {keys: [id], action: reject}
        attributes: {actions: [{key: ip, action: insert, from_context: client.address}]}
      exporters: {nop: , nop/acme: }
      connectors:
        routing:
          default_pipelines: [logs/rest]
          table: [{context: request, condition: 'request["X-Tenant"] == "acme"', pipelines: [logs/acme]}]
      service:
        pipelines:
          logs: {receivers: [otlp], processors: [required_attributes], exporters: [routing]}
          logs/rest: {receivers: [routing], exporters: [nop]}
          logs/acme: {receivers: [routing], processors: [attributes], exporters: [nop/acme]}
      """
    let problems = try await run(
      """
      cases:
      - name: acme
        headers: {x-tenant: acme}
        client_address: 10.0.0.7
        input: [{body: a, attributes: {id: 1}}, {body: b}]
        exporter: nop/acme
        expect: [{body: a, attributes: {ip: 10.0.0.7}}]
        rejected: 1
      - name: rest
        input: [{body: a, attributes: {id: 1}}]
        exporter: nop
        expect: [{body: a}]
        rejected: 0
      - name: wrong
        headers: {x-tenant: other}
        input: [{body: a}]
        exporter: nop/acme
        rejected: 0
      """, configuration)
    #expect(problems == ["acme": [], "rest": [], "wrong": ["rejected: expected 0 records, found 1"]])
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

  @Test func rejectionsAreCompared() async throws {
    let problems = try await run(
      """
      cases:
      - {name: none, input: [{body: a}], rejected: 0}
      - {name: one, input: [{body: a}], rejected: 1}
      """)
    #expect(problems == ["none": [], "one": ["rejected: expected 1 records, found 0"]])
  }

  @Test func recordsAreFollowedThroughConnectors() async throws {
    let configuration = """
      receivers: {otlp: {protocols: {http: }}}
      exporters: {nop/acme: , nop/rest: }
      connectors:
        routing:
          default_pipelines: [logs/rest]
          table: [{context: request, condition: 'request["X-Tenant"] == "acme"', pipelines: [logs/acme]}]
      service:
        pipelines:
          logs: {receivers: [otlp], exporters: [routing]}
          logs/acme: {receivers: [routing], exporters: [nop/acme]}
          logs/rest: {receivers: [routing], exporters: [nop/rest]}
      """
    let problems = try await run(
      """
      cases:
      - {name: acme, exporter: nop/acme, headers: {x-tenant: acme}, input: [{body: a}], expect: [{body: a}]}
      - {name: not rest, exporter: nop/rest, headers: {x-tenant: acme}, input: [{body: a}], dropped: 1}
      - {name: rest, exporter: nop/rest, input: [{body: a}], expect: [{body: a}]}
      - {name: unnamed, input: [{body: a}], dropped: 0}
      """, configuration)
    #expect(problems["acme"] == [] && problems["not rest"] == [] && problems["rest"] == [])
    #expect(problems["unnamed"]?.first?.hasPrefix("the pipeline logs has no exporter of its own") == true)
  }

  @Test func theExamplesPass() async throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    let text = { (path: String) in String(decoding: try readFile("\(root)/\(path)", maxBytes: 1 << 20), as: UTF8.self) }
    let problems = try await run(try text("config/cases/redaction.yaml"), try text("config/redaction.yaml"))
    #expect(problems.count == 6)
    for (name, problems) in problems { #expect(problems == [], "\(name)") }
  }
}
