import Glibc
import Testing

@testable import FrameQueues

@Suite struct RecentFramesTests {
  /// Appends frames of the given sizes, each filled with its number; their file holds nothing else.
  private func append(
    _ sizes: [Int], from first: UInt64 = 1, to recent: inout RecentFrames, areInFile: Bool = true
  ) {
    let numbered = zip(sizes, first...)
    let bytes = numbered.flatMap { [UInt8](repeating: UInt8(truncatingIfNeeded: $1), count: $0) }
    var (end, marks) = (0, [FrameMark]())
    for size in sizes {
      end += size
      marks.append(FrameMark(endOffset: end, records: 1))
    }
    bytes.withUnsafeBytes { bytes in
      recent.append(
        FrameAppend(bytes, marks, minFrameBytes: 1), firstFrame: first, at: 1000, areInFile: areInFile)
    }
  }

  private func window(from first: UInt64, to end: UInt64 = 1 << 40, maxBytes: Int = 1 << 20) -> FrameWindow {
    FrameWindow(offsets: 1000..<(1 << 40), frames: first..<end, maxBytes: maxBytes)
  }

  private func bytes(_ run: FrameRun?) -> [UInt8] {
    run.map { run in run.memory.withUnsafeBytes(in: run.range) { Array($0) } } ?? []
  }

  @Test func takesWhatAWindowStartsWithAndSaysWhereItEndsInTheFile() throws {
    var recent = RecentFrames(limitBytes: 100, pieceBytes: 100)
    append([2, 3, 4], to: &recent)
    let taken = recent.take(window(from: 1, maxBytes: 5))
    let run = try #require(taken)
    #expect(bytes(run) == [1, 1, 2, 2, 2] && run.totals == FrameTotals(bytes: 5, records: 2) && run.frames == 2)
    #expect(run.endFrame == 3 && run.endOffset == 1000 + 2 * SegmentFormat.frameHeaderBytes + 5)
    #expect(run.validEndOffset == run.endOffset && run.corruptBytes == 0)
    #expect(recent.take(window(from: 3, to: 3)) == nil)
    #expect(bytes(recent.take(window(from: 3, maxBytes: 0))) == [3, 3, 3, 3])
    #expect(recent.take(window(from: 4)) == nil)
  }

  @Test func goesNoFurtherThanTheWindow() {
    var recent = RecentFrames(limitBytes: 100, pieceBytes: 100)
    append([1, 1, 1], to: &recent)
    #expect(bytes(recent.take(window(from: 1, to: 3))) == [1, 2])
    #expect(bytes(recent.take(window(from: 3))) == [3])
  }

  @Test func forgetsWhatWasLeasedFromTheFileAndWaitsForWhatIsThere() {
    var recent = RecentFrames(limitBytes: 100, pieceBytes: 100)
    append([1, 1, 1], from: 5, to: &recent)
    #expect(recent.take(window(from: 4)) == nil)
    #expect(bytes(recent.take(window(from: 6))) == [6, 7])
  }

  @Test func framesWithNumbersBetweenThemAreNotTakenTogether() {
    var recent = RecentFrames(limitBytes: 10, pieceBytes: 10)
    append([4, 7, 2], to: &recent)
    #expect(bytes(recent.take(window(from: 1))) == [1, 1, 1, 1])
    #expect(recent.take(window(from: 2)) == nil)
    #expect(bytes(recent.take(window(from: 3))) == [3, 3])
  }

  @Test func takesPiecesUpToItsLimitAndKeepsWhatComesFirst() {
    for (limit, pieces) in [(29, 2), (30, 3), (31, 3), (9, 0), (0, 0)] {
      var recent = RecentFrames(limitBytes: limit, pieceBytes: 10)
      append([10, 10, 10, 10], to: &recent)
      #expect(recent.memoryBytes == 10 * pieces)
      let taken = (1...4).map { bytes(recent.take(window(from: $0))).count }
      #expect(taken == (0..<4).map { $0 < pieces ? 10 : 0 })
    }
  }

  @Test func takesAFrameAsLargeAsAPieceAndNoneLarger() {
    var recent = RecentFrames(limitBytes: 30, pieceBytes: 10)
    append([10], to: &recent)
    append([11], from: 2, to: &recent)
    append([10], from: 3, to: &recent)
    #expect(bytes(recent.take(window(from: 1))).count == 10)
    #expect(recent.take(window(from: 2)) == nil)
    #expect(bytes(recent.take(window(from: 3))).count == 10)
  }

  @Test func aPieceHasSoManyFramesAndNoMore() {
    var recent = RecentFrames(limitBytes: 1 << 20, pieceBytes: 1 << 19)
    let most = RecentFrames.maxPieceFrames
    append([Int](repeating: 1, count: most + 1), to: &recent)
    #expect(recent.memoryBytes == 1 << 20)
    #expect(recent.take(window(from: 1))?.frames == most)
    #expect(recent.take(window(from: UInt64(most) + 1))?.frames == 1)
  }

  @Test func leasedMemoryCountsAndIsNotWrittenAgain() {
    var recent = RecentFrames(limitBytes: 20, pieceBytes: 10)
    append([10, 5], to: &recent)
    var leased = [recent.take(window(from: 1)), recent.take(window(from: 2))]
    append([5, 10], from: 3, to: &recent)
    #expect(leased.map { bytes($0) } == [[UInt8](repeating: 1, count: 10), [UInt8](repeating: 2, count: 5)])
    #expect(bytes(recent.take(window(from: 3))).count == 5 && recent.take(window(from: 4)) == nil)
    leased = []
    append([10, 10], from: 5, to: &recent)
    #expect((5...6).allSatisfy { bytes(recent.take(window(from: $0))) == [UInt8](repeating: UInt8($0), count: 10) })
    #expect(recent.memoryBytes == 20)
  }

  @Test func givesMemoryBackThatWasNotUsedSinceTheLastTrim() {
    var recent = RecentFrames(limitBytes: 30, pieceBytes: 10)
    append([10, 10, 10], to: &recent)
    for _ in 0..<3 { recent.trim() }
    #expect(recent.memoryBytes == 30)
    for number in 1...3 as ClosedRange<UInt64> { _ = recent.take(window(from: number)) }
    for _ in 0..<3 { recent.trim() }
    #expect(recent.memoryBytes == 0)
    append([1], from: 4, to: &recent)
    _ = recent.take(window(from: 4))
    recent.trim()
    #expect(recent.memoryBytes == 10)
    append([2], from: 5, to: &recent)
    #expect(bytes(recent.take(window(from: 5))) == [5, 5])
  }

  // MARK: In a queue

  private func rig(_ recentBytes: Int, fsync: DiskQueueOptions.Fsync = .always) throws -> DiskRig {
    var options = DiskRig.options(capacityBytes: 8 << 20, fsync: fsync, minFrameBytes: 1)
    options.recentBytes = recentBytes
    options.recentPieceBytes = max(recentBytes / 4, 1)
    return try DiskRig(options)
  }

  @Test(arguments: [DiskQueueOptions.Fsync.always, .never])
  func leasesAreTheSameFromMemoryAndFromTheFile(fsync: DiskQueueOptions.Fsync) throws {
    let rigs = try [rig(0, fsync: fsync), rig(16 << 20, fsync: fsync), rig(40_000, fsync: fsync)]
    var random = SplitMix(seed: 3)
    var leases = rigs.map { _ in [FrameLease]() }
    for _ in 0..<400 {
      let bytes = (0..<random.below(9000)).map { _ in UInt8(random.below(256)) }
      let marks = [FrameMark(endOffset: bytes.count / 3, records: 2), FrameMark(endOffset: bytes.count, records: 3)]
      for rig in rigs { try rig.queue.append(bytes, marks: marks) }
      guard random.below(3) == 0 else { continue }
      let maxBytes = random.below(20_000)
      for (index, rig) in rigs.enumerated() {
        rig.commit()
        if let lease = rig.queue.lease(maxBytes: maxBytes) { leases[index].append(lease) }
        if random.below(8) > 0, let lease = leases[index].first { rig.queue.acknowledge(lease) }
      }
    }
    for (index, rig) in rigs.enumerated() {
      rig.commit()
      while let lease = rig.queue.lease(maxBytes: 10_000) { leases[index].append(lease) }
      #expect(rig.queue.waiting == .zero && rig.queue.counters.corruptBytes == 0)
    }
    #expect(leases[0].map(\.bytes) == leases[1].map(\.bytes) && leases[0].map(\.totals) == leases[1].map(\.totals))
    #expect(leases[0].map(\.frames) == leases[1].map(\.frames))
    #expect(leases[0].map(\.bytes).joined().elementsEqual(leases[2].map(\.bytes).joined()))
    #expect(rigs[0].disk.calls("read") > rigs[2].disk.calls("read"))
    #expect(rigs[2].disk.calls("read") > rigs[1].disk.calls("read"))
  }

  @Test func whatWasLeasedSoonIsNotRead() throws {
    let rig = try rig(1 << 20)
    let before = rig.disk.calls("read")
    for number in 0..<UInt8(100) {
      try rig.queue.append([UInt8](repeating: number, count: 5000))
      rig.commit()
      let lease = try #require(rig.queue.lease(maxBytes: 10_000))
      #expect(lease.bytes == [UInt8](repeating: number, count: 5000))
      rig.queue.acknowledge(lease)
    }
    #expect(rig.disk.calls("read") == before)
  }

  @Test func damageOfTheDiskIsNoticedByTheNextProcessOnly() throws {
    let rig = try rig(1 << 20)
    try rig.queue.append([UInt8](repeating: 1, count: 100))
    rig.queue.commit(at: .seconds(5))
    rig.disk.flipBit(rig.path(1), at: SegmentFormat.headerBytes + 50)
    #expect(rig.drain() == [[UInt8](repeating: 1, count: 100)] && rig.queue.counters.corruptBytes == 0)
    try rig.kill()
    #expect(rig.drain() == [] && rig.queue.counters.corruptBytes > 0 && rig.queue.counters.lost.records == 1)
  }

  @Test func anAppendThatFailedIsNotLeasedFromMemory() throws {
    let rig = try rig(1 << 20)
    try rig.queue.append([1])
    rig.disk.fail("write", EIO)
    #expect(throws: QueueRefusal.self) { try rig.queue.append([9, 9]) }
    for _ in 0..<2 { rig.commit() }
    try rig.queue.append([2])
    rig.commit()
    #expect(rig.drain() == [[1], [2]])
  }

  private func payloads(_ kept: [KeptFrames]) -> [[UInt8]] {
    var payloads: [[UInt8]] = []
    for frames in kept {
      try? frames.forEach { header, payload throws(FileError) in
        #expect(header.payloadBytes == payload.count && header.payloadChecksum == CRC32C.checksum(payload))
        payloads.append([UInt8(truncatingIfNeeded: header.frame)] + payload)
      }
    }
    return payloads
  }

  @Test func whatIsInNoFileIsTakenBeyondTheLimitAndAnyLength() {
    var recent = RecentFrames(limitBytes: 10, pieceBytes: 10)
    append([4, 8, 25, 3], to: &recent, areInFile: false)
    #expect(payloads(recent.frames(1..<5)).map(\.count) == [5, 9, 26, 4])
    #expect(
      payloads(recent.frames(2..<4)) == [[2] + [UInt8](repeating: 2, count: 8), [3] + [UInt8](repeating: 3, count: 25)])
    #expect(recent.frames(5..<9).isEmpty && recent.frames(1..<1).isEmpty)
  }

  @Test func framesAreFoundBehindThoseThatHaveBeenLeased() {
    var recent = RecentFrames(limitBytes: 100, pieceBytes: 100)
    append([2, 3, 4], to: &recent, areInFile: false)
    #expect(bytes(recent.take(window(from: 1, to: 2))) == [1, 1])
    #expect(payloads(recent.frames(1..<4)) == [[2, 2, 2, 2], [3, 3, 3, 3, 3]])
    #expect(payloads(recent.frames(3..<4)) == [[3, 3, 3, 3, 3]])
  }

  @Test func theNewestPiecesOfWhatIsInItsFileAreDroppedBeyondTheLimit() {
    var recent = RecentFrames(limitBytes: 20, pieceBytes: 10)
    append([10, 10, 10, 10], to: &recent, areInFile: false)
    recent.drop(below: 4)
    #expect(recent.memoryBytes >= 20 && payloads(recent.frames(1..<5)).map { $0[0] } == [1, 4])
    recent.drop(below: 5)
    #expect(payloads(recent.frames(1..<5)).map { $0[0] } == [1, 4])
    #expect(bytes(recent.take(window(from: 1))).count == 10 && recent.take(window(from: 2)) == nil)
    #expect(bytes(recent.take(window(from: 4))).count == 10)
  }
}
