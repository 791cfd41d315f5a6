import Options

/// Checks that no two listeners of a configuration want the same port.
struct ListenerCheck {
  /// An address to listen on and where it comes from.
  private struct Listener {
    var endpoint: Endpoint
    var path: String
    var place: ConfigPlace
  }

  private let listeners: [Listener]
  private let report: ConfigReport

  init(_ components: DefinedComponents, service: ServiceOptions, report: ConfigReport) {
    self.report = report
    let used = Set(service.pipelines.flatMap { $0.receivers.map(\.id) })
    let metrics = service.telemetry
    let admin = metrics.metricsEndpoints.map {
      Listener(endpoint: $0, path: "service.telemetry.metrics", place: metrics.metricsPlace)
    }
    let started = service.startedExtensions
    let extensions = components.extensions.filter { started.contains($0.id) }.compactMap(\.options.port)
      .map { Listener(endpoint: $0.endpoint, path: $0.option, place: $0.place) }
    listeners =
      components.receivers.filter { used.contains($0.id) }.flatMap { Self.listeners(of: $0) } + admin + extensions
  }

  private static func listeners(of receiver: Configuration.Component<any ReceiverOptions>) -> [Listener] {
    receiver.options.ports.map {
      Listener(endpoint: $0.endpoint, path: "receivers.\(receiver.id).\($0.option)", place: $0.place)
    }
  }

  /// Reports each listener whose port an earlier one has.
  func run() {
    for (position, listener) in listeners.enumerated() {
      guard let first = listeners[..<position].first(where: { $0.endpoint.overlaps(listener.endpoint) }) else {
        continue
      }
      report.error(
        at: listener.place, path: listener.path,
        "cannot listen on \(listener.endpoint): \(first.path) listens on \(first.endpoint) (\(first.place))")
    }
  }
}
