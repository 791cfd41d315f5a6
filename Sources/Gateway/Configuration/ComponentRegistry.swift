package import LogPipeline
package import Options

/// The component types this gateway has. An entry is the type of a component's options, which says the rest.
package struct ComponentRegistry: Sendable {
  package var receivers = ComponentTypes<any ReceiverOptions.Type>()
  package var processors = ComponentTypes<any ProcessorOptions.Type>()
  package var exporters = ComponentTypes<any ExporterOptions.Type>()
  package var connectors = ComponentTypes<any ConnectorOptions.Type>()
  package var extensions = ComponentTypes<any ExtensionOptions.Type>()

  /// A registry without components.
  package init() {}

  /// The types of one kind by their names, in the order they were registered.
  package func types(_ kind: ComponentKind) -> [(name: String, options: any ComponentOptions.Type)] {
    switch kind {
    case .receivers: receivers.entries.map { ($0.name, $0.options) }
    case .processors: processors.entries.map { ($0.name, $0.options) }
    case .exporters: exporters.entries.map { ($0.name, $0.options) }
    case .connectors: connectors.entries.map { ($0.name, $0.options) }
    case .extensions: extensions.entries.map { ($0.name, $0.options) }
    }
  }

  /// What sends a dead letter of this exporter again, by its type; nil if the type is unknown or nothing does.
  package func replayDialect(exporter: String, format: BodyFormat) -> (any Dialect)? {
    guard let id = try? ComponentID.parse(ComponentID.split(exporter).defined) else { return nil }
    return exporters[id.type]?.replayDialect(format)
  }

  /// Every option of every component at its default, with types and sentences, as YAML for the reference file.
  package func reference() -> String {
    let sections = ComponentKind.allCases.map { kind in
      let components = types(kind).map { name, options in
        let records = template { _ = options.init($0) }
        return OptionRecord(key: name, type: "", doc: options.doc, isGiven: false, value: .section(records))
      }
      return OptionRecord(key: kind.rawValue, type: "", doc: kind.doc, isGiven: false, value: .section(components))
    }
    let service = OptionRecord(
      key: "service", type: "", doc: ServiceOptions.doc, isGiven: false,
      value: .section(template { ServiceOptions($0) }))
    return YAMLWriter.write(sections.filter { !$0.value.isEmptySection } + [service], style: .documented)
  }

  /// What is read where nothing is given.
  func template<T>(_ read: (ConfigReader) -> T) -> [OptionRecord] {
    let nothing = ConfigNode(.null, at: ConfigPlace(source: "reference"))
    let reader = ConfigReader(nothing, path: "", report: ConfigReport())
    _ = read(reader)
    return reader.records
  }

  /// What is wrong with a type that is not registered: missing here, in another section, or misspelt.
  func problem(ofUnknown type: String, _ kind: ComponentKind) -> String {
    let shown = type.forDisplay(maxCharacters: 64)
    let names = types(kind).map(\.name)
    let supported = names.sorted().joined(separator: ", ")
    let list = supported.isEmpty ? "there are no \(kind.rawValue)" : "supported: \(supported)"
    if CollectorComponents.names(kind).contains(type) {
      return "the \(kind.singular) \"\(shown)\" of the Collector is not supported by sluice (\(list))"
    }
    if let other = ComponentKind.allCases.first(where: { $0 != kind && types($0).contains { $0.name == type } }) {
      return "\"\(shown)\" belongs in \(other.rawValue), not in \(kind.rawValue) (\(list))"
    }
    return "unknown \(kind.singular) \"\(shown)\"\(suggestion(for: type, among: names)) (\(list))"
  }
}

/// The component types of one kind, in the order they were registered; `Options` is a metatype.
package struct ComponentTypes<Options: Sendable>: Sendable {
  package private(set) var entries: [(name: String, options: Options)] = []

  /// The options of a type; nil if there is none of that name. A second entry of a name replaces the first.
  package subscript(name: String) -> Options? {
    get { entries.first { $0.name == name }?.options }
    set {
      entries.removeAll { $0.name == name }
      if let newValue { entries.append((name, newValue)) }
    }
  }
}

extension OptionValue {
  fileprivate var isEmptySection: Bool {
    if case .section(let records) = self { records.isEmpty } else { false }
  }
}
