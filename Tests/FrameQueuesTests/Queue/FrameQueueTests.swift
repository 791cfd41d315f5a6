import Testing

@testable import FrameQueues

/// What holds for every queue, in memory and on disk.
@Suite struct FrameQueueTests {
  private static let kinds = ["memory", "disk"]

  private func queue(_ kind: String, minFrameBytes: Int = 1) throws -> any FrameQueue {
    if kind == "memory" { return MemoryQueue(capacityBytes: 1 << 20, segmentBytes: 1000) }
    let options = DiskRig.options(fsync: .never, minFrameBytes: minFrameBytes)
    return try DiskQueue("/queue", options: options, files: SimulatedDisk())
  }

  private func append(_ bytes: [UInt8], ends: [Int], to queue: any FrameQueue) throws {
    try queue.reserve(bytes.count)
    _ = try bytes.withUnsafeBytes { bytes in
      try queue.append(bytes, frames: ends.map { FrameMark(endOffset: $0, records: 2) })
    }
  }

  /// Does what a queue on disk does on its thread: it sets space aside, and frees it.
  private func settle(_ queue: any FrameQueue) { (queue as? DiskQueue)?.commit(at: monotonicNow()) }

  @Test(arguments: kinds) func framesComeOutInTheirOrderAndOnce(_ kind: String) throws {
    let queue = try queue(kind)
    for number in 0..<UInt8(20) { try append([number, number, number], ends: [1, 3], to: queue) }
    #expect(queue.queued == FrameTotals(bytes: 60, records: 80) && queue.waiting == queue.queued)
    var bytes: [UInt8] = []
    while let lease = queue.lease(maxBytes: 7) {
      #expect(lease.byteCount <= 7 && lease.records == 2 * lease.frames)
      bytes += lease.bytes
      #expect(queue.queued.bytes == 60 - bytes.count + lease.byteCount)
      queue.acknowledge(lease)
      queue.acknowledge(lease)
    }
    #expect(bytes == (0..<20).flatMap { [$0, $0, $0] })
    #expect(queue.queued == .zero && queue.waiting == .zero && queue.lost == .zero)
  }

  @Test(arguments: kinds) func aFrameIsNeverCut(_ kind: String) throws {
    let queue = try queue(kind)
    try append([1, 2, 3, 4, 5], ends: [4, 5], to: queue)
    #expect(try #require(queue.lease(maxBytes: 0)).bytes == [1, 2, 3, 4])
    #expect(try #require(queue.lease(maxBytes: -1)).bytes == [5])
    #expect(queue.lease(maxBytes: .max) == nil)
  }

  @Test(arguments: kinds) func whatIsReservedIsTakenFromTheRoom(_ kind: String) throws {
    let queue = try queue(kind, minFrameBytes: 1000)
    var reserved = 0
    while queue.refusal(of: 1000) == nil {
      try queue.reserve(1000)
      reserved += 1000
      settle(queue)
    }
    #expect(reserved >= 20_000 && reserved <= queue.capacityBytes)
    guard case .full(let needed, let free, let capacity) = queue.refusal(of: 1000) else {
      Issue.record("not full")
      return
    }
    #expect(needed >= 1000 && free < needed && capacity == queue.capacityBytes)
    queue.unreserve(reserved)
    #expect(queue.refusal(of: 1000) == nil)
    guard case .neverFits = queue.refusal(of: 2 << 20) else {
      Issue.record("\(queue.refusal(of: 2 << 20) as Any)")
      return
    }
  }

  @Test(arguments: kinds) func theOldestMakeRoomAndNothingThatIsLent(_ kind: String) throws {
    let queue = try queue(kind, minFrameBytes: 1000)
    var appended = 0
    while queue.refusal(of: 1000) == nil {
      try append([UInt8](repeating: UInt8(truncatingIfNeeded: appended), count: 1000), ends: [1000], to: queue)
      appended += 1
      settle(queue)
    }
    let lent = try #require(queue.lease(maxBytes: 1))
    let held = queue.queued
    let evicted = queue.makeRoom(1500)
    settle(queue)
    #expect(evicted.records == 2 * (evicted.bytes / 1000) && evicted.bytes >= 1000)
    #expect(queue.queued.bytes == held.bytes - evicted.bytes && queue.refusal(of: 1000) == nil)
    #expect(lent.bytes == [UInt8](repeating: 0, count: 1000))
    // What can never fit throws nothing out.
    let before = queue.queued
    #expect(queue.makeRoom(2 << 20) == .zero && queue.queued == before)
  }

  @Test(arguments: kinds) func aClosedQueueGivesAndDoesNotTake(_ kind: String) throws {
    let queue = try queue(kind)
    try append([1, 2], ends: [2], to: queue)
    queue.close()
    #expect(throws: QueueRefusal.closed) { try queue.reserve(1) }
    #expect(try #require(queue.lease(maxBytes: 10)).bytes == [1, 2])
  }

  @Test(arguments: kinds) func whoWaitsForALeaseIsToldOnce(_ kind: String) throws {
    let queue = try queue(kind)
    try append([1], ends: [1], to: queue)
    let told = Told()
    queue.lease(maxBytes: 10) { lease in told.count(lease == nil ? 0 : 1) }
    #expect(told.counts == [1])
  }

  private final class Told: @unchecked Sendable {
    private(set) var counts: [Int] = []
    func count(_ number: Int) { counts.append(number) }
  }
}
