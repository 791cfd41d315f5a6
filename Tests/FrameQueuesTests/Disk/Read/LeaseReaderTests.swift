import Glibc
import Testing

@testable import FrameQueues

/// What a queue does with segments that it cannot open or read: only what the disk has been proven to have lost is
/// given up, and no file with frames in it is removed because of it.
@Suite struct LeaseReaderTests {
  /// Two segments of one frame each, none of which is in memory.
  private func rig() throws -> DiskRig {
    var options = DiskRig.options(segmentBytes: 20_000, recentBytes: 0)
    options.maxReadAttempts = 3
    let rig = try DiskRig(options)
    for number in 1...UInt8(2) { try rig.queue.append([UInt8](repeating: number, count: 15_000)) }
    rig.commit()
    return rig
  }

  private let frames = [[UInt8](repeating: 1, count: 15_000), [UInt8](repeating: 2, count: 15_000)]

  /// Asks for a lease again and again, `retryInterval` apart, and acknowledges what there is.
  private func attempt(_ rig: DiskRig, _ times: Int) -> [[UInt8]] {
    var leased: [[UInt8]] = []
    for _ in 0..<times {
      while let lease = rig.queue.lease(maxBytes: 1 << 20) {
        leased.append(lease.bytes)
        rig.queue.acknowledge(lease)
      }
      for _ in 0..<2 { rig.commit(after: .seconds(1)) }
    }
    return leased
  }

  @Test(arguments: [EMFILE, ENFILE, ENOMEM, EACCES, ESTALE, EIO, ENOENT])
  func whateverKeepsASegmentFromBeingOpenedIsWaitedOut(number: Int32) throws {
    let rig = try rig()
    rig.disk.fail("open", number, times: 1000)
    #expect(attempt(rig, 130) == [])
    #expect(rig.queue.queued == FrameTotals(bytes: 30_000, records: 2) && rig.queue.counters.lost == .zero)
    #expect(rig.segments == [rig.path(1), rig.path(2)] && !rig.queue.status.isReadable)
    // It is said again and again, with its cause, and not with every attempt.
    #expect(
      rig.events == [DiskQueueEvent](repeating: .unreadable(FileError("open", number, path: rig.path(1))), count: 5))
    rig.disk.repair()
    #expect(attempt(rig, 5) == frames && rig.queue.counters.corruptBytes == 0)
    #expect(rig.events.last == .recovered && rig.queue.status.isReadable)
  }

  @Test(arguments: [ESTALE, ENOMEM, EBADF, ENODEV])
  func readsThatFailWithoutTheDiskHavingBeenReadAreWaitedOut(number: Int32) throws {
    let rig = try rig()
    rig.disk.fail("read", number, times: 1000)
    #expect(attempt(rig, 50) == [])
    rig.disk.repair()
    #expect(attempt(rig, 2) == frames && rig.queue.counters.lost == .zero)
  }

  @Test func aDiskThatGivesNothingBackAtAllIsWaitedOut() throws {
    let rig = try rig()
    rig.disk.fail("read", EIO, times: 10_000)
    #expect(attempt(rig, 50) == [] && !rig.queue.status.isReadable)
    rig.disk.repair()
    #expect(attempt(rig, 2) == frames && rig.queue.counters.lost == .zero)
  }

  @Test func aDiskThatGoesAwayWhileItsPagesArePassedIsWaitedOut() throws {
    for after in 0..<12 {
      let rig = try rig()
      rig.disk.breakPage(rig.path(1), at: 8192)
      #expect(attempt(rig, 3) == [])
      rig.disk.fail("read", EIO, after: after, times: 500)
      let lease = rig.queue.lease(maxBytes: 1 << 20)
      let isPassed = rig.queue.counters.corruptBytes > 0
      rig.disk.repair()
      let leased = (lease.map { [$0.bytes] } ?? []) + attempt(rig, 2)
      #expect(leased == (isPassed ? [frames[1]] : frames), "after \(after) reads")
      #expect(rig.queue.counters.lost.records == (isPassed ? 1 : 0), "after \(after) reads")
    }
  }

  @Test func aPageThatCannotBeReadCostsItsFrameAfterAllAttemptsAndTheFileIsKept() throws {
    let rig = try rig()
    rig.disk.breakPage(rig.path(1), at: 8192)
    #expect(attempt(rig, 3) == [])
    #expect(rig.queue.counters.lost == .zero)
    #expect(attempt(rig, 2) == [frames[1]])
    #expect(rig.queue.counters.lost == FrameTotals(bytes: 15_000, records: 1))
    let name = SegmentFormat.fileName(1)
    #expect(rig.events.contains(.passed(file: name, bytes: 15_032)))
    #expect(rig.events.contains(.quarantined(file: name + ".corrupt")))
    #expect(rig.disk.paths.contains(rig.path(1) + ".corrupt") && !rig.segments.contains(rig.path(1)))
    let before = rig.events.count
    try rig.kill()
    #expect(rig.events.count == before && rig.queue.queued == .zero)
  }

  @Test func aPageThatCanBeReadAgainInTimeCostsNothing() throws {
    let rig = try rig()
    rig.disk.breakPage(rig.path(1), at: 8192)
    #expect(attempt(rig, 3) == [])
    rig.disk.repair()
    #expect(attempt(rig, 2) == frames && rig.queue.counters.lost == .zero)
  }

  @Test func noPageIsPassedWhileTheDiskTakesNoWrites() throws {
    let rig = try rig()
    rig.disk.breakPage(rig.path(1), at: 8192)
    rig.disk.fail("allocate", EROFS, times: 1000)
    #expect(throws: QueueRefusal.self) { try rig.queue.reserve(100_000) }
    #expect(attempt(rig, 50) == [] && rig.queue.counters.lost == .zero)
  }

  @Test func aSegmentTakenAwayIsDeliveredOnceItIsBack() throws {
    let rig = try rig()
    try rig.disk.rename(rig.path(1), to: "/elsewhere")
    #expect(attempt(rig, 50) == [])
    try rig.disk.rename("/elsewhere", to: rig.path(1))
    #expect(attempt(rig, 2) == frames)
  }

  @Test func aSegmentWhoseHeaderTurnsOutDamagedIsSetAsideAndNotRemoved() throws {
    let rig = try rig()
    for copy in [0, SegmentFormat.headerCopyOffset] { rig.disk.flipBit(rig.path(1), at: copy) }
    let damaged = rig.disk.content(rig.path(1))
    #expect(attempt(rig, 2) == [frames[1]] && rig.queue.counters.lost.records == 1)
    #expect(rig.disk.content(rig.path(1) + ".corrupt") == damaged)
  }

  @Test func fileOfAnEarlierSegmentSetAsideIsNotReplacedAndItsNumberNotGivenAgain() throws {
    let rig = try rig()
    rig.disk.setContent(rig.path(1) + ".corrupt", [1, 2, 3])
    rig.disk.setContent(rig.path(7) + ".corrupt", [4])
    for copy in [0, SegmentFormat.headerCopyOffset] { rig.disk.flipBit(rig.path(1), at: copy) }
    #expect(attempt(rig, 2) == [frames[1]])
    #expect(rig.disk.content(rig.path(1) + ".corrupt") == [1, 2, 3])
    #expect(rig.disk.paths.contains(rig.path(1) + ".2.corrupt"))
    try rig.kill()
    try rig.queue.append([1])
    #expect(rig.segments == [rig.path(8)])
    #expect(try DiskQueueContent.read(DiskRig.directory, of: rig.disk).unreadable.count == 3)
  }

  // MARK: At the start

  @Test(arguments: ["open", "read", "exists", "rename"], [EIO, EMFILE, EACCES])
  func aStartThatCannotReadASegmentFailsAndChangesNothing(action: String, number: Int32) throws {
    let rig = try rig()
    rig.queue.shutdown()
    for after in 0..<6 {
      let disk = rig.disk.afterKill()
      // One that lost its name in a power cut, so that it is renamed.
      try disk.rename(rig.path(2), to: rig.path(9))
      let before = Set(disk.paths.compactMap { path in disk.content(path).map { "\(path.suffix(30)) \($0.count)" } })
      disk.fail(action, number, on: ".frames", after: after)
      guard (try? DiskQueue(DiskRig.directory, options: rig.options, files: disk)) == nil else { continue }
      let after = Set(disk.paths.compactMap { path in disk.content(path).map { "\(path.suffix(30)) \($0.count)" } })
      #expect(after.filter { $0.contains(".frames") }.count == 2 && !after.contains { $0.contains("corrupt") })
      #expect(before.count <= after.count)
      try rig.reopen(on: disk.afterKill())
      #expect(rig.drain() == frames)
    }
  }
}
