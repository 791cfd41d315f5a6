import LogPipeline
import Options
import Testing

@testable import Gateway

@Suite struct SignalComponentsTests {
  private func load(_ pipelines: String, _ exporters: String, more: String = "") throws -> Configuration {
    try loadStandard(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      processors: {resource: {attributes: [{key: a, action: delete}]}, batch: }
      exporters: \(exporters)
      \(more)
      service: {extensions: [\(more.isEmpty ? "" : "file_storage")], telemetry: {metrics: {level: none}},
        pipelines: {\(pipelines)}}
      """)
  }

  private static let all = """
    logs: {receivers: [otlp], processors: [resource], exporters: [otlp/a]},
    traces: {receivers: [otlp], processors: [resource, batch], exporters: [otlp/a]},
    traces/b: {receivers: [otlp], exporters: [otlp/a]}, metrics: {receivers: [otlp], exporters: [otlp/a]}
    """

  private func dialect(_ configuration: Configuration, _ id: String) throws -> OTLPDialect {
    let component = try #require(configuration.exporters.first { "\($0.id)" == id })
    return try #require(try component.options.makeDialect() as? OTLPDialect)
  }

  @Test func eachSignalHasAnExporterOfItsOwn() throws {
    let configuration = try load(Self.all, "{otlp/a: {endpoint: next:4317}}")
    #expect(configuration.exporters.map { "\($0.id)" } == ["otlp/a", "otlp/a+traces", "otlp/a+metrics"])
    #expect(configuration.processors.map { "\($0.id)" } == ["resource", "batch", "resource+traces", "batch+traces"])
    let named = configuration.service.pipelines.map { ($0.processors + $0.exporters).map { "\($0.id)" } }
    #expect(
      named == [
        ["resource", "otlp/a"], ["resource+traces", "batch+traces", "otlp/a+traces"], ["otlp/a+traces"],
        ["otlp/a+metrics"],
      ])
    #expect(configuration.service.pipelines.map(\.signal) == [.logs, .traces, .traces, .metrics])
    #expect(try dialect(configuration, "otlp/a").signal == .logs)
    #expect(try dialect(configuration, "otlp/a+traces").route == .grpc(path: Signal.traces.grpcPath, headers: []))
    #expect(try dialect(configuration, "otlp/a+metrics").bodyFormat == .otlpMetrics)
  }

  @Test func logsKeepTheFolderOfTheirQueueAndOthersHaveOneBesideIt() throws {
    let own = try load(
      Self.all, "{otlp/a: {endpoint: next:4317, sending_queue: {directory: /q/a}, dead_letter: {path: /q/l}}}")
    #expect(own.keptPaths.map(\.path) == ["/q/a", "/q/l", "/q/a+traces", "/q/l", "/q/a+metrics", "/q/l"])
    let kinds = own.keptPaths.filter { $0.path != "/q/l" }.map(\.kind)
    #expect(
      kinds == ["otlp protobuf", "otlp protobuf traces", "otlp protobuf metrics"].map { .queue(frameFormat: $0) })
    let shared = try load(
      Self.all, "{otlp/a: {endpoint: next:4317, sending_queue: {storage: file_storage}}}",
      more: "extensions: {file_storage: {directory: /q}}"
    ).keptPaths
    #expect(shared.map(\.path) == ["/q/otlp_a", "/q/otlp_a+traces", "/q/otlp_a+metrics"])
  }

  @Test func aFileThatSignalsShareHasTheSignalInItsName() throws {
    let pipelines = "logs: {receivers: [otlp], exporters: [file]}, traces: {receivers: [otlp], exporters: [file]}"
    for (path, of) in [
      ("/o/out.jsonl", "/o/out.traces.jsonl"), ("/o.d/out", "/o.d/out.traces"), (".out", ".out.traces"),
    ] {
      let both = try load(pipelines, "{file: {path: \(path)}}")
      #expect(both.keptPaths.map(\.path) == [path, of])
    }
    let alone = try load("traces: {receivers: [otlp], exporters: [file]}", "{file: {path: /o/out.jsonl}}")
    #expect(alone.keptPaths.map(\.path) == ["/o/out.jsonl"])
  }

  @Test func addressesAreThoseOfTheSignal() throws {
    let configuration = try load(
      "traces: {receivers: [otlp], exporters: [otlphttp]}, metrics: {receivers: [otlp], exporters: [otlphttp]}",
      "{otlphttp: {endpoint: http://next:4318/base, traces_endpoint: http://other/t/x}}")
    func options(_ id: String) throws -> OTLPHTTPExporterOptions {
      let component = configuration.exporters.first { "\($0.id)" == id }
      return try #require(component?.options as? OTLPHTTPExporterOptions)
    }
    let (traces, metrics) = (try options("otlphttp+traces"), try options("otlphttp+metrics"))
    #expect(traces.sender.endpoints == ["http://other"] && traces.path == "/t/x")
    #expect(metrics.sender.endpoints == ["http://next:4318/base"] && metrics.path == "/v1/metrics")
    #expect(
      try dialect(configuration, "otlphttp+metrics").route
        == .http(path: "/v1/metrics", headers: [.init("Content-Type", "application/x-protobuf")]))
  }
}
