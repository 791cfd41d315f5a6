import LogPipeline
import Testing

extension Processor {
  /// Processes a batch of a request of which nothing else is known; it must not be refused.
  func process(_ batch: inout LogBatch) {
    var request = RequestContext()
    do { try process(&batch, of: &request) } catch { Issue.record("refused: \(error)") }
  }
}
