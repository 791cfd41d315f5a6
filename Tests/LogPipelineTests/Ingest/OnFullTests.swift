import FrameQueues
import LogPipeline
import Synchronization
import Testing

@Suite struct OnFullTests {
  /// Each record is one line of ten bytes.
  private struct TenBytes: Dialect {
    var route: DialectRoute { .discard }
    func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
      for _ in batch.records.indices {
        frames.bytes.append("123456789\n")
        try frames.endRecord()
      }
      try frames.finish()
    }
    func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict { .delivered(duplicates: 0) }
    func middle(of body: UnsafeRawBufferPointer) -> Split? { nil }
  }

  private func destination(_ id: String, capacityBytes: Int, _ onFull: OnFull = .refuse) -> Destination {
    Destination(id: id, dialect: TenBytes(), queue: MemoryQueue(capacityBytes: capacityBytes), onFull: onFull)
  }

  private func ingest(_ records: Int, into destinations: Destination...) throws(IngestRefusal) {
    let pipeline = Pipeline(id: "logs", processors: [], destinations: destinations)
    var request = Message()
    for _ in 0..<records { request = request + .request(records: .int(2, 1)) }
    _ = try IngestPipeline(pipelines: [pipeline], limits: DecodeLimits())
      .ingest(request.bytes, as: .protobuf, receivedUnixNano: 1, with: IngestScratch())
  }

  private func reserved(_ destination: Destination) -> Int { (destination.queue as? MemoryQueue)?.reservedBytes ?? -1 }

  @Test func aRequestThatOneQueueRefusesIsInNone() throws {
    let (open, full) = (destination("open", capacityBytes: 100), destination("full", capacityBytes: 29))
    #expect(throws: IngestRefusal.self) { try ingest(3, into: open, full) }
    #expect(open.queue.queued.isEmpty && full.queue.queued.isEmpty)
    #expect(reserved(open) == 0 && reserved(full) == 0)
    #expect(full.refusedRecords == 3 && open.refusedRecords == 0)
    try ingest(2, into: open, full)
    #expect(open.queue.queuedRecords == 2 && full.queue.queuedRecords == 2)
  }

  @Test func dropNewestAcceptsTheRequestForTheOthers() throws {
    let open = destination("open", capacityBytes: 100)
    let full = destination("full", capacityBytes: 30, .dropNewest)
    try ingest(2, into: open, full)
    try ingest(2, into: full, open)
    #expect(open.queue.queuedRecords == 4)
    #expect(full.queue.queuedRecords == 2 && full.appended.records == 2)
    #expect(full.droppedRecords(.queueFull) == 2 && open.droppedRecords(.queueFull) == 0)
    #expect(reserved(full) == 0 && full.refusedRecords == 0)
  }

  @Test func dropOldestThrowsOutNoMoreThanItMust() throws {
    let full = destination("full", capacityBytes: 50, .dropOldest)
    for _ in 0..<5 { try ingest(1, into: full) }
    try ingest(2, into: full)
    #expect(full.queue.queuedRecords == 5 && full.queue.queuedBytes == 50)
    #expect(full.evicted == FrameTotals(bytes: 20, records: 2))
    #expect(full.appended.records == 7 && full.droppedRecords(.queueFull) == 0)
  }

  @Test func dropOldestLeavesWhatIsBeingSent() throws {
    let full = destination("full", capacityBytes: 30, .dropOldest)
    try ingest(3, into: full)
    let lease = try #require(full.queue.lease(maxBytes: .max))
    try ingest(1, into: full)
    #expect(full.evicted == .zero && full.droppedRecords(.queueFull) == 1)
    full.queue.acknowledge(lease)
    try ingest(1, into: full)
    #expect(full.queue.queuedRecords == 1)
  }

  @Test(arguments: [OnFull.dropOldest, .dropNewest])
  func aRequestThatNeverFitsIsDroppedAndThrowsNothingOut(onFull: OnFull) throws {
    let full = destination("full", capacityBytes: 30, onFull)
    try ingest(3, into: full)
    try ingest(4, into: full)
    #expect(full.queue.queuedRecords == 3)
    #expect(full.evicted == .zero && full.droppedRecords(.queueFull) == 4)
  }

  @Test func nothingIsThrownOutForARequestThatIsRefused() throws {
    let dropping = destination("dropping", capacityBytes: 30, .dropOldest)
    let refusing = destination("refusing", capacityBytes: 30)
    try ingest(3, into: dropping, refusing)
    #expect(throws: IngestRefusal.self) { try ingest(1, into: dropping, refusing) }
    #expect(dropping.queue.queuedRecords == 3 && dropping.evicted == .zero)
  }

  @Test(arguments: OnFull.allCases) func aClosedQueueRefusesWhateverIsSet(onFull: OnFull) {
    let closed = destination("closed", capacityBytes: 30, onFull)
    closed.queue.close()
    #expect(throws: IngestRefusal.queue(.closed, destination: "closed")) { try ingest(1, into: closed) }
  }

  @Test(arguments: [
    QueueRefusal.unavailable(reason: "gone"), .behind(waitingBytes: 2, limitBytes: 1), .closed,
  ])
  func onlyWantOfRoomDropsRecords(refusal: QueueRefusal) throws {
    let turning = Destination(
      id: "turning", dialect: TenBytes(), queue: TurningQueue(then: refusal), onFull: .dropOldest)
    let open = destination("open", capacityBytes: 100)
    #expect(throws: IngestRefusal.queue(refusal, destination: "turning")) { try ingest(2, into: open, turning) }
    #expect(open.queue.queued.isEmpty && reserved(open) == 0)
    #expect(turning.droppedRecords(.queueFull) == 0 && turning.refusedRecords == 2)
  }
}

/// A queue that is full, and when room was made for it refuses for another reason.
private final class TurningQueue: FrameQueue {
  private let refusal: QueueRefusal
  private let isRoomMade = Mutex(false)

  init(then refusal: QueueRefusal) { self.refusal = refusal }

  func reserve(_ bytes: Int) throws(QueueRefusal) {
    if isRoomMade.withLock({ $0 }) { throw refusal }
    throw .full(neededBytes: bytes, freeBytes: 0, capacityBytes: 1)
  }
  func makeRoom(_ bytes: Int) -> FrameTotals {
    isRoomMade.withLock { $0 = true }
    return .zero
  }

  var capacityBytes: Int { 1 }
  var queuedBytes: Int { 0 }
  var queuedRecords: Int { 0 }
  var waiting: FrameTotals { .zero }
  var oldestAge: Duration { .zero }
  var isDurable: Bool { true }
  func unreserve(_ bytes: Int) {}
  func append(_ bytes: UnsafeRawBufferPointer, frames: [FrameMark]) throws(QueueRefusal) -> FramePosition {
    throw refusal
  }
  func whenDurable(_ position: FramePosition, _ done: @escaping @Sendable (QueueRefusal?) -> Void) {}
  func whenAcknowledged(
    _ position: FramePosition, _ done: @escaping @Sendable (QueueRefusal?) -> Void
  ) -> UInt64? { nil }
  func forget(_ ticket: UInt64) {}
  func refuseWaiters() {}
  func lease(maxBytes: Int) -> FrameLease? { nil }
  func acknowledge(_ lease: FrameLease) {}
  func onAppend(_ wake: @escaping @Sendable (_ waiting: FrameTotals) -> Void) {}
  func close() {}
}
