import Glibc
import Testing

@testable import FrameQueues

@Suite struct DiskRecoveryTests {
  /// A queue of 20 frames of 100 bytes each in one segment.
  private func filled(_ options: DiskQueueOptions = DiskRig.options()) throws -> DiskRig {
    let rig = try DiskRig(options)
    for number in 0..<UInt8(20) { try rig.queue.append([UInt8](repeating: number, count: 100)) }
    rig.commit()
    return rig
  }

  private let step = SegmentFormat.frameHeaderBytes + 100

  @Test func aTailTornAtAnyByteIsCutOffAndNothingElse() throws {
    let rig = try filled()
    let path = rig.path(1)
    let whole = try #require(rig.disk.content(path))
    for cut in stride(from: SegmentFormat.headerBytes, through: whole.count, by: 7) {
      let disk = rig.disk.afterKill()
      disk.setContent(path, Array(whole.prefix(cut)))
      let copy = try DiskRig(rig.options, disk: disk)
      let frames = (cut - SegmentFormat.headerBytes) / step
      #expect(copy.drain().joined().count == frames * 100)
      #expect(copy.queue.queued == FrameTotals(bytes: frames * 100, records: frames))
      #expect(copy.queue.counters.lost == .zero)
    }
  }

  @Test func zerosInPlaceOfATailAreCutOff() throws {
    let rig = try DiskRig()
    for number in 0..<UInt8(20) {
      try rig.queue.append([UInt8](repeating: number, count: 100))
      if number == 11 { rig.commit() }
    }
    let path = rig.path(1)
    let end = SegmentFormat.headerBytes + 12 * step
    let content = try #require(rig.disk.content(path))
    let disk = rig.disk.afterKill()
    disk.setContent(path, Array(content.prefix(end)) + [UInt8](repeating: 0, count: 3000))
    try rig.reopen(on: disk)
    #expect(rig.queue.queued == FrameTotals(bytes: 1200, records: 12) && rig.queue.counters.tornBytes == 3000)
    #expect(rig.events == [.tornTail(file: SegmentFormat.fileName(1), bytes: 3000)])
    #expect(rig.disk.content(path)?.count == end + SegmentFormat.footerBytes)
  }

  @Test func aFlippedBitCostsOneFrameAndIsCounted() throws {
    let rig = try filled()
    rig.queue.shutdown()
    var random = SplitMix(seed: 8)
    for offset in SegmentFormat.headerBytes..<(SegmentFormat.headerBytes + 20 * step) {
      let disk = rig.disk.afterKill()
      disk.flipBit(rig.path(1), at: offset, bit: random.below(8))
      let copy = try DiskRig(rig.options, disk: disk)
      #expect(copy.queue.queued == FrameTotals(bytes: 2000, records: 20))
      let damaged = UInt8((offset - SegmentFormat.headerBytes) / step)
      let expected = (0..<UInt8(20)).filter { $0 != damaged }.flatMap { [UInt8](repeating: $0, count: 100) }
      #expect(Array(copy.drain().joined()) == expected, "offset \(offset)")
      #expect(copy.queue.counters.lost == FrameTotals(bytes: 100, records: 1))
      #expect(copy.queue.counters.corruptBytes == step)
      #expect(copy.queue.queued == FrameTotals(bytes: 1900, records: 19) && copy.queue.waiting == .zero)
      #expect(
        copy.events == [.corrupt(file: SegmentFormat.fileName(1), bytes: step), .lost(.init(bytes: 100, records: 1))])
    }
  }

  @Test func aFlippedBitInAFooterCostsNothing() throws {
    let rig = try filled()
    rig.queue.shutdown()
    for offset in 0..<SegmentFormat.footerBytes {
      let disk = rig.disk.afterKill()
      disk.flipBit(rig.path(1), at: SegmentFormat.headerBytes + 20 * step + offset, bit: offset % 8)
      let copy = try DiskRig(rig.options, disk: disk)
      #expect(copy.queue.queued == FrameTotals(bytes: 2000, records: 20) && copy.drain().joined().count == 2000)
    }
  }

  @Test func framesInsideAPayloadAreNotTakenForFrames() throws {
    // The payload is a segment's own frames, and the header before it is damaged: the search goes on inside it.
    let inner = try filled()
    let content = try #require(inner.disk.content(inner.path(1)))
    let rig = try DiskRig()
    try rig.queue.append(Array(content.dropFirst(SegmentFormat.headerBytes)))
    try rig.queue.append([9])
    rig.queue.shutdown()
    let disk = rig.disk.afterKill()
    disk.flipBit(rig.path(1), at: SegmentFormat.headerBytes + 5)
    try rig.reopen(on: disk)
    #expect(rig.drain() == [[9]])
  }

  @Test func aSegmentOfALaterFormatIsRefusedAndNothingIsTouched() throws {
    let rig = try filled()
    rig.queue.shutdown()
    let disk = rig.disk.afterKill()
    var header = SegmentHeader(salt: 1, sequence: 2, firstFrame: 21, fingerprint: 7)
    header.version = 2
    disk.setContent(rig.path(2), header.page + [1, 2, 3])
    let before = disk.paths.filter { $0.hasSuffix(".frames") }.map { disk.content($0) }
    #expect(
      throws: DiskQueueError.newerFormat(file: rig.path(2), version: 2, supportedVersion: 1)
    ) { _ = try DiskQueue(DiskRig.directory, options: rig.options, files: disk) }
    #expect(disk.paths.filter { $0.hasSuffix(".frames") }.map { disk.content($0) } == before)
  }

  @Test func anotherDestinationsFramesAreRefused() throws {
    let rig = try filled()
    rig.queue.shutdown()
    var options = rig.options
    options.fingerprint = 8
    #expect(throws: DiskQueueError.otherDestination(file: rig.path(1))) {
      _ = try DiskQueue(DiskRig.directory, options: options, files: rig.disk.afterKill())
    }
  }

  @Test func foreignFilesAreLeftAlone() throws {
    let rig = try filled()
    let disk = rig.disk.afterKill()
    let foreign = ["notes.txt", "1.frames", "00000000000000000001.frames.corrupt", "00000000000000000009.frames~"]
    for name in foreign { disk.setContent(DiskRig.directory + "/" + name, [1, 2, 3]) }
    try rig.reopen(on: disk)
    #expect(rig.drain().joined().count == 2000)
    #expect(foreign.allSatisfy { disk.content(DiskRig.directory + "/" + $0) == [1, 2, 3] })
  }

  @Test(arguments: [0, 1, 63, 64, 4095, 4096])
  func aSegmentThatHoldsNothingIsRemoved(bytes: Int) throws {
    let rig = try filled()
    let disk = rig.disk.afterKill()
    let page = SegmentHeader(salt: 1, sequence: 2, firstFrame: 21, fingerprint: 7).page
    disk.setContent(rig.path(2), Array(page.prefix(bytes)))
    disk.setContent(rig.path(3), [UInt8](repeating: 0, count: bytes))
    try rig.reopen(on: disk)
    #expect(rig.segments == [rig.path(1)] && rig.queue.queuedRecords == 20)
    try rig.queue.append([1])
    rig.commit()
    #expect(rig.segments == [rig.path(1), rig.path(4)])
  }

  @Test func aSegmentWithoutAHeaderIsSetAsideAndItsFramesAreMissed() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 10_000))
    for number in 0..<UInt8(4) { try rig.queue.append([UInt8](repeating: number, count: 5000)) }
    rig.queue.shutdown()
    let disk = rig.disk.afterKill()
    disk.flipBit(rig.path(2), at: 0)
    disk.flipBit(rig.path(2), at: SegmentFormat.headerCopyOffset)
    try rig.reopen(on: disk)
    let name = SegmentFormat.fileName(2) + ".corrupt"
    let lost = FrameTotals(bytes: 5000, records: 1)
    #expect(
      rig.events == [.quarantined(file: name), .framesMissing(count: 1), .recordsMissing(lost, short: nil)])
    #expect(disk.paths.contains(DiskRig.directory + "/" + name))
    #expect(rig.drain().map(\.first) == [0, 2, 3])
    try rig.kill()
    #expect(rig.events.count == 3 && rig.queue.counters.lost == .zero)
  }

  @Test(arguments: [1, 2, 3, 4])
  func aMissingSegmentIsReportedAndTheOthersAreDelivered(missing: UInt64) throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 10_000))
    for number in 1...UInt8(4) { try rig.queue.append([UInt8](repeating: number, count: 5000)) }
    rig.queue.shutdown()
    let disk = rig.disk.afterKill()
    try disk.remove(rig.path(missing))
    try rig.reopen(on: disk)
    let lost = FrameTotals(bytes: 5000, records: 1)
    let short = ShortSegment(file: SegmentFormat.fileName(4), bytes: nil, expectedBytes: 4096 + 32 + 5000)
    #expect(
      rig.events == [.framesMissing(count: 1), .recordsMissing(lost, short: missing == 4 ? short : nil)])
    #expect(rig.queue.counters.lost == lost)
    #expect(rig.drain().map { $0.first.map(UInt64.init) } == (1...4).filter { $0 != missing })
    #expect(rig.queue.queued == FrameTotals(bytes: 15_000, records: 3))
  }

  @Test func withoutACursorEverythingIsDeliveredAgain() throws {
    for (content, event) in [([UInt8](repeating: 1, count: 8192), DiskQueueEvent.cursorDamaged), ([], .cursorMissing)] {
      let rig = try filled()
      let lease = try #require(rig.queue.lease(maxBytes: 1000))
      rig.queue.acknowledge(lease)
      let disk = rig.disk.afterKill()
      disk.setContent(DiskRig.directory + "/cursor", content)
      try rig.reopen(on: disk)
      #expect(rig.drain().joined().count == 2000)
      #expect(rig.events == [event])
    }
  }

  /// However names were mixed up, and whenever the process that puts them right ends.
  @Test(arguments: [[2, 1, 3, 4], [2, 3, 4, 1], [4, 3, 2, 1], [1, 2, 4, 3]] as [[UInt64]])
  func segmentsWithEachOthersNamesAreAllDelivered(names: [UInt64]) throws {
    for renames in 0..<8 {
      let rig = try DiskRig(DiskRig.options(segmentBytes: 10_000))
      for number in 1...4 as ClosedRange<UInt8> { try rig.queue.append([UInt8](repeating: number, count: 5000)) }
      rig.commit()
      let disk = rig.disk.afterKill()
      let files = try (1...4).map { try #require(rig.disk.content(rig.path($0))) }
      for (name, file) in zip(names, files) { disk.setContent(rig.path(name), file) }
      disk.fail("rename", EIO, after: renames)
      do { try rig.reopen(on: disk) } catch { try rig.reopen(on: disk.afterKill()) }
      #expect(rig.events == [] && rig.segments == (1...4).map(rig.path))
      #expect(rig.drain().compactMap(\.first) == [1, 2, 3, 4] && rig.queue.lost == .zero)
    }
  }

  @Test func aFolderThatHoldsNothingIsSaidToBeNew() throws {
    let rig = try filled()
    try rig.reopen(on: SimulatedDisk())
    #expect(rig.events == [.began])
    try rig.kill()
    #expect(rig.events == [.began] && rig.queue.queued == .zero)
  }

  @Test func newFramesAreNotTakenForThoseAcknowledgedBeforeThePowerCut() throws {
    // With fsync: never, frames may be delivered and acknowledged, and the cursor durable, before they reach the disk.
    let rig = try DiskRig(DiskRig.options(fsync: .interval(.seconds(1000))))
    rig.commit(after: .zero)
    for number in 0..<UInt8(10) { try rig.queue.append([number]) }
    let lease = try #require(rig.queue.lease(maxBytes: 100))
    rig.queue.acknowledge(lease)
    rig.commit(after: .seconds(2))
    for seed in 0..<UInt64(20) {
      let copy = try DiskRig(rig.options, disk: rig.disk.afterPowerCut(seed))
      #expect(copy.drain() == [])
      for number in 100..<UInt8(103) { try copy.queue.append([number]) }
      try copy.kill()
      #expect(copy.drain().joined().elementsEqual([100, 101, 102]))
    }
  }
}
