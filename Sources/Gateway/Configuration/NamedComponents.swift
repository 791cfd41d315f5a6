import Options

/// What pipelines and `service.extensions` of a document name, before anything is checked: the text of every id.
struct NamedComponents {
  /// One pipeline as the document has it.
  struct Pipeline {
    /// The key as it is written.
    var key: String
    /// Nil for a signal that is not known.
    var signal: Signal?
    var receivers: [String]
    var processors: [String]
    var exporters: [String]

    /// What it names of a kind; a connector is named as a receiver or an exporter.
    func names(_ kind: ComponentKind) -> [String] {
      switch kind {
      case .receivers: receivers
      case .processors: processors
      case .exporters: exporters
      case .connectors: receivers + exporters
      case .extensions: []
      }
    }
  }

  let pipelines: [Pipeline]
  let extensions: [String]

  init(_ root: ConfigNode) {
    let service = root["service"]
    extensions = Self.ids(service?["extensions"])
    pipelines = (service?["pipelines"]?.entries ?? []).map { entry in
      Pipeline(
        key: entry.key, signal: (try? ComponentID.parse(entry.key)).flatMap { Signal(rawValue: $0.type) },
        receivers: Self.ids(entry.value["receivers"]), processors: Self.ids(entry.value["processors"]),
        exporters: Self.ids(entry.value["exporters"]))
    }
  }

  /// Whether something names a component of a kind.
  func isUsed(_ id: ComponentID, _ kind: ComponentKind) -> Bool {
    let name = id.description
    return kind == .extensions ? extensions.contains(name) : pipelines.contains { $0.names(kind).contains(name) }
  }

  /// The ids of a list, or of a text with commas, as they are written once read.
  private static func ids(_ node: ConfigNode?) -> [String] {
    (node?.listItems ?? []).compactMap { item in
      guard case .scalar(let scalar) = item.content else { return nil }
      return normal(scalar.text)
    }
  }

  /// An id without the spaces that it may be written with.
  static func normal(_ text: String) -> String { (try? ComponentID.parse(text))?.description ?? text }
}
