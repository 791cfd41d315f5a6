/// An open segment file; closed with the last reference to its handle.
final class SegmentFile: Sendable {
  let header: SegmentHeader
  /// How its frames are read.
  let version: SegmentVersion
  private let handle: FileHandle
  /// Writes past the system's cache; nil if that was not asked for or cannot be.
  private let pageHandle: FileHandle?

  /// The file's name, without its directory.
  var name: String { SegmentFormat.fileName(header.sequence) }
  var path: String { handle.path }
  /// True if the file has another name than its header says.
  var isMisnamed: Bool { !path.hasSuffix("/" + name) }

  private init(
    _ handle: FileHandle, _ header: SegmentHeader, _ version: SegmentVersion, pageHandle: FileHandle? = nil
  ) {
    self.handle = handle
    self.header = header
    self.version = version
    self.pageHandle = pageHandle
  }

  /// Writes the header page of an empty segment.
  static func begin(_ handle: FileHandle, _ header: SegmentHeader, writesPages: Bool) throws(FileError) -> SegmentFile {
    try handle.write(header.page, at: 0)
    return SegmentFile(handle, header, .written, pageHandle: writesPages ? handle.pageHandle : nil)
  }

  /// Copies the first bytes of a segment to a file of its name in a directory and syncs that.
  func copy(_ bytes: Int, to directory: QueueDirectory, writesPages: Bool) throws(FileError) -> SegmentFile {
    let copy = try directory.open(name, .readWriteOrCreate)
    for offset in stride(from: 0, to: bytes, by: 1 << 20) {
      let part = try handle.read(min(1 << 20, bytes - offset), at: offset)
      if part.isEmpty { break }
      try copy.write(part, at: offset)
    }
    try copy.sync()
    return SegmentFile(copy, header, version, pageHandle: writesPages ? copy.pageHandle : nil)
  }

  /// Opens a segment; nil if both copies of its header are damaged. Of one of a later version only the header is of
  /// use.
  static func open(_ handle: FileHandle, _ versions: [SegmentVersion]) throws(FileError) -> SegmentFile? {
    let page = try handle.read(SegmentFormat.headerBytes, at: 0)
    guard let header = unsafe page.withUnsafeBytes({ unsafe SegmentHeader(page: $0, of: versions) }) else { return nil }
    return SegmentFile(handle, header, versions.first { $0.number == header.version } ?? .written)
  }

  func write(_ parts: [UnsafeRawBufferPointer], at offset: Int) throws(FileError) {
    try unsafe handle.write(parts, at: offset)
  }

  /// Writes whole pages, past the system's cache if that can be done.
  func writePages(_ pages: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    if let pageHandle {
      // A file system that cannot do it takes them the usual way, which tells what is wrong.
      do { return try unsafe pageHandle.write([pages], at: offset) } catch {}
    }
    try unsafe handle.write([pages], at: offset)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
    try unsafe handle.read(into: buffer, at: offset)
  }

  /// Reads page by page and puts zeros where the file ends or the disk gives nothing back; returns how many bytes it
  /// did not give back.
  func readPages(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
    var unreadableBytes = 0
    for start in stride(from: 0, to: buffer.count, by: SegmentFormat.pageBytes) {
      let page = unsafe UnsafeMutableRawBufferPointer(
        rebasing: buffer[start..<min(start + SegmentFormat.pageBytes, buffer.count)])
      var count = 0
      do throws(FileError) {
        count = try unsafe read(into: page, at: offset + start)
      } catch {
        guard error.isOfTheMedium else { throw error }
        unreadableBytes += page.count
      }
      unsafe UnsafeMutableRawBufferPointer(rebasing: page[count...]).initializeMemory(as: UInt8.self, repeating: 0)
    }
    return unreadableBytes
  }

  /// Reads the first page from the disk itself: an error if it gives that back no more than the others.
  func checkMedium() throws(FileError) {
    handle.forgetCached()
    _ = try handle.read(SegmentFormat.headerBytes, at: 0)
  }

  func sync() throws(FileError) { try handle.sync() }
  func truncate(to bytes: Int) throws(FileError) { try handle.truncate(to: bytes) }
  func size() throws(FileError) -> Int { try handle.size() }
  func lastWritten() throws(FileError) -> Int { try handle.lastWritten() }
  func isInPlace() throws(FileError) -> Bool { try handle.isInPlace() }

  /// Cuts the file after its last frame, which also gives back space set aside, and writes the footer there. One of an
  /// earlier version gets none, and is read again at each start.
  func close(at offset: Int, endFrame: UInt64, totals: FrameTotals) throws(FileError) {
    let footer = SegmentFooter(endFrame: endFrame, offset: offset, totals: totals, salt: header.salt)
    try truncate(to: offset)
    if version.number != SegmentFormat.version { return }
    try handle.write(footer.bytes, at: offset)
  }

  func isZero(_ range: Range<Int>) throws(FileError) -> Bool {
    try handle.read(range.count, at: range.lowerBound).allSatisfy { $0 == 0 }
  }

  /// The header of a frame at `offset`; nil if there is none.
  func frameHeader(at offset: Int) throws(FileError) -> FrameHeader? {
    let bytes = try handle.read(version.frameHeaderBytes, at: offset)
    return unsafe bytes.withUnsafeBytes { unsafe version.frame($0, 0, header.salt) }
  }

  /// Reads the footer; nil if the segment was not closed.
  func footer() throws(FileError) -> SegmentFooter? {
    let fileBytes = try size()
    guard fileBytes >= SegmentFormat.headerBytes + SegmentFormat.footerBytes else { return nil }
    let bytes = try handle.read(SegmentFormat.footerBytes, at: fileBytes - SegmentFormat.footerBytes)
    return unsafe bytes.withUnsafeBytes { unsafe version.footer($0, header, fileBytes) }
  }
}

extension FileHandle {
  /// Sets disk space aside up to the end of the page that `bytes` end in.
  func allocate(upTo bytes: Int) throws(FileError) { try allocate(SegmentFormat.pageEnd(bytes)) }
}
