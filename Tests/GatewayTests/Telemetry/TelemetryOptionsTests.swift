import Gateway
import LogPipeline
import Options
import Testing

@Suite struct TelemetryOptionsTests {
  private func telemetry(_ yaml: String) -> (options: TelemetryOptions, problems: [String]) {
    let report = ConfigReport()
    let null = ConfigNode(.null, at: ConfigPlace(source: "f.yaml"))
    let node = YAMLParser.parse(Array(yaml.utf8), source: "f.yaml", report: report) ?? null
    let reader = ConfigReader(node, path: "telemetry", report: report)
    let options = TelemetryOptions(reader)
    reader.finish()
    return (options, (report.errors + report.warnings).map(\.description))
  }

  @Test func hasDefaults() {
    let (options, problems) = telemetry("")
    #expect(options.logLevel == .info && options.logEncoding == .console && options.metricsLevel == .normal)
    #expect(options.metricsEndpoints == [Endpoint(host: "", port: 8888)])
    #expect(problems == [])
  }

  @Test func readsThePrometheusReader() {
    let yaml = """
      logs: {level: warn, encoding: json}
      metrics:
        level: detailed
        readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 9999}}}}]
      resource: {service.name: x}
      """
    let (options, problems) = telemetry(yaml)
    #expect(options.logLevel == .warn && options.logEncoding == .json && options.metricsLevel == .detailed)
    #expect(options.metricsEndpoints == [Endpoint(host: "127.0.0.1", port: 9999)])
    #expect(options.resource.map(\.key) == ["service.name"])
    #expect(problems == [])
  }

  @Test func readsHowAReaderWantsNamesAndLabels() {
    let prometheus = { (more: String) in
      telemetry("metrics: {readers: [{pull: {exporter: {prometheus: {port: 9\(more)}}}}]}")
    }
    let usual = prometheus("").options.readers[0]
    #expect(!usual.withoutTypeSuffix && !usual.withoutUnits && !usual.withoutScopeInfo && usual.constantLabels == nil)
    for metrics in ["{}", "{address: ':9'}"] {
      let unsaid = telemetry("metrics: \(metrics)").options.readers[0]
      #expect(unsaid.withoutTypeSuffix && unsaid.withoutUnits && unsaid.withoutScopeInfo)
    }
    let (options, problems) = prometheus(
      ", without_type_suffix: true, without_units: true, without_scope_info: true, "
        + "with_resource_constant_labels: {included: [service.name], excluded: ['k8s.*']}")
    var wanted = PrometheusReader(at: Endpoint(host: "", port: 9))
    wanted.constantLabels = AttributeChoice(included: ["service.name"], excluded: ["k8s.*"])
    #expect(options.readers == [wanted] && problems == [])
  }

  @Test func readsTheOlderAddress() {
    #expect(telemetry("metrics: {address: ':9'}").options.metricsEndpoints == [Endpoint(host: "", port: 9)])
  }

  /// Health paths are on that port, which stays where a Collector would have none.
  @Test func aReaderThatPushesLeavesThePort() {
    let pushes = "{periodic: {exporter: {otlp: {protocol: grpc, endpoint: 'http://h:4317'}}}}"
    let pulls = "{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 9}}}}"
    let (options, problems) = telemetry("metrics: {readers: [\(pushes)]}")
    #expect(options.metricsEndpoints == [Endpoint(host: "", port: 8888)] && problems == [])
    #expect(options.metricsPushes.count == 1)
    #expect(
      telemetry("metrics: {readers: [\(pushes), \(pulls)]}").options.metricsEndpoints
        == [Endpoint(host: "127.0.0.1", port: 9)])
  }

  @Test(arguments: [
    "{service.name: x, a: '1'}", "{attributes: [{name: service.name, value: x}, {name: a, value: 1, type: int}]}",
    "{attributes: {service.name: x, a: 1}}",
    "{schema_url: u, attributes: [{name: service.name, value: x}, {name: a, value: 1}]}",
  ])
  func takesTheResourceInEachForm(_ yaml: String) {
    let (options, problems) = telemetry("resource: \(yaml)")
    #expect(options.resource.map(\.key) == ["service.name", "a"] && options.resource.map(\.value) == ["x", "1"])
    #expect(problems.allSatisfy { $0.contains("warning: telemetry.resource.schema_url: has no effect") })
  }

  @Test(arguments: ["DEBUG", "Debug", "debug"]) func takesLevelsInAnyCase(_ level: String) {
    let (options, problems) = telemetry("logs: {level: \(level)}\nmetrics: {level: Detailed}")
    #expect(options.logLevel == .debug && options.metricsLevel == .detailed && problems == [])
  }

  @Test func servesNoMetricsAtLevelNone() {
    let options = telemetry("metrics: {level: none, address: ':9', top_tenants: 7}").options
    #expect(options.metricsEndpoints == [])
    #expect(options.usage == UsageTables.Sizes(tenants: 0, services: 0))
  }

  @Test func tenantsAndServicesWithMetricsAreBounded() {
    #expect(telemetry("").options.usage == UsageTables.Sizes(tenants: 50, services: 50))
    let (options, problems) = telemetry("metrics: {top_tenants: 0, top_services: 1000}")
    #expect(options.usage == UsageTables.Sizes(tenants: 0, services: 1000) && problems == [])
    for (value, option) in [("-1", "top_tenants"), ("1001", "top_services")] {
      let problems = telemetry("metrics: {\(option): \(value)}").problems
      #expect(problems.count == 1)
      #expect(problems.first?.contains("telemetry.metrics.\(option): ") == true && problems[0].contains("1000"))
    }
  }

  @Test(arguments: [
    (
      "metrics: {address: ':1', readers: [{pull: }]}",
      "f.yaml:1:11: telemetry.metrics.address: cannot be given together with readers"
    ),
    (
      "metrics: {readers: [{periodic: {}}]}",
      "f.yaml:1:32: telemetry.metrics.readers[0].periodic.exporter: expected \"otlp\""
    ),
    ("metrics: {readers: [{}]}", "f.yaml:1:21: telemetry.metrics.readers[0]: expected \"pull\" or \"periodic\""),
    (
      "logs: {processors: [{simple: {exporter: {otlp: {}}}}]}",
      "f.yaml:1:22: warning: telemetry.logs.processors[0].simple: has no effect: lines are sent by batch only"
    ),
    (
      "metrics: {readers: [{periodic: {exporter: {console: {}}}}]}",
      "f.yaml:1:44: warning: telemetry.metrics.readers[0].periodic.exporter.console: has no effect: the gateway writes "
        + "its log to standard error only"
    ),
    (
      "logs: {level: warning}",
      "f.yaml:1:15: telemetry.logs.level: expected \"debug\", \"info\", \"warn\" or \"error\", "
        + "found \"warning\" (did you mean \"warn\"?)"
    ),
    (
      "logs: {output_paths: [x]}",
      "f.yaml:1:8: warning: telemetry.logs.output_paths: has no effect: the gateway logs to standard error"
    ),
  ])
  func namesWhatIsWrong(_ yaml: String, _ expected: String) {
    #expect(telemetry(yaml).problems == [expected])
  }
}
