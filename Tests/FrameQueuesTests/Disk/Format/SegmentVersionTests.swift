import Testing

@testable import FrameQueues

/// Segments of an earlier format version beside those that are written now. No gateway has written the one that stands
/// here for all that may be.
@Suite struct SegmentVersionTests {
  /// Another name, no length of what was there before, shorter frame headers and no footer.
  private static let early = SegmentVersion(
    number: 0,
    header: { copy in
      guard copy.isSealed(0..<44, salt: 0), copy.load(UInt64.self, at: 0) == earlyMagic else { return nil }
      var header = SegmentHeader(
        salt: copy.load(UInt32.self, at: 8), sequence: copy.load(UInt64.self, at: 16),
        firstFrame: copy.load(UInt64.self, at: 24), fingerprint: copy.load(UInt64.self, at: 32))
      header.version = 0
      return header
    },
    frameHeaderBytes: 24, firstFrameByte: UInt8(ascii: "f"),
    frame: { bytes, start, salt in
      guard start + 24 <= bytes.count, bytes.load(UInt8.self, at: start) == UInt8(ascii: "f"),
        bytes.isSealed(start..<(start + 24), salt: salt)
      else { return nil }
      return FrameHeader(
        payloadBytes: Int(bytes.load(UInt32.self, at: start + 12)), frame: bytes.load(UInt64.self, at: start + 4),
        records: Int(bytes.load(UInt8.self, at: start + 1)), payloadChecksum: bytes.load(UInt32.self, at: start + 16))
    },
    footer: { _, _, _ in nil })
  private static let earlyMagic: UInt64 = 0x1122_3344
  private static let versions = [SegmentVersion.written, early]

  /// A segment of the early version with frames of 3000 bytes of one record each.
  private func earlySegment(_ sequence: UInt64, _ frames: ClosedRange<UInt64>) -> [UInt8] {
    var page = [UInt8](repeating: 0, count: SegmentFormat.headerBytes)
    for start in [0, SegmentFormat.headerCopyOffset] {
      page[start..<(start + 44)].withUnsafeMutableBytes { copy in
        copy.store(Self.earlyMagic, at: 0)
        copy.store(UInt32(5), at: 8)
        copy.store(sequence, at: 16)
        copy.store(frames.lowerBound, at: 24)
        copy.store(UInt64(7), at: 32)
        copy.seal(0..<44, salt: 0)
      }
    }
    for number in frames {
      let payload = [UInt8](repeating: UInt8(number), count: 3000)
      var header = [UInt8](repeating: 0, count: 24)
      header.withUnsafeMutableBytes { header in
        header.store(UInt8(ascii: "f"), at: 0)
        header.store(UInt8(1), at: 1)
        header.store(number, at: 4)
        header.store(UInt32(payload.count), at: 12)
        header.store(payload.withUnsafeBytes { CRC32C.checksum($0) }, at: 16)
        header.seal(0..<24, salt: 5)
      }
      page += header + payload
    }
    return page
  }

  /// A queue that finds an early segment with frames 1 to 3, and appends 4 and 5.
  private func rig(cutting bytes: Int = 0, flipping offset: Int? = nil) throws -> DiskRig {
    var options = DiskRig.options(segmentBytes: 20_000, recentBytes: 0)
    options.readVersions = Self.versions
    let disk = SimulatedDisk()
    disk.setContent("/queue/" + SegmentFormat.fileName(1), Array(earlySegment(1, 1...3).dropLast(bytes)))
    if let offset { disk.flipBit("/queue/" + SegmentFormat.fileName(1), at: offset) }
    let rig = try DiskRig(options, disk: disk)
    for number in 4...5 as ClosedRange<UInt8> { try rig.queue.append([UInt8](repeating: number, count: 3000)) }
    rig.commit()
    return rig
  }

  private func version(_ rig: DiskRig, _ segment: UInt64) -> UInt32? {
    rig.disk.content(rig.path(segment))?.withUnsafeBytes { SegmentHeader(page: $0, of: Self.versions) }?.version
  }

  @Test func anEarlierVersionIsReadBesideTheOneThatIsWrittenAndDrained() throws {
    let rig = try rig()
    #expect(rig.queue.queued == FrameTotals(bytes: 15_000, records: 5) && rig.queue.counters.lost == .zero)
    #expect(version(rig, 1) == 0 && version(rig, 2) == 1)
    let content = try DiskQueueContent.read(rig.folder, verifying: true, Self.versions)
    #expect(content.queued.records == 5 && !content.isDamaged && content.fingerprint == 7)
    for _ in 0..<2 {
      try rig.kill()
      #expect(rig.drain(maxBytes: 4000).map(\.first) == [1, 2, 3, 4, 5])
    }
    try rig.kill()
    while let lease = rig.queue.lease(maxBytes: 4000) { rig.queue.acknowledge(lease) }
    for _ in 0..<2 { rig.commit() }
    #expect(rig.queue.queued == .zero && !rig.segments.contains(rig.path(1)) && rig.events == [])
  }

  @Test func whatIsAcknowledgedOfItIsKnownToTheNextProcess() throws {
    let rig = try rig()
    rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 1)))
    rig.commit()
    try rig.kill()
    #expect(rig.queue.queued.records == 4 && rig.drain(maxBytes: 1).map(\.first) == [2, 3, 4, 5])
  }

  @Test func damageAndATornEndAreFoundInIt() throws {
    let first = SegmentFormat.headerBytes
    for offset in [first + 4, first + 100] {
      let damaged = try rig(flipping: offset)
      #expect(damaged.drain(maxBytes: 1).map(\.first) == [2, 3, 4, 5])
      #expect(damaged.queue.counters.corruptBytes == 3024)
    }
    let torn = try rig(cutting: 1)
    #expect(torn.disk.content(torn.path(1))?.count == first + 2 * 3024)
    #expect(torn.drain(maxBytes: 1).map(\.first) == [1, 2, 4, 5])
    let header = try rig(flipping: 9)
    #expect(header.drain(maxBytes: 1).count == 5)
  }

  @Test func itIsTakenIntoANewFolderAsItIs() throws {
    let rig = try rig()
    _ = try #require(rig.queue.lease(maxBytes: 1))
    rig.disk.replaceDirectory(DiskRig.directory)
    rig.commit()
    #expect(rig.queue.counters.lost == .zero && version(rig, 1) == 0)
    try rig.kill()
    #expect(rig.drain(maxBytes: 1).map(\.first) == [1, 2, 3, 4, 5])
  }

  @Test func onlyALaterVersionIsRefusedAndBothNumbersAreSaid() throws {
    let rig = try rig()
    var header = SegmentHeader(salt: 1, sequence: 9, firstFrame: 21, fingerprint: 7)
    header.version = 3
    rig.disk.setContent(rig.path(9), header.page)
    let refusal = DiskQueueError.newerFormat(file: rig.path(9), version: 3, supportedVersion: 1)
    #expect(throws: refusal) { try rig.kill() }
    #expect(throws: refusal) {
      try DiskQueueContent.read(rig.folder, verifying: false, Self.versions)
    }
    #expect(throws: refusal) { try DiskQueue.check(DiskRig.directory, fingerprint: 7, of: rig.disk) }
    #expect("\(refusal)".contains("version 3") && "\(refusal)".contains("up to 1"))
  }
}
