/// Checks that pipelines name components that exist and that every pipeline can carry logs from end to end.
struct PipelineCheck {
  private let components: [Configuration.Component]
  private let service: ServiceOptions
  private let document: ConfigReader
  private var report: ConfigReport { document.report }
  private var used: Set<String> = []

  init(components: [Configuration.Component], service: ServiceOptions, document: ConfigReader) {
    self.components = components
    self.service = service
    self.document = document
  }

  mutating func run() {
    checkPresence()
    for pipeline in service.pipelines { check(pipeline) }
    check(service.extensions, among: [.extensions], path: "service.extensions")
    warnOfUnused()
  }

  private func checkPresence() {
    for kind in [ComponentKind.receivers, .exporters] where !document.has(kind.rawValue) {
      report.error(at: document.place, path: kind.rawValue, "at least one \(kind.singular) is required")
    }
    let service = document.entry("service")
    let pipelines = service?.value.entries?.first { $0.key == "pipelines" }
    if pipelines?.value.entries?.isEmpty ?? true {
      let place = pipelines?.place ?? service?.place ?? document.place
      report.error(at: place, path: "service.pipelines", "at least one pipeline is required")
    }
  }

  private mutating func check(_ pipeline: ServiceOptions.Pipeline) {
    let path = "service.pipelines.\(pipeline.id)"
    check(pipeline.receivers, among: [.receivers, .connectors], path: "\(path).receivers")
    check(pipeline.processors, among: [.processors], path: "\(path).processors")
    check(pipeline.exporters, among: [.exporters, .connectors], path: "\(path).exporters")
    if pipeline.receivers.isEmpty && !isGiven("receivers", in: pipeline) {
      report.error(at: pipeline.place, path: path, "at least one receiver is required")
    }
    if pipeline.exporters.isEmpty && !isGiven("exporters", in: pipeline) {
      report.error(at: pipeline.place, path: path, "at least one exporter is required")
    }
  }

  /// True if the pipeline lists something under the key, even if none of it could be read.
  private func isGiven(_ key: String, in pipeline: ServiceOptions.Pipeline) -> Bool {
    let pipelines = document.entry("service")?.value.entries?.first { $0.key == "pipelines" }?.value.entries
    let entry = pipelines?.first { $0.place == pipeline.place }?.value.entries?.first { $0.key == key }
    switch entry?.value.content {
    case nil, .null: return false
    case .list(let items): return !items.isEmpty
    case .scalar, .map, .invalid: return true
    }
  }

  private mutating func check(_ references: [ServiceOptions.Reference], among kinds: [ComponentKind], path: String) {
    var seen: Set<ComponentID> = []
    for (position, reference) in references.enumerated() {
      let path = "\(path)[\(position)]"
      if !seen.insert(reference.id).inserted {
        report.error(at: reference.place, path: path, "\"\(reference.id)\" is named twice")
      }
      let kind = kinds.first { kind in isDefined(kind, reference.id) }
      guard let kind else {
        reportUndefined(reference, kinds, path: path)
        continue
      }
      used.insert("\(kind.rawValue).\(reference.id)")
    }
  }

  /// True if the section has the id as a key, even if its options could not be read.
  private func isDefined(_ kind: ComponentKind, _ id: ComponentID) -> Bool {
    components.contains { $0.kind == kind && $0.id == id }
      || definedKeys(kind).contains { (try? ComponentID.parse($0)) == id }
  }

  private func definedKeys(_ kind: ComponentKind) -> [String] {
    document.entry(kind.rawValue)?.value.entries?.map(\.key) ?? []
  }

  private func reportUndefined(_ reference: ServiceOptions.Reference, _ kinds: [ComponentKind], path: String) {
    guard let kind = kinds.first else { return }
    let shown = reference.id.description.forDisplay(maxCharacters: 64)
    let candidates = report.isFull ? [] : kinds.flatMap { definedKeys($0) }
    let hint = suggestion(for: reference.id.description, among: candidates)
    report.error(at: reference.place, path: path, "the \(kind.singular) \"\(shown)\" is not defined\(hint)")
  }

  private func warnOfUnused() {
    for component in components {
      let path = "\(component.kind.rawValue).\(component.id)"
      guard !used.contains(path) else { continue }
      let user = component.kind == .extensions ? "service.extensions" : "any pipeline"
      report.warning(at: component.place, path: path, "defined, but not used in \(user)")
    }
  }
}
