package import Options

/// `extensions.file_storage`: a folder in which exporters keep their queues, each in a folder of its own.
package struct FileStorageOptions: ExtensionOptions {
  package static let doc = "Keeps exporters' queues on disk."

  package let directory: String
  /// The folder, and where the configuration says so; nil if it does not.
  let kept: KeptPath?

  package init(_ options: ConfigReader) {
    directory = options.required("directory", .nonEmptyString, "The folder that holds the queues' folders.")
    let isCreated = options.read(
      "create_directory", .bool, default: true, "Whether the folder is made; false makes it an error if it is missing.")
    kept =
      directory.isEmpty ? nil : KeptPath(directory, .queues(isCreated: isCreated), at: "directory", of: options)
    options.ignored("timeout", because: "each queue's folder is locked at start or not at all")
    options.ignored("compaction", because: "segments are removed once all of their records are settled")
    options.ignored("fsync", because: "sending_queue.fsync of each exporter says it")
    options.ignored("recreate", because: "damaged parts of a queue are skipped and counted")
    options.ignored("directory_permissions", because: "folders are made for their owner")
  }

  package var storage: FileStorageOptions? { self }

  /// The folder of one exporter's queue.
  func directory(of exporter: ComponentID) -> String {
    "\(directory)/\(exporter.description.map { $0 == "/" ? "_" : String($0) }.joined())"
  }
}
