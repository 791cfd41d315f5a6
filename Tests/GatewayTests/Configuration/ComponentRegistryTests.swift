import LogPipeline
import Options
import Testing

@testable import Gateway

@Suite struct ComponentRegistryTests {
  @Test func listsTypesInTheOrderOfRegistration() {
    #expect(ComponentRegistry.madeUp.types(.receivers).map(\.name) == ["otlp", "well"])
    #expect(ComponentRegistry.madeUp.types(.connectors).map(\.name) == [])
  }

  @Test func replacesATypeThatIsRegisteredAgain() {
    var registry = ComponentRegistry.madeUp
    registry.exporters["sink"] = NopExporterOptions.self
    #expect(registry.types(.exporters).map(\.name) == ["sink"])
    #expect(registry.exporters["sink"]?.doc == NopExporterOptions.doc)
  }

  @Test(arguments: [
    ("snik", "unknown exporter \"snik\" (did you mean \"sink\"?) (supported: sink)"),
    ("kafka", "the exporter \"kafka\" of the Collector is not supported by sluice (supported: sink)"),
    ("mill", "\"mill\" belongs in processors, not in exporters (supported: sink)"),
    ("zzzzzz", "unknown exporter \"zzzzzz\" (supported: sink)"),
  ])
  func saysWhatIsWrongWithAnUnknownType(_ type: String, _ expected: String) {
    #expect(ComponentRegistry.madeUp.problem(ofUnknown: type, .exporters) == expected)
  }

  @Test(arguments: [
    ("elasticsearch/main", BodyFormat.bulk, "/_bulk"), ("victorialogs", .bulk, "/insert/elasticsearch/_bulk"),
    ("victorialogs/eu", .jsonline, "/insert/jsonline"), ("victorialogs", .otlp, "/insert/opentelemetry/v1/logs"),
    ("otlphttp", .otlp, "/v1/logs"), ("otlp/next", .otlp, "/v1/logs"),
    ("otlphttp+traces", .otlpTraces, "/v1/traces"), ("otlp/next+metrics", .otlpMetrics, "/v1/metrics"),
  ])
  func aLettersExporterSaysWhatSendsItAgain(_ exporter: String, _ format: BodyFormat, _ path: String) throws {
    let dialect = try #require(ComponentRegistry.standard.replayDialect(exporter: exporter, format: format))
    #expect(dialect.bodyFormat == format)
    guard case .http(let sent, _) = dialect.route else {
      Issue.record("\(exporter): not over HTTP")
      return
    }
    #expect(sent.hasPrefix(path), "\(sent)")
  }

  @Test(arguments: [
    ("elasticsearch", BodyFormat.otlp), ("victorialogs", .text), ("otlphttp", .bulk), ("file", .jsonline),
    ("debug", .text), ("nop", .text), ("kafka", .bulk), ("", .bulk), ("elasticsearch/", .bulk),
  ])
  func otherLettersAreNotSentAgain(_ exporter: String, _ format: BodyFormat) {
    #expect(ComponentRegistry.standard.replayDialect(exporter: exporter, format: format) == nil)
  }

  @Test func writesAReferenceThatIsItsOwnConfiguration() throws {
    let reference = ComponentRegistry.madeUp.reference()
    let service =
      "service: {extensions: [clock], pipelines: {logs: {receivers: [otlp, well], processors: "
      + "[mill], exporters: [sink]}}}"
    let configuration = try Configuration.load(
      [.text(reference, name: "reference.yaml"), .text(service, name: "f.yaml")], registry: .madeUp,
      environment: { _ in nil })
    #expect(configuration.warnings == [])
    #expect(
      reference.contains(
        "        # The largest message, decompressed, in MiB; 0 for the default. (int from 0 to 1024)\n        "
          + "max_recv_msg_size_mib: 64\n"
      ))
    #expect(reference.contains("        #   cert_file:\n"))
  }
}
