import LogPipeline
import Options

/// Checks that what exporters take of requests' metadata is there when they send, that no more is kept than may be, and
/// that no sender's credentials come to lie on a disk.
struct MetadataCheck {
  private let configuration: Configuration
  private let sizing: PipelineSizing
  private let report: ConfigReport

  init(_ configuration: Configuration, report: ConfigReport) {
    self.configuration = configuration
    sizing = PipelineSizing(configuration)
    self.report = report
  }

  func run() {
    var seen: Set<String> = []
    for exporter in configuration.exporters {
      let users = configuration.service.pipelines.filter { $0.exporters.contains { $0.id == exporter.id } }
      guard let pipeline = users.first, exporter.options.sendsRequests else { continue }
      let delivery = sizing.delivery(of: exporter.id, exporter.options.delivery)
      let name = shown(exporter.id)
      for use in configuration.metadataUses(of: exporter.options)
      where !(delivery.metadata?.names.contains(use.key) ?? false) && seen.insert("\(use.path) \(name)").inserted {
        report.error(
          at: use.place, path: use.path,
          "\(name) sends records of many requests together: add \"\(use.key.forDisplay(maxCharacters: 64))\" to "
            + "metadata_keys of the processor batch in \(pipeline.id), or of its sending_queue.batch.partition")
      }
      guard let keys = delivery.metadata else { continue }
      if keys.names.count > MetadataKeys.maxKeys {
        error(
          at: exporter, "its pipelines have \(keys.names.count) metadata_keys: the limit is \(MetadataKeys.maxKeys)")
      }
      let isOnDisk = delivery.storage != nil || delivery.directory != nil
      // Dead letters leave out the fields that always hold credentials.
      let keepsOwn = isOnDisk || delivery.deadLetters != nil
      for key in keys.names where configuration.extensions.areCredentials(in: key) {
        guard HeaderField.isCredential(key) ? isOnDisk : keepsOwn else { continue }
        error(
          at: exporter,
          "metadata_keys have \"\(key)\", which holds credentials of senders, and "
            + (isOnDisk
              ? "its queue is on disk: keep the queue in memory, or leave the key out"
              : "its dead_letter would keep them: leave the key out"))
      }
    }
  }

  private func error(at exporter: Configuration.Component<any ExporterOptions>, _ message: String) {
    report.error(at: exporter.place, path: "exporters.\(shown(exporter.id))", message)
  }

  /// The id in the file: a component of another signal has that behind it.
  private func shown(_ id: ComponentID) -> String {
    let text = "\(id)"
    guard let plus = text.lastIndex(of: "+"), Signal(rawValue: String(text[text.index(after: plus)...])) != nil else {
      return text
    }
    return String(text[..<plus])
  }
}

extension [Configuration.Component<any ExtensionOptions>] {
  /// Whether a header field holds what lets a sender in, by its name or by what authenticators of these take.
  func areCredentials(in header: String) -> Bool {
    let own = lazy.compactMap { $0.options.credentialHeader?.lowercased() }
    return HeaderField.isCredential(header) || own.contains(header.lowercased())
  }
}
