package import LogPipeline
package import Options

/// A complete, checked configuration: what one pipeline file says.
package struct Configuration: Sendable {
  /// A component that the configuration defines.
  package struct Component<Options: Sendable>: Sendable {
    /// Its identity within its section.
    package var id: ComponentID
    /// Where its key stands.
    package var place: ConfigPlace
    /// Its options as its type reads them.
    package var options: Options
  }

  /// Every component that is defined.
  package var components: DefinedComponents
  /// Which of them run, and how they are connected.
  package var service: ServiceOptions
  /// What was read, in the order of the sections, for `print-config`.
  package var records: [OptionRecord]
  /// What is doubtful but no reason not to start, sorted by place.
  package var warnings: [ConfigProblem]
  /// The names of the sources it was read from.
  package var sources: [String] = []

  /// The receivers, in the order of the file.
  package var receivers: [Component<any ReceiverOptions>] { components.receivers }
  /// The processors, in the order of the file.
  package var processors: [Component<any ProcessorOptions>] { components.processors }
  /// The exporters, in the order of the file.
  package var exporters: [Component<any ExporterOptions>] { components.exporters }
  /// The connectors, in the order of the file.
  package var connectors: [Component<any ConnectorOptions>] { components.connectors }
  /// The extensions, in the order of the file.
  package var extensions: [Component<any ExtensionOptions>] { components.extensions }

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
    let components = DefinedComponents(document, registry: registry, limits: limits)
    let service = document.section("service", ServiceOptions.doc) {
      ServiceOptions($0, limits: limits)
    }
    document.finish()
    var check = PipelineCheck(components: components, service: service, document: document)
    check.run()
    ListenerCheck(components.receivers, service: service, report: report).run()
    return Configuration(
      components: components, service: service, records: document.records, warnings: [])
  }
}
