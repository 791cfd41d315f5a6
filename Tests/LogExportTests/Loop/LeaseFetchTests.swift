import FrameQueues
import Logging
import Synchronization
import Testing

@testable import LogExport
@testable import LogPipeline

@Suite struct LeaseFetchTests {
  private func loop(_ queue: SlowQueue, _ sender: ScriptedSender) -> ExportLoop {
    ExportLoop(
      destination: Destination(id: "lines", dialect: LineDialect(), queue: queue), sender: sender,
      logger: KeptLog().logger)
  }

  @Test(.timeLimit(.minutes(1))) func whatArrivesLateIsSent() async throws {
    let queue = SlowQueue()
    let sender = ScriptedSender { _, _ in .status(200) }
    let loop = loop(queue, sender)
    let running = Task { await loop.run() }
    for round in 1...3 {
      queue.held.append(lines: [round])
      #expect(await eventually { queue.isAsked })
      #expect(loop.counters.openLeases == 1)
      queue.answer()
      #expect(await eventually { queue.held.queued.isEmpty })
    }
    #expect(sender.sent == [[1], [2], [3]])
    #expect(await loop.stop(within: .seconds(1)) == .zero)
    await running.value
  }

  @Test(.timeLimit(.minutes(1))) func aQueueThatAnswersWithNothingIsAskedAgain() async throws {
    let queue = SlowQueue()
    let loop = loop(queue, ScriptedSender { _, _ in .status(200) })
    let running = Task { await loop.run() }
    queue.held.append(lines: [1])
    #expect(await eventually { queue.isAsked })
    queue.answer(withNothing: true)
    #expect(await eventually { queue.isAsked })
    queue.answer()
    #expect(await eventually { queue.held.queued.isEmpty && loop.counters.openLeases == 0 })
    running.cancel()
    await running.value
  }

  @Test(.timeLimit(.minutes(1)), arguments: [true, false])
  func theLoopEndsInTimeWithoutAQueueThatDoesNotAnswer(drains: Bool) async throws {
    let queue = SlowQueue()
    let loop = loop(queue, ScriptedSender { _, _ in .status(200) })
    let running = Task { await loop.run() }
    queue.held.append(lines: [1, 2])
    #expect(await eventually { queue.isAsked })
    let began = ContinuousClock.now
    let left = drains ? await loop.drain(within: .milliseconds(300)) : await loop.stop(within: .milliseconds(300))
    await running.value
    #expect(left.records == 2 && ContinuousClock.now - began < .seconds(10))
    queue.answer()
  }

  @Test(.timeLimit(.minutes(1))) func drainingSendsWhatArrivesInTime() async throws {
    let queue = SlowQueue()
    let sender = ScriptedSender { _, _ in .status(200) }
    let loop = loop(queue, sender)
    let running = Task { await loop.run() }
    queue.held.append(lines: [1, 2])
    #expect(await eventually { queue.isAsked })
    let answering = Task {
      try await Task.sleep(for: .milliseconds(100))
      queue.answer()
    }
    #expect(await loop.drain(within: .seconds(20)) == .zero)
    await running.value
    try await answering.value
    #expect(sender.sent == [[1, 2]])
  }

  /// Cancelled tasks of one ledger reading: what was settled and is still held never exceeds what is held.
  @Test func aLeaseThatEndsBetweenTwoLooksShowsNothingNegative() {
    let destination = Destination(id: "lines", dialect: LineDialect(), queue: MemoryQueue())
    let settled = FrameTotals(bytes: 5, records: 1)
    let ledger = Ledger(of: destination, delivered: settled, deadLettered: .zero, settledInQueue: settled)
    #expect(ledger.queued == .zero)
  }
}

/// A queue in memory whose leases come when the test says so.
private final class SlowQueue: FrameQueue {
  let held = MemoryQueue(segmentBytes: 4096)
  private let asked = Mutex<(maxBytes: Int, done: @Sendable (FrameLease?) -> Void)?>(nil)

  var isAsked: Bool { asked.withLock { $0 != nil } }

  func answer(withNothing: Bool = false) {
    let asked = asked.withLock { asked in
      defer { asked = nil }
      return asked
    }
    if let asked { asked.done(withNothing ? nil : held.lease(maxBytes: asked.maxBytes)) }
  }

  func lease(maxBytes: Int, _ done: @escaping @Sendable (FrameLease?) -> Void) {
    asked.withLock { $0 = (maxBytes, done) }
  }

  var capacityBytes: Int { held.capacityBytes }
  var queuedBytes: Int { held.queuedBytes }
  var queuedRecords: Int { held.queuedRecords }
  var waiting: FrameTotals { held.waiting }
  var oldestAge: Duration { .zero }
  var isDurable: Bool { true }
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
