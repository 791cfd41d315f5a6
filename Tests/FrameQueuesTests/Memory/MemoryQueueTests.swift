import FrameQueues
import Synchronization
import Testing

@Suite struct MemoryQueueTests {
  @Test func fillsToTheLastByteAndRefusesOneMore() throws {
    let queue = MemoryQueue(capacityBytes: 100, segmentBytes: 40)
    try queue.reserve(100)
    #expect(throws: QueueRefusal.full(neededBytes: 1, freeBytes: 0, capacityBytes: 100)) { try queue.reserve(1) }
    #expect(throws: QueueRefusal.neverFits(neededBytes: 101, capacityBytes: 100)) { try queue.reserve(101) }
    queue.unreserve(100)
    try queue.reserve(60)
    #expect(throws: QueueRefusal.full(neededBytes: 41, freeBytes: 40, capacityBytes: 100)) { try queue.reserve(41) }
  }

  @Test func givesBackWhatAnAppendDidNotUse() throws {
    let queue = MemoryQueue(capacityBytes: 10)
    try queue.reserve(10)
    queue.append([1, 2, 3, 4, 5, 6])
    #expect(queue.reservedBytes == 4)
    queue.unreserve(4)
    #expect(queue.reservedBytes == 0)
    try queue.reserve(4)
    #expect(throws: QueueRefusal.full(neededBytes: 1, freeBytes: 0, capacityBytes: 10)) { try queue.reserve(1) }
  }

  @Test func countsBytesUntilTheyAreAcknowledged() throws {
    let queue = MemoryQueue(capacityBytes: 6)
    try queue.reserve(6)
    queue.append([1, 2, 3, 4, 5, 6], records: 2)
    let lease = try #require(queue.lease(maxBytes: 100))
    #expect(queue.queued == FrameTotals(bytes: 6, records: 2))
    #expect(queue.waiting == .zero)
    #expect(throws: QueueRefusal.full(neededBytes: 1, freeBytes: 0, capacityBytes: 6)) { try queue.reserve(1) }
    queue.acknowledge(lease)
    #expect(queue.queued == .zero)
    try queue.reserve(6)
  }

  @Test func aSecondAcknowledgementOfALeaseChangesNothing() throws {
    let queue = MemoryQueue(capacityBytes: 10)
    queue.append([1, 2, 3])
    queue.append([4, 5])
    let lease = try #require(queue.lease(maxBytes: 3))
    queue.acknowledge(lease)
    queue.acknowledge(lease)
    #expect(queue.queued == FrameTotals(bytes: 2, records: 1))
  }

  @Test func leasesWholeFramesUpToTheLimitAndAtLeastOne() throws {
    let queue = MemoryQueue(capacityBytes: 100)
    queue.append([1, 1, 1, 1, 2, 2, 2, 2, 3, 3], frames: [4, 8, 10])
    let first = try #require(queue.lease(maxBytes: 8))
    #expect(first.bytes == [1, 1, 1, 1, 2, 2, 2, 2] && first.frames == 2)
    let second = try #require(queue.lease(maxBytes: 0))
    #expect(second.bytes == [3, 3] && second.frames == 1)
    #expect(queue.lease(maxBytes: 100) == nil)
  }

  @Test func leasesOneByteUnderTheLimitStopBeforeTheFrame() throws {
    let queue = MemoryQueue(capacityBytes: 100)
    queue.append([1, 1, 1, 1, 2, 2, 2, 2], frames: [4, 8])
    #expect(try #require(queue.lease(maxBytes: 7)).bytes == [1, 1, 1, 1])
  }

  @Test func aLeaseStaysWithinOneSegment() throws {
    let queue = MemoryQueue(capacityBytes: 100, segmentBytes: 8)
    queue.append([1, 1, 1, 2, 2, 2, 3, 3, 3], frames: [3, 6, 9])
    #expect(try #require(queue.lease(maxBytes: 100)).bytes == [1, 1, 1, 2, 2, 2])
    #expect(try #require(queue.lease(maxBytes: 100)).bytes == [3, 3, 3])
  }

  @Test func aFrameLargerThanASegmentHasOneOfItsOwn() throws {
    let queue = MemoryQueue(capacityBytes: 100, segmentBytes: 4)
    queue.append([1, 1], frames: [2])
    queue.append([UInt8](repeating: 7, count: 9), frames: [9])
    queue.append([2, 2], frames: [2])
    #expect(try #require(queue.lease(maxBytes: 100)).bytes == [1, 1])
    #expect(try #require(queue.lease(maxBytes: 100)).bytes == [UInt8](repeating: 7, count: 9))
    #expect(try #require(queue.lease(maxBytes: 100)).bytes == [2, 2])
  }

  @Test func recordsWithoutBytesAreLeasedAndCounted() throws {
    let queue = MemoryQueue(capacityBytes: 0)
    try queue.reserve(0)
    for _ in 0..<1000 { queue.append([], records: 3) }
    #expect(queue.queued == FrameTotals(bytes: 0, records: 3000))
    let lease = try #require(queue.lease(maxBytes: 1))
    #expect(lease.records == 3000 && lease.byteCount == 0)
    queue.acknowledge(lease)
    #expect(queue.queued == .zero)
    #expect(queue.lease(maxBytes: 1) == nil)
  }

  @Test func marksBeyondTheBytesAreCutToThem() throws {
    let queue = MemoryQueue(capacityBytes: 100)
    queue.append([1, 2, 3, 4], frames: [2, 1, 400])
    let lease = try #require(queue.lease(maxBytes: 100))
    #expect(lease.bytes == [1, 2, 3, 4] && lease.records == 3)
  }

  @Test func bytesOfAnOpenLeaseOutliveTheirSegmentInTheQueue() throws {
    let queue = MemoryQueue(capacityBytes: 1000, segmentBytes: 8)
    queue.append([UInt8](repeating: 1, count: 8))
    let held = try #require(queue.lease(maxBytes: 8))
    for round in 2..<UInt8(100) {
      queue.append([UInt8](repeating: round, count: 8))
      let lease = try #require(queue.lease(maxBytes: 8))
      #expect(lease.bytes == [UInt8](repeating: round, count: 8))
      queue.acknowledge(lease)
    }
    #expect(held.bytes == [UInt8](repeating: 1, count: 8))
  }

  @Test func aClosedQueueRefusesButStillTakesWhatWasReservedAndLeases() throws {
    let queue = MemoryQueue(capacityBytes: 100)
    try queue.reserve(2)
    queue.close()
    #expect(throws: QueueRefusal.closed) { try queue.reserve(1) }
    queue.append([1, 2])
    #expect(try #require(queue.lease(maxBytes: 10)).bytes == [1, 2])
  }

  @Test func tellsEveryAppendWithWhatWaits() {
    let queue = MemoryQueue(capacityBytes: 100)
    let seen = Seen()
    queue.onAppend { waiting in seen.totals.withLock { $0.append(waiting) } }
    queue.append([1, 2])
    queue.append([3])
    _ = queue.lease(maxBytes: 2)
    queue.append([4], records: 5)
    let expected = [FrameTotals(bytes: 2, records: 1), .init(bytes: 3, records: 2), .init(bytes: 2, records: 6)]
    #expect(seen.totals.withLock { $0 } == expected)
  }

  private final class Seen: Sendable {
    let totals = Mutex<[FrameTotals]>([])
  }

  @Test func anEmptyQueueGoesRoundInTheSameMemory() throws {
    let queue = MemoryQueue(capacityBytes: 100, segmentBytes: 8)
    var addresses: Set<Int> = []
    for value in 0..<5 as Range<UInt8> {
      queue.append([value, value, value])
      let lease = try #require(queue.lease(maxBytes: 100))
      #expect(lease.bytes == [value, value, value])
      addresses.insert(lease.withUnsafeBytes { Int(bitPattern: $0.baseAddress) })
      queue.acknowledge(lease)
    }
    #expect(addresses.count == 1)
  }

  @Test func memoryOfALeaseIsNotWrittenAgainAsLongAsSomebodyHasIt() throws {
    let queue = MemoryQueue(capacityBytes: 100, segmentBytes: 4)
    var leases: [FrameLease] = []
    for value in 0..<20 as Range<UInt8> {
      queue.append([value, value, value])
      let lease = try #require(queue.lease(maxBytes: 100))
      queue.acknowledge(lease)
      leases.append(lease)
    }
    for (value, lease) in leases.enumerated() { #expect(lease.bytes == [UInt8](repeating: UInt8(value), count: 3)) }
  }

  @Test func holdsUpThoseWhoOutrunADestinationThatKeepsUp() throws {
    let queue = MemoryQueue(capacityBytes: 1000, segmentBytes: 100, pacedBytes: 10)
    queue.append([UInt8](repeating: 1, count: 30))
    #expect(queue.pause == .zero)
    queue.acknowledge(try #require(queue.lease(maxBytes: 30)))
    #expect(queue.pause == .zero)
    queue.append([UInt8](repeating: 1, count: 10))
    #expect(queue.pause == .zero)
    queue.append([UInt8](repeating: 1, count: 10))
    #expect(queue.pause == .milliseconds(20))
  }

  @Test func trimmingAnEmptyQueueThatIsNotUsedLeavesItUsable() throws {
    let queue = MemoryQueue(capacityBytes: 100, segmentBytes: 8)
    queue.append([1, 2, 3])
    queue.trim()
    let lease = try #require(queue.lease(maxBytes: 100))
    #expect(lease.bytes == [1, 2, 3])
    queue.acknowledge(lease)
    for _ in 0..<3 { queue.trim() }
    #expect(lease.bytes == [1, 2, 3])
    queue.append([4])
    #expect(try #require(queue.lease(maxBytes: 100)).bytes == [4])
  }
}

extension MemoryQueue {
  /// Appends one frame.
  func append(_ bytes: [UInt8], records: Int = 1) {
    _ = bytes.withUnsafeBytes { append($0, frames: [FrameMark(endOffset: bytes.count, records: records)]) }
  }

  /// Appends frames of one record each that end at the given offsets.
  func append(_ bytes: [UInt8], frames ends: [Int]) {
    _ = bytes.withUnsafeBytes { append($0, frames: ends.map { FrameMark(endOffset: $0, records: 1) }) }
  }
}

extension FrameLease {
  var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
