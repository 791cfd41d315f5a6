package import LogPipeline

/// The options of one processor type, and how a step of a pipeline is made of them.
package protocol ProcessorComponent: Sendable {
  /// The step; nil if the options have their effect elsewhere and nothing is to be done to records.
  func makeProcessor(id: String) -> (any Processor)?
}
