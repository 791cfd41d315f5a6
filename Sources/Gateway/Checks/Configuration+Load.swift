import Options

extension Configuration {
  /// Reads and merges the sources and checks the result; throws all errors at once. With `forThisMachine` it also
  /// checks what only the machine that runs the gateway has: folders, permissions and limits.
  package static func load(
    _ sources: [ConfigSource], registry: ComponentRegistry, limits: ConfigLimits = ConfigLimits(),
    forThisMachine: Bool = false, environment: @escaping ConfigSubstitution.Environment
  ) throws(ConfigurationError) -> Configuration {
    TimeZoneFiles.offer()
    let report = ConfigReport()
    var loader = ConfigLoader(environment: environment, limits: limits, report: report)
    guard let whole = loader.load(sources) else { throw ConfigurationError(report.errors, files: loader.files) }
    let root = SignalChoice.apply(to: whole, report: report)
    var configuration = read(root, registry: registry, limits: limits, report: report)
    if forThisMachine {
      PathCheck(configuration, report: report).run()
      NodeNameCheck(configuration, environment: environment, report: report).run()
      OpenFilesCheck(configuration, limit: OpenFiles.limits().hard, report: report).run()
    }
    configuration.files = loader.files
    for component in configuration.components.all { configuration.files.merge(component.content.files) }
    if report.hasErrors {
      throw ConfigurationError(
        report.errors, logEncoding: configuration.service.telemetry.logEncoding, files: configuration.files)
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
    var service = document.section("service", ServiceOptions.doc) {
      ServiceOptions($0, limits: limits)
    }
    service.waitForDelivery(to: components.exporters)
    document.finish()
    var check = PipelineCheck(components: components, service: service, document: document)
    check.run()
    ExporterAuthCheck(components, service: service, report: report).run()
    AccessCheck(components, service: service, report: report).run()
    SignalCheck(components, service: service, report: report).run()
    ListenerCheck(components, service: service, report: report).run()
    var configuration = Configuration(
      components: components, service: service, records: document.records, warnings: [])
    configuration.separateSignals()
    MetadataCheck(configuration, report: report).run()
    return configuration
  }
}
