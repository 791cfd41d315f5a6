/// The `service` section: pipelines, extensions and the gateway's own telemetry.
package struct ServiceOptions: Sendable {
  /// A reference to a component, with its place in the file.
  package struct Reference: Sendable {
    package var id: ComponentID
    package var place: ConfigPlace
  }

  /// One pipeline: receivers feed its processors in order, whose output goes to every exporter.
  package struct Pipeline: Sendable {
    /// `logs` or `logs/name`.
    package var id: ComponentID
    package var place: ConfigPlace
    package var receivers: [Reference]
    package var processors: [Reference]
    package var exporters: [Reference]
  }

  package var pipelines: [Pipeline]
  package var extensions: [Reference]
  package var telemetry: TelemetryOptions

  package init(_ options: ConfigReader) {
    extensions = Self.references(options, "extensions", "The extensions to start, in this order.")
    pipelines = options.namedSections("pipelines", "The pipelines, each named logs or logs/name.") {
      Self.pipeline($0, $1, $2)
    }
    telemetry = options.section("telemetry", "The gateway's own logs and metrics.") { TelemetryOptions($0) }
  }

  private static func pipeline(_ key: String, _ place: ConfigPlace, _ options: ConfigReader) -> Pipeline? {
    let shown = key.forDisplay(maxCharacters: 64)
    guard let id = try? ComponentID.parse(key) else {
      let message = "expected a pipeline \"logs\" or \"logs/name\", found \"\(shown)\""
      options.report.error(at: place, path: "service.pipelines", message)
      return nil
    }
    guard id.type == "logs" else {
      let isSignal = ["traces", "metrics", "profiles"].contains(id.type)
      let hint = isSignal ? "" : suggestion(for: id.type, among: ["logs"])
      let problem = isSignal ? "a pipeline of \(id.type)" : "the unknown signal \"\(id.type)\"\(hint)"
      let message = "found \(problem), but this gateway handles logs only"
      options.report.error(at: place, path: "service.pipelines.\(shown)", message)
      return nil
    }
    return Pipeline(
      id: id, place: place, receivers: references(options, "receivers", "Where the logs come from."),
      processors: references(options, "processors", "What is done to them, in this order."),
      exporters: references(options, "exporters", "Where they go; each exporter gets all."))
  }

  private static func references(_ options: ConfigReader, _ key: String, _ doc: String) -> [Reference] {
    options.placedList(key, of: .componentID, doc).map { Reference(id: $0.value, place: $0.place) }
  }
}
