import Options
import Testing

@testable import Gateway

@Suite struct HealthCheckOptionsTests {
  /// The port of an extension, and the problems of its section.
  private func port(_ type: String, _ options: String) throws -> (port: ExtensionPort?, problems: [String]) {
    let yaml = """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      exporters: {nop: }
      extensions: {\(type): \(options)}
      service:
        extensions: [\(type)]
        telemetry: {metrics: {level: none}}
        pipelines: {logs: {receivers: [otlp], exporters: [nop]}}
      """
    return (try? loadStandard(yaml).extensions.first?.options.port, standardProblems(yaml))
  }

  private func answers(_ options: String) throws -> HealthAnswers {
    let found = try port("health_check", options)
    #expect(found.problems == [])
    guard case .health(let answers) = found.port?.answers else {
      Issue.record("no health")
      return HealthAnswers()
    }
    return answers
  }

  @Test func hasTheCollectorsDefaults() throws {
    #expect(try port("health_check", "").port?.endpoint == Endpoint(host: "localhost", port: 13133))
    #expect(try answers("") == HealthAnswers())
    #expect(try answers("{check_collector_pipeline: {interval: 5m}}").failureThreshold == nil)
  }

  @Test func readsWhatIsAnswered() throws {
    let answers = try answers(
      """
      {endpoint: "127.0.0.1:0", path: /health/status, response_body: {healthy: ok, unhealthy: no},
       check_collector_pipeline: {enabled: true, interval: 1m, exporter_failure_threshold: 7}}
      """)
    #expect(answers == HealthAnswers(path: "/health/status", healthy: "ok", unhealthy: "no", failureThreshold: 7))
    #expect(try self.answers("{check_collector_pipeline: {enabled: true}}").failureThreshold == 5)
  }

  @Test(arguments: [
    "{path: health}", "{check_collector_pipeline: {exporter_failure_threshold: 0}}", "{tls: {cert_file: x}}",
    "{check_collector_pipeline: {exporter_failure_threshold: 1000001}}", "{port: 13133}", "{endpoint: '13133'}",
  ])
  func refusesTheRest(_ options: String) throws {
    #expect(try port("health_check", options).problems.count == 1)
  }

  @Test(arguments: [("zpages", UInt16(55679)), ("pprof", 1777)])
  func portsWithoutAMeaningHereSayWhereToLook(_ type: String, _ number: UInt16) throws {
    let found = try port(type, "")
    #expect(found.port?.endpoint == Endpoint(host: "localhost", port: number))
    #expect(found.problems.count == 1 && found.problems[0].contains("warning: extensions.\(type): there are no "))
    guard case .page(let text) = found.port?.answers else {
      Issue.record("no page")
      return
    }
    #expect(text.contains("/metrics") && text.contains("/readyz"))
  }

  @Test func acceptsWhatTheCollectorHasBeside() throws {
    #expect(try port("zpages", "{endpoint: ':0', expvar: {enabled: true}}").problems.count == 1)
    #expect(
      try port("pprof", "{endpoint: ':0', block_profile_fraction: 3, mutex_profile_fraction: 5}").problems.count == 1)
    #expect(try port("pprof", "{save_to_file: x}").problems.contains { $0.contains("not supported by sluice") })
  }

  @Test(arguments: [
    ("opamp", "{server: {ws: {endpoint: 'wss://h/v1/opamp', tls: {insecure: true}}}, instance_uid: a}"),
    ("memory_ballast", "{size_mib: 64}"), ("opamp", ""),
  ])
  func isAcceptedWithoutEffect(_ type: String, _ options: String) throws {
    let found = try port(type, options)
    #expect(found.port == nil)
    #expect(found.problems.count == 1 && found.problems[0].contains("warning: extensions.\(type): has no effect: "))
  }

  @Test func aPortIsNotTakenTwice() throws {
    let yaml = """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:13133"}}}}
      exporters: {nop: }
      extensions: {health_check: , zpages: {endpoint: "localhost:13133"}}
      service:
        extensions: [health_check, zpages]
        pipelines: {logs: {receivers: [otlp], exporters: [nop]}}
      """
    let found = standardProblems(yaml)
    #expect(found.filter { $0.contains("cannot listen on localhost:13133: receivers.otlp") }.count == 2, "\(found)")
    #expect(
      standardProblems(yaml.replacing("[health_check, zpages]", with: "[]")).allSatisfy { $0.contains("warning") })
  }
}
