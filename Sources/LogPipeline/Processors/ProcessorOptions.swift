package import Options

/// The options of one processor type, and how a step of a pipeline is made of them.
package protocol ProcessorOptions: ComponentOptions {
  /// What edits records; nil if the options have their effect elsewhere and nothing is to be done to records.
  func makeProcessor(id: String) -> (any Processor)?
  /// What the options say about receivers and exporters of the pipelines that name it; nothing unless they do.
  var sizes: PipelineSizes { get }
  /// Why it can do nothing in a pipeline of a signal other than logs; nil if it can. Default: it is for logs only.
  func problem(in signal: Signal) -> String?
}

extension ProcessorOptions {
  package var sizes: PipelineSizes { PipelineSizes() }
  package func problem(in signal: Signal) -> String? { "is for logs only" }
}

/// How a processor that does nothing to records sizes what stands before and behind it in its pipelines.
package struct PipelineSizes: Sendable {
  /// How exporters batch: the longest wait for more, and the records that are sent at once when so many wait.
  package var batch: (timeout: Duration, minRecords: Int)?
  /// The memory that receivers and queues may take, in bytes.
  package var memoryBytes: Int?
  /// By what exporters keep records apart.
  package var metadata: MetadataKeys?

  package init() {}
}
