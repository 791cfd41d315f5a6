import Glibc
import Testing

@testable import FrameQueues

@Suite struct SegmentWriterTests {
  private let disk = SimulatedDisk()
  private var directory: QueueDirectory { QueueDirectory(path: "/queue", files: disk) }

  private func writer(segmentBytes: Int = 64 << 10) -> SegmentWriter {
    SegmentWriter(directory, options: DiskRig.options(segmentBytes: segmentBytes), next: (segment: 1, frame: 1))
  }

  private func spare(_ sequence: UInt64, _ bytes: Int, least: Int = 100) throws -> SegmentWriter.Spare {
    try SegmentWriter.Spare.make(sequence, in: directory, room: min(least, bytes)...bytes)
  }

  private func write(_ payload: [UInt8], with writer: inout SegmentWriter) throws -> Int {
    try payload.withUnsafeBytes { bytes in
      try writer.write(FrameAppend(bytes, [FrameMark(endOffset: bytes.count, records: 1)], minFrameBytes: 1))
    }
  }

  private func path(_ sequence: UInt64) -> String { "/queue/" + SegmentFormat.fileName(sequence) }

  @Test func theLargerFileIsKeptAsTheNextSegment() throws {
    var writer = writer()
    #expect(writer.offer(try spare(1, 10_000)) == nil && writer.spare?.sequence == 1)
    #expect(writer.offer(try spare(2, 9_000))?.sequence == 2)
    #expect(writer.offer(try spare(3, 20_000))?.sequence == 1)
    #expect(writer.spare?.sequence == 3)
    writer.forget(2)
    #expect(writer.spare?.sequence == 3)
    writer.forget(3)
    #expect(writer.spare == nil && writer.takeSpare() == nil)
  }

  @Test func aFileWithALowerNumberThanASegmentThatHasBegunIsNotTaken() throws {
    var writer = writer()
    for _ in 0..<5 { _ = writer.takeNumber() }
    #expect(try writer.begin(for: 10).sequence == 6)
    #expect(writer.offer(try spare(5, 10_000))?.sequence == 5 && writer.spare == nil)
    #expect(writer.offer(try spare(7, 10_000)) == nil && writer.spare?.sequence == 7)
  }

  @Test func roomIsCertainWithoutHeaderAndFooter() throws {
    var writer = writer()
    #expect(writer.roomBytes == 0 && !writer.fits(0))
    _ = writer.offer(try spare(1, 10_000))
    #expect(writer.roomBytes == 10_000 - SegmentFormat.headerBytes - SegmentFormat.footerBytes)
    writer.enlarged(1, to: 12_000)
    writer.enlarged(1, to: 11_000)
    writer.enlarged(2, to: 50_000)
    let room = 12_000 - SegmentFormat.headerBytes - SegmentFormat.footerBytes
    #expect(writer.roomBytes == room && SegmentWriter.fileBytes(for: room) == 12_000)
    _ = try writer.begin(for: room)
    #expect(writer.fits(room) && !writer.fits(room + 1) && writer.roomBytes == room)
  }

  @Test func whatIsWrittenIsFoundBehindTheHeader() throws {
    var writer = writer()
    let segment = try writer.begin(for: 10)
    #expect(segment.firstFrame == 1 && writer.activeSequence == 1)
    let first = try write([1, 2, 3], with: &writer)
    let second = try write([4], with: &writer)
    #expect(first == SegmentFormat.headerBytes + SegmentFormat.frameHeaderBytes + 3)
    #expect(second == first + SegmentFormat.frameHeaderBytes + 1 && writer.nextFrame == 3)
    let file = try #require(try SegmentFile.open(try FileHandle(path(1), of: disk, .read), SegmentVersion.known))
    #expect(file.header.firstFrame == 1)
    #expect(try file.frameHeader(at: SegmentFormat.headerBytes)?.frame == 1)
    #expect(try file.frameHeader(at: first)?.frame == 2)
  }

  @Test func aFailedWriteIsCutOffAndEndsTheSegment() throws {
    var writer = writer()
    _ = try writer.begin(for: 10)
    let end = try write([1, 2, 3], with: &writer)
    disk.fail("write", ENOSPC)
    #expect(throws: FileError("write", ENOSPC, path: path(1))) {
      _ = try write([UInt8](repeating: 4, count: 300), with: &writer)
    }
    #expect(disk.content(path(1))?.count == end && writer.activeSequence == nil && writer.nextFrame == 2)
    #expect(throws: FileError.self) { _ = try write([5], with: &writer) }
    #expect(try writer.begin(for: 10).firstFrame == 2)
  }

  @Test func aDiskWithoutSpaceForAWholeSegmentGivesWhatIsNeeded() throws {
    disk.setCapacity(20_000)
    var writer = writer()
    _ = try writer.begin(for: 5000)
    #expect(writer.fits(5000) && !writer.fits(10_000))
    #expect(throws: FileError.self) { _ = try spare(9, 64 << 10, least: 32 << 10) }
    #expect(disk.paths == [path(1)])
  }

  @Test func aFileThatCannotBeBegunLeavesNothing() throws {
    var writer = writer()
    disk.fail("write", EIO)
    #expect(throws: FileError.self) { _ = try writer.begin(for: 10) }
    #expect(disk.paths.isEmpty && writer.activeSequence == nil && writer.spare == nil)
  }

  /// Somebody removed the file that was to become the next segment.
  @Test func aSpareThatIsGoneIsNotBegun() throws {
    var writer = writer()
    let spare = try spare(writer.takeNumber(), 10_000)
    _ = writer.offer(spare)
    try disk.remove(path(1))
    #expect(try writer.begin(for: 10).sequence == 2)
  }

  @Test func aSpareIsEnlargedForAFrameThatNeedsMore() throws {
    var writer = writer()
    _ = writer.offer(try spare(writer.takeNumber(), 10_000))
    #expect(try writer.begin(for: 50_000).sequence == 1)
    #expect(writer.fits(50_000))
  }
}
