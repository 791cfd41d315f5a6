/// A step of a pipeline that edits a batch in place: changes, adds or removes attributes, changes or removes records.
///
/// It adds no record, since a record's `index` names it. What it removes counts as filtered, or as rejected if it says
/// so (`LogBatch.rejectRecords`). Called once a batch; what it does per record is synchronous and allocates nothing.
package protocol Processor: Sendable {
  /// The type and name it has in the configuration, such as `attributes/ids`.
  var id: String { get }
  /// Whether it asks for the sender's address, its header fields or the time.
  var needsContext: Bool { get }
  /// The header fields that it asks for, by their names in lower case.
  var contextFields: [[UInt8]] { get }
  /// Edits the batch of a request, or refuses the request; then nothing of it is kept.
  func process(_ batch: inout LogBatch, of request: inout RequestContext) throws(ProcessorRefusal)
  /// Edits a request of another signal, or refuses it. Default: leaves it as it is, which is not asked of a
  /// processor whose options are for logs only (`ProcessorOptions.problem(in:)`).
  func process(_ passing: inout SignalRequest, of request: inout RequestContext) throws(ProcessorRefusal)
  /// What does the same in another pipeline that names it: itself, unless it remembers records.
  func forAnotherPipeline() -> Self
}

extension Processor {
  package var needsContext: Bool { false }
  package var contextFields: [[UInt8]] { [] }
  package func process(_ passing: inout SignalRequest, of request: inout RequestContext) throws(ProcessorRefusal) {}
  package func forAnotherPipeline() -> Self { self }
}

/// Why a processor refuses a whole request.
package struct ProcessorRefusal: Error, Sendable, Equatable {
  /// The processor's id.
  package var processor: String
  /// What was reached or exceeded, for the sender; it quotes nothing of the request.
  package var reason: String
  /// How long the sender is asked to wait; nil leaves it to the receiver's `retry_after`.
  package var retryAfter: Duration?
  /// Whether it is for what the records are, so that it would be refused again.
  package private(set) var isFinal = false

  /// A refusal for now.
  package init(processor: String, reason: String, retryAfter: Duration? = nil) {
    self.processor = processor
    self.reason = reason
    self.retryAfter = retryAfter
  }

  /// A refusal for good.
  package static func final(processor: String, reason: String) -> ProcessorRefusal {
    var refusal = ProcessorRefusal(processor: processor, reason: reason)
    refusal.isFinal = true
    return refusal
  }
}
