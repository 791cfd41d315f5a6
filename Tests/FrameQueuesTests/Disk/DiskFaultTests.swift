import Glibc
import Testing

@testable import FrameQueues

/// What a queue does while its disk is full, broken or gone.
@Suite struct DiskFaultTests {
  @Test func aFullDiskRefusesReservationsAndIsTakenUpAgainByItself() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 20_000))
    rig.disk.setCapacity(60_000)
    var taken = 0
    var refusal: QueueRefusal?
    while refusal == nil {
      do {
        try rig.queue.reserve(3000)
        try rig.queue.append([UInt8](repeating: 1, count: 3000))
        taken += 3000
      } catch {
        refusal = error
      }
    }
    guard case .unavailable(let reason) = refusal else { throw try #require(refusal) }
    #expect(reason.contains("No space left on device") && taken >= 9000)
    #expect(rig.queue.queuedBytes == taken && rig.queue.reservedBytes == 0)
    rig.commit()
    rig.commit()
    #expect(throws: QueueRefusal.self) { try rig.queue.reserve(3000) }
    rig.disk.setCapacity(1 << 20)
    rig.commit()
    try rig.queue.reserve(3000)
    try rig.queue.append([UInt8](repeating: 1, count: 3000))
    rig.commit()
    #expect(rig.drain().joined().count == taken + 3000)
    #expect(rig.events.first.map { if case .failed(let error) = $0 { error.number == ENOSPC } else { false } } == true)
    for _ in 0..<3 { rig.commit() }
    #expect(rig.events.last == .recovered)
  }

  @Test func aDiskWithLittleRoomIsUsedToItsEnd() throws {
    let rig = try DiskRig(DiskRig.options(capacityBytes: 4 << 20, segmentBytes: 1 << 20))
    rig.disk.setCapacity(60_000)
    try rig.queue.reserve(5000)
    try rig.queue.append([UInt8](repeating: 1, count: 5000))
    #expect(rig.queue.fault == nil)
  }

  @Test func aReservationIsNeverBrokenByAFullDisk() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 20_000))
    try rig.queue.reserve(10_000)
    try rig.queue.append([UInt8](repeating: 1, count: 10_000))
    for _ in 0..<4 { try rig.queue.reserve(10_000) }
    rig.disk.setCapacity(0)
    for _ in 0..<4 { try rig.queue.append([UInt8](repeating: 2, count: 10_000)) }
    rig.commit()
    #expect(rig.drain().joined().count == 50_000)
  }

  @Test func aFailedWriteIsCutBackAndWhatCameBeforeAndAfterIsKept() throws {
    let rig = try DiskRig()
    try rig.queue.append([1, 1, 1])
    let written = rig.queue.diskBytes
    rig.disk.fail("write", EIO)
    try rig.queue.reserve(1000)
    #expect { try rig.queue.append([UInt8](repeating: 9, count: 1000)) } throws: { error in
      guard case .unavailable(let reason) = error as? QueueRefusal else { return false }
      return reason.contains("cannot write") && reason.contains("Input/output error")
    }
    #expect(rig.queue.queuedBytes == 3 && rig.queue.diskBytes == written && rig.queue.reservedBytes == 0)
    #expect(rig.disk.content(rig.path(1))?.count == written - SegmentFormat.footerBytes)
    #expect(throws: QueueRefusal.self) { try rig.queue.reserve(1) }
    rig.commit()
    rig.commit()
    try rig.queue.reserve(2)
    try rig.queue.append([2, 2])
    rig.commit()
    try rig.kill()
    #expect(rig.drain().joined().elementsEqual([1, 1, 1, 2, 2]))
  }

  @Test func whatAFailedCutLeavesBehindIsNotReadAsFrames() throws {
    let rig = try DiskRig(DiskRig.options(minFrameBytes: 1))
    try rig.queue.append([1])
    rig.disk.fail("write", EIO)
    rig.disk.fail("truncate", EIO)
    // Two thirds of what is written reach the disk: the first of two frames, whole.
    #expect(throws: QueueRefusal.self) { try rig.queue.append([8, 9], frames: [1, 2]) }
    rig.commit()
    rig.commit()
    try rig.queue.append([2])
    rig.commit()
    #expect(rig.drain() == [[1], [2]])
    try rig.kill()
    #expect(rig.drain() == [[1], [2]])
  }

  @Test func aFailedSyncIsToldToThoseWhoWaitAndTheSegmentIsNotWrittenAgain() throws {
    let rig = try DiskRig()
    let first = Durability(rig.queue, try rig.queue.append([1]))
    rig.commit()
    let position = try rig.queue.append([2])
    let second = Durability(rig.queue, position)
    rig.disk.fail("sync", EIO)
    rig.commit()
    #expect(first.isDurable)
    #expect(second.outcome != .none && !second.isDurable)
    #expect(Durability(rig.queue, position).outcome == second.outcome)
    #expect(throws: QueueRefusal.self) { try rig.queue.reserve(1) }
    rig.commit()
    try rig.queue.reserve(1)
    let third = Durability(rig.queue, try rig.queue.append([3]))
    rig.commit()
    #expect(third.isDurable && rig.segments.count == 2)
    // What could not be synced is still there to be read, and is delivered.
    #expect(rig.drain() == [[1, 2], [3]])
    for _ in 0..<3 { rig.commit() }
    #expect(rig.events.last == .recovered)
  }

  @Test func aSegmentRemovedBehindOurBackIsNotWrittenAgain() throws {
    let rig = try DiskRig()
    try rig.queue.append([1])
    rig.commit()
    try rig.disk.remove(rig.path(1))
    let wait = Durability(rig.queue, try rig.queue.append([2]))
    rig.commit()
    #expect(wait.outcome != .none && !wait.isDurable)
    rig.commit()
    rig.commit()
    let after = Durability(rig.queue, try rig.queue.append([3]))
    rig.commit()
    #expect(after.isDurable)
  }

  @Test func aSegmentThatCannotBeReadIsTriedAgainAndNothingIsLost() throws {
    let rig = try DiskRig(DiskRig.options(recentBytes: 0))
    try rig.queue.append([1, 2, 3])
    rig.commit()
    rig.disk.fail("read", EIO, times: 20)
    for _ in 0..<5 {
      #expect(rig.queue.lease(maxBytes: 10) == nil)
      #expect(rig.queue.waiting == .zero && rig.queue.queuedBytes == 3 && rig.queue.fault?.number == EIO)
      rig.commit()
      rig.commit()
    }
    rig.disk.repair()
    #expect(try #require(rig.queue.lease(maxBytes: 10)).bytes == [1, 2, 3])
    for _ in 0..<4 { rig.commit() }
    #expect(rig.queue.counters.lost == .zero && rig.events.last == .recovered)
  }

  @Test func aSegmentCutShortBehindOurBackLosesOnlyWhatIsMissing() throws {
    let rig = try DiskRig(DiskRig.options(recentBytes: 0))
    for number in 0..<UInt8(10) { try rig.queue.append([UInt8](repeating: number, count: 1000)) }
    rig.commit()
    let content = try #require(rig.disk.content(rig.path(1)))
    rig.disk.setContent(rig.path(1), Array(content.prefix(SegmentFormat.headerBytes + 5 * 1032 + 500)))
    #expect(rig.drain().joined().count == 5000)
    #expect(rig.queue.counters.lost == FrameTotals(bytes: 5000, records: 5))
    #expect(rig.queue.queued == FrameTotals(bytes: 5000, records: 5) && rig.queue.waiting == .zero)
  }

  @Test(arguments: ["create", "open", "lock", "list", "read", "sync", "syncDirectory", "write"])
  func aDirectoryThatCannotBeUsedIsAnErrorAndNoCrash(action: String) throws {
    let disk = SimulatedDisk()
    disk.fail(action, EROFS, times: 1000)
    #expect { _ = try DiskQueue(DiskRig.directory, options: DiskRig.options(), files: disk) } throws: { error in
      "\(error)".contains("Read-only file system")
    }
  }
}
