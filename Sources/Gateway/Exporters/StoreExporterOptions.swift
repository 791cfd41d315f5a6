package import LogExport
package import LogPipeline
import LogStore
package import Options

/// `exporters.store`: records kept on this machine, and searched there.
package struct StoreExporterOptions: ExporterOptions {
  package static let doc = "A folder of this machine, in which records can be searched."

  package var delivery: DeliveryOptions
  package var sendsRequests: Bool { false }
  package var frameFormat: String { "otlp" }
  let settings: StoreSettings
  package var keptPaths: [KeptPath] {
    (settings.storage.directory.isEmpty ? [] : [folder]) + delivery.keptPaths(frameFormat: frameFormat)
  }
  private let folder: KeptPath

  package init(_ options: ConfigReader) {
    let path = options.required("path", .nonEmptyString, "The folder that keeps the records, its own.")
    var settings = StoreSettings(directory: path)
    Self.readStorage(options, &settings.storage)
    options.section("query", "What one search may take; past it, it ends with what it has found.") { query in
      Self.readLimits(query, &settings)
    }
    folder = KeptPath(path, .store, at: "path", of: options)
    delivery = DeliveryOptions(options, timeout: .seconds(30), queueBytes: 64 << 20)
    self.settings = settings
  }

  private static func readStorage(_ options: ConfigReader, _ storage: inout StoreOptions) {
    options.section("retention", "What is kept; the oldest goes first.") { retention in
      storage.retentionBytes = retention.read(
        "max_size", .byteSize(in: (1 << 20)...(1 << 42)), default: storage.retentionBytes, "Bytes of all its files.")
      let age = retention.read(
        "max_age", .duration(), default: .zero, "How long records are kept after they came; 0 while there is room.")
      storage.retentionAge = age == .zero ? nil : age
    }
    storage.blockRecords = options.read(
      "block_records", .int(in: 64...16_384), default: storage.blockRecords,
      "Records that are compressed together: more take less room, and longer to be found.")
    storage.blockBytes = options.read(
      "block_size", .byteSize(in: (64 << 10)...(16 << 20)), default: storage.blockBytes,
      "Bytes that are compressed together, with fewer records.")
    storage.compressionLevel = options.read(
      "compression_level", .int(in: 1...19), default: storage.compressionLevel, "How hard zstd compresses.")
    storage.syncs = options.read(
      "fsync", .bool, default: storage.syncs, "Whether records count as delivered only once the disk has them.")
  }

  private static func readLimits(_ options: ConfigReader, _ settings: inout StoreSettings) {
    settings.limits.duration = options.read(
      "max_duration", .duration(in: .milliseconds(1) ... .seconds(3600)), default: settings.limits.duration,
      "The longest that it runs.")
    settings.limits.readBytes = options.read(
      "max_read", .byteSize(in: (1 << 20)...(1 << 42)), default: settings.limits.readBytes,
      "Bytes that it reads, decompressed.")
    settings.limits.resultBytes = options.read(
      "max_result", .byteSize(in: 1024...(1 << 30)), default: settings.limits.resultBytes,
      "Bytes of the records, names and values that it finds.")
    settings.maxSearches = options.read(
      "max_concurrent", .int(in: 1...OpenStores.maxThreads), default: settings.maxSearches,
      "Searches at once; further ones are asked to come later.")
  }

  package func makeDialect() throws -> any Dialect { StoreDialect() }

  package func makeSender(id: String, of parts: SenderParts) throws -> any Sender {
    try StoreSender(settings, for: id, in: parts.stores)
  }
}
