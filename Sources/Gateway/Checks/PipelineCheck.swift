import Options

/// Checks that pipelines name components that exist, each once, and warns of components that nothing names.
struct PipelineCheck {
  private let components: DefinedComponents
  private let service: ServiceOptions
  private let document: ConfigReader
  /// The ids of every section, even of components whose options could not be read.
  private let defined: [ComponentKind: [ComponentID]]
  private let definedIDs: [ComponentKind: Set<ComponentID>]
  private var used: [ComponentKind: Set<ComponentID>] = [:]
  private var report: ConfigReport { document.report }

  init(components: DefinedComponents, service: ServiceOptions, document: ConfigReader) {
    self.components = components
    self.service = service
    self.document = document
    let ids = ComponentKind.allCases.map { kind in
      let keys = document.entry(kind.rawValue)?.value.entries?.map(\.key) ?? []
      return (kind, keys.compactMap { try? ComponentID.parse($0) })
    }
    defined = Dictionary(uniqueKeysWithValues: ids)
    definedIDs = defined.mapValues { Set($0) }
  }

  mutating func run() {
    checkPresence()
    for pipeline in service.pipelines {
      let path = "service.pipelines.\(pipeline.id)"
      check(pipeline.receivers, among: [.receivers, .connectors], path: "\(path).receivers")
      check(pipeline.processors, among: [.processors], path: "\(path).processors")
      check(pipeline.exporters, among: [.exporters, .connectors], path: "\(path).exporters")
    }
    check(service.extensions, among: [.extensions], path: "service.extensions")
    checkStorage()
    checkAuthenticators()
    checkTenants()
    checkConnectors()
    warnOfMissingCertificates()
    warnOfUnused()
  }

  /// Reports queues whose storage is not defined, or is not one of the extensions that are started.
  private func checkStorage() {
    let started = service.startedExtensions
    for exporter in components.exporters {
      guard let storage = exporter.options.delivery.storage else { continue }
      let extensions = components.extensions.filter { $0.options.storage != nil }
      guard extensions.contains(where: { $0.id == storage.id }) else {
        let hint = suggestion(for: "\(storage.id)", among: extensions.map { "\($0.id)" })
        report.error(at: storage.place, path: storage.path, "undefined storage extension \"\(storage.id)\"\(hint)")
        continue
      }
      if !started.contains(storage.id) {
        report.error(at: storage.place, path: storage.path, "\"\(storage.id)\" is not in service.extensions")
      }
    }
  }

  /// Reports authenticators of ports that are not defined, are none, or are not started.
  private func checkAuthenticators() {
    let started = service.startedExtensions
    for reference in components.receivers.flatMap(\.options.authenticators) + service.admin.authenticators {
      let (place, path) = (reference.place, reference.path)
      guard let named = components.extensions.first(where: { $0.id == reference.id }) else {
        if definedIDs[.extensions]?.contains(reference.id) == true { continue }
        let hint = suggestion(for: "\(reference.id)", among: components.extensions.map { "\($0.id)" })
        report.error(at: place, path: path, "undefined extension \"\(reference.id)\"\(hint)")
        continue
      }
      if !named.options.isAuthenticator {
        report.error(at: place, path: path, "the extension \"\(reference.id)\" does not say who a sender is")
      } else if !started.contains(reference.id) {
        report.error(at: place, path: path, "\"\(reference.id)\" is not in service.extensions")
      }
    }
  }

  /// Reports extensions that receivers ask for tenants and that are not defined, know of none, or are not started.
  private func checkTenants() {
    let started = service.startedExtensions
    for reference in components.receivers.compactMap(\.options.tenants) {
      let (place, path) = (reference.place, reference.path)
      guard let named = components.extensions.first(where: { $0.id == reference.id }) else {
        if definedIDs[.extensions]?.contains(reference.id) == true { continue }
        let candidates = components.extensions.filter { $0.options.tenants != nil }.map { "\($0.id)" }
        let hint = suggestion(for: "\(reference.id)", among: candidates)
        report.error(at: place, path: path, "undefined extension \"\(reference.id)\"\(hint)")
        continue
      }
      if named.options.tenants == nil {
        report.error(at: place, path: path, "the extension \"\(reference.id)\" does not say whose records are")
      } else if !started.contains(reference.id) {
        report.error(at: place, path: path, "\"\(reference.id)\" is not in service.extensions")
      }
    }
  }

  private func checkConnectors() {
    for component in components.connectors {
      let other = [ComponentKind.receivers, .exporters].first { definedIDs[$0]?.contains(component.id) == true }
      guard let other else { continue }
      let path = "connectors.\(component.id)"
      report.error(at: component.place, path: path, "\(other.rawValue) have the same id; one must be named otherwise")
    }
    // What pipelines that could not be read would have joined is not known, and they are reported.
    let given = document.entry("service")?.value.entries?.first { $0.key == "pipelines" }?.value.entries
    if service.pipelines.count < given?.count ?? 0 { return }
    var check = ConnectorCheck(components.connectors, service: service, report: report)
    check.run()
  }

  private func checkPresence() {
    for kind in [ComponentKind.receivers, .exporters] where !document.has(kind.rawValue) {
      report.error(at: document.place, path: kind.rawValue, "at least one \(kind.singular) is required")
    }
  }

  /// Warns of ports whose senders are to be known by a certificate that they are not asked for.
  private func warnOfMissingCertificates() {
    let admin = service.admin.tls?.material.authorities == nil ? service.admin.authenticators : []
    for reference in components.receivers.flatMap(\.options.authenticatorsWithoutCertificates) + admin {
      guard let named = components.extensions.first(where: { $0.id == reference.id }) else { continue }
      guard named.options.needsClientCertificates else { continue }
      report.warning(
        at: reference.place, path: reference.path,
        "knows nobody: without client_ca_file in the port's tls no sender is asked for a certificate")
    }
  }

  private mutating func check(_ references: [ServiceOptions.Reference], among kinds: [ComponentKind], path: String) {
    var seen: Set<ComponentID> = []
    for (position, reference) in references.enumerated() {
      let path = "\(path)[\(position)]"
      if !seen.insert(reference.id).inserted {
        report.error(at: reference.place, path: path, "\"\(reference.id)\" is named twice")
      }
      if let kind = kinds.first(where: { definedIDs[$0]?.contains(reference.id) == true }) {
        used[kind, default: []].insert(reference.id)
      } else {
        reportUndefined(reference, kinds, path: path)
      }
    }
  }

  private func reportUndefined(_ reference: ServiceOptions.Reference, _ kinds: [ComponentKind], path: String) {
    // What a section defines that cannot be read is not known, and that is reported.
    let isUnreadable = kinds.contains { document.entry($0.rawValue)?.value.isMapOrNothing == false }
    guard let kind = kinds.first, !isUnreadable else { return }
    let shown = reference.id.description.forDisplay(maxCharacters: 64)
    let candidates = report.isFull ? [] : kinds.flatMap { defined[$0] ?? [] }.map(\.description)
    let hint = suggestion(for: reference.id.description, among: candidates)
    report.error(at: reference.place, path: path, "the \(kind.singular) \"\(shown)\" is not defined\(hint)")
  }

  private func warnOfUnused() {
    for component in components.all where used[component.kind]?.contains(component.id) != true {
      let path = "\(component.kind.rawValue).\(component.id)"
      let user = component.kind == .extensions ? "service.extensions" : "any pipeline"
      report.warning(at: component.place, path: path, "defined, but not used in \(user)")
    }
  }
}
