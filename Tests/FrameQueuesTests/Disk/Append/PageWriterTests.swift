import Glibc
import Testing

@testable import FrameQueues

/// A queue whose frames are written by the committing thread.
@Suite struct PageWriterTests {
  private func rig(recentBytes: Int = 0, capacityBytes: Int = 1 << 20, segmentBytes: Int = 64 << 10) throws -> DiskRig {
    var options = DiskRig.options(
      capacityBytes: capacityBytes, segmentBytes: segmentBytes, minFrameBytes: 1, recentBytes: recentBytes)
    options.leavesWritingToSync = true
    options.maxUnsyncedBytes = 50_000
    return try DiskRig(options)
  }

  private func payload(_ count: Int, _ seed: Int) -> [UInt8] { (0..<count).map { UInt8(($0 * 7 + seed) % 251) } }

  @Test func nothingIsWrittenBeforeTheCommitAndWholePagesThen() throws {
    let rig = try rig()
    let position = try rig.queue.append(payload(5000, 1))
    let wait = Durability(rig.queue, position)
    #expect(rig.disk.content(rig.path(1))?.count == SegmentFormat.headerBytes && !wait.isDurable)
    #expect(rig.queue.lease(maxBytes: 1 << 20) == nil)
    rig.commit()
    #expect(wait.isDurable && rig.disk.calls("writePages") == 1)
    let file = try #require(rig.disk.content(rig.path(1)))
    #expect(file.count == SegmentFormat.headerBytes + 2 * SegmentFormat.pageBytes)
    #expect(Array(file[(4096 + 32)..<(4096 + 32 + 5000)]) == payload(5000, 1))
    #expect(file[(4096 + 32 + 5000)...].allSatisfy { $0 == 0 })
    #expect(rig.drain() == [payload(5000, 1)])
  }

  @Test(arguments: [true, false], [0, 1 << 20])
  func manyCommitsOfAnySizeReadBackAsTheyWere(writesPages: Bool, recentBytes: Int) throws {
    let rig = try rig(recentBytes: recentBytes)
    rig.disk.state.withLock { $0.writesPages = writesPages }
    var all: [UInt8] = []
    for (index, size) in [1, 4031, 4032, 4033, 32, 8192, 100, 4096 - 32, 20_000, 3, 40_000].enumerated() {
      try rig.queue.append(payload(size, index))
      all += payload(size, index)
      if index % 3 > 0 { rig.commit() }
    }
    rig.commit()
    #expect((rig.disk.calls("writePages") > 0) == writesPages)
    try rig.kill()
    #expect(rig.events.isEmpty && rig.drain().joined().elementsEqual(all))
  }

  @Test func framesLongerThanTheBufferAreWrittenInPieces() throws {
    let rig = try rig(capacityBytes: 64 << 20, segmentBytes: 16 << 20)
    let sizes = [PageWriter.bufferBytes - 32, PageWriter.bufferBytes + 1, 3 * PageWriter.bufferBytes, 10]
    for (index, size) in sizes.enumerated() {
      try rig.queue.append(payload(size, index))
      rig.commit()
    }
    try rig.kill()
    #expect(rig.drain(maxBytes: 1).map(\.count) == sizes && rig.queue.counters.lost == .zero)
  }

  @Test func aKillTakesWhatNobodyWasToldOfAndLeavesTheRestSound() throws {
    let rig = try rig()
    let kept = Durability(rig.queue, try rig.queue.append(payload(100, 1)))
    rig.commit()
    let lost = Durability(rig.queue, try rig.queue.append(payload(100, 2)))
    #expect(kept.isDurable && !lost.isDurable)
    try rig.kill()
    #expect(rig.events.isEmpty && rig.drain() == [payload(100, 1)])
  }

  @Test func aSegmentThatEndsBeforeItIsWrittenIsWrittenWithTheNext() throws {
    let rig = try rig()
    for index in 0..<4 { try rig.queue.append(payload(30_000, index)) }
    #expect(rig.segments.count >= 2)
    rig.commit()
    try rig.kill()
    #expect(rig.drain().joined().elementsEqual((0..<4).flatMap { payload(30_000, $0) }))
  }

  @Test func pagesThatCannotBeWrittenPastTheCacheGoThroughIt() throws {
    let rig = try rig()
    try rig.queue.append(payload(100, 1))
    rig.commit()
    let wait = Durability(rig.queue, try rig.queue.append(payload(200, 2)))
    rig.disk.fail("write", EIO)
    rig.commit()
    #expect(wait.isDurable && rig.queue.fault == nil)
    #expect(rig.drain().joined().elementsEqual(payload(100, 1) + payload(200, 2)))
  }

  @Test func pagesThatCannotBeWrittenAtAllAreToldToWhoWaitsAndCostNothingElse() throws {
    let rig = try rig(recentBytes: 1 << 20)
    try rig.queue.append(payload(100, 1))
    rig.commit()
    let wait = Durability(rig.queue, try rig.queue.append(payload(200, 2)))
    rig.disk.fail("write", EIO, times: 2)
    rig.commit()
    #expect(wait.outcome != .none && !wait.isDurable && rig.queue.fault != nil)
    rig.commit(after: .seconds(1))
    rig.commit(after: .seconds(1))
    #expect(rig.queue.fault == nil)
    let next = Durability(rig.queue, try rig.queue.append(payload(300, 3)))
    rig.commit()
    #expect(next.isDurable && rig.segments.count == 2)
    // What was refused is still in memory: it may be delivered twice, but not lost.
    #expect(rig.drain().joined().elementsEqual(payload(100, 1) + payload(200, 2) + payload(300, 3)))
    #expect(rig.queue.counters.lost == .zero)
  }

  @Test func whatCouldNotBeWrittenStaysInMemoryWhateverIsWrittenAfterwards() throws {
    let rig = try rig(recentBytes: 0)
    try rig.queue.append(payload(100, 1))
    rig.commit()
    let wait = Durability(rig.queue, try rig.queue.append(payload(40_000, 2)))
    rig.disk.fail("write", EIO, times: 2)
    rig.commit()
    #expect(wait.outcome != .none && !wait.isDurable)
    for _ in 0..<2 { rig.commit(after: .seconds(1)) }
    for round in 3...5 {
      try rig.queue.reserve(3000)
      try rig.queue.append(payload(3000, round))
      rig.commit()
    }
    let expected = payload(100, 1) + payload(40_000, 2) + (3...5).flatMap { payload(3000, $0) }
    #expect(rig.drain().joined().elementsEqual(expected))
    #expect(rig.queue.counters.lost == .zero && rig.events.allSatisfy { if case .lost = $0 { false } else { true } })
  }

  @Test func whatStaysInMemoryBecauseItCouldNotBeWrittenIsBounded() throws {
    let rig = try rig(recentBytes: 0)
    for round in 0..<2 {
      try rig.queue.append(payload(30_000, round))
      rig.disk.fail("write", EIO, times: 2)
      rig.commit()
      for _ in 0..<2 { rig.commit(after: .seconds(1)) }
      #expect(rig.queue.fault == nil)
    }
    #expect(throws: QueueRefusal.behind(waitingBytes: 60_000, limitBytes: 50_000)) { try rig.queue.reserve(1) }
    rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 1)))
    try rig.queue.reserve(1)
  }

  @Test func reservingIsRefusedWhileTooMuchWaitsForTheDisk() throws {
    let rig = try rig()
    try rig.queue.append(payload(50_000, 1))
    try rig.queue.reserve(1)
    rig.queue.unreserve(1)
    try rig.queue.append(payload(1, 1))
    #expect(throws: QueueRefusal.behind(waitingBytes: 50_001, limitBytes: 50_000)) { try rig.queue.reserve(1) }
    rig.commit()
    try rig.queue.reserve(1)
  }
}
