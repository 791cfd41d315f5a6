import Gateway
import Options
import Testing

@Suite struct ConfigurationTests {
  private let complete = """
    receivers:
      otlp/a:
        protocols:
          grpc:
      well:
    processors:
      mill/1: {timeout: 1s}
      mill/2:
    exporters:
      sink: {token: pa55, size: 2MiB}
    extensions:
      clock:
    service:
      extensions: [clock]
      pipelines:
        logs:
          receivers: [otlp/a]
          processors: [mill/2, mill/1]
          exporters: [sink]
        logs/other:
          receivers: [well]
          exporters: [sink]
      telemetry:
        logs: {level: debug}
    """

  @Test func readsACompleteFile() throws {
    let configuration = try load(complete)
    #expect(configuration.receivers.map(\.id.description) == ["otlp/a", "well"])
    #expect(configuration.processors.map(\.id.description) == ["mill/1", "mill/2"])
    #expect(configuration.extensions.map(\.id.description) == ["clock"])
    let pipelines = configuration.service.pipelines
    #expect(pipelines.map(\.id.description) == ["logs", "logs/other"])
    #expect(pipelines.first?.processors.map(\.id.description) == ["mill/2", "mill/1"])
    #expect(configuration.service.extensions.map(\.id.description) == ["clock"])
    #expect(configuration.service.telemetry.logLevel == .debug)
    #expect(configuration.warnings == [])
    let sink = configuration.exporters.first { $0.id.type == "sink" }?.options as? MadeUpOptions
    #expect(sink?.token?.reveal() == "pa55")
    #expect(sink?.size == 2 << 20)
  }

  @Test func theTimesOfTheEndAreRead() throws {
    let service = try load(complete).service
    #expect(service.shutdownDelay == .zero && service.shutdownTimeout == .seconds(25))
    for (text, delay) in [("0s", Duration.zero), ("1500ms", .milliseconds(1500)), ("1h", .seconds(3600))] {
      #expect(try load(complete + "\n  shutdown_delay: \(text)").service.shutdownDelay == delay)
    }
    for text in ["3600001ms", "-1s"] {
      let problems = errors(complete + "\n  shutdown_delay: \(text)")
      #expect(problems.count == 1)
      #expect(problems.first?.contains("service.shutdown_delay: ") == true, "\(problems)")
      #expect(problems.first?.contains("from 0s to 1h") == true && problems.first?.contains(text) == true)
    }
  }

  @Test func printsTheEffectiveConfigurationWithoutSecrets() throws {
    let yaml = try load(complete).effectiveYAML()
    #expect(!yaml.contains("pa55"))
    #expect(
      yaml.contains("  sink:\n    endpoint: \":1234\"\n    timeout: 5s\n    token: \"[REDACTED]\"\n    size: 2MiB\n"))
    #expect(yaml.contains("    timeout: 1s\n"))
  }

  @Test func printsAConfigurationThatMeansTheSame() throws {
    let yaml = try load(complete).effectiveYAML()
    #expect(try load(yaml).effectiveYAML() == yaml)
  }

  @Test func reportsAllErrorsAtOnceInOrder() {
    let yaml = """
      receivers:
        otlp:
          protocols:
            grpc:
              endpoint: "4317"
              max_recv_msg_size: 4
        wel:
        bad-type:
      processors: {batch: {}}
      exporters:
        sink: {size: huge}
      service:
        pipelines:
          profiles: {}
          log: {}
          logs:
            receivers: [otlp, otlp, weel, wel]
            processors: [mill, batch]
            exporters: []
      extra: 1
      """
    #expect(
      errors(yaml) == [
        "f.yaml:5:19: receivers.otlp.protocols.grpc.endpoint: expected host:port, found \"4317\" "
          + "(did you mean \"0.0.0.0:4317\"?)",
        "f.yaml:6:9: receivers.otlp.protocols.grpc: unknown key \"max_recv_msg_size\" (did you "
          + "mean \"max_recv_msg_size_mib\"?)",
        "f.yaml:7:3: receivers: unknown receiver \"wel\" (did you mean \"well\"?) (supported: otlp, well)",
        "f.yaml:8:3: receivers: expected a component id \"type\" or \"type/name\", found \"bad-type\"",
        "f.yaml:9:14: processors: the processor \"batch\" of the Collector is not supported by "
          + "sluice (supported: mill)",
        "f.yaml:11:16: exporters.sink.size: expected a size like \"64MiB\", \"64MB\" or \"1048576\", found \"huge\"",
        "f.yaml:14:5: service.pipelines.profiles: profiles are not passed on: several requests of them do not make one",
        "f.yaml:15:5: service.pipelines.log: found the unknown signal \"log\" (did you mean "
          + "\"logs\"?): pipelines are of logs, traces or metrics",
        "f.yaml:16:5: service.pipelines.logs: at least one exporter is required",
        "f.yaml:17:25: service.pipelines.logs.receivers[1]: \"otlp\" is named twice",
        "f.yaml:17:31: service.pipelines.logs.receivers[2]: the receiver \"weel\" is not defined "
          + "(did you mean \"wel\"?)",
        "f.yaml:18:20: service.pipelines.logs.processors[0]: the processor \"mill\" is not defined",
        "f.yaml:20:1: unknown key \"extra\" (known here: receivers, processors, exporters, connectors, extensions, "
          + "service)",
      ])
  }

  @Test func asksForReceiversExportersAndPipelines() {
    #expect(
      errors("") == [
        "f.yaml:1:1: exporters: at least one exporter is required",
        "f.yaml:1:1: receivers: at least one receiver is required",
        "f.yaml:1:1: service.pipelines: at least one pipeline is required",
      ])
  }

  @Test func warnsOfAComponentThatIsNotUsed() throws {
    let yaml = """
      receivers: {well: {}, well/2: {}}
      exporters: {sink: {}}
      extensions: {clock: {}}
      service: {pipelines: {logs: {receivers: [well], exporters: [sink]}}}
      """
    #expect(
      try load(yaml).warnings.map(\.description) == [
        "f.yaml:1:23: warning: receivers.well/2: defined, but not used in any pipeline",
        "f.yaml:3:14: warning: extensions.clock: defined, but not used in service.extensions",
      ])
  }

  @Test func refusesTwoKeysOfOneID() {
    let yaml = """
      receivers: {well/a: {}, "well / a": {}}
      exporters: {sink: {}}
      service: {pipelines: {logs: {receivers: [well/a], exporters: [sink]}}}
      """
    #expect(errors(yaml) == ["f.yaml:1:25: receivers: \"well/a\" is defined twice, first at f.yaml:1:13"])
  }

  @Test(arguments: ["- x", "x", "receivers: 5", "service: [1]", "receivers: {well: 1}", "service: {pipelines: 3}"])
  func refusesSectionsOfTheWrongForm(_ yaml: String) {
    #expect(errors(yaml).contains { $0.contains("expected a map, found ") })
  }

  @Test func takesTheMostComponentsAndNoMore() throws {
    let yaml = { (count: Int) in
      """
      receivers: {well: {}}
      exporters: {sink: {}\((1..<count).map { ", sink/\($0): {}" }.joined())}
      service: {pipelines: {logs: {receivers: [well], exporters: [sink]}}}
      """
    }
    #expect(try load(yaml(1000)).exporters.count == 1000)
    #expect(errors(yaml(1001)) == ["f.yaml:2:1: exporters: found 1001 sections: the limit is 1000"])
  }

  @Test func stopsAtASourceThatCannotBeRead() {
    #expect(errors("a: [").count == 1)
  }
}
