/// One `service.pipelines.logs` of the configuration.
package struct Pipeline: Sendable {
  /// The pipeline's id in the configuration, such as `logs` or `logs/audit`.
  package let id: String
  package let steps: [PipelineStep]
  package let destinations: [Destination]
  package let acknowledgement: AcknowledgementPoint

  package init(
    id: String, steps: [PipelineStep], destinations: [Destination], acknowledgement: AcknowledgementPoint = .disk
  ) {
    self.id = id
    self.steps = steps
    self.destinations = destinations
    self.acknowledgement = acknowledgement
  }

  /// A pipeline of processors that no other pipeline names.
  package init(
    id: String, processors: [any Processor], destinations: [Destination],
    acknowledgement: AcknowledgementPoint = .disk
  ) {
    self.init(
      id: id, steps: processors.map { PipelineStep($0) }, destinations: destinations, acknowledgement: acknowledgement)
  }

  /// What follows the step of this index, as a pipeline.
  package func rest(afterStep index: Int) -> Pipeline {
    Pipeline(
      id: id, steps: Array(steps.dropFirst(index + 1)), destinations: destinations, acknowledgement: acknowledgement)
  }

  var edits: Bool { !steps.isEmpty }
  var needsContext: Bool { steps.contains { $0.processor.needsContext } }
  var needsRequestHash: Bool { destinations.contains { $0.dialect.needsRequestHash } }
}

/// A processor as a step of every pipeline that names it, and what it has done to records.
package struct PipelineStep: Sendable {
  package let processor: any Processor
  /// Records that it has removed from batches without a word to their sender.
  package let filtered: RecordCount
  /// Records that it has rejected.
  package let rejected: RecordCount
  /// Records of batches that it has refused.
  package let refused: RecordCount

  package init(_ processor: any Processor) {
    self.init(processor, filtered: RecordCount(), rejected: RecordCount(), refused: RecordCount())
  }

  private init(_ processor: any Processor, filtered: RecordCount, rejected: RecordCount, refused: RecordCount) {
    self.processor = processor
    self.filtered = filtered
    self.rejected = rejected
    self.refused = refused
  }

  /// The step in another pipeline, which counts together with this one.
  package func forAnotherPipeline() -> PipelineStep {
    PipelineStep(processor.forAnotherPipeline(), filtered: filtered, rejected: rejected, refused: refused)
  }

  /// Has the processor edit a batch, and counts what became of its records.
  func process(_ batch: inout LogBatch, of request: inout RequestContext) throws(IngestRefusal) {
    let before = batch.records.count
    let rejectedBefore = request.rejections.total
    do {
      try processor.process(&batch, of: &request)
    } catch {
      refused.add(before)
      throw .processor(error)
    }
    let rejectedNow = request.rejections.total &- rejectedBefore
    rejected.add(rejectedNow)
    filtered.add(before &- batch.records.count &- rejectedNow)
  }
}
