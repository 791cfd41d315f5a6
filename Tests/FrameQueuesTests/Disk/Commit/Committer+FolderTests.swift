import Glibc
import Testing

@testable import FrameQueues

/// What a queue does when somebody removes its directory, or puts another in its place, while it is open.
@Suite struct CommitterFolderTests {
  private static let directory = DiskRig.directory

  private func rig(
    _ fsync: DiskQueueOptions.Fsync = .always, leavesWritingToSync: Bool = false, recentBytes: Int = 16 << 20,
    segmentBytes: Int = 64 << 10
  ) throws -> DiskRig {
    var options = DiskRig.options(segmentBytes: segmentBytes, fsync: fsync, recentBytes: recentBytes)
    options.leavesWritingToSync = leavesWritingToSync
    return try DiskRig(options)
  }

  private func frame(_ number: UInt8, _ bytes: Int = 5000) -> [UInt8] { [UInt8](repeating: number, count: bytes) }

  private func append(_ numbers: ClosedRange<UInt8>, to rig: DiskRig) throws {
    for number in numbers { try rig.queue.append(frame(number)) }
  }

  private func numbers(_ leases: [[UInt8]]) -> [UInt8] {
    leases.flatMap { lease in stride(from: 0, to: lease.count, by: 5000).map { lease[$0] } }
  }

  private func lock(_ disk: SimulatedDisk) throws -> Int32 {
    let file = try disk.open(Self.directory + "/LOCK", .readWriteOrCreate)
    #expect(try disk.lock(file))
    return file
  }

  @Test(arguments: [
    (DiskQueueOptions.Fsync.always, true, 0), (.always, false, 0), (.never, false, 0), (.always, true, 1),
  ])
  func theOpenSegmentIsWrittenIntoTheNewFolder(fsync: DiskQueueOptions.Fsync, withSync: Bool, recent: Int) throws {
    let rig = try rig(fsync, leavesWritingToSync: withSync, recentBytes: recent * (16 << 20))
    try append(1...4, to: rig)
    rig.commit()
    let wait = Durability(rig.queue, try rig.queue.append(frame(5)))
    rig.disk.replaceDirectory(Self.directory)
    rig.commit()
    let kept = FrameTotals(bytes: 25_000, records: 5)
    #expect(wait.isDurable && rig.events == [.folderReplaced(kept: kept, lost: .zero)])
    #expect(rig.queue.counters.lost == .zero && rig.queue.queued == kept)
    // It has the lock of the new folder, and a kill loses nothing.
    #expect(throws: DiskQueueError.locked(directory: Self.directory, processID: "\(getpid())")) {
      _ = try DiskQueue(Self.directory, options: rig.options, files: rig.disk)
    }
    try append(6...7, to: rig)
    rig.commit()
    if fsync == .always { try rig.cutPower(seed: 0) } else { try rig.kill() }
    #expect(numbers(rig.drain()) == [1, 2, 3, 4, 5, 6, 7] && rig.queue.counters.lost == .zero)
  }

  @Test func whatIsInMemoryOnlyIsWrittenAndTheRestIsCounted() throws {
    // Three segments of four frames each; of the first, two frames have been leased.
    let rig = try rig(recentBytes: 1 << 20, segmentBytes: 25_000)
    try append(1...12, to: rig)
    rig.commit()
    #expect(rig.segments.count == 3)
    let lease = try #require(rig.queue.lease(maxBytes: 10_000))
    rig.disk.replaceDirectory(Self.directory)
    rig.commit()
    // The frames on loan are nowhere but with who has them.
    let kept = FrameTotals(bytes: 60_000, records: 12)
    #expect(rig.events == [.folderReplaced(kept: kept, lost: .zero)] && rig.queue.queued == kept)
    rig.queue.acknowledge(lease)
    rig.commit()
    try rig.kill()
    #expect(numbers(rig.drain()) == Array(3...12) && rig.queue.counters.lost == .zero)
    #expect(rig.queue.counters.corruptBytes == 0)
  }

  /// What was on loan is in no file: a kill takes it, unless the cursor says that it was acknowledged.
  @Test(arguments: [(false, false), (true, false), (true, true)])
  func whatWasOnLoanCountsAsLostUnlessTheCursorKnowsBetter(isAcknowledged: Bool, isRecorded: Bool) throws {
    let rig = try rig(recentBytes: 1 << 20, segmentBytes: 25_000)
    try append(1...12, to: rig)
    rig.commit()
    let lease = try #require(rig.queue.lease(maxBytes: 10_000))
    rig.disk.replaceDirectory(Self.directory)
    rig.commit()
    if isAcknowledged { rig.queue.acknowledge(lease) }
    if isRecorded { rig.commit() }
    try rig.kill()
    #expect(rig.queue.counters.lost == (isRecorded ? .zero : FrameTotals(bytes: 10_000, records: 2)))
    #expect(numbers(rig.drain()) == Array(3...12))
  }

  @Test func whatIsInFilesThatAreGoneIsLostAndSaid() throws {
    let rig = try rig(recentBytes: 0, segmentBytes: 25_000)
    try append(1...10, to: rig)
    rig.commit()
    let told = AcknowledgementWaitersTests.Told()
    _ = rig.queue.whenAcknowledged(FramePosition(frames: 1..<2), told.done)
    rig.disk.replaceDirectory(Self.directory)
    try rig.queue.append(frame(11))
    rig.commit()
    // The segment that was written is there; those before it, which nobody had open, are not.
    let lost = FrameTotals(bytes: 40_000, records: 8)
    #expect(rig.events == [.folderReplaced(kept: FrameTotals(bytes: 15_000, records: 3), lost: lost)])
    #expect(rig.queue.counters.lost == lost && told.times == 1 && !told.isAccepted)
    #expect(numbers(rig.drain()) == [9, 10, 11])
    rig.commit()
    #expect(rig.queue.diskBytes < 25_000)
    try rig.kill()
    #expect(numbers(rig.drain()) == [9, 10, 11] && rig.queue.counters.lost == .zero)
  }

  /// Room for one frame: the first is in memory, the second is not, so that the first stays there once both are leased.
  @Test func framesInMemoryThatWereLeasedCountAsLeased() throws {
    var options = DiskRig.options(segmentBytes: 25_000, recentBytes: 5000)
    options.recentPieceBytes = 5000
    let rig = try DiskRig(options)
    try append(1...10, to: rig)
    rig.commit()
    var leased: [FrameLease] = []
    for _ in 0..<3 { leased.append(try #require(rig.queue.lease(maxBytes: 5000))) }
    rig.disk.replaceDirectory(Self.directory)
    rig.commit()
    let before = rig.queue.queued
    for lease in leased { rig.queue.acknowledge(lease) }
    let rest = rig.drain().joined().count
    #expect(rig.queue.queuedBytes == rest && before.bytes + rig.queue.counters.lost.bytes == 50_000)
  }

  @Test func theSegmentThatIsBeingReadIsKept() throws {
    let rig = try rig(recentBytes: 0, segmentBytes: 25_000)
    try append(1...10, to: rig)
    rig.commit()
    let lease = try #require(rig.queue.lease(maxBytes: 5000))
    rig.disk.replaceDirectory(Self.directory)
    rig.commit()
    #expect(rig.queue.counters.lost == FrameTotals(bytes: 20_000, records: 4) && lease.bytes == frame(1))
    #expect(numbers(rig.drain()) == [2, 3, 4, 9, 10])
  }

  @Test func anotherProcessInTheNewFolderIsWaitedForAndNothingIsAccepted() throws {
    let rig = try rig()
    try append(1...2, to: rig)
    let wait = Durability(rig.queue, try rig.queue.append(frame(3)))
    rig.disk.replaceDirectory(Self.directory)
    let other = try lock(rig.disk)
    let theirs = [UInt8](repeating: 7, count: 5000)
    rig.disk.setContent(rig.path(1), theirs)
    for _ in 0..<20 { rig.commit(after: .seconds(1)) }
    #expect(wait.outcome != .none && !wait.isDurable)
    #expect(throws: QueueRefusal.self) { try rig.queue.reserve(1) }
    guard case .failed(let error) = rig.events.first else { throw FileError("\(rig.events)", 0) }
    #expect(rig.events.count == 1 && "\(error)".contains("which process of unknown id has open"))
    #expect(rig.queue.counters.lost == .zero && !rig.queue.status.isWritable)
    #expect(rig.disk.content(rig.path(1)) == theirs && rig.disk.paths.count == 2)
    // What it leaves is not touched either; an empty folder is taken.
    rig.disk.close(other)
    rig.commit(after: .seconds(1))
    #expect(throws: QueueRefusal.self) { try rig.queue.reserve(1) }
    #expect(rig.disk.content(rig.path(1)) == theirs)
    try rig.disk.remove(rig.path(1))
    rig.commit(after: .seconds(1))
    try rig.queue.reserve(1)
    rig.queue.unreserve(1)
    #expect(numbers(rig.drain()) == [1, 2, 3])
  }

  @Test func aFolderThatIsGoneIsNotMadeAgainButWaitedFor() throws {
    let rig = try rig()
    try append(1...2, to: rig)
    rig.commit()
    rig.disk.replaceDirectory(Self.directory, isMade: false)
    for _ in 0..<5 { rig.commit(after: .seconds(1)) }
    #expect(throws: QueueRefusal.self) { try rig.queue.reserve(1) }
    #expect(rig.disk.paths == [] && rig.queue.counters.lost == .zero)
    rig.disk.replaceDirectory(Self.directory)
    rig.commit(after: .seconds(1))
    try append(3...3, to: rig)
    rig.commit()
    try rig.kill()
    #expect(numbers(rig.drain()) == [1, 2, 3])
  }

  @Test func noFileIsMadeInAFolderWithoutTheLock() throws {
    let rig = try rig(segmentBytes: 25_000)
    try append(1...1, to: rig)
    rig.commit()
    rig.disk.replaceDirectory(Self.directory)
    #expect(throws: QueueRefusal.self) { try rig.queue.reserve(30_000) }
    #expect(throws: QueueRefusal.self) { try append(2...9, to: rig) }
    #expect(rig.disk.paths == [])
  }

  @Test func aNewFolderThatFailsIsTriedAgainAndLossIsSaidOnce() throws {
    for action in ["open", "write", "sync", "syncDirectory", "list", "lock", "truncate"] {
      for after in 0..<6 {
        let rig = try rig(recentBytes: 0, segmentBytes: 25_000)
        try append(1...10, to: rig)
        rig.commit()
        rig.disk.replaceDirectory(Self.directory)
        rig.disk.fail(action, EIO, after: after, times: 2)
        for _ in 0..<4 { rig.commit(after: .seconds(1)) }
        rig.disk.repair()
        for _ in 0..<3 { rig.commit(after: .seconds(1)) }
        let said = rig.events.filter { if case .folderReplaced = $0 { true } else { false } }
        let lost = FrameTotals(bytes: 40_000, records: 8)
        let kept = FrameTotals(bytes: 10_000, records: 2)
        #expect(said == [.folderReplaced(kept: kept, lost: lost)], "\(action) \(after)")
        #expect(rig.queue.counters.lost == lost && numbers(rig.drain()) == [9, 10], "\(action) \(after)")
      }
    }
  }

  /// Half a file that the first attempt left is neither taken for the whole nor for another queue's.
  @Test(arguments: [(0, 4), (1 << 20, 0)])
  func aNewFolderThatFailsTakesNothingThatIsStillThere(recentBytes: Int, lost: Int) throws {
    for action in ["open", "write", "sync", "syncDirectory", "list", "lock", "truncate"] {
      for after in 0..<12 {
        let rig = try rig(recentBytes: recentBytes, segmentBytes: 25_000)
        try append(1...10, to: rig)
        rig.commit()
        let lease = try #require(rig.queue.lease(maxBytes: 5000))
        rig.disk.replaceDirectory(Self.directory)
        rig.disk.fail(action, EIO, after: after, times: 2)
        for _ in 0..<4 { rig.commit(after: .seconds(1)) }
        rig.disk.repair()
        for _ in 0..<3 { rig.commit(after: .seconds(1)) }
        #expect(rig.queue.fault == nil && rig.queue.counters.lost.records == lost, "\(action) \(after)")
        rig.queue.acknowledge(lease)
        rig.commit()
        try rig.kill()
        let kept = numbers(rig.drain())
        #expect(kept == (lost == 0 ? Array(2...10) : [2, 3, 4, 9, 10]), "\(action) \(after)")
        let counters = rig.queue.counters
        #expect(counters.lost == .zero && counters.corruptBytes == 0, "\(action) \(after)")
      }
    }
  }

  /// With a file ready to be the next segment: a new one, or one that is used again.
  @Test(arguments: [0, 4]) func aFolderOfWhichOnlyTheLockIsGoneIsLockedAgain(delivered: UInt8) throws {
    let rig = try rig(segmentBytes: 25_000)
    try append(1...10, to: rig)
    rig.commit()
    for _ in 0..<delivered { rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 5000))) }
    rig.commit()
    try rig.queue.reserve(30_000)
    rig.queue.unreserve(30_000)
    #expect(rig.segments.count == (delivered == 0 ? 4 : 3))
    try rig.disk.remove(Self.directory + "/LOCK")
    for _ in 0..<3 { rig.commit(after: .seconds(1)) }
    let kept = FrameTotals(bytes: (10 - Int(delivered)) * 5000, records: 10 - Int(delivered))
    #expect(rig.events == [.folderReplaced(kept: kept, lost: .zero)])
    try append(11...20, to: rig)
    rig.commit()
    try rig.kill()
    #expect(numbers(rig.drain()) == Array((delivered + 1)...20) && rig.queue.counters.lost == .zero)
  }

  @Test(.timeLimit(.minutes(1))) func whatIsThrownOutMeanwhileIsCountedOnce() async throws {
    var options = DiskRig.options(capacityBytes: 150_000, segmentBytes: 25_000)
    options.maxSegmentsForReuse = 0
    let rig = try DiskRig(options)
    try append(1...12, to: rig)
    rig.commit()
    let second = try #require(rig.segments.dropFirst().first)
    let lease = try #require(rig.queue.lease(maxBytes: 5000))
    rig.disk.replaceDirectory(Self.directory)
    rig.disk.hang("sync", on: second)
    let (queue, disk, isOver) = (rig.queue, rig.disk, OneTimeSignal())
    #expect(
      Thread.start {
        queue.commit(at: .seconds(100))
        isOver.give(true)
      })
    for _ in 0..<5000 where (disk.content(second)?.count ?? 0) < 24_000 { usleep(1000) }
    let evicted = queue.makeRoom(90_000)
    disk.release()
    _ = await isOver.wait()
    #expect(evicted == FrameTotals(bytes: 20_000, records: 4) && queue.counters.lost == .zero)
    #expect(queue.queued == FrameTotals(bytes: 40_000, records: 8) && queue.waiting.records == 7)
    #expect(queue.ledger.withLock { $0.brokenInvariant } == nil)
    queue.commit(at: .seconds(102))
    #expect(numbers(rig.drain()) == Array(2...4) + Array(9...12) && !rig.segments.contains(second))
    #expect(lease.bytes == frame(1))
  }

  @Test func anotherSegmentOfTheSameNameIsNotRead() throws {
    let rig = try rig(recentBytes: 0)
    try append(1...1, to: rig)
    rig.commit()
    let other = try self.rig()
    try append(9...9, to: other)
    other.commit()
    rig.disk.setContent(rig.path(1), try #require(other.disk.content(other.path(1))))
    #expect(rig.drain() == [] && rig.queue.counters.lost == .zero)
    rig.commit()
    #expect(!rig.queue.status.isReadable)
  }

  // MARK: At the end

  @Test func theEndSaysWhetherTheNextProcessFindsWhatIsLeft() throws {
    let sound = try rig()
    try append(1...2, to: sound)
    sound.queue.shutdown()
    #expect(sound.queue.endFault == nil)
    for isMade in [true, false] {
      let rig = try rig()
      try append(1...2, to: rig)
      rig.commit()
      rig.disk.replaceDirectory(Self.directory, isMade: isMade)
      rig.queue.shutdown()
      // What is still open goes into a folder that is there.
      #expect((rig.queue.endFault == nil) == isMade)
      if isMade {
        try rig.kill()
        #expect(numbers(rig.drain()) == [1, 2])
      }
    }
    let cut = try rig(segmentBytes: 25_000)
    try append(1...6, to: cut)
    cut.commit()
    cut.disk.setContent(cut.path(1), Array(try #require(cut.disk.content(cut.path(1))).prefix(6000)))
    cut.queue.shutdown()
    #expect(cut.queue.endFault != nil)
    // A segment is on loan, all of it or a part, and nobody has its file open.
    for (recentBytes, leases) in [(0, 5), (1 << 20, 1)] {
      let rig = try rig(recentBytes: recentBytes, segmentBytes: 25_000)
      try append(1...10, to: rig)
      rig.commit()
      for _ in 0..<leases { _ = try #require(rig.queue.lease(maxBytes: 5000)) }
      rig.disk.replaceDirectory(Self.directory)
      rig.queue.shutdown()
      #expect(rig.queue.endFault.map { "\($0)".contains("while records were being sent") } == true)
    }
    let empty = try rig()
    empty.disk.replaceDirectory(Self.directory, isMade: false)
    empty.queue.shutdown()
    #expect(empty.queue.endFault == nil)
  }
}
