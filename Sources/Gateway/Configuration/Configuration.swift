package import Options

/// A complete, checked configuration: what one pipeline file says.
package struct Configuration: Sendable {
  /// A component that the configuration defines.
  package struct Component: Sendable {
    /// The section that defines it.
    package var kind: ComponentKind
    /// Its identity within that section.
    package var id: ComponentID
    /// Where its key stands.
    package var place: ConfigPlace
    /// What the type's registered reader made of the options.
    package var options: any Sendable
  }

  /// Every component that is defined, in the order of the sections.
  package var components: [Component]
  /// Which of them run, and how they are connected.
  package var service: ServiceOptions
  /// What was read, in the order of the sections, for `print-config`.
  package var records: [OptionRecord]
  /// What is doubtful but no reason not to start, sorted by place.
  package var warnings: [ConfigProblem]
  /// The names of the sources it was read from.
  package var sources: [String] = []

  /// The receivers, in the order of the file.
  package var receivers: [Component] { components.filter { $0.kind == .receivers } }
  /// The processors, in the order of the file.
  package var processors: [Component] { components.filter { $0.kind == .processors } }
  /// The exporters, in the order of the file.
  package var exporters: [Component] { components.filter { $0.kind == .exporters } }
  /// The connectors, in the order of the file.
  package var connectors: [Component] { components.filter { $0.kind == .connectors } }
  /// The extensions, in the order of the file.
  package var extensions: [Component] { components.filter { $0.kind == .extensions } }

  /// The component of a kind with an id, if it is defined.
  package func component(_ kind: ComponentKind, _ id: ComponentID) -> Component? {
    components.first { $0.kind == kind && $0.id == id }
  }

  /// The effective configuration as YAML, with every default and without secrets.
  package func effectiveYAML() -> String { YAMLWriter.write(records) }

  /// Reads and merges the sources and checks the result; throws all errors at once. With `forThisMachine` it also
  /// checks what only the machine that runs the gateway has: folders, permissions and limits.
  package static func load(
    _ sources: [ConfigSource], registry: ComponentRegistry, limits: ConfigLimits = ConfigLimits(),
    forThisMachine: Bool = false, environment: @escaping ConfigSubstitution.Environment
  ) throws(ConfigurationError) -> Configuration {
    let report = ConfigReport()
    let loader = ConfigLoader(environment: environment, limits: limits, report: report)
    guard let root = loader.load(sources) else { throw ConfigurationError(report.errors) }
    var configuration = read(root, registry: registry, limits: limits, report: report)
    if forThisMachine {
      PathCheck(configuration, report: report).run()
      OpenFilesCheck(configuration, limit: OpenFiles.limits().hard, report: report).run()
    }
    if report.hasErrors {
      throw ConfigurationError(report.errors, logEncoding: configuration.service.telemetry.logEncoding)
    }
    configuration.sources = sources.map(\.name)
    configuration.warnings = report.warnings
    return configuration
  }

  private static func read(
    _ root: ConfigNode, registry: ComponentRegistry, limits: ConfigLimits, report: ConfigReport
  ) -> Configuration {
    let document = ConfigReader(root, path: "", report: report)
    var components: [Component] = []
    for kind in ComponentKind.allCases {
      components += readComponents(kind, document, registry, limits)
    }
    let service = document.section("service", ServiceOptions.doc) {
      ServiceOptions($0, limits: limits)
    }
    document.finish()
    var check = PipelineCheck(components: components, service: service, document: document)
    check.run()
    ListenerCheck(components: components, service: service, report: report).run()
    return Configuration(
      components: components, service: service, records: document.records, warnings: [])
  }

  private static func readComponents(
    _ kind: ComponentKind, _ document: ConfigReader, _ registry: ComponentRegistry, _ limits: ConfigLimits
  ) -> [Component] {
    var seen: [ComponentID: ConfigPlace] = [:]
    return document.namedSections(kind.rawValue, maxCount: limits.maxSections, kind.doc) { name, place, options in
      let id: ComponentID
      do throws(OptionMismatch) {
        id = try ComponentID.parse(name)
      } catch {
        let found = name.forDisplay(maxCharacters: 64)
        options.report.error(at: place, path: kind.rawValue, "expected \(error.expected), found \"\(found)\"")
        return nil
      }
      if let first = seen[id] {
        options.report.error(at: place, path: kind.rawValue, "\"\(id)\" is defined twice, first at \(first)")
        return nil
      }
      seen[id] = place
      guard let entry = registry.entry(kind, id.type) else {
        options.report.error(at: place, path: kind.rawValue, registry.problem(ofUnknown: id.type, kind))
        return nil
      }
      return Component(kind: kind, id: id, place: place, options: entry.read(options))
    }
  }
}
