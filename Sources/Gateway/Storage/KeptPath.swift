package import Options

/// A file or folder that a component writes, and where the configuration says so.
package struct KeptPath: Sendable {
  /// What stands at the path.
  package enum Kind: Sendable, Equatable {
    /// A file that lines are appended to, which an exporter has for itself. With `createsFolder` missing folders are
    /// made; one that rotates has to be renamed in its folder.
    case output(createsFolder: Bool, rotates: Bool)
    /// A file of dead letters, which several exporters may share.
    case deadLetters
    /// The folder of one exporter's queue; missing folders are made.
    case queue(frameFormat: String)
    /// A folder that holds folders of queues.
    case queues(isCreated: Bool)
  }

  package var path: String
  package var kind: Kind
  /// The option that names it, as in `exporters.file.path`.
  package var option: String
  /// Where the option stands.
  package var place: ConfigPlace

  /// The path that an option of a section names.
  init(_ path: String, _ kind: Kind, at key: String, of options: ConfigReader) {
    self.init(path, kind, option: options.path(of: key), place: options.place(of: key))
  }

  init(_ path: String, _ kind: Kind, option: String, place: ConfigPlace) {
    self.path = path
    self.kind = kind
    self.option = option
    self.place = place
  }
}

extension Configuration {
  /// What the exporters that pipelines use write to, in the order of the file.
  package var keptPaths: [KeptPath] {
    let used = Set(service.pipelines.flatMap { $0.exporters.map(\.id) })
    return exporters.filter { used.contains($0.id) }.flatMap { keptPaths(of: $0) }
  }

  private func keptPaths(of exporter: Component<any ExporterOptions>) -> [KeptPath] {
    let options = exporter.options
    var paths = options.keptPaths
    if let storage = options.delivery.storage, let folder = storageFolder(of: exporter.id, storage) {
      paths.append(
        KeptPath(folder, .queue(frameFormat: options.frameFormat), option: storage.path, place: storage.place))
    }
    return paths
  }

  /// The folders of the storages that these exporters use, each once.
  var storages: [KeptPath] {
    let used = Set(service.pipelines.flatMap { $0.exporters.map(\.id) })
    let named = exporters.filter { used.contains($0.id) }
      .compactMap { $0.options.delivery.storage?.id }
    return extensions.filter { named.contains($0.id) }.compactMap { $0.options.storage?.kept }
  }

  /// The folder of an exporter's queue in a storage; nil if there is no such storage.
  func storageFolder(of exporter: ComponentID, _ storage: StorageReference) -> String? {
    extensions.first { $0.id == storage.id }?.options.storage?.directory(of: exporter)
  }
}
