import Glibc
import Testing

@testable import FrameQueues

/// Files of acknowledged segments that become the next ones.
@Suite struct CommitterTests {
  /// Two frames of 4000 bytes fill a segment.
  private static let segmentBytes = SegmentFormat.headerBytes + 2 * 4032 + SegmentFormat.footerBytes
  private static let options = DiskRig.options(segmentBytes: segmentBytes, recentBytes: 0)

  private func append(_ numbers: ClosedRange<UInt8>, to rig: DiskRig) throws {
    for number in numbers { try rig.queue.append([UInt8](repeating: number, count: 4000)) }
    rig.commit()
  }

  private func deliver(from rig: DiskRig) -> [UInt8] {
    var first: [UInt8] = []
    while let lease = rig.queue.lease(maxBytes: 4000) {
      first.append(lease.bytes.first ?? 0)
      rig.queue.acknowledge(lease)
    }
    rig.commit()
    return first
  }

  /// A queue whose first segment's file is about to become its third; the second holds frame 3.
  private func rigWithSpare() throws -> DiskRig {
    let rig = try DiskRig(Self.options)
    try append(1...3, to: rig)
    for _ in 1...2 { rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 4000))) }
    rig.commit()
    #expect(rig.segments == [rig.path(2), rig.path(3)])
    return rig
  }

  private func header(_ rig: DiskRig, _ segment: UInt64) -> SegmentHeader? {
    rig.disk.content(rig.path(segment)).flatMap { $0.withUnsafeBytes { SegmentHeader(page: $0) } }
  }

  @Test func filesGoRoundAndOnlyNewFramesAreDelivered() throws {
    let rig = try DiskRig(Self.options)
    for round in 0..<UInt8(20) {
      try append((round * 5)...(round * 5 + 4), to: rig)
      #expect(deliver(from: rig) == Array((round * 5)...(round * 5 + 4)))
      #expect(rig.segments.count <= 3)
    }
    #expect(rig.disk.calls("rename") > 15)
    try append(200...200, to: rig)
    try rig.kill()
    #expect(rig.drain() == [[UInt8](repeating: 200, count: 4000)])
    #expect(rig.events == [] && rig.queue.counters.lost == .zero)
  }

  @Test func whatAnEarlierSegmentLeftIsNoTornTail() throws {
    let rig = try rigWithSpare()
    try append(4...5, to: rig)
    #expect(header(rig, 3)?.reusedBytes == Self.segmentBytes)
    let content = try DiskQueueContent.read(DiskRig.directory, of: rig.disk, verifying: true)
    #expect(content.queued.records == 3 && content.segments.allSatisfy { $0.tailBytes == 0 && $0.corruptBytes == 0 })
    try rig.kill()
    #expect(rig.events == [] && rig.queue.counters.tornBytes == 0 && rig.queue.counters.corruptBytes == 0)
    #expect(rig.drain().map(\.first) == [3, 5] && rig.queue.queued.records == 3)
  }

  @Test func aFrameHalfWrittenOverWhatWasThereIsATornTail() throws {
    let rig = try rigWithSpare()
    try append(4...4, to: rig)
    try rig.queue.append([UInt8](repeating: 5, count: 4000))
    let torn = SegmentFormat.headerBytes + 4032 - 1
    rig.disk.flipBit(rig.path(3), at: torn)
    try rig.kill()
    #expect(rig.events == [.tornTail(file: SegmentFormat.fileName(3), bytes: 4032)])
    #expect(rig.drain().map(\.first) == [3])
  }

  @Test func wholePagesAreWrittenOverWhatWasThereAndNothingBehind() throws {
    let rig = try rigWithSpare()
    try append(4...4, to: rig)
    let before = try #require(rig.disk.content(rig.path(3)))
    try rig.queue.append([UInt8](repeating: 5, count: 100))
    try rig.queue.append([UInt8](repeating: 6, count: 3900))
    rig.commit()
    let after = try #require(rig.disk.content(rig.path(3)))
    let end = SegmentFormat.headerBytes + 132
    let secondEnd = end + 3932
    #expect(after.count == before.count)
    #expect(after[secondEnd..<(2 * SegmentFormat.pageBytes)].allSatisfy { $0 == 0 })
    #expect(after[(2 * SegmentFormat.pageBytes)...] == before[(2 * SegmentFormat.pageBytes)...])
    #expect(rig.drain().joined().count == 4000 + 4000 + 100 + 3900)
  }

  @Test func aFileThatWasNotBegunAgainIsRemovedAtTheNextStart() throws {
    let rig = try rigWithSpare()
    #expect(header(rig, 3)?.sequence == 1)
    let content = try DiskQueueContent.read(DiskRig.directory, of: rig.disk)
    #expect(content.segments.map(\.name) == [SegmentFormat.fileName(2)] && content.queued.records == 1)
    try rig.kill()
    #expect(rig.events == [] && rig.segments == [rig.path(2)])
    #expect(rig.drain().map(\.first) == [3])
  }

  @Test func aSegmentWhoseNewNameThePowerCutTookGetsItBack() throws {
    let rig = try rigWithSpare()
    try append(4...5, to: rig)
    let disk = rig.disk.afterKill()
    try disk.rename(rig.path(3), to: rig.path(1))
    try rig.reopen(on: disk)
    #expect(rig.events == [] && rig.segments.contains(rig.path(3)) && !rig.segments.contains(rig.path(1)))
    #expect(rig.drain().map(\.first) == [3, 5])
  }

  @Test func aSegmentWhoseNameAnotherHasIsSetAside() throws {
    let rig = try rigWithSpare()
    let disk = rig.disk.afterKill()
    disk.setContent(rig.path(9), try #require(disk.content(rig.path(2))))
    try rig.reopen(on: disk)
    #expect(rig.events == [.quarantined(file: SegmentFormat.fileName(9) + ".corrupt")])
    #expect(rig.drain().map(\.first) == [3])
    #expect(rig.queue.counters.lost == .zero)
  }

  @Test(arguments: [(segmentBytes / 2, true), (segmentBytes / 2 - 1, false)])
  func aFileIsUsedAgainFromHalfOfASegmentOn(bytes: Int, isReused: Bool) throws {
    let rig = try DiskRig(Self.options)
    let ends = SegmentFormat.headerBytes + SegmentFormat.frameHeaderBytes + SegmentFormat.footerBytes
    try rig.queue.append([UInt8](repeating: 1, count: bytes - ends))
    try rig.queue.append([UInt8](repeating: 2, count: 7000))
    rig.commit()
    rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 4000)))
    rig.commit()
    #expect(rig.segments == (isReused ? [rig.path(2), rig.path(3)] : [rig.path(2)]))
  }

  @Test func aFileIsUsedAgainOnlyWhileThereAreFewSegments() throws {
    for (most, isReused) in [(0, false), (3, false), (4, true)] {
      var options = Self.options
      options.maxSegmentsForReuse = most
      let rig = try DiskRig(options)
      try append(1...7, to: rig)
      for _ in 1...2 { rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 4000))) }
      rig.commit()
      #expect(rig.segments.count == (isReused ? 4 : 3) && rig.disk.calls("rename") == (isReused ? 1 : 0))
    }
  }

  @Test(arguments: ["open", "allocate"])
  func aFileThatCannotBeUsedAgainIsRemoved(action: String) throws {
    let rig = try DiskRig(Self.options)
    try append(1...3, to: rig)
    for _ in 1...2 { rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 4000))) }
    rig.disk.fail(action, EIO)
    rig.commit()
    #expect(rig.segments == [rig.path(2)] && rig.queue.fault == nil)
    try append(4...5, to: rig)
    #expect(rig.drain().map(\.first) == [3, 5])
  }

  @Test func aHeaderThatCannotBeWrittenCostsTheFileAndNothingElse() throws {
    let rig = try rigWithSpare()
    try append(4...4, to: rig)
    rig.disk.fail("write", EIO)
    #expect(throws: QueueRefusal.self) { try rig.queue.append([UInt8](repeating: 5, count: 4000)) }
    #expect(rig.segments == [rig.path(2)])
    for _ in 0..<2 { rig.commit() }
    try append(6...6, to: rig)
    try rig.kill()
    #expect(rig.drain().joined().count == 12_000 && rig.queue.counters.lost == .zero)
  }

  @Test func aDiskThatTakesNoWritesIsNotTakenUpAgainBecauseAFileThereCanBeSynced() throws {
    let rig = try rigWithSpare()
    try rig.queue.append([4])
    rig.disk.fail("sync", EIO)
    rig.commit()
    rig.disk.fail("write", EIO, times: 100)
    for _ in 0..<3 { rig.commit() }
    #expect(rig.queue.fault != nil)
    rig.disk.repair()
    rig.commit()
    #expect(rig.queue.fault == nil)
    try append(5...5, to: rig)
    try rig.kill()
    #expect(rig.drain().map(\.first) == [3, 5])
  }

  @Test func aSegmentWhoseSyncFailedIsNotUsedAgain() throws {
    let rig = try DiskRig(Self.options)
    for number in 1...2 as ClosedRange<UInt8> { try rig.queue.append([UInt8](repeating: number, count: 4000)) }
    rig.disk.fail("sync", EIO)
    rig.commit()
    _ = deliver(from: rig)
    #expect(rig.disk.calls("rename") == 0 && !rig.segments.contains(rig.path(1)))
  }

  /// Whoever makes a file for the next segment holds no lock meanwhile, so that another may be faster.
  @Test(arguments: [false, true])
  func aFileThatComesAfterASegmentWithAHigherNumberHasBegunIsNotUsed(isKilled: Bool) throws {
    let rig = try DiskRig(Self.options)
    let late = rig.queue.writer.withLock { $0.takeNumber() }
    try append(1...1, to: rig)
    let spare = try SegmentWriter.Spare.make(late, in: rig.folder, room: Self.segmentBytes...Self.segmentBytes)
    try rig.queue.room.offer(spare)
    #expect(!rig.segments.contains(rig.path(late)))
    try append(2...5, to: rig)
    if isKilled { try rig.kill() }
    #expect(deliver(from: rig) == [1, 2, 3, 4, 5])
    #expect(rig.queue.queued == .zero && rig.queue.counters.lost == .zero)
  }
}
