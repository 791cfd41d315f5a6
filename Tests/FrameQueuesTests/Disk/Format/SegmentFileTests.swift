import Glibc
import Testing

@testable import FrameQueues

@Suite struct SegmentFileTests {
  private static let path = "/queue/" + SegmentFormat.fileName(3)
  private let disk = SimulatedDisk()
  private let header = SegmentHeader(salt: 9, sequence: 3, firstFrame: 7, fingerprint: 1)

  /// A segment with these bytes behind its header page.
  private func segment(_ bytes: [UInt8] = [], writesPages: Bool = false) throws -> SegmentFile {
    let handle = try FileHandle(Self.path, of: disk, .createNew)
    let file = try SegmentFile.begin(handle, header, writesPages: writesPages)
    try bytes.withUnsafeBytes { bytes in try file.write([bytes], at: SegmentFormat.headerBytes) }
    return file
  }

  private func opened(_ path: String = path) throws -> SegmentFile? {
    try SegmentFile.open(try FileHandle(path, of: disk, .read), SegmentVersion.known)
  }

  @Test func aSegmentIsOpenedByEitherCopyOfItsHeader() throws {
    _ = try segment()
    #expect(try opened()?.header == header)
    disk.flipBit(Self.path, at: 20)
    #expect(try opened()?.header == header)
    disk.flipBit(Self.path, at: SegmentFormat.headerCopyOffset + 20)
    #expect(try opened() == nil)
    disk.setContent(Self.path, [])
    #expect(try opened() == nil)
    #expect(throws: FileError("open", ENOENT, path: "/queue/none")) { try opened("/queue/none") }
  }

  @Test func aClosedSegmentHasAFooterBehindItsLastFrame() throws {
    let file = try segment([UInt8](repeating: 5, count: 500))
    #expect(try file.footer() == nil)
    let totals = FrameTotals(bytes: 68, records: 2)
    try file.close(at: SegmentFormat.headerBytes + 132, endFrame: 9, totals: totals)
    let footer = try #require(try opened()?.footer())
    #expect(footer.endFrame == 9 && footer.totals == totals && footer.offset == SegmentFormat.headerBytes + 132)
    #expect(try file.size() == SegmentFormat.headerBytes + 132 + SegmentFormat.footerBytes)
    disk.flipBit(Self.path, at: SegmentFormat.headerBytes + 140)
    #expect(try opened()?.footer() == nil)
  }

  @Test func aFileTooShortForAFooterHasNone() throws {
    let file = try segment()
    for bytes in [SegmentFormat.headerBytes, SegmentFormat.headerBytes + SegmentFormat.footerBytes - 1] {
      try file.truncate(to: bytes)
      #expect(try file.footer() == nil)
    }
  }

  @Test func pagesThatTheDiskDoesNotGiveBackAreZeros() throws {
    let page = SegmentFormat.pageBytes
    let file = try segment([UInt8](repeating: 1, count: 2 * page + 100))
    disk.breakPage(Self.path, at: 2 * page)
    var bytes = [UInt8](repeating: 9, count: 3 * page)
    let unreadable = try bytes.withUnsafeMutableBytes { try file.readPages(into: $0, at: page) }
    #expect(unreadable == page)
    #expect(bytes[..<page].allSatisfy { $0 == 1 } && bytes[page..<(2 * page)].allSatisfy { $0 == 0 })
    // The file ends in the last page.
    #expect(
      bytes[(2 * page)..<(2 * page + 100)].allSatisfy { $0 == 1 } && bytes[(2 * page + 100)...].allSatisfy { $0 == 0 })
  }

  @Test func otherFailuresOfAReadAreNoHoles() throws {
    let file = try segment([UInt8](repeating: 1, count: 5000))
    disk.fail("read", EACCES)
    var bytes = [UInt8](repeating: 9, count: 5000)
    #expect(throws: FileError.self) {
      try bytes.withUnsafeMutableBytes { _ = try file.readPages(into: $0, at: SegmentFormat.headerBytes) }
    }
  }

  @Test func theMediumIsCheckedByTheFirstPage() throws {
    let file = try segment([1])
    try file.checkMedium()
    disk.breakPage(Self.path, at: 0)
    #expect { try file.checkMedium() } throws: { ($0 as? FileError)?.isOfTheMedium == true }
  }

  @Test func aCopyHasTheFirstBytesAndIsSynced() throws {
    let content = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let file = try segment(content)
    let bytes = SegmentFormat.headerBytes + (2 << 20) + 5
    let copy = try file.copy(bytes, to: QueueDirectory(path: "/new", files: disk), writesPages: false)
    #expect(copy.path == "/new/" + SegmentFormat.fileName(3) && copy.header == header)
    #expect(disk.content(copy.path).map { Array($0) } == disk.content(Self.path).map { Array($0.prefix(bytes)) })
    #expect(disk.syncs(of: copy.path) == 1)
  }

  @Test(arguments: [true, false]) func pagesAreWrittenPastTheCacheOrThroughIt(canWritePages: Bool) throws {
    disk.state.withLock { $0.writesPages = canWritePages }
    let file = try segment(writesPages: true)
    let page = SegmentFormat.pageBytes
    withUnsafeTemporaryAllocation(byteCount: page, alignment: page) { room in
      room.initializeMemory(as: UInt8.self, repeating: 6)
      #expect(throws: Never.self) { try file.writePages(UnsafeRawBufferPointer(room), at: page) }
    }
    #expect(disk.content(Self.path)?.suffix(page).allSatisfy { $0 == 6 } == true)
    #expect(disk.calls("writePages") == (canWritePages ? 1 : 0))
  }

  @Test func aFileThatWasRenamedIsNotInPlace() throws {
    let file = try segment()
    #expect(try file.isInPlace())
    try disk.rename(Self.path, to: "/queue/other")
    #expect(try !file.isInPlace())
    disk.setContent(Self.path, [1])
    #expect(try !file.isInPlace())
  }

  @Test func whatIsZeroIsTold() throws {
    let file = try segment([0, 0, 1, 0])
    let start = SegmentFormat.headerBytes
    #expect(try file.isZero(start..<(start + 2)) && !file.isZero(start..<(start + 3)))
    #expect(try file.frameHeader(at: start) == nil)
  }
}
