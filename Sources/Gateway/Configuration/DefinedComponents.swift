package import LogPipeline
import Options

/// The components that a configuration defines, those of each kind in the order of the file.
package struct DefinedComponents: Sendable {
  package var receivers: [Configuration.Component<any ReceiverOptions>]
  package var processors: [Configuration.Component<any ProcessorOptions>]
  package var exporters: [Configuration.Component<any ExporterOptions>]
  package var connectors: [Configuration.Component<any ConnectorOptions>]
  package var extensions: [Configuration.Component<any ExtensionOptions>]

  /// Reads the sections of a document in their order.
  init(_ document: ConfigReader, registry: ComponentRegistry, limits: ConfigLimits) {
    let sections = ComponentSections(
      document: document, registry: registry, named: NamedComponents(document.content), maxCount: limits.maxSections)
    receivers = sections.read(.receivers, registry.receivers) { $0.init($1) }
    processors = sections.read(.processors, registry.processors) { $0.init($1) }
    exporters = sections.read(.exporters, registry.exporters) { $0.init($1) }
    connectors = sections.read(.connectors, registry.connectors) { $0.init($1) }
    extensions = sections.read(.extensions, registry.extensions) { $0.init($1) }
  }

  /// Every component, whatever its options are.
  var all: [(kind: ComponentKind, id: ComponentID, place: ConfigPlace, content: ComponentContent)] {
    receivers.map { (.receivers, $0.id, $0.place, $0.content) }
      + processors.map { (.processors, $0.id, $0.place, $0.content) }
      + exporters.map { (.exporters, $0.id, $0.place, $0.content) }
      + connectors.map { (.connectors, $0.id, $0.place, $0.content) }
      + extensions.map { (.extensions, $0.id, $0.place, $0.content) }
  }
}

/// Reads the sections of a document that define components.
private struct ComponentSections {
  let document: ConfigReader
  let registry: ComponentRegistry
  let named: NamedComponents
  let maxCount: Int

  /// The components of one kind; what cannot be read is reported and left out. Of a type that is not known nothing is
  /// lost if nothing uses it.
  func read<OptionsType, Options>(
    _ kind: ComponentKind, _ types: ComponentTypes<OptionsType>, _ read: (OptionsType, ConfigReader) -> Options
  ) -> [Configuration.Component<Options>] {
    var seen: [ComponentID: ConfigPlace] = [:]
    return document.namedSections(kind.rawValue, maxCount: maxCount, kind.doc) { name, place, options in
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
      guard let type = types[id.type] else {
        let problem = registry.problem(ofUnknown: id.type, kind)
        if named.isUsed(id, kind) {
          options.report.error(at: place, path: kind.rawValue, problem)
        } else {
          options.report.warning(
            at: place, path: kind.rawValue, "\"\(id)\" is left out, as nothing uses it: \(problem)")
        }
        return nil
      }
      let content = ComponentContent(options.content, of: kind)
      return Configuration.Component(id: id, place: place, options: read(type, options), content: content)
    }
  }
}
