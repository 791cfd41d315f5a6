import Options

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
  func storageFolder(of exporter: ComponentID, _ storage: ExtensionReference) -> String? {
    extensions.first { $0.id == storage.id }?.options.storage?.directory(of: exporter)
  }
}
