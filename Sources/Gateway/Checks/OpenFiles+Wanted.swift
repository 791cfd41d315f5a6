extension OpenFiles {
  /// What the exporters of a configuration and the admin port may have open at most.
  static func wanted(by configuration: Configuration) -> Int {
    let used = Set(configuration.service.pipelines.flatMap { $0.exporters.map(\.id) })
    return configuration.exporters.filter { used.contains($0.id) }
      .reduce(adminConnections) { $0 + $1.options.delivery.loop.consumers + filesOfExporter }
  }

  /// Segments that are written, read, synced and made ready, the cursor, the lock, dead letters and their lock.
  private static let filesOfExporter = 16
}
