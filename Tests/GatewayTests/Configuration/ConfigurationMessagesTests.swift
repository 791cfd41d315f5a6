import Options
import Testing

@testable import Gateway

/// One mistake is one message: each option in turn is given a value of a kind that none takes.
@Suite struct ConfigurationMessagesTests {
  private static let types = Set(ComponentKind.allCases.flatMap { ComponentRegistry.standard.types($0).map(\.name) })

  /// The keys of a component, those of its sections included, as dotted paths.
  private func paths(
    _ records: [OptionRecord], under prefix: String = "", where isWanted: (OptionRecord) -> Bool = { _ in true }
  ) -> [String] {
    records.flatMap { record -> [String] in
      let path = prefix.isEmpty ? record.key : "\(prefix).\(record.key)"
      let own = isWanted(record) ? [path] : []
      guard case .section(let children) = record.value, !children.isEmpty else { return own }
      return own + paths(children, under: path, where: isWanted)
    }
  }

  /// A configuration in which the component of a type has one option of that value, besides what it needs.
  private func configuration(
    _ kind: ComponentKind, _ type: String, _ option: String, value: String = "[[[]]]"
  ) -> [ConfigSource] {
    let component = "\(type): \(needed["\(kind.singular) \(type)"] ?? "{}")"
    let isConnector = kind == .connectors
    let yaml = """
      receivers: {\(kind == .receivers ? component : "otlp: {}")}
      processors: {\(kind == .processors ? component : "batch: {}")}
      exporters: {\(kind == .exporters ? component : "nop: {}")}
      connectors: {\(isConnector ? component : "")}
      extensions: {\(kind == .extensions ? component : "file_storage: {directory: /tmp}")}
      service:
        extensions: [\(kind == .extensions ? type : "file_storage")]
        pipelines:
          logs:
            receivers: [\(kind == .receivers ? type : "otlp")]
            processors: [\(kind == .processors ? type : "batch")]
            exporters: [\(isConnector || kind == .exporters ? type : "nop")]
          \(isConnector ? "logs/after: {receivers: [\(type)], exporters: [nop]}" : "")
      """
    return [.text(yaml, name: "f.yaml"), .setting("\(kind.rawValue).\(type).\(option)=\(value)")]
  }

  private let needed = [
    "exporter elasticsearch": "{endpoint: \"http://h\"}", "exporter victorialogs": "{endpoint: \"http://h\"}",
    "exporter otlphttp": "{endpoint: \"http://h\"}", "exporter otlp_http": "{endpoint: \"http://h\"}",
    "exporter otlp": "{endpoint: \"h:1\"}", "exporter otlp_grpc": "{endpoint: \"h:1\"}",
    "exporter loadbalancing": "{resolver: {static: {hostnames: [h]}}}",
    "exporter loki": "{endpoint: \"http://h\"}", "exporter file": "{path: /tmp/f}",
    "exporter store": "{path: /tmp/s}",
    "extension file_storage": "{directory: /tmp}",
    "extension basicauth": "{htpasswd: {inline: 'a:b'}}", "extension bearertokenauth": "{token: t}",
    "extension oauth2client": "{client_id: i, client_secret: s, token_url: \"https://h\"}",
    "extension oidc": "{providers: [{issuer_url: \"https://h\", audience: a}]}",
    "extension headers_setter": "{headers: [{key: a, value: b}]}",
    "connector routing": "{default_pipelines: [logs/after], table: [{condition: \"true\", pipelines: [logs/after]}]}",
    "processor rate_limit": "{records_per_second: 1}", "processor required_attributes": "{keys: [a]}",
    "processor probabilistic_sampler": "{sampling_percentage: 10}",
    "processor attributes": "{actions: [{key: a, action: delete}]}",
    "processor resource": "{attributes: [{key: a, action: delete}]}",
  ]

  private func errors(_ sources: [ConfigSource]) -> [String] {
    do throws(ConfigurationError) {
      _ = try Configuration.load(sources, registry: .standard) { _ in nil }
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test(arguments: types.sorted()) func oneBadValueIsOneMessage(_ type: String) throws {
    for kind in ComponentKind.allCases {
      guard let entry = ComponentRegistry.standard.types(kind).first(where: { $0.name == type }) else { continue }
      let report = ConfigReport()
      let reader = ConfigReader(ConfigNode(.null, at: ConfigPlace(source: "")), path: "", report: report)
      _ = entry.options.init(reader)
      for path in paths(reader.records) {
        let found = errors(configuration(kind, type, path))
        #expect(found.count <= 1, "\(kind.rawValue).\(type).\(path): \(found)")
      }
    }
  }

  /// However a secret is given, no message repeats it.
  @Test(arguments: ["pa55 word", "[pa55]", "{k: [pa55]}", "{k: {k: pa55}}", "\"pa55\\n\"", "{k: \"pa55\\n\"}"])
  func noMessageRepeatsASecret(_ value: String) {
    var count = 0
    for kind in ComponentKind.allCases {
      for entry in ComponentRegistry.standard.types(kind) {
        let reader = ConfigReader(
          ConfigNode(.null, at: ConfigPlace(source: "")), path: "", report: ConfigReport())
        _ = entry.options.init(reader)
        for path in paths(reader.records, where: { $0.type.hasSuffix("secret") }) {
          let found = errors(configuration(kind, entry.name, path, value: value))
          #expect(!found.joined().contains("pa55"), "\(kind.rawValue).\(entry.name).\(path)")
          count += 1
        }
      }
    }
    #expect(count >= 9)
  }

  @Test(arguments: [
    "exporters.otlphttp.endpoint=h:1", "exporters.otlphttp.logs_endpoint=ftp://h", "receivers=5", "exporters=[1]",
    "receivers.otlp.protocols=5", "receivers.otlp=x", "service.pipelines=7", "service.pipelines.logs=7",
    "service.pipelines.logs.receivers=otpl", "service.telemetry.metrics.readers=[5]",
    "service.telemetry.metrics.readers=[{pull: 5}]", "service.extensions=5", "service=5",
  ]) func aBadValueElsewhereIsOneMessageToo(_ setting: String) {
    let yaml = """
      receivers: {otlp: }
      exporters: {otlphttp: {endpoint: "http://h"}}
      service: {pipelines: {logs: {receivers: [otlp], exporters: [otlphttp]}}}
      """
    let found = errors([.text(yaml, name: "f.yaml"), .setting(setting)])
    #expect(found.count == 1, "\(found)")
  }

  @Test(arguments: ["elasticsearch", "victorialogs", "otlphttp", "otlp"])
  func aBadEndpointIsNotAMissingOne(_ type: String) {
    let found = problems(type, "endpoint: \"ftp://h\"")
    #expect(found.count == 1 && !found[0].contains("required"), "\(found)")
    #expect(problems(type, "").filter { $0.contains("required") }.count == 1)
  }
}
