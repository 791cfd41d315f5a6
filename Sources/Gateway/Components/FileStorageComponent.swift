/// `extensions.file_storage`: a folder in which exporters keep their queues, each in a folder of its own.
package struct FileStorageComponent: Sendable {
  package let directory: String

  package init(_ options: ConfigReader) {
    directory = options.required("directory", .nonEmptyString, "The folder that holds the queues' folders.")
    _ = options.read("create_directory", .bool, default: true, "Of no effect: missing folders are made.")
    options.ignored("timeout", because: "each queue's folder is locked at start or not at all")
    options.ignored("compaction", because: "segments are removed once all of their records are settled")
    options.ignored("fsync", because: "sending_queue.fsync of each exporter says it")
    options.ignored("recreate", because: "damaged parts of a queue are skipped and counted")
    options.ignored("directory_permissions", because: "folders are made for their owner")
  }

  /// The folder of one exporter's queue.
  func directory(of exporter: ComponentID) -> String {
    "\(directory)/\(exporter.description.map { $0 == "/" ? "_" : String($0) }.joined())"
  }
}
