package import LogPipeline
package import Options

/// `processors.batch`: says how the exporters of its pipelines batch, which they do by themselves (`PipelineSizing`).
package struct BatchOptions: ProcessorOptions {
  package static let doc = "Says how exporters batch."

  /// How exporters batch; with a `send_batch_size` of 0 they wait for nothing.
  package private(set) var sizes = PipelineSizes()

  package init(_ options: ConfigReader) {
    let timeout = options.read(
      "timeout", .duration(), default: .milliseconds(200),
      "The longest wait for more, of exporters that have no sending_queue.batch.")
    let records = options.read(
      "send_batch_size", .int(in: 0 ... .max), default: 8192,
      "With so many records waiting they are sent at once; 0 waits for none. "
        + "Of exporters that have no sending_queue.batch."
    )
    _ = options.optional("send_batch_max_size", .int(in: 0 ... .max), "Of no effect; see sending_queue.batch.max_size.")
    options.warnOfNoEffect("send_batch_max_size", instead: "sending_queue.batch.max_size of each exporter, in bytes")
    sizes.metadata = options.metadataKeys()
    sizes.batch = (records == 0 ? .zero : timeout, max(records, 1))
  }

  package func makeProcessor(id: String) -> (any Processor)? { nil }

  package func problem(in signal: Signal) -> String? { nil }
}

extension ConfigReader {
  /// Warns if an option is given that something else does the work of.
  func warnOfNoEffect(_ key: String, instead other: String) {
    if has(key) { warning(at: key, "has no effect; it is \(other)") }
  }
}
