package import LogPipeline

/// `processors.batch`: accepted and adds nothing, since every exporter batches what is queued for it.
///
/// Its `timeout` is `sending_queue.batch.flush_timeout` of an exporter, and `send_batch_size` and `send_batch_max_size`
/// are `min_size` and `max_size` there, in bytes.
package struct BatchProcessorComponent: ProcessorComponent {
  package init(_ options: ConfigReader) {
    _ = options.optional("timeout", .duration(), "Of no effect; see sending_queue.batch.flush_timeout.")
    _ = options.optional("send_batch_size", .int(in: 0 ... .max), "Of no effect; see sending_queue.batch.min_size.")
    _ = options.optional("send_batch_max_size", .int(in: 0 ... .max), "Of no effect; see sending_queue.batch.max_size.")
    options.warnOfNoEffect("timeout", instead: "sending_queue.batch.flush_timeout of each exporter")
    options.warnOfNoEffect("send_batch_size", instead: "sending_queue.batch.min_size of each exporter, in bytes")
    options.warnOfNoEffect("send_batch_max_size", instead: "sending_queue.batch.max_size of each exporter, in bytes")
    options.unsupported(
      "metadata_keys", "metadata_cardinality_limit", because: "what a request says beside its records is not kept")
  }

  package func makeProcessor(id: String) -> (any Processor)? { nil }
}

extension ConfigReader {
  /// Warns if an option is given that something else does the work of.
  func warnOfNoEffect(_ key: String, instead other: String) {
    if has(key) { warning(at: key, "has no effect; it is \(other)") }
  }
}
