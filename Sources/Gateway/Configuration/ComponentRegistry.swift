package import Options

/// The component types this gateway has: for each its sentence and how its options are read.
package struct ComponentRegistry: Sendable {
  /// One component type.
  package struct Entry: Sendable {
    /// The section that the component belongs in.
    package var kind: ComponentKind
    /// The name of the type, as in `otlp`.
    package var type: String
    /// One sentence that says what the component does.
    package var doc: String
    /// Reads the component's options; the reader's `finish` is called by the one who calls this.
    package var read: @Sendable (ConfigReader) -> any Sendable
  }

  /// All entries, in the order they were registered.
  package private(set) var entries: [Entry] = []

  /// A registry without components.
  package init() {}

  /// Adds a component type; a second registration of the same type replaces the first.
  package mutating func register<Options: Sendable>(
    _ kind: ComponentKind, _ type: String, _ doc: String, read: @escaping @Sendable (ConfigReader) -> Options
  ) {
    entries.removeAll { $0.kind == kind && $0.type == type }
    entries.append(Entry(kind: kind, type: type, doc: doc, read: { read($0) }))
  }

  /// The entry of a type; nil if it is not registered.
  package func entry(_ kind: ComponentKind, _ type: String) -> Entry? {
    entries.first { $0.kind == kind && $0.type == type }
  }

  /// The types of one kind, in the order they were registered.
  package func types(_ kind: ComponentKind) -> [String] {
    entries.filter { $0.kind == kind }.map(\.type)
  }

  /// Every option of every component at its default, with types and sentences, as YAML for the reference file.
  package func reference() -> String {
    let sections = ComponentKind.allCases.map { kind in
      let components = entries.filter { $0.kind == kind }.map { entry in
        let records = template { _ = entry.read($0) }
        return OptionRecord(key: entry.type, type: "", doc: entry.doc, isGiven: false, value: .section(records))
      }
      return OptionRecord(key: kind.rawValue, type: "", doc: kind.doc, isGiven: false, value: .section(components))
    }
    let service = OptionRecord(
      key: "service", type: "", doc: ServiceOptions.doc, isGiven: false,
      value: .section(template { ServiceOptions($0) }))
    return YAMLWriter.write(sections.filter { !$0.value.isEmptySection } + [service], style: .documented)
  }

  /// What is read where nothing is given.
  private func template<T>(_ read: (ConfigReader) -> T) -> [OptionRecord] {
    let nothing = ConfigNode(.null, at: ConfigPlace(source: "reference"))
    let reader = ConfigReader(nothing, path: "", report: ConfigReport())
    _ = read(reader)
    return reader.records
  }

  /// What is wrong with a type that is not registered: missing here, in another section, or misspelt.
  package func problem(ofUnknown type: String, _ kind: ComponentKind) -> String {
    let shown = type.forDisplay(maxCharacters: 64)
    let supported = types(kind).sorted().joined(separator: ", ")
    let list = supported.isEmpty ? "there are no \(kind.rawValue)" : "supported: \(supported)"
    if CollectorComponents.names(kind).contains(type) {
      return "the \(kind.singular) \"\(shown)\" of the Collector is not supported by sluice (\(list))"
    }
    if let other = ComponentKind.allCases.first(where: { $0 != kind && entry($0, type) != nil }) {
      return "\"\(shown)\" belongs in \(other.rawValue), not in \(kind.rawValue) (\(list))"
    }
    return "unknown \(kind.singular) \"\(shown)\"\(suggestion(for: type, among: types(kind))) (\(list))"
  }
}

extension OptionValue {
  fileprivate var isEmptySection: Bool {
    if case .section(let records) = self { records.isEmpty } else { false }
  }
}
