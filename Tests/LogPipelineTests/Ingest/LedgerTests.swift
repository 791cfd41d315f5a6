import FrameQueues
import Testing

@testable import LogPipeline

@Suite("The ledger")
struct LedgerTests {
  private func totals(_ records: Int, _ bytes: Int) -> FrameTotals { FrameTotals(bytes: bytes, records: records) }

  private func balanced() -> Ledger {
    var ledger = Ledger()
    ledger.recovered = totals(5, 50)
    ledger.received = totals(100, 800)
    ledger.filtered = totals(10, 0)
    ledger.dropped = totals(5, 0)
    ledger.delivered = totals(60, 560)
    ledger.deadLettered = totals(10, 90)
    ledger.queued = totals(20, 200)
    return ledger
  }

  @Test func statesThatAddUpAreBalanced() {
    #expect(Ledger().unaccounted == .zero)
    #expect(balanced().unaccounted == .zero)
  }

  private static var states: [WritableKeyPath<Ledger, FrameTotals>] {
    [
      \.recovered, \.received, \.filtered, \.dropped, \.delivered, \.deadLettered, \.queued,
    ]
  }

  @Test(arguments: 0..<7)
  func oneRecordOrByteMoreInAnyStateIsNot(_ index: Int) {
    let state = Self.states[index]
    for more in [totals(1, 0), totals(0, 1)] {
      var ledger = balanced()
      ledger[keyPath: state] += more
      #expect(ledger.unaccounted != .zero)
      #expect(abs(ledger.unaccounted.records) + abs(ledger.unaccounted.bytes) == 1)
    }
  }

  @Test func lostRecordsAreUnaccountedAndRecordsCountedTwiceAreNegative() {
    var ledger = balanced()
    ledger.queued = totals(17, 170)
    #expect(ledger.unaccounted == totals(3, 30))
    ledger.queued = totals(21, 200)
    #expect(ledger.unaccounted == totals(-1, 0))
  }

  private func append(_ records: Int, _ bytes: [UInt8], to queue: MemoryQueue) throws {
    try queue.reserve(bytes.count)
    bytes.withUnsafeBytes { bytes in
      let mark = FrameMark(endOffset: bytes.count, records: records)
      queue.append(bytes, frames: [mark])
    }
  }

  @Test func whatTheQueueHeldAtTheStartIsRecovered() throws {
    let queue = MemoryQueue(capacityBytes: 100)
    try append(3, [1, 2, 3, 4], to: queue)
    let destination = Destination(id: "d", dialect: NopDialect(), queue: queue)
    let ledger = Ledger(of: destination, delivered: .zero, deadLettered: .zero, settledInQueue: .zero)
    #expect(ledger.recovered == totals(3, 4))
    #expect(ledger.queued == totals(3, 4))
    #expect(ledger.unaccounted == .zero)
  }

  @Test func whatTheDiskLostIsDropped() throws {
    let held = MemoryQueue(capacityBytes: 100)
    try append(3, [1, 2, 3, 4], to: held)
    let destination = Destination(id: "d", dialect: NopDialect(), queue: DamagedQueue(held))
    if let lease = held.lease(maxBytes: 100) { held.acknowledge(lease) }
    let ledger = Ledger(of: destination, delivered: .zero, deadLettered: .zero, settledInQueue: .zero)
    #expect(ledger.queued == .zero)
    #expect(ledger.dropped == totals(3, 4))
    #expect(ledger.unaccounted == .zero)
  }

  @Test func whatIsSettledButStillHeldByTheQueueCountsOnce() throws {
    let queue = MemoryQueue(capacityBytes: 100)
    try append(3, [1, 2, 3, 4], to: queue)
    let destination = Destination(id: "d", dialect: NopDialect(), queue: queue)
    let ledger = Ledger(
      of: destination, delivered: totals(1, 2), deadLettered: totals(1, 1), settledInQueue: totals(2, 3))
    #expect(ledger.queued == totals(1, 1))
    #expect(ledger.unaccounted == .zero)
  }
}

/// A queue of which a disk has lost whatever left it.
private final class DamagedQueue: FrameQueue {
  private let held: MemoryQueue
  private let before: FrameTotals

  init(_ held: MemoryQueue) {
    self.held = held
    before = held.queued
  }

  var capacityBytes: Int { held.capacityBytes }
  var queuedBytes: Int { held.queuedBytes }
  var queuedRecords: Int { held.queuedRecords }
  var waiting: FrameTotals { held.waiting }
  var lost: FrameTotals {
    var lost = before
    lost -= held.queued
    return lost
  }
  var isDurable: Bool { true }
  var oldestAge: Duration { held.oldestAge }

  func reserve(_ bytes: Int) throws(QueueRefusal) { try held.reserve(bytes) }
  func unreserve(_ bytes: Int) { held.unreserve(bytes) }
  func append(_ bytes: UnsafeRawBufferPointer, frames: [FrameMark]) throws(QueueRefusal) -> FramePosition {
    held.append(bytes, frames: frames)
  }
  func whenDurable(_ position: FramePosition, _ done: @escaping @Sendable (QueueRefusal?) -> Void) { done(nil) }
  func whenAcknowledged(
    _ position: FramePosition, _ done: @escaping @Sendable (QueueRefusal?) -> Void
  ) -> UInt64? { held.whenAcknowledged(position, done) }
  func forget(_ ticket: UInt64) { held.forget(ticket) }
  func refuseWaiters() { held.refuseWaiters() }
  func lease(maxBytes: Int) -> FrameLease? { held.lease(maxBytes: maxBytes) }
  func acknowledge(_ lease: FrameLease) { held.acknowledge(lease) }
  func onAppend(_ wake: @escaping @Sendable (_ waiting: FrameTotals) -> Void) { held.onAppend(wake) }
  func close() { held.close() }
}
