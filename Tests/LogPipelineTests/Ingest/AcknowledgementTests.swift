import FrameQueues
import Synchronization
import Testing

@testable import LogPipeline

@Suite struct AcknowledgementTests {
  /// Each record is one byte.
  private struct OneByte: Dialect {
    var route: DialectRoute { .discard }
    func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
      for _ in batch.records.indices {
        frames.bytes.append(1)
        try frames.endRecord()
      }
      try frames.finish()
    }
    func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict { .delivered(duplicates: 0) }
    func middle(of body: UnsafeRawBufferPointer) -> Split? { nil }
  }

  /// What a sender was told, in order.
  private final class Told: Sendable {
    private let state = Mutex<[IngestRefusal?]>([])
    var all: [IngestRefusal?] { state.withLock { $0 } }
    func add(_ refusal: IngestRefusal?) { state.withLock { $0.append(refusal) } }
    func clear() { state.withLock { $0 = [] } }
  }

  private let queues = [MemoryQueue(capacityBytes: 10), MemoryQueue(capacityBytes: 10)]

  /// A request of two records for two destinations, each in a pipeline of its own.
  private func receipt(_ points: [AcknowledgementPoint], timeouts: [Duration] = [.seconds(60), .seconds(60)]) throws
    -> IngestReceipt
  {
    let pipelines = zip(queues.indices, zip(points, timeouts)).map { index, options in
      Pipeline(
        id: "logs/\(index)", processors: [],
        destinations: [Destination(id: "d\(index)", dialect: OneByte(), queue: queues[index])],
        acknowledgement: options.0, acknowledgementTimeout: options.1)
    }
    let request = Message.request(records: .int(2, 1)) + .request(records: .int(2, 1))
    return try IngestPipeline(pipelines: pipelines, limits: DecodeLimits())
      .ingest(request.bytes, as: .protobuf, receivedUnixNano: 1, with: IngestScratch())
  }

  private func deliver(_ queue: MemoryQueue) { while let lease = queue.lease(maxBytes: 1) { queue.acknowledge(lease) } }

  @Test func nothingIsWaitedForInMemory() throws {
    for point in [AcknowledgementPoint.memory, .disk] {
      let told = Told()
      let receipt = try receipt([point, point])
      #expect(receipt.unsettled.isEmpty && receipt.waitLimit == nil)
      Settlement(receipt).begin(told.add)
      #expect(told.all == [nil])
    }
  }

  @Test func aSenderThatWantsDeliveryIsToldOnceAllDestinationsHaveTakenIt() throws {
    let told = Told()
    let receipt = try receipt([.delivered, .delivered], timeouts: [.seconds(9), .seconds(8)])
    #expect(receipt.waitLimit == .seconds(8))
    Settlement(receipt).begin(told.add)
    deliver(queues[1])
    #expect(told.all.isEmpty)
    deliver(queues[0])
    #expect(told.all == [nil])
  }

  @Test func onlyPipelinesThatWantDeliveryAreWaitedFor() throws {
    let told = Told()
    Settlement(try receipt([.memory, .delivered])).begin(told.add)
    deliver(queues[1])
    #expect(told.all == [nil] && queues[0].queuedRecords == 2)
  }

  @Test func aClosedQueueRefusesAndOnlyOnce() throws {
    let told = Told()
    Settlement(try receipt([.delivered, .delivered])).begin(told.add)
    queues[0].close()
    queues[1].close()
    #expect(told.all == [.queue(.closed, destination: "d0")])
  }

  @Test func aSenderThatIsForgottenIsNotToldAnything() throws {
    let told = Told()
    let settlement = Settlement(try receipt([.delivered, .delivered]))
    settlement.begin(told.add)
    #expect(settlement.forget())
    #expect(!settlement.forget())
    deliver(queues[0])
    deliver(queues[1])
    #expect(told.all.isEmpty)
  }

  @Test func whoIsDoneCannotBeForgotten() throws {
    let settlement = Settlement(try receipt([.delivered, .delivered]))
    settlement.begin { _ in }
    deliver(queues[0])
    deliver(queues[1])
    #expect(!settlement.forget())
  }

  @Test func processorsAreToldOnceWhetherTheSenderWasToldOfItsAcceptance() throws {
    let told = Told()
    for (isDelivered, isForgotten) in [(true, false), (false, true), (false, false)] {
      let queue = MemoryQueue(capacityBytes: 10)
      let pipeline = Pipeline(
        id: "logs", processors: [Listener { told.add($0 ? nil : .queue(.closed, destination: "")) }],
        destinations: [Destination(id: "d", dialect: OneByte(), queue: queue)], acknowledgement: .delivered)
      let receipt = try IngestPipeline(pipelines: [pipeline], limits: DecodeLimits())
        .ingest(
          Message.request(records: .int(2, 1)).bytes, as: .protobuf, receivedUnixNano: 1, with: IngestScratch())
      let settlement = Settlement(receipt)
      settlement.begin { _ in }
      #expect(told.all.isEmpty)
      if isDelivered { deliver(queue) }
      if isForgotten { settlement.forget() }
      queue.close()
      #expect(told.all == [isDelivered ? nil : .queue(.closed, destination: "")])
      told.clear()
    }
  }

  /// A processor that wants to know whether requests were accepted.
  private struct Listener: Processor {
    let id = "listener"
    let told: @Sendable (_ isAccepted: Bool) -> Void
    func process(_ batch: inout LogBatch, of request: inout RequestContext) { request.whenSettled.append(told) }
  }

  /// Whoever waits holds the sender's connection; a forgotten one must hold nothing.
  @Test func nothingKeepsAForgottenSender() throws {
    let settlement = Settlement(try receipt([.delivered, .delivered]))
    weak var kept: Told?
    do {
      let told = Told()
      kept = told
      settlement.begin { told.add($0) }
    }
    #expect(kept != nil)
    settlement.forget()
    #expect(kept == nil)
  }

  @Test func whatIsDroppedByRuleIsDone() throws {
    let told = Told()
    Settlement(try receipt([.delivered, .memory])).begin(told.add)
    #expect(queues[0].makeRoom(10) == FrameTotals(bytes: 2, records: 2))
    #expect(told.all == [nil])
  }
}
