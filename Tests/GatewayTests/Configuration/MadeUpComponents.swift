import Gateway
import Options

/// Options of a made-up component with one option of each kind.
struct MadeUpOptions: Sendable {
  var endpoint: Endpoint
  var timeout: Duration
  var token: Secret?
  var size: Int
  var tags: [String]

  init(_ options: ConfigReader) {
    endpoint = options.read("endpoint", .endpoint(defaultPort: 1234), default: .init(host: "", port: 1234), "Where.")
    timeout = options.read("timeout", .duration(), default: .seconds(5), "How long.")
    token = options.optional("token", .secret, "What to present.")
    size = options.read("size", .byteSize(in: 1...(1 << 30)), default: 1 << 20, "How much.")
    tags = options.list("tags", of: .string, "Which.")
  }
}

extension ComponentRegistry {
  /// One component of most kinds, and the real OTLP receiver.
  static var madeUp: ComponentRegistry {
    var registry = ComponentRegistry()
    registry.register(.receivers, "otlp", "OTLP.") { OTLPReceiverOptions($0) }
    registry.register(.receivers, "well", "A made-up receiver.") { MadeUpOptions($0) }
    registry.register(.processors, "mill", "A made-up processor.") { MadeUpOptions($0) }
    registry.register(.exporters, "sink", "A made-up exporter.") { MadeUpOptions($0) }
    registry.register(.extensions, "clock", "A made-up extension.") { MadeUpOptions($0) }
    return registry
  }
}

/// Loads one text named `f.yaml` with the made-up components.
func load(_ yaml: String, environment: [String: String] = [:]) throws(ConfigurationError) -> Configuration {
  try Configuration.load([.text(yaml, name: "f.yaml")], registry: .madeUp) { environment[$0] }
}

/// The errors of one text named `f.yaml`, as they are shown; empty if it is valid.
func errors(_ yaml: String, environment: [String: String] = [:]) -> [String] {
  do throws(ConfigurationError) {
    _ = try load(yaml, environment: environment)
    return []
  } catch {
    return error.problems.map(\.description)
  }
}

/// The YAML of a valid configuration around the options of one made-up exporter, which start on line 4.
func withSink(_ options: String) -> String {
  let indented = options.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 + "\n" }.joined()
  return """
    receivers: {well: {}}
    exporters:
      sink:
    \(indented)service:
      pipelines:
        logs: {receivers: [well], exporters: [sink]}
    """
}
