import Gateway
import LogExport
import LogPipeline
import OTLPReceiver
import Options

/// Options of a made-up component of every kind, with one option of each type.
struct MadeUpOptions: ReceiverOptions, ProcessorOptions, ExporterOptions, ExtensionOptions {
  static let doc = "Made up."

  var endpoint: Options.Endpoint
  var timeout: Duration
  var token: Secret?
  var size: Int
  var tags: [String]
  var limits: OTLPLimits

  init(_ options: ConfigReader) {
    endpoint = options.read("endpoint", .endpoint(defaultPort: 1234), default: .init(host: "", port: 1234), "Where.")
    timeout = options.read("timeout", .duration(), default: .seconds(5), "How long.")
    token = options.optional("token", .secret, "What to present.")
    size = options.read("size", .byteSize(in: 1...(1 << 30)), default: 1 << 20, "How much.")
    tags = options.list("tags", of: .string, "Which.")
    let nothing = ConfigNode(.null, at: ConfigPlace(source: "made up"))
    limits = OTLPLimits(ConfigReader(nothing, path: "", report: ConfigReport()))
  }
}

extension MadeUpOptions {
  /// Made-up components cannot run.
  private struct NotMade: Error {}

  var ports: [ListeningPort] { [] }
  var delivery: DeliveryOptions { DeliveryOptions() }
  var frameFormat: String { "made up" }

  var authenticators: [ExtensionReference] { [] }

  func makeReceiver(
    id: String, feeding pipelines: [Pipeline], replacing old: Receiver?, with surroundings: ReceiverSurroundings
  ) throws -> Receiver {
    throw NotMade()
  }

  func problem(in signal: Signal) -> String? { nil }
  func makeProcessor(id: String) -> (any Processor)? { nil }
  func makeDialect() throws -> any Dialect { throw NotMade() }
  func makeSender(id: String, of parts: SenderParts) throws -> any Sender { throw NotMade() }
}

extension ComponentRegistry {
  /// One component of most kinds, and the real OTLP receiver.
  static var madeUp: ComponentRegistry {
    var registry = ComponentRegistry()
    registry.receivers["otlp"] = OTLPReceiverOptions.self
    registry.receivers["well"] = MadeUpOptions.self
    registry.processors["mill"] = MadeUpOptions.self
    registry.exporters["sink"] = MadeUpOptions.self
    registry.extensions["clock"] = MadeUpOptions.self
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
