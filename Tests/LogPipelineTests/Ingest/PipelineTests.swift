import FrameQueues
import Testing

@testable import LogPipeline

@Suite struct PipelineTests {
  /// Rejects what has an odd index, removes the first record, or refuses everything.
  private struct Judge: Processor {
    var id = "judge"
    var isRefusing = false
    var needsContext: Bool { isRefusing }

    func process(_ batch: inout LogBatch, of request: inout RequestContext) throws(ProcessorRefusal) {
      if isRefusing { throw ProcessorRefusal(processor: id, reason: "enough", retryAfter: .seconds(2)) }
      let isEven = batch.records.map { $0.index.isMultiple(of: 2) }
      batch.rejectRecords(exceptWhere: isEven, because: "\(id): odd", of: &request)
      if !batch.records.isEmpty { batch.records.removeFirst() }
    }
  }

  private let request = Message.request(
    records: .record(body: .text("0")), .record(body: .text("1")), .record(body: .text("2")),
    .record(body: .text("3"))
  ).bytes

  private func destination(_ id: String = "nop", queueBytes: Int = 1 << 20) throws -> Destination {
    Destination(
      id: id, dialect: try ElasticsearchDialect(ElasticsearchOptions()), queue: MemoryQueue(capacityBytes: queueBytes))
  }

  private func ingest(_ pipelines: Pipeline...) throws(IngestRefusal) -> IngestReceipt {
    try IngestPipeline(pipelines: pipelines, limits: DecodeLimits())
      .ingest(request, as: .protobuf, receivedUnixNano: 1, with: IngestScratch())
  }

  @Test func aStepCountsWhatItsProcessorRemovesAndRejects() throws {
    let step = PipelineStep(Judge())
    let destination = try destination()
    let receipt = try ingest(Pipeline(id: "logs", steps: [step], destinations: [destination]))
    #expect(receipt.records == 4 && receipt.rejectedRecords == 2 && receipt.rejectionReasons == ["judge: odd"])
    #expect(step.filtered.value == 1 && step.rejected.value == 2 && step.refused.value == 0)
    #expect(destination.receivedRecords == 4 && destination.filteredRecords == 3 && destination.appended.records == 1)
  }

  @Test func whatDoesNothingCountsWhatComesByAndNeedsNoCopy() throws {
    let passing = PipelineStep(PassingProcessor(id: "batch"))
    let destination = try destination()
    let pipeline = Pipeline(id: "logs", steps: [passing], destinations: [destination])
    #expect(!pipeline.edits)
    #expect(Pipeline(id: "logs", steps: [passing, PipelineStep(Judge())], destinations: []).edits)
    _ = try ingest(pipeline)
    #expect(passing.incoming.value == 4 && passing.outgoing == 4 && destination.appended.records == 4)
  }

  @Test func aRefusalByAnyPipelineLeavesNothingInAnyQueue() throws {
    let (first, second) = (try destination("first"), try destination("second"))
    let step = PipelineStep(Judge(isRefusing: true))
    let refusal = ProcessorRefusal(processor: "judge", reason: "enough", retryAfter: .seconds(2))
    #expect(throws: IngestRefusal.processor(refusal)) {
      try ingest(
        Pipeline(id: "logs", steps: [], destinations: [first]),
        Pipeline(id: "logs/2", steps: [step], destinations: [second]))
    }
    #expect(step.refused.value == 4 && first.queue.queuedRecords == 0 && second.queue.queuedRecords == 0)
    #expect(first.receivedRecords == 0 && first.queue.queuedBytes == 0)
  }

  @Test func aRecordRejectedInTwoPipelinesIsToldOnce() throws {
    let (first, second) = (try destination("first"), try destination("second"))
    let receipt = try ingest(
      Pipeline(id: "logs", processors: [Judge(id: "a")], destinations: [first]),
      Pipeline(id: "logs/2", processors: [Judge(id: "b")], destinations: [second]))
    #expect(receipt.rejectedRecords == 2 && receipt.rejectionReasons == ["a: odd", "b: odd"])
  }

  @Test func aDestinationForWhichNothingIsLeftNeedsNoRoom() throws {
    let full = try destination(queueBytes: 0)
    _ = try ingest(Pipeline(id: "logs", processors: [Judge(), Judge(), Judge()], destinations: [full]))
    #expect(full.receivedRecords == 4 && full.filteredRecords == 4)
  }

  @Test func onlyAProcessorThatAsksForTheContextMakesItNeeded() {
    func ingest(_ processor: Judge) -> IngestPipeline {
      IngestPipeline(
        pipelines: [Pipeline(id: "logs", processors: [processor], destinations: [])], limits: DecodeLimits())
    }
    #expect(!ingest(Judge()).needsContext)
    #expect(ingest(Judge(isRefusing: true)).needsContext)
  }
}
