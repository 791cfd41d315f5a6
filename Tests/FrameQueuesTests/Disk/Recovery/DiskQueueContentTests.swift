import Glibc
import Testing

@testable import FrameQueues

@Suite struct DiskQueueContentTests {
  private func content(_ rig: DiskRig, verifying: Bool = false) throws -> DiskQueueContent {
    try DiskQueueContent.read(DiskRig.directory, of: rig.disk, verifying: verifying)
  }

  /// Three segments of one frame each, the last of which is being written.
  private func rig() throws -> DiskRig {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 10_000))
    for number in 1...3 as ClosedRange<UInt8> {
      try rig.queue.append([UInt8](repeating: number, count: 5000), records: Int(number))
    }
    rig.commit()
    return rig
  }

  @Test func aQueueInUseIsShownAsItIs() throws {
    let rig = try rig()
    let content = try content(rig)
    #expect(content.queued == FrameTotals(bytes: 15_000, records: 6) && content.queued == rig.queue.queued)
    #expect(content.segments.map(\.isClosed) == [true, true, false])
    #expect(content.segments.map(\.isVerified) == [false, false, true])
    #expect(content.segments.map(\.queued.records) == [1, 2, 3])
    #expect(content.segments[2].fileBytes == 4096 + 32 + 5000 && content.segments[2].tailBytes == 0)
    #expect(content.segments.allSatisfy { $0.lastWritten == 1_700_000_000 && $0.corruptBytes == 0 })
    #expect(content.fingerprint == 7 && content.unreadable == [] && !content.isCursorDamaged)
  }

  @Test func nothingIsWrittenOrLocked() throws {
    let rig = try rig()
    let before = rig.disk.paths.map { rig.disk.content($0) }
    let (writes, locks) = (rig.disk.calls("write"), rig.disk.calls("lock"))
    _ = try content(rig, verifying: true)
    #expect(rig.disk.paths.map { rig.disk.content($0) } == before)
    #expect(rig.disk.calls("write") == writes && rig.disk.calls("lock") == locks)
  }

  @Test func whatIsAcknowledgedDoesNotCount() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 1 << 20, minFrameBytes: 1))
    for number in 1...4 as ClosedRange<UInt8> { try rig.queue.append([UInt8](repeating: number, count: 10)) }
    rig.commit()
    let leases = (0..<3).compactMap { _ in rig.queue.lease(maxBytes: 10) }
    rig.queue.acknowledge(leases[1])
    rig.commit(after: .zero)
    #expect(try content(rig).queued == FrameTotals(bytes: 30, records: 3))
    rig.queue.acknowledge(leases[0])
    rig.queue.acknowledge(leases[2])
    rig.commit(after: .zero)
    #expect(try content(rig).queued == FrameTotals(bytes: 10, records: 1))
    rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 10)))
    rig.commit(after: .zero)
    #expect(try content(rig).queued == .zero)
  }

  @Test func damageInAClosedSegmentIsFoundByVerifying() throws {
    let rig = try rig()
    rig.disk.flipBit(rig.path(1), at: 4096 + 32 + 100)
    #expect(try content(rig).segments[0].corruptBytes == 0)
    let segment = try content(rig, verifying: true).segments[0]
    #expect(segment.corruptBytes == 5032 && segment.queued == .zero && segment.isVerified)
    #expect(segment.lost == FrameTotals(bytes: 5000, records: 1))
    #expect(segment.damage == [SegmentDamage(at: 4096..<9128, frame: 1, lost: segment.lost)])
  }

  /// Five frames of two records in a segment that is being written: the header of the second and the payload of the
  /// third are damaged, and the header of the last.
  @Test func damageIsNamedByPlaceAndFrame() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 1 << 20, minFrameBytes: 1))
    for number in 1...5 as ClosedRange<UInt8> {
      try rig.queue.append([UInt8](repeating: number, count: 68), records: 2)
    }
    rig.commit()
    let start = { (frame: Int) in 4096 + 100 * (frame - 1) }
    for offset in [start(2) + 8, start(3) + 40, start(5) + 8] { rig.disk.flipBit(rig.path(1), at: offset) }
    let content = try content(rig)
    let segment = content.segments[0]
    let lost = FrameTotals(bytes: 68, records: 3)
    #expect(segment.damage.map(\.offsets) == [4196..<4396] && segment.damage.map(\.frames) == [2..<4])
    #expect(segment.lost == lost && content.lost == lost && segment.corruptBytes == 200)
    #expect(segment.queued == FrameTotals(bytes: 136, records: 4) && segment.tailBytes == 100 && content.isDamaged)
    try rig.kill()
    #expect(rig.queue.queued == FrameTotals(bytes: 136, records: 4))
    #expect(rig.drain().reduce(0) { $0 + $1.count } == 136)
    // Once, not at the start and again when it is leased; and the last frame, of which the cursor says that it was
    // there.
    #expect(rig.queue.counters.corruptBytes == 300)
  }

  /// What is lost is counted too if the segment is done with before anybody asks for more of it.
  @Test func damageIsCountedWhenTheSegmentGoes() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 20_000))
    for number in 1...6 as ClosedRange<UInt8> { try rig.queue.append([UInt8](repeating: number, count: 3000)) }
    rig.commit()
    rig.disk.flipBit(rig.path(1), at: 4096 + 3032 + 40)
    try rig.kill()
    rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 1 << 20)))
    rig.commit()
    let frame = FrameTotals(bytes: 3000, records: 1)
    #expect(rig.queue.queued == frame && rig.queue.lost == frame && rig.queue.counters.corruptBytes == 3032)
  }

  @Test func framesThatAreInNoSegmentAreNamed() throws {
    let rig = try rig()
    #expect(try self.content(rig).missing == [] && !self.content(rig).isDamaged)
    rig.disk.setContent(rig.path(2), [])
    let content = try content(rig)
    #expect(content.missing == [2..<3] && content.isDamaged)
  }

  @Test func aTornTailIsShown() throws {
    let rig = try rig()
    let path = rig.path(3)
    rig.disk.setContent(path, Array((rig.disk.content(path) ?? []).dropLast(1)))
    let segment = try content(rig).segments[2]
    #expect(segment.tailBytes == 5031 && segment.corruptBytes == 0 && segment.queued == .zero)
  }

  @Test func filesWithoutAHeaderAreNamed() throws {
    let rig = try rig()
    rig.disk.setContent(rig.path(2), [UInt8](repeating: 0, count: 9000))
    rig.disk.setContent(DiskRig.directory + "/00000000000000000009.frames.corrupt", [1])
    let content = try content(rig)
    #expect(content.segments.map(\.name) == [SegmentFormat.fileName(1), SegmentFormat.fileName(3)])
    #expect(content.unreadable == ["00000000000000000009.frames.corrupt", SegmentFormat.fileName(2)])
  }

  @Test func aDamagedCursorCountsEverythingAndSaysSo() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 1 << 20, minFrameBytes: 1))
    for number in 1...2 as ClosedRange<UInt8> { try rig.queue.append([number]) }
    rig.commit()
    rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 1)))
    rig.commit()
    #expect(try content(rig).queued.records == 1)
    rig.disk.setContent(DiskRig.directory + "/cursor", [UInt8](repeating: 1, count: 8192))
    let content = try content(rig)
    #expect(content.isCursorDamaged && content.queued.records == 2)
  }

  @Test func segmentsWithEachOthersNamesAreShownByTheirHeaders() throws {
    let rig = try rig()
    let (first, second) = (rig.disk.content(rig.path(1)), rig.disk.content(rig.path(2)))
    rig.disk.setContent(rig.path(1), try #require(second))
    rig.disk.setContent(rig.path(2), try #require(first))
    let content = try content(rig)
    #expect(content.queued == FrameTotals(bytes: 15_000, records: 6) && content.missing == [])
    #expect(content.segments.map(\.name) == [2, 1, 3].map { SegmentFormat.fileName($0) })
    #expect(content.segments.map(\.headerName) == [SegmentFormat.fileName(1), SegmentFormat.fileName(2), nil])
    #expect(content.misnamed == [2, 1].map { SegmentFormat.fileName($0) } && content.isDamaged)
  }

  @Test func aCopyOfASegmentIsNamedAndNotCounted() throws {
    let rig = try rig()
    rig.disk.setContent(rig.path(9), try #require(rig.disk.content(rig.path(1))))
    let content = try content(rig)
    #expect(content.queued.records == 6 && content.segments.count == 3)
    #expect(content.misnamed == [SegmentFormat.fileName(9)] && content.isDamaged)
  }

  @Test(arguments: [true, false]) func withoutACursorEverythingCountsAndThatIsSaid(isEmpty: Bool) throws {
    let rig = try rig()
    rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 5000)))
    rig.commit()
    #expect(try content(rig).queued.records == 5)
    let path = DiskRig.directory + "/cursor"
    if isEmpty { rig.disk.setContent(path, []) } else { try rig.disk.remove(path) }
    let content = try content(rig)
    #expect(content.isCursorMissing && content.isDamaged && !content.isCursorDamaged)
    let disk = rig.disk.afterKill()
    try rig.reopen(on: disk)
    #expect(rig.events == [.cursorMissing] && content.queued == rig.queue.queued && content.queued.records == 6)
  }

  @Test func aSegmentOfALaterVersionIsRefused() throws {
    let rig = try rig()
    var bytes = try #require(rig.disk.content(rig.path(2)))
    bytes.withUnsafeMutableBytes { bytes in
      bytes.store(UInt32(2), at: 8)
      bytes.seal(0..<64, salt: 0)
    }
    rig.disk.setContent(rig.path(2), bytes)
    #expect(
      throws: DiskQueueError.newerFormat(file: rig.path(2), version: 2, supportedVersion: SegmentFormat.version)
    ) {
      try content(rig)
    }
  }

  @Test func aSegmentThatGoesMeanwhileIsLeftOut() throws {
    let rig = try rig()
    rig.disk.fail("open", ENOENT)
    #expect(try content(rig).segments.count == 2)
  }

  @Test func whatCannotBeReadIsAnError() throws {
    let rig = try rig()
    for action in ["list", "open", "read"] {
      rig.disk.fail(action, EIO)
      #expect(throws: DiskQueueError.self, "\(action)") { try content(rig) }
    }
    #expect(throws: DiskQueueError.self) { try DiskQueueContent.read("/no/such/directory") }
  }

  @Test func anEmptyDirectoryHoldsNothing() throws {
    let content = try DiskQueueContent.read("/none", of: SimulatedDisk())
    #expect(content.segments.isEmpty && content.queued == .zero && content.fingerprint == nil)
    #expect(!content.isDamaged)
  }

  /// The reader and the queue agree, whatever is appended and acknowledged in whatever order.
  @Test func agreesWithTheQueue() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 20_000, minFrameBytes: 100))
    var random = SplitMix(seed: 3)
    var leases: [FrameLease] = []
    for _ in 0..<500 {
      let bytes = [UInt8](repeating: 1, count: random.below(3000))
      if (try? rig.queue.reserve(bytes.count)) != nil { try rig.queue.append(bytes, records: random.below(9)) }
      rig.commit()
      if let lease = rig.queue.lease(maxBytes: random.below(5000)) { leases.append(lease) }
      if !leases.isEmpty, random.below(3) > 0 { rig.queue.acknowledge(leases.remove(at: random.below(leases.count))) }
      rig.commit(after: .zero)
      #expect(try content(rig).queued == rig.queue.queued)
    }
  }
}
