import Testing

@testable import FrameQueues

@Suite struct FrameRunTests {
  private static let path = "/queue/" + SegmentFormat.fileName(1)

  /// A segment of these frames, of one record each, numbered from 1; and where each ends.
  private func segment(_ payloads: [[UInt8]], on disk: SimulatedDisk = SimulatedDisk()) throws
    -> (file: SegmentFile, disk: SimulatedDisk, ends: [Int])
  {
    let handle = try FileHandle(Self.path, of: disk, .createNew)
    let header = SegmentHeader(salt: 9, sequence: 1, firstFrame: 1, fingerprint: 0)
    let file = try SegmentFile.begin(handle, header, writesPages: false)
    var offset = SegmentFormat.headerBytes
    var ends: [Int] = []
    for (index, payload) in payloads.enumerated() {
      try payload.withUnsafeBytes { bytes in
        let append = FrameAppend(bytes, [FrameMark(endOffset: bytes.count, records: 1)], minFrameBytes: 1)
        try append.withParts(firstFrame: UInt64(index + 1), salt: 9) { parts throws(FileError) in
          try file.write(parts, at: offset)
        }
        offset += append.fileBytes
      }
      ends.append(offset)
    }
    return (file, disk, ends)
  }

  private func read(
    _ file: SegmentFile, from start: Int = SegmentFormat.headerBytes, to end: Int, frames: Range<UInt64> = 1..<100,
    maxBytes: Int = 1 << 20, skipping acknowledged: AcknowledgedFrames = AcknowledgedFrames(low: 1)
  ) throws -> FrameRun {
    let window = FrameWindow(offsets: start..<end, frames: frames, maxBytes: maxBytes, acknowledged: acknowledged)
    return try FrameRun.read(file, window)
  }

  private func bytes(_ run: FrameRun) -> [UInt8] { run.memory.withUnsafeBytes(in: run.range) { Array($0) } }

  private static let payloads: [[UInt8]] = (1...5).map { [UInt8](repeating: $0, count: 100 * Int($0)) }

  @Test func payloadsLieTogetherInTheirOrder() throws {
    let (file, _, ends) = try segment(Self.payloads)
    let run = try read(file, to: ends[4])
    #expect(bytes(run) == Self.payloads.flatMap { $0 })
    #expect(run.frames == 5 && run.totals == FrameTotals(bytes: 1500, records: 5))
    #expect(run.endOffset == ends[4] && run.endFrame == 6 && run.validEndOffset == ends[4])
    #expect(run.corruptBytes == 0 && run.damage.isEmpty)
  }

  @Test func aRunEndsBeforeTheFrameThatIsTooMuchButHasOne() throws {
    let (file, _, ends) = try segment(Self.payloads)
    for (maxBytes, frames) in [(0, 1), (100, 1), (299, 1), (300, 2), (301, 2), (600, 3), (1500, 5)] {
      let run = try read(file, to: ends[4], maxBytes: maxBytes)
      #expect(run.frames == frames && run.endOffset == ends[frames - 1] && run.endFrame == UInt64(frames + 1))
    }
    // Larger than the memory that was taken for so few bytes.
    let large = try segment([[UInt8](repeating: 7, count: 300_000)])
    #expect(bytes(try read(large.file, to: large.ends[0], maxBytes: 1)).count == 300_000)
  }

  @Test func acknowledgedFramesAreSteppedOver() throws {
    let (file, _, ends) = try segment(Self.payloads)
    var acknowledged = AcknowledgedFrames(low: 2)
    acknowledged.insert(4..<5)
    let run = try read(file, to: ends[4], skipping: acknowledged)
    #expect(bytes(run) == Self.payloads[1] + Self.payloads[2] + Self.payloads[4] && run.frames == 3)
    #expect(run.damage.isEmpty && run.endFrame == 6)
  }

  @Test func aDamagedPayloadCostsItsFrameAndIsNamed() throws {
    let (_, disk, ends) = try segment(Self.payloads)
    disk.flipBit(Self.path, at: ends[2] - 1)
    let file = try #require(try SegmentFile.open(try FileHandle(Self.path, of: disk, .read), SegmentVersion.known))
    let run = try read(file, to: ends[4])
    #expect(bytes(run) == Self.payloads[0] + Self.payloads[1] + Self.payloads[3] + Self.payloads[4])
    #expect(run.corruptBytes == ends[2] - ends[1])
    let lost = FrameTotals(bytes: 300, records: 1)
    #expect(run.damage == [SegmentDamage(at: ends[1]..<ends[2], frame: 3, lost: lost)])
  }

  @Test func behindADamagedHeaderTheNextFrameIsFound() throws {
    for bit in [0, 5, 8 * 8 + 1, 31 * 8] {
      let (_, disk, ends) = try segment(Self.payloads)
      disk.flipBit(Self.path, at: ends[1] + bit / 8, bit: bit % 8)
      let file = try #require(try SegmentFile.open(try FileHandle(Self.path, of: disk, .read), SegmentVersion.known))
      let run = try read(file, to: ends[4])
      #expect(run.frames == 4 && run.corruptBytes == ends[2] - ends[1])
      #expect(run.damage.map(\.frames) == [3..<4] && run.damage.map(\.offsets) == [ends[1]..<ends[2]])
      #expect(run.damage.map(\.lost.records) == [1])
    }
  }

  /// Frames that an earlier segment left in the file have another salt, and those of a write that was taken back have
  /// numbers that the window does not.
  @Test func framesThatDoNotBelongThereAreNotTaken() throws {
    let (_, disk, ends) = try segment(Self.payloads)
    var other = SegmentHeader(salt: 10, sequence: 1, firstFrame: 1, fingerprint: 0).page
    other += (disk.content(Self.path) ?? []).dropFirst(SegmentFormat.headerBytes)
    disk.setContent(Self.path, other)
    let file = try #require(try SegmentFile.open(try FileHandle(Self.path, of: disk, .read), SegmentVersion.known))
    #expect(try read(file, to: ends[4]).frames == 0)
    let (own, _, _) = try segment(Self.payloads)
    let few = try read(own, to: ends[4], frames: 1..<3)
    #expect(few.frames == 2 && few.validEndOffset == ends[1])
    #expect(try read(own, to: ends[4], frames: 3..<9).totals.records == 3)
  }

  @Test func aHeaderInsideAPayloadIsNoFrame() throws {
    var forged = [UInt8](repeating: 0, count: 64)
    forged.withUnsafeMutableBytes {
      FrameHeader(payloadBytes: 8, frame: 3, records: 1000, payloadChecksum: 0).write(to: $0, salt: 0)
    }
    let (_, disk, ends) = try segment([[1], forged, [3]])
    disk.flipBit(Self.path, at: ends[0])
    let file = try #require(try SegmentFile.open(try FileHandle(Self.path, of: disk, .read), SegmentVersion.known))
    let run = try read(file, to: ends[2])
    #expect(bytes(run) == [1, 3] && run.totals.records == 2)
  }

  @Test func aFileThatWasCutHasLostWhatIsMissing() throws {
    let (_, disk, ends) = try segment(Self.payloads)
    disk.setContent(Self.path, Array((disk.content(Self.path) ?? []).prefix(ends[3] + 40)))
    let file = try #require(try SegmentFile.open(try FileHandle(Self.path, of: disk, .read), SegmentVersion.known))
    let run = try read(file, to: ends[4])
    #expect(run.frames == 4 && run.validEndOffset == ends[3] && run.corruptBytes == ends[4] - ends[3])
  }

  @Test func noFlippedBitIsATrapOrInventsAFrame() throws {
    let payloads: [[UInt8]] = [[1, 1], [2, 2, 2], [3]]
    let (_, disk, ends) = try segment(payloads)
    let whole = try #require(disk.content(Self.path))
    for bit in (8 * SegmentFormat.headerBytes)..<(8 * ends[2]) {
      let damaged = SimulatedDisk()
      damaged.setContent(Self.path, whole)
      damaged.flipBit(Self.path, at: bit / 8, bit: bit % 8)
      let file = try #require(try SegmentFile.open(try FileHandle(Self.path, of: damaged, .read), SegmentVersion.known))
      let run = try read(file, to: ends[2])
      #expect(run.frames == 2 && run.corruptBytes > 0 && run.endOffset == ends[2])
    }
  }
}
