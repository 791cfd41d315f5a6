import LogPipeline
import Options

/// Checks that connectors join pipelines: each is an exporter of one and a receiver of another, feeds pipelines that
/// name it, and leads no request in a circle.
struct ConnectorCheck {
  /// The most destinations that one request may be encoded for.
  static let maxExporters = 1000

  private let connectors: [Configuration.Component<any ConnectorOptions>]
  private let pipelines: [ServiceOptions.Pipeline]
  private let report: ConfigReport
  /// Destinations are counted so far.
  private static let endOfCount = 1_000_000
  /// How many destinations are reached from a pipeline, once that is known.
  private var reached: [ComponentID: Int] = [:]

  init(
    _ connectors: [Configuration.Component<any ConnectorOptions>], service: ServiceOptions, report: ConfigReport
  ) {
    self.connectors = connectors
    pipelines = service.pipelines
    self.report = report
  }

  mutating func run() {
    for connector in connectors { check(connector) }
    for pipeline in pipelines {
      let count = count(pipeline, after: [])
      if count > Self.maxExporters {
        let shown = count < Self.endOfCount ? "\(count)" : "at least \(Self.endOfCount)"
        let message = "a request may reach \(shown) exporters, those behind connectors included: the limit is"
        report.error(at: pipeline.place, path: path(pipeline.id), "\(message) \(Self.maxExporters)")
      }
    }
  }

  private func path(_ pipeline: ComponentID) -> String { "service.pipelines.\(pipeline)" }

  private func check(_ connector: Configuration.Component<any ConnectorOptions>) {
    let path = "connectors.\(connector.id)"
    let feeding = pipelines.filter { $0.exporters.contains { $0.id == connector.id } }
    let fed = pipelines.filter { $0.receivers.contains { $0.id == connector.id } }
    if feeding.isEmpty != fed.isEmpty {
      let used =
        feeding.isEmpty ? "a receiver but the exporter of no pipeline" : "an exporter but a receiver of no pipeline"
      report.error(at: connector.place, path: path, "\"\(connector.id)\" is \(used)")
    }
    guard let targets = connector.options.targets else { return }
    for target in targets { check(target, of: connector, path: path) }
    for pipeline in fed where !targets.contains(where: { $0.id == pipeline.id }) {
      report.warning(at: connector.place, path: path, "hands nothing to \"\(pipeline.id)\", which has it as a receiver")
    }
  }

  private func check(
    _ target: ComponentReference, of connector: Configuration.Component<any ConnectorOptions>, path: String
  ) {
    guard let pipeline = pipelines.first(where: { $0.id == target.id }) else {
      let hint = report.isFull ? "" : suggestion(for: "\(target.id)", among: pipelines.map { "\($0.id)" })
      let shown = "\(target.id)".forDisplay(maxCharacters: 64)
      return report.error(at: target.place, path: path, "the pipeline \"\(shown)\" is not defined\(hint)")
    }
    if !pipeline.receivers.contains(where: { $0.id == connector.id }) {
      report.error(
        at: target.place, path: path, "the pipeline \"\(target.id)\" does not name \"\(connector.id)\" as a receiver")
    }
  }

  /// The destinations that are reached from a pipeline; `path` are the pipelines that lead to it.
  private mutating func count(_ pipeline: ServiceOptions.Pipeline, after path: [ComponentID]) -> Int {
    if let count = reached[pipeline.id] { return count }
    if let start = path.firstIndex(of: pipeline.id) {
      let circle = (path[start...] + [pipeline.id]).map(\.description).joined(separator: " -> ")
      report.error(at: pipeline.place, path: self.path(pipeline.id), "pipelines lead in a circle: \(circle)")
      reached[pipeline.id] = 0
      return 0
    }
    var total = 0
    for exporter in pipeline.exporters {
      guard let connector = connectors.first(where: { $0.id == exporter.id }) else {
        total &+= 1
        continue
      }
      for next in connector.fed(among: pipelines) {
        total = min(total &+ count(next, after: path + [pipeline.id]), Self.endOfCount)
      }
    }
    reached[pipeline.id] = reached[pipeline.id] ?? total
    return total
  }
}

extension Configuration.Component<any ConnectorOptions> {
  /// The pipelines that a connector feeds, each once.
  func fed(among pipelines: [ServiceOptions.Pipeline]) -> [ServiceOptions.Pipeline] {
    let targets = options.targets.map { Set($0.map(\.id)) }
    return pipelines.filter { pipeline in
      targets?.contains(pipeline.id) ?? pipeline.receivers.contains { $0.id == id }
    }
  }
}
