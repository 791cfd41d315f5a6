import Options
import Testing

@testable import Gateway

@Suite struct SignalChoiceTests {
  /// A file as applications use it, with all signals; what is not known here is used by other signals only.
  private static let whole = """
    receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}, hostmetrics: {scrapers: {cpu: }}}
    processors: {batch: , tail_sampling: {policies: []}}
    exporters: {nop: , prometheus: {endpoint: ":9"}, jaeger: {auth: {authenticator: sigv4auth}}}
    extensions: {sigv4auth: {region: x}, health_check: {endpoint: "127.0.0.1:0"}}
    service:
      extensions: [sigv4auth, health_check]
      telemetry: {metrics: {level: none}}
      pipelines:
        logs: {receivers: [otlp], processors: [batch], exporters: [nop]}
        traces/a: {receivers: [otlp], processors: [tail_sampling, batch], exporters: [jaeger]}
        metrics: {receivers: [otlp, hostmetrics], processors: [batch], exporters: [prometheus]}

    """

  private func load(_ yaml: String, signals: String = "logs") throws(ConfigurationError) -> Configuration {
    try Configuration.load([.text(yaml, name: "f.yaml"), .signals(signals)], registry: .standard) { _ in nil }
  }

  private func errors(_ yaml: String, signals: String = "logs") -> [String] {
    do throws(ConfigurationError) {
      _ = try load(yaml, signals: signals)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func leavesOutOtherSignalsAndWhatOnlyTheyUse() throws {
    let configuration = try load(Self.whole)
    #expect(configuration.service.pipelines.map(\.id.description) == ["logs"])
    #expect(configuration.service.extensions.map(\.id.description) == ["health_check"])
    #expect(configuration.exporters.map(\.id.description) == ["nop"])
    #expect(
      configuration.warnings.map(\.description) == [
        "--signals: warning: service.signals: leaves out pipelines traces/a, metrics; receivers hostmetrics; processors "
          + "tail_sampling; exporters prometheus, jaeger; extensions sigv4auth"
      ])
  }

  @Test func withoutAChoiceTheyAreNotLeftOut() {
    let found = standardProblems(Self.whole)
    #expect(found.contains { $0.contains("the processor \"tail_sampling\" of the Collector is not supported") })
  }

  @Test(arguments: ["signals: [logs]", "signals: logs", "signals: 'logs, profiles'"])
  func theFileMayChoose(_ option: String) throws {
    let yaml = Self.whole.replacing("service:\n", with: "service:\n  \(option)\n")
    let configuration = try loadStandard(yaml)
    #expect(configuration.service.pipelines.map(\.id.description) == ["logs"])
    #expect(configuration.warnings.count == 1 && configuration.warnings[0].path == "service.signals")
  }

  @Test(arguments: ["log", "logs,x", "[]"]) func aSignalThatIsNoneIsAnError(_ signals: String) {
    let found = errors(Self.whole, signals: signals)
    #expect(found.contains { $0.hasPrefix("--signals: service.signals[") }, "\(found)")
  }

  @Test func aFileOfLogsAloneStaysAsItIs() throws {
    #expect(try load(withExporter("nop", "")).warnings.isEmpty)
  }

  /// What a pipeline of a signal that runs uses too stays, and so does what nothing uses.
  @Test func whatIsSharedStays() throws {
    let yaml = """
      receivers: {otlp: }
      exporters: {nop: , nop/spare: }
      extensions: {basicauth/client: {client_auth: {username: a, password: b}}}
      service:
        extensions: [basicauth/client]
        pipelines:
          logs: {receivers: [otlp], exporters: [nop]}
          traces: {receivers: [otlp], exporters: [nop]}
      """
    let configuration = try load(yaml)
    #expect(configuration.exporters.map(\.id.description) == ["nop", "nop/spare"])
    #expect(configuration.service.extensions.count == 1)
    #expect(configuration.warnings.count == 2)
  }

  /// A connector whose other end is left out is taken out of a pipeline, and a pipeline that nothing is left of goes.
  @Test func connectorsAreCutWhereTheOtherEndIsGone() throws {
    let yaml = """
      receivers: {otlp: }
      exporters: {nop: , prometheus: }
      connectors: {count: , exceptions: , forward: }
      service:
        pipelines:
          logs: {receivers: [otlp, exceptions], exporters: [nop, count, forward]}
          logs/only: {receivers: [exceptions], exporters: [nop]}
          logs/next: {receivers: [forward], exporters: [nop]}
          traces: {receivers: [otlp], exporters: [exceptions]}
          metrics: {receivers: [count], exporters: [prometheus]}
      """
    let configuration = try load(yaml)
    let pipelines = configuration.service.pipelines
    #expect(pipelines.map(\.id.description) == ["logs", "logs/next"])
    #expect(pipelines[0].receivers.map(\.id.description) == ["otlp"])
    #expect(pipelines[0].exporters.map(\.id.description) == ["nop", "forward"])
    #expect(configuration.warnings.first?.message.contains("connectors count, exceptions") == true)
  }

  @Test func withoutAPipelineOfTheSignalNoneIsLeft() {
    let yaml = """
      receivers: {otlp: }
      exporters: {nop: }
      service: {pipelines: {traces: {receivers: [otlp], exporters: [nop]}}}
      """
    #expect(errors(yaml).contains { $0.contains("service.pipelines: at least one pipeline is required") })
  }

  /// Names are the file's to choose, not their number in a message.
  @Test func manyNamesAreShownShort() throws {
    let names = (0..<100).map { "zipkin/\($0)" }
    let yaml = """
      receivers: {otlp: }
      exporters: {nop: , \(names.map { "\($0): " }.joined(separator: ", "))}
      service:
        pipelines:
          logs: {receivers: [otlp], exporters: [nop]}
          traces: {receivers: [otlp], exporters: [\(names.joined(separator: ", "))]}
      """
    let message = try load(yaml).warnings.first?.message ?? ""
    #expect(message.hasSuffix("zipkin/7 and 92 more"))
  }
}
