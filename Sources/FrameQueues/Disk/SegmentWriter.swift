/// Writes frames to the newest segment and begins a new one when it is full.
///
/// Only the holder of the queue's writer lock uses it. Disk space is set aside a segment ahead, so that a full disk
/// shows when room is reserved and not in the middle of an append.
struct SegmentWriter {
  /// The segment that is appended to.
  private struct Active {
    let file: SegmentFile
    let limitBytes: Int
    var writtenBytes = SegmentFormat.headerBytes

    /// How far the page that `end` lies in was used before. Whole pages are written there, so that the system need not
    /// read what is left of them.
    func paddingBytes(after end: Int) -> Int {
      max(min(SegmentFormat.pageEnd(end), file.header.reusedBytes) - end, 0)
    }
  }

  /// A file with disk space, to become the next segment.
  private struct Spare {
    let handle: FileHandle
    let sequence: UInt64
    var limitBytes: Int
    /// What an earlier segment left in it.
    var reusedBytes = 0
  }

  private let directory: String
  private let files: any FileSystem
  private let options: DiskQueueOptions
  private var active: Active?
  private var spare: Spare?
  private var nextSegment: UInt64
  /// The number of the next frame.
  private(set) var nextFrame: UInt64

  init(
    directory: String, files: any FileSystem, options: DiskQueueOptions, nextSegment: UInt64, nextFrame: UInt64
  ) {
    self.directory = directory
    self.files = files
    self.options = options
    self.nextSegment = nextSegment
    self.nextFrame = nextFrame
  }

  /// The sequence number of the segment that is appended to.
  var activeSequence: UInt64? { active?.file.header.sequence }

  /// Disk space that is certain for reservations: a request that does not fit the active segment goes to the spare.
  var roomBytes: Int {
    if let spare { return spare.limitBytes - SegmentFormat.headerBytes - SegmentFormat.footerBytes }
    guard let active else { return 0 }
    return active.limitBytes - active.writtenBytes - SegmentFormat.footerBytes
  }

  /// Sets disk space aside so that `roomBytes` is at least `bytes`.
  mutating func makeRoom(for bytes: Int) throws(FileError) {
    if let spare, try !spare.handle.exists() { self.spare = nil }
    guard bytes > roomBytes else { return }
    let least = bytes + SegmentFormat.headerBytes + SegmentFormat.footerBytes
    guard let spare else { return try makeSpare(max(options.usedSegmentBytes, least), least: least) }
    try spare.handle.allocate(upTo: least)
    self.spare?.limitBytes = least
  }

  /// Finds out whether the disk takes writes again.
  mutating func probe(for bytes: Int) throws(FileError) {
    try makeRoom(for: spare == nil ? max(bytes, roomBytes + 1) : bytes)
    if let spare, spare.reusedBytes > 0 {
      // Without a write, a file that was synced before would be synced again on any disk.
      try spare.handle.write(try spare.handle.read(SegmentFormat.headerBytes, at: 0), at: 0)
    }
    try spare?.handle.sync()
    try files.syncDirectory(directory)
  }

  private mutating func makeSpare(_ bytes: Int, least: Int) throws(FileError) {
    let sequence = nextSegment
    nextSegment &+= 1
    let path = directory + "/" + SegmentFormat.fileName(sequence)
    let handle = try FileHandle(path, of: files, .createNew)
    do {
      let limit = try Self.allocate(handle, bytes, orAtLeast: least)
      spare = Spare(handle: handle, sequence: sequence, limitBytes: limit)
    } catch {
      do { try files.remove(path) } catch {}
      throw error
    }
  }

  /// Takes the file of a segment that nobody needs any more, to overwrite it: that costs half of what new pages and
  /// blocks do. If it cannot be used it is removed, and so it is if there is a spare file already.
  mutating func reuse(_ path: String) throws(FileError) {
    if let spare, try spare.handle.exists() { return try files.remove(path) }
    let sequence = nextSegment
    nextSegment &+= 1
    let newPath = directory + "/" + SegmentFormat.fileName(sequence)
    try files.rename(path, to: newPath)
    do {
      let handle = try FileHandle(newPath, of: files, .readWrite)
      try handle.allocate(upTo: options.usedSegmentBytes)
      spare = Spare(
        handle: handle, sequence: sequence, limitBytes: options.usedSegmentBytes, reusedBytes: try handle.size())
    } catch {
      try files.remove(newPath)
    }
  }

  /// Removes the file that was to become the next segment.
  mutating func removeSpare() throws(FileError) {
    guard let spare else { return }
    self.spare = nil
    if try spare.handle.exists() { try files.remove(spare.handle.path) }
  }

  private static func allocate(_ handle: FileHandle, _ bytes: Int, orAtLeast least: Int) throws(FileError) -> Int {
    do {
      try handle.allocate(upTo: bytes)
      return bytes
    } catch {
      try handle.truncate(to: 0)
      try handle.allocate(upTo: least)
      return least
    }
  }

  func fits(_ bytes: Int) -> Bool {
    guard let active else { return false }
    return active.writtenBytes + bytes + SegmentFormat.footerBytes <= active.limitBytes
  }

  /// Leaves the active segment, so that it is written no more.
  mutating func endActive() { active = nil }

  /// Begins a segment with room for `bytes` of frames.
  mutating func begin(for bytes: Int) throws(FileError) -> DiskLedger.Segment {
    try makeRoom(for: bytes)
    if spare == nil { try makeSpare(options.usedSegmentBytes, least: SegmentFormat.headerBytes * 2) }
    guard let spare else { throw FileError("open", 0) }
    self.spare = nil
    let header = SegmentHeader(
      salt: UInt32.random(in: .min ... .max), sequence: spare.sequence, firstFrame: nextFrame,
      fingerprint: options.fingerprint, reusedBytes: spare.reusedBytes)
    let file: SegmentFile
    do throws(FileError) {
      file = try SegmentFile.begin(spare.handle, header, writesPages: options.writesWithSync)
    } catch {
      do { try files.remove(spare.handle.path) } catch {}
      throw error
    }
    active = Active(file: file, limitBytes: spare.limitBytes)
    return DiskLedger.Segment(
      sequence: spare.sequence, firstFrame: nextFrame, endFrame: nextFrame, writtenBytes: SegmentFormat.headerBytes,
      syncedBytes: SegmentFormat.headerBytes, syncedFrame: nextFrame, isSealed: false, file: file)
  }

  /// Writes frames that fit to the active segment, or gives them their place if the committing thread is to write them,
  /// and returns how long the segment then is. If that fails, what was written of them is cut off, and the segment is
  /// written no more.
  mutating func write(_ append: FrameAppend) throws(FileError) -> Int {
    guard let active else { throw FileError("write", 0) }
    let written = active.writtenBytes + append.fileBytes
    if !options.writesWithSync { try writeToFile(append, of: active, written) }
    nextFrame += UInt64(append.frames.count)
    self.active?.writtenBytes = written
    return written
  }

  private mutating func writeToFile(_ append: FrameAppend, of active: Active, _ written: Int) throws(FileError) {
    do {
      try append.withParts(
        firstFrame: nextFrame, salt: active.file.header.salt, zeros: active.paddingBytes(after: written)
      ) { parts throws(FileError) in
        try active.file.write(parts, at: active.writtenBytes)
      }
    } catch {
      // If the cut fails too, the next segment's first frame number tells that what is left is not to be read.
      do { try active.file.truncate(to: active.writtenBytes) } catch {}
      self.active = nil
      throw error
    }
  }
}
