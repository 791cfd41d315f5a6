import LogExport
import LogPipeline
import Options
import Testing

@testable import Gateway

@Suite struct PushOptionsTests {
  private func telemetry(_ yaml: String) -> (options: TelemetryOptions, problems: [String]) {
    let report = ConfigReport()
    let null = ConfigNode(.null, at: ConfigPlace(source: "f.yaml"))
    let node = YAMLParser.parse(Array(yaml.utf8), source: "f.yaml", report: report) ?? null
    let reader = ConfigReader(node, path: "telemetry", report: report)
    let options = TelemetryOptions(reader)
    reader.finish()
    return (options, (report.errors + report.warnings).map(\.description))
  }

  private func metrics(_ otlp: String, _ more: String = "") -> (pushes: [MetricsPush], problems: [String]) {
    let (options, problems) = telemetry("metrics: {readers: [{periodic: {exporter: {otlp: {\(otlp)}}\(more)}}]}")
    return (options.metricsPushes, problems)
  }

  /// Where an exporter sends metrics to: a base address with a path, or an address of gRPC.
  private func address(_ otlp: String) -> String? {
    switch metrics(otlp).pushes.first?.target.way {
    case .http(let options, let path): options.endpoints.map { $0 + " " + path }.joined()
    case .grpc(let options): options.endpoint
    case nil: nil
    }
  }

  @Test(arguments: [
    ("endpoint: 'http://h:4318'", "http://h:4318 /v1/metrics"),
    ("endpoint: 'http://h:4318/', protocol: http/protobuf", "http://h:4318 /v1/metrics"),
    ("endpoint: 'https://h/otlp/v1/own'", "https://h:443 /otlp/v1/own"),
    ("endpoint: 'h:4318'", "https://h:4318 /v1/metrics"),
    ("endpoint: 'h:4318', insecure: true", "http://h:4318 /v1/metrics"),
    ("endpoint: 'h:4317', insecure: true, protocol: grpc", "http://h:4317"),
    ("endpoint: 'http://h', protocol: grpc", "http://h"),
    ("endpoint: 'h:4317', protocol: grpc", "https://h:4317"),
  ])
  func anEndpointIsReadAsTheCollectorDoes(_ otlp: String, _ expected: String) {
    #expect(address(otlp) == expected)
    #expect(metrics(otlp).problems == [])
  }

  @Test func timesHaveDefaultsAndLimits() throws {
    let usual = try #require(metrics("endpoint: 'http://h'").pushes.first)
    #expect(usual.interval == .seconds(60) && usual.timeout == .seconds(30))
    let given = metrics("endpoint: 'http://h'", ", interval: 100, timeout: 1")
    #expect(given.pushes.map(\.interval) == [.milliseconds(100)] && given.problems == [])
    for (more, both) in [(", interval: 99", "100 to 86400000"), (", timeout: 0", "1 to 86400000")] {
      let problems = metrics("endpoint: 'http://h'", more).problems
      #expect(problems.count == 1 && problems[0].contains(both), "\(problems)")
    }
  }

  @Test func theLogHasDefaultsAndLimits() throws {
    let logs = { (more: String) in
      telemetry("logs: {processors: [{batch: {exporter: {otlp: {endpoint: 'http://h'}}\(more)}}]}")
    }
    let usual = try #require(logs("").options.logsPushes.first)
    #expect(usual.delay == .seconds(1) && usual.timeout == .seconds(30))
    #expect(usual.maxQueued == 2048 && usual.maxBatch == 512)
    let most = logs(", schedule_delay: 10, max_queue_size: 100000, max_export_batch_size: 1")
    #expect(most.problems == [] && most.options.logsPushes.map(\.maxQueued) == [100_000])
    for more in [
      ", schedule_delay: 9", ", max_queue_size: 100001", ", max_queue_size: 0", ", max_export_batch_size: 0",
      ", export_timeout: 0",
    ] {
      #expect(logs(more).problems.count == 1, "\(more)")
    }
  }

  @Test func headersAndCompressionAreRead() throws {
    let push = metrics("endpoint: 'http://h', compression: gzip, headers: [{name: a, value: b}]").pushes.first
    guard case .http(let options, _) = try #require(push).target.way else {
      Issue.record("not HTTP")
      return
    }
    #expect(options.headers.map(\.name) == ["a"] && options.headers.map(\.value) == ["b"])
    #expect(options.compression == .gzip(level: 1))
  }

  @Test(arguments: [
    ("", "endpoint: required"), ("endpoint: 'ftp://h'", "endpoint: "), ("endpoint: 'http://u:p@h'", "credentials"),
    ("endpoint: 'http://h/x', protocol: grpc", "has no path"), ("endpoint: 'http://h', protocol: json", "protocol"),
    ("endpoint: 'http://h', headers_list: a=b", "give them as headers"),
    ("endpoint: 'http://h', client_key: /k", "go together"), ("endpoint: 'http://h', interval: 3", "unknown key"),
  ])
  func whatIsWrongIsNamed(_ otlp: String, _ expected: String) {
    let problems = metrics(otlp).problems
    #expect(problems.count == 1 && problems[0].contains(expected), "\(problems)")
    #expect(!problems.joined().contains("u:p"))
  }

  @Test func nothingIsSentAtLevelNone() {
    let yaml = "metrics: {level: none, readers: [{periodic: {exporter: {otlp: {endpoint: 'http://h'}}}}]}"
    #expect(telemetry(yaml).options.metricsPushes.isEmpty)
  }
}
