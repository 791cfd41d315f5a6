import Glibc
import Synchronization
import Testing

@testable import FrameQueues

@Suite struct DiskQueueTests {
  @Test func deliversInOrderWhatWasAppendedAndCountsItUntilItIsAcknowledged() throws {
    let rig = try DiskRig(DiskRig.options(minFrameBytes: 1))
    try rig.queue.append([1, 1, 1, 2, 2], frames: [3, 5])
    try rig.queue.append([3, 3, 3, 3], records: 9)
    rig.commit()
    #expect(rig.queue.queued == FrameTotals(bytes: 9, records: 11) && rig.queue.waiting == rig.queue.queued)
    let lease = try #require(rig.queue.lease(maxBytes: 100))
    #expect(lease.bytes == [1, 1, 1, 2, 2, 3, 3, 3, 3] && lease.frames == 3 && lease.records == 11)
    #expect(rig.queue.waiting == .zero && rig.queue.queued == FrameTotals(bytes: 9, records: 11))
    rig.queue.acknowledge(lease)
    rig.queue.acknowledge(lease)
    #expect(rig.queue.queued == .zero)
  }

  @Test func leasesWholeFramesUpToTheLimitAndAtLeastOne() throws {
    let rig = try DiskRig(DiskRig.options(minFrameBytes: 1))
    try rig.queue.append([1, 1, 1, 1, 2, 2, 2, 2, 3, 3], frames: [4, 8, 10])
    rig.commit()
    #expect(try #require(rig.queue.lease(maxBytes: 7)).bytes == [1, 1, 1, 1])
    #expect(try #require(rig.queue.lease(maxBytes: 4)).bytes == [2, 2, 2, 2])
    #expect(try #require(rig.queue.lease(maxBytes: -1)).bytes == [3, 3])
    #expect(rig.queue.lease(maxBytes: 100) == nil)
  }

  @Test func aFrameLargerThanTheReadBufferIsLeasedWhole() throws {
    let rig = try DiskRig()
    let large = [UInt8](repeating: 7, count: 300_000)
    try rig.queue.reserve(large.count + 3)
    try rig.queue.append([1, 2, 3])
    try rig.queue.append(large)
    rig.commit()
    #expect(try #require(rig.queue.lease(maxBytes: 5)).bytes == [1, 2, 3])
    #expect(try #require(rig.queue.lease(maxBytes: 5)).bytes == large)
  }

  @Test func leasesGoRoundInTheMemoryOfThoseThatEnded() throws {
    let rig = try DiskRig(DiskRig.options(recentBytes: 0))
    var addresses: Set<Int> = []
    var kept: [(lease: FrameLease, value: UInt8)] = []
    for value in 0..<6 as Range<UInt8> {
      try rig.queue.append([value, value, value])
      rig.commit()
      let lease = try #require(rig.queue.lease(maxBytes: 100))
      #expect(lease.bytes == [value, value, value])
      addresses.insert(lease.withUnsafeBytes { Int(bitPattern: $0.baseAddress) })
      rig.queue.acknowledge(lease)
      if value == 0 { kept.append((lease, value)) }
    }
    #expect(addresses.count == 2)
    #expect(kept.allSatisfy { $0.lease.bytes == [$0.value, $0.value, $0.value] })
    for _ in 0..<2 { rig.queue.trim() }
    try rig.queue.append([9])
    rig.commit()
    #expect(try #require(rig.queue.lease(maxBytes: 100)).bytes == [9])
  }

  @Test func recordsWithoutBytesAreKept() throws {
    let rig = try DiskRig()
    try rig.queue.append([], records: 3)
    try rig.queue.append([], records: 0)
    rig.commit()
    try rig.kill()
    let lease = try #require(rig.queue.lease(maxBytes: 1))
    #expect(lease.records == 3 && lease.byteCount == 0 && lease.frames == 1)
  }

  @Test func marksBeyondTheBytesAreCutToThem() throws {
    let rig = try DiskRig()
    try rig.queue.append([1, 2, 3, 4], frames: [2, 1, 400])
    rig.commit()
    let lease = try #require(rig.queue.lease(maxBytes: 100))
    #expect(lease.bytes == [1, 2, 3, 4] && lease.records == 3)
  }

  @Test func joinsFramesThatAreShorterThanTheLeast() throws {
    var options = DiskRig.options()
    options.minFrameBytes = 4
    let rig = try DiskRig(options)
    try rig.queue.append([1, 1, 2, 2, 3, 3, 3, 3, 4], frames: [2, 4, 8, 9])
    rig.commit()
    #expect(try #require(rig.queue.lease(maxBytes: 1)).bytes == [1, 1, 2, 2])
    #expect(try #require(rig.queue.lease(maxBytes: 1)).bytes == [3, 3, 3, 3])
    #expect(try #require(rig.queue.lease(maxBytes: 1)).bytes == [4])
  }

  // MARK: Room

  @Test func takesReservationsToTheLastByteOfItsCapacityAndNotOneMore() throws {
    let rig = try DiskRig(DiskRig.options(capacityBytes: 1 << 20))
    let most = rig.options.maxReservationBytes
    #expect(most > 1_000_000 && most + rig.options.headerBytes(forPayload: most) == 1 << 20)
    #expect(throws: QueueRefusal.neverFits(neededBytes: most + 1, capacityBytes: most)) {
      try rig.queue.reserve(most + 1)
    }
    #expect(throws: QueueRefusal.neverFits(neededBytes: .max, capacityBytes: most)) { try rig.queue.reserve(.max) }
    try rig.queue.reserve(most)
    #expect(throws: QueueRefusal.full(neededBytes: 1, freeBytes: 0, capacityBytes: 1 << 20)) {
      try rig.queue.reserve(1)
    }
    rig.queue.unreserve(most)
    #expect(rig.queue.reservedBytes == 0)
    try rig.queue.reserve(most)
  }

  @Test func neverTakesMoreOfTheDiskThanItsCapacity() throws {
    let rig = try DiskRig(DiskRig.options(capacityBytes: 200_000, segmentBytes: 20_000))
    var random = SplitMix(seed: 5)
    var refusals = 0
    for _ in 0..<3000 {
      let bytes = [UInt8](repeating: 1, count: random.below(3000))
      do {
        try rig.queue.reserve(bytes.count)
        try rig.queue.append(bytes)
      } catch {
        refusals += 1
        rig.commit()
        if let lease = rig.queue.lease(maxBytes: random.below(50_000)) { rig.queue.acknowledge(lease) }
      }
      let onDisk = rig.segments.reduce(0) { $0 + (rig.disk.content($1)?.count ?? 0) }
      #expect(onDisk <= 200_000 + 2 * SegmentFormat.headerBytes && rig.queue.diskBytes <= 200_000)
    }
    #expect(refusals > 20)
  }

  @Test func aFullQueueTakesFramesAgainOnceAllAreAcknowledged() throws {
    let rig = try DiskRig(DiskRig.options(capacityBytes: 100_000, segmentBytes: 1 << 20))
    for _ in 0..<10 {
      while (try? rig.queue.reserve(10_000)) != nil { try rig.queue.append([UInt8](repeating: 1, count: 10_000)) }
      rig.commit()
      while let lease = rig.queue.lease(maxBytes: 1 << 20) { rig.queue.acknowledge(lease) }
      #expect(rig.queue.queued == .zero)
      _ = try? rig.queue.reserve(70_000)
      rig.queue.unreserve(rig.queue.reservedBytes)
      rig.commit()
      try rig.queue.reserve(30_000)
      rig.queue.unreserve(30_000)
    }
  }

  @Test func makingRoomThrowsOutTheOldestFramesAndNoMoreSegmentsThanItTakes() throws {
    let rig = try DiskRig(DiskRig.options(capacityBytes: 400_000, segmentBytes: 20_000))
    var appended = 0
    while (try? rig.queue.reserve(4000)) != nil {
      try rig.queue.append([UInt8](repeating: UInt8(appended), count: 4000))
      appended += 1
    }
    rig.commit()
    let evicted = rig.queue.makeRoom(4000)
    #expect((1...8).contains(evicted.records) && evicted.bytes == 4000 * evicted.records)
    try rig.queue.reserve(4000)
    #expect(rig.queue.makeRoom(1 << 20) == .zero)
    #expect(
      rig.drain().joined().elementsEqual(
        (evicted.records..<appended).flatMap { [UInt8](repeating: UInt8($0), count: 4000) }))
  }

  @Test func makingRoomInAQueueThatHasRoomThrowsNothingOut() throws {
    let rig = try DiskRig()
    try rig.queue.append([1, 2, 3])
    rig.commit()
    #expect(rig.queue.makeRoom(1000) == .zero)
    #expect(rig.drain() == [[1, 2, 3]])
  }

  @Test func givesBackWhatAnAppendDidNotUse() throws {
    let rig = try DiskRig()
    try rig.queue.reserve(10)
    try rig.queue.append([1, 2, 3, 4, 5, 6])
    #expect(rig.queue.reservedBytes == 4)
    rig.queue.unreserve(4)
    #expect(rig.queue.reservedBytes == 0)
  }

  @Test func aClosedQueueRefusesButStillTakesWhatWasReservedAndLeases() throws {
    let rig = try DiskRig()
    try rig.queue.reserve(2)
    rig.queue.close()
    #expect(throws: QueueRefusal.closed) { try rig.queue.reserve(1) }
    try rig.queue.append([1, 2])
    rig.commit()
    #expect(try #require(rig.queue.lease(maxBytes: 10)).bytes == [1, 2])
  }

  // MARK: Durability

  @Test func framesAreLeasedAndAnnouncedOnceTheyAreDurable() throws {
    let rig = try DiskRig()
    let seen = Seen()
    rig.queue.onAppend { waiting in seen.totals.withLock { $0.append(waiting) } }
    let wait = Durability(rig.queue, try rig.queue.append([1, 2, 3]))
    #expect(wait.outcome == .none && rig.queue.waiting == .zero && rig.queue.lease(maxBytes: 10) == nil)
    #expect(seen.totals.withLock { $0 } == [])
    rig.commit()
    #expect(wait.isDurable && rig.queue.waiting.bytes == 3)
    #expect(seen.totals.withLock { $0 } == [FrameTotals(bytes: 3, records: 1)])
  }

  @Test func oneSyncServesAllAppendsThatWait() throws {
    let rig = try DiskRig()
    let waits = try (0..<50).map { _ in Durability(rig.queue, try rig.queue.append([1, 2, 3])) }
    rig.commit(after: .zero)
    #expect(!waits.contains { !$0.isDurable })
    #expect(rig.disk.syncs(of: rig.path(1)) == 1 && rig.queue.counters.syncs == 1)
    // The cursor's is once in a while only.
    let cursorSyncs = rig.disk.syncs(of: DiskRig.directory + "/cursor")
    for _ in 0..<9 {
      try rig.queue.append([1, 2, 3])
      rig.commit(after: .milliseconds(100))
    }
    #expect(rig.disk.syncs(of: DiskRig.directory + "/cursor") == cursorSyncs)
  }

  @Test(arguments: [(7, DiskQueueOptions.Fsync.always, false), (8, .always, true), (8, .never, false)])
  func theThreadRestsAfterASyncThatManyShared(appends: Int, fsync: DiskQueueOptions.Fsync, rests: Bool) throws {
    let rig = try DiskRig(DiskRig.options(fsync: fsync))
    #expect(rig.options.gatherAppends == 8)
    for _ in 0..<appends { try rig.queue.append([1]) }
    rig.commit()
    #expect(rig.queue.committer.withLock({ $0.gatherPause }) == (rests ? rig.options.gatherTime : .zero))
    rig.commit()
    #expect(rig.queue.committer.withLock({ $0.gatherPause }) == .zero)
  }

  @Test(arguments: [DiskQueueOptions.Fsync.interval(.seconds(1)), .never])
  func framesAreLeasedAtOnceIfNobodyWaitsForSyncs(fsync: DiskQueueOptions.Fsync) throws {
    let rig = try DiskRig(DiskRig.options(fsync: fsync))
    let wait = Durability(rig.queue, try rig.queue.append([1, 2, 3]))
    #expect(wait.isDurable)
    #expect(try #require(rig.queue.lease(maxBytes: 10)).bytes == [1, 2, 3])
    try rig.kill()
    #expect(rig.drain() == [[1, 2, 3]])
  }

  @Test func anIntervalBoundsWhatAPowerCutTakes() throws {
    let rig = try DiskRig(DiskRig.options(fsync: .interval(.seconds(5))))
    rig.commit(after: .zero)
    try rig.queue.append([1])
    rig.commit(after: .seconds(5))
    try rig.queue.append([2])
    rig.commit(after: .seconds(4))
    for seed in 0..<20 {
      let copy = try DiskRig(rig.options, disk: rig.disk.afterPowerCut(UInt64(seed)))
      #expect([[[1]], [[1, 2]]].contains(copy.drain()))
    }
  }

  // MARK: Segments

  @Test func segmentsGoOnceAllOfThemIsAcknowledgedEvenBehindOneThatIsNot() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 10_000, maxSegmentsForReuse: 0))
    for number in 0..<UInt8(10) {
      try rig.queue.append([UInt8](repeating: number, count: 5000))
    }
    rig.commit()
    #expect(rig.segments.count == 10)
    let first = try #require(rig.queue.lease(maxBytes: 5000))
    while let lease = rig.queue.lease(maxBytes: 5000) { rig.queue.acknowledge(lease) }
    rig.commit()
    #expect(rig.segments == [rig.path(1)] && rig.queue.queuedBytes == 5000)
    try rig.kill()
    #expect(rig.events.isEmpty)
    #expect(rig.drain() == [[UInt8](repeating: 0, count: 5000)])
    #expect(first.bytes == [UInt8](repeating: 0, count: 5000))
  }

  @Test func segmentsAreRemovedOnlyAfterTheCursorThatSaysSoIsDurable() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 10_000, maxSegmentsForReuse: 0))
    rig.commit(after: .zero)
    for number in 0..<UInt8(4) { try rig.queue.append([UInt8](repeating: number, count: 5000)) }
    rig.commit(after: .zero)
    while let lease = rig.queue.lease(maxBytes: 5000) { rig.queue.acknowledge(lease) }
    rig.commit(after: .zero)
    #expect(rig.segments.isEmpty)
    for seed in 0..<UInt64(40) {
      let copy = try DiskRig(rig.options, disk: rig.disk.afterPowerCut(seed))
      try copy.queue.append([7])
      copy.commit()
      #expect(copy.drain().joined().contains(7))
      let survivors = rig.disk.afterPowerCut(seed)
      let seen = Seen()
      _ = try DiskQueue(DiskRig.directory, options: rig.options, files: survivors) { event in
        if case .framesMissing = event { seen.totals.withLock { $0.append(.zero) } }
      }
      #expect(seen.totals.withLock { $0 } == [], "seed \(seed)")
    }
  }

  @Test func acknowledgementsOutOfOrderSurviveAKill() throws {
    let rig = try DiskRig()
    for number in 0..<UInt8(8) { try rig.queue.append([number]) }
    rig.commit()
    let leases = (0..<8).compactMap { _ in rig.queue.lease(maxBytes: 1) }
    for index in [1, 4, 5, 7] { rig.queue.acknowledge(leases[index]) }
    rig.commit(after: .zero)
    try rig.kill()
    #expect(rig.queue.queued == FrameTotals(bytes: 4, records: 4))
    #expect(rig.drain(maxBytes: 1) == [[0], [2], [3], [6]])
  }

  @Test func segmentsThatTheCursorHasNoRoomForStayUntilItHas() throws {
    let rig = try DiskRig(DiskRig.options(capacityBytes: 16 << 20, segmentBytes: 10_000, maxSegmentsForReuse: 0))
    let count = 2 * CursorFile.maxRanges + 20
    for number in 0..<count { try rig.queue.append([UInt8](repeating: UInt8(number % 250), count: 5000)) }
    rig.commit()
    let leases = (0..<count).compactMap { _ in rig.queue.lease(maxBytes: 1) }
    for index in stride(from: 1, to: count, by: 2) { rig.queue.acknowledge(leases[index]) }
    rig.commit()
    #expect(rig.segments.count == count - CursorFile.maxRanges)
    for cutsPower in [false, true] {
      let disk = cutsPower ? rig.disk.afterPowerCut(3) : rig.disk.afterKill()
      let copy = try DiskRig(rig.options, disk: disk)
      #expect(copy.events.isEmpty && copy.queue.queuedRecords == count - CursorFile.maxRanges)
    }
    for index in stride(from: 0, to: count, by: 2) { rig.queue.acknowledge(leases[index]) }
    rig.commit()
    #expect(rig.segments.isEmpty)
  }

  @Test func theNamesOfANewDirectoryAndOfThoseAboveItSurviveAPowerCut() throws {
    let disk = SimulatedDisk()
    disk.state.withLock { $0.missingDirectories = ["/var", "/var/lib", "/var/lib/queue"] }
    _ = try DiskQueue("/var/lib/queue", options: DiskRig.options(), files: disk)
    #expect(disk.state.withLock { $0.missingDirectories.isEmpty })
    #expect(disk.state.withLock { $0.syncedDirectories } == ["/", "/var", "/var/lib", "/var/lib/queue"])
    // A process may have ended after it made them and before it synced them.
    _ = try DiskQueue("queue", options: DiskRig.options(), files: disk)
    #expect(disk.state.withLock { $0.syncedDirectories.suffix(2) } == [".", "queue"])
    let failing = SimulatedDisk()
    failing.state.withLock { $0.missingDirectories = ["/queue"] }
    failing.fail("syncDirectory", EIO)
    #expect(throws: DiskQueueError.self) { _ = try DiskQueue("/queue", options: DiskRig.options(), files: failing) }
  }

  @Test func openingReadsNoFrameOfClosedSegments() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 10_000))
    for _ in 0..<40 { try rig.queue.append([UInt8](repeating: 1, count: 5000)) }
    rig.queue.shutdown()
    let disk = rig.disk.afterKill()
    let before = disk.calls("read")
    try rig.reopen(on: disk)
    #expect(rig.queue.queued == FrameTotals(bytes: 200_000, records: 40))
    #expect(disk.calls("read") - before <= 40 * 3 + 4)
  }

  @Test func shutdownMakesEverythingDurableAndFreesTheDirectory() throws {
    let rig = try DiskRig()
    let wait = Durability(rig.queue, try rig.queue.append([1, 2, 3]))
    #expect(throws: DiskQueueError.self) {
      _ = try DiskQueue(DiskRig.directory, options: rig.options, files: rig.disk)
    }
    rig.queue.shutdown()
    #expect(wait.isDurable)
    let again = try DiskQueue(DiskRig.directory, options: rig.options, files: rig.disk)
    #expect(try #require(again.lease(maxBytes: 10)).bytes == [1, 2, 3])
  }

  private final class Seen: Sendable {
    let totals = Mutex<[FrameTotals]>([])
  }

  @Test func holdsUpThoseWhoOutrunADestinationThatKeepsUp() throws {
    var options = DiskRig.options()
    options.pacedBytes = 10
    let rig = try DiskRig(options)
    func append(_ count: Int) throws {
      try rig.queue.append([UInt8](repeating: 1, count: count))
      rig.commit()
    }
    try append(30)
    #expect(rig.queue.pause == .zero)
    rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 30)))
    try append(10)
    #expect(rig.queue.pause == .zero)
    try append(10)
    #expect(rig.queue.pause == .milliseconds(20))
  }
}
