package import LogPipeline
package import Options

/// The `service` section: pipelines, extensions and the gateway's own telemetry.
package struct ServiceOptions: Sendable {
  /// A reference to a component, with its place in the file.
  package typealias Reference = ComponentReference

  /// One pipeline: receivers feed its processors in order, whose output goes to every exporter.
  package struct Pipeline: Sendable {
    /// `logs`, `traces` or `metrics`, perhaps with a name.
    package var id: ComponentID
    /// What it takes, by the type of its id.
    package var signal: Signal
    /// Where the pipeline's key stands.
    package var place: ConfigPlace
    /// Where its records come from.
    package var receivers: [Reference]
    /// What is done to them, in this order.
    package var processors: [Reference]
    /// Where they go.
    package var exporters: [Reference]
    /// When senders are told that a request was accepted.
    package var acknowledgement: AcknowledgementPoint
    /// Whether that is given.
    package var isAcknowledgementGiven: Bool
    /// With `ack: delivered`, how long a sender waits before it is asked to retry.
    package var acknowledgementTimeout: Duration
  }

  static let doc = "Which components run, and how they are connected."

  /// The pipelines, in the order of the file.
  package var pipelines: [Pipeline]
  /// The extensions to start, in this order.
  package var extensions: [Reference]
  /// Which those are.
  package var startedExtensions: Set<ComponentID> { Set(extensions.map(\.id)) }
  /// The signals whose pipelines run (`SignalChoice`); empty for all.
  package var signals: [Signal]
  /// The gateway's own logs and metrics.
  package var telemetry: TelemetryOptions
  /// Who may look at the page and at what it reads.
  package var admin: AdminOptions
  /// Time from SIGTERM until requests are taken no more.
  package var shutdownDelay: Duration
  /// Time from then, or from any other signal to stop, until what is still queued is given up.
  package var shutdownTimeout: Duration
  /// How many exporters that a reload has replaced or removed may still have records.
  package var maxLeavingExporters: Int
  /// Bytes that the queues of those of them may hold that are kept in memory.
  package var maxLeavingBytes: Int

  /// Reads the section.
  package init(_ options: ConfigReader, limits: ConfigLimits = ConfigLimits()) {
    extensions = Self.references(options, "extensions", "The extensions to start, in this order.")
    signals = options.list(
      "signals", of: .choice(Signal.logs),
      "The signals whose pipelines run; those of others are left out, with what only they use. Without it all run; "
        + "not in the Collector.")
    pipelines = options.namedSections(
      "pipelines", maxCount: limits.maxSections,
      "The pipelines, each named logs, traces or metrics, perhaps with a name behind a slash.", Self.pipeline)
    let given = options.entry("pipelines")?.value ?? ConfigNode(.null, at: options.place)
    if given.isMapOrNothing, given.entries?.isEmpty ?? true {
      options.error(at: "pipelines", "at least one pipeline is required")
    }
    telemetry = options.section("telemetry", "The gateway's own logs and metrics.") { TelemetryOptions($0) }
    admin = options.section("admin", AdminOptions.doc) { AdminOptions($0) }
    shutdownDelay = options.read(
      "shutdown_delay", .duration(in: .zero ... .seconds(3600)), default: .zero,
      "Time that requests are still taken after SIGTERM, while /readyz fails; not in the Collector.")
    shutdownTimeout = options.read(
      "shutdown_timeout", .duration(), default: .seconds(25),
      "Time to finish requests and empty the queues after that; not in the Collector.")
    maxLeavingExporters = options.read(
      "max_leaving_exporters", .int(in: 0...1000), default: 16,
      "Exporters that reloads have replaced or removed and whose queues may still have records; not in the Collector.")
    maxLeavingBytes = options.read(
      "max_leaving_size", .byteSize(in: 0...(1 << 40)), default: 512 << 20,
      "What their queues in memory may hold together; not in the Collector.")
  }

  private static func pipeline(_ key: String, _ place: ConfigPlace, _ options: ConfigReader) -> Pipeline? {
    let shown = key.forDisplay(maxCharacters: 64)
    guard let id = try? ComponentID.parse(key) else {
      let message = "expected a pipeline \"logs\", \"traces/name\" or the like, found \"\(shown)\""
      options.report.error(at: place, path: "service.pipelines", message)
      return nil
    }
    let signal = Signal(rawValue: id.type)
    guard let signal, signal != .profiles else {
      let hint = signal == nil ? suggestion(for: id.type, among: ["logs", "traces", "metrics"]) : ""
      let message =
        signal == nil
        ? "found the unknown signal \"\(id.type)\"\(hint): pipelines are of logs, traces or metrics"
        : "profiles are not passed on: several requests of them do not make one"
      options.report.error(at: place, path: "service.pipelines.\(shown)", message)
      return nil
    }
    for key in ["receivers", "exporters"] where options.isEmpty(key) {
      options.report.error(at: place, path: options.path, "at least one \(key.dropLast()) is required")
    }
    return Pipeline(
      id: id, signal: signal, place: place, receivers: references(options, "receivers", "Where its records come from."),
      processors: references(options, "processors", "What is done to them, in this order."),
      exporters: references(options, "exporters", "Where they go; each exporter gets all."),
      acknowledgement: options.read(
        "ack", .choice(AcknowledgementPoint.disk), default: .disk,
        "When a request is accepted: once queued, once on disk where queues are, or once delivered; "
          + "not in the Collector."),
      isAcknowledgementGiven: options.has("ack"),
      acknowledgementTimeout: options.read(
        "ack_timeout", .duration(in: .milliseconds(1) ... .maxConfigured), default: .seconds(60),
        "With ack: delivered, how long a sender waits before it is asked to retry; not in the Collector."))
  }

  private static func references(_ options: ConfigReader, _ key: String, _ doc: String) -> [Reference] {
    options.placedList(key, of: .componentID, doc).map { Reference(id: $0.value, place: $0.place) }
  }
}

extension ServiceOptions {
  /// Has senders of pipelines that do not say `ack` wait for delivery where an exporter asks for it.
  mutating func waitForDelivery(to exporters: [Configuration.Component<any ExporterOptions>]) {
    let waiting = Set(exporters.filter(\.options.delivery.waitsForDelivery).map(\.id))
    for index in pipelines.indices where !pipelines[index].isAcknowledgementGiven {
      guard pipelines[index].exporters.contains(where: { waiting.contains($0.id) }) else { continue }
      pipelines[index].acknowledgement = .delivered
    }
  }
}
