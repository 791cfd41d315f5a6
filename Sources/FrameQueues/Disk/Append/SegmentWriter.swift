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
  struct Spare {
    let handle: FileHandle
    let sequence: UInt64
    var limitBytes: Int
    /// What an earlier segment left in it.
    var reusedBytes = 0

    /// Makes a file with the most of `room` or, if the disk has less, with the least.
    static func make(
      _ sequence: UInt64, in directory: QueueDirectory, room: ClosedRange<Int>
    ) throws(FileError) -> Spare {
      let handle = try directory.open(SegmentFormat.fileName(sequence), .createNew)
      do {
        let limit = try allocate(handle, room)
        return Spare(handle: handle, sequence: sequence, limitBytes: limit)
      } catch {
        // What is thrown is the first failure; a file that stays is passed over at the next start.
        do { try directory.files.remove(handle.path) } catch {}
        throw error
      }
    }

    private static func allocate(_ handle: FileHandle, _ room: ClosedRange<Int>) throws(FileError) -> Int {
      do {
        try handle.allocate(upTo: room.upperBound)
        return room.upperBound
      } catch {
        try handle.truncate(to: 0)
        try handle.allocate(upTo: room.lowerBound)
        return room.lowerBound
      }
    }
  }

  private let directory: QueueDirectory
  private let options: DiskQueueOptions
  private var active: Active?
  private(set) var spare: Spare?
  private var nextSegment: UInt64
  /// The number of the segment begun last; 0 before the first.
  private var lastBegun: UInt64 = 0
  /// The number of the next frame.
  private(set) var nextFrame: UInt64
  /// True once nothing more is written.
  private(set) var hasEnded = false

  /// A writer of a queue whose next segment and frame have these numbers.
  init(_ directory: QueueDirectory, options: DiskQueueOptions, next: (segment: UInt64, frame: UInt64)) {
    self.directory = directory
    self.options = options
    (nextSegment, nextFrame) = next
  }

  /// The sequence number of the segment that is appended to.
  var activeSequence: UInt64? { active?.file.header.sequence }

  /// Disk space that is certain for reservations: a request that does not fit the active segment goes to the spare.
  var roomBytes: Int {
    if let spare { return spare.limitBytes - SegmentFormat.headerBytes - SegmentFormat.footerBytes }
    guard let active else { return 0 }
    return active.limitBytes - active.writtenBytes - SegmentFormat.footerBytes
  }

  /// How long a file has to be for so many bytes of a segment.
  static func fileBytes(for bytes: Int) -> Int { bytes + SegmentFormat.headerBytes + SegmentFormat.footerBytes }

  /// A number that no other segment has.
  mutating func takeNumber() -> UInt64 {
    defer { nextSegment &+= 1 }
    return nextSegment
  }

  /// Takes a file to become the next segment, unless there is one that is as good. Returns what is not needed, to be
  /// removed. So is a file that was so long in the making that a segment with a higher number has begun: leases and the
  /// next process go through the segments in the order of their numbers.
  mutating func offer(_ new: Spare) -> Spare? {
    if hasEnded || new.sequence < lastBegun { return new }
    guard let spare, spare.limitBytes >= new.limitBytes else {
      defer { spare = new }
      return spare
    }
    return new
  }

  /// Says that the file which is to become the next segment now has more room.
  mutating func enlarged(_ sequence: UInt64, to bytes: Int) {
    guard let limit = spare?.limitBytes, spare?.sequence == sequence else { return }
    spare?.limitBytes = max(limit, bytes)
  }

  /// Forgets a file that was to become the next segment and has been removed behind our back.
  mutating func forget(_ sequence: UInt64) { if spare?.sequence == sequence { spare = nil } }

  /// Takes out the file that was to become the next segment.
  mutating func takeSpare() -> Spare? {
    defer { spare = nil }
    return spare
  }

  func fits(_ bytes: Int) -> Bool {
    guard let active else { return false }
    return active.writtenBytes + bytes + SegmentFormat.footerBytes <= active.limitBytes
  }

  /// Leaves the active segment, so that it is written no more.
  mutating func endActive() { active = nil }

  /// Leaves the active segment for good: nothing is to be written any more.
  mutating func end() {
    active = nil
    hasEnded = true
  }

  /// Begins a segment with room for `bytes` of frames.
  mutating func begin(for bytes: Int) throws(FileError) -> DiskLedger.Segment {
    let least = Self.fileBytes(for: bytes)
    if let spare, try !spare.handle.isInPlace() { self.spare = nil }
    if let spare, spare.limitBytes < least {
      try spare.handle.allocate(upTo: least)
      self.spare?.limitBytes = least
    }
    let spare: Spare
    if let kept = takeSpare() {
      spare = kept
    } else {
      // Nobody has reserved this.
      spare = try Spare.make(takeNumber(), in: directory, room: least...max(options.usedSegmentBytes, least))
    }
    let header = SegmentHeader(
      salt: UInt32.random(in: .min ... .max), sequence: spare.sequence, firstFrame: nextFrame,
      fingerprint: options.fingerprint, reusedBytes: spare.reusedBytes)
    let file: SegmentFile
    do throws(FileError) {
      file = try SegmentFile.begin(spare.handle, header, writesPages: options.writesWithSync)
    } catch {
      // As above.
      do { try directory.files.remove(spare.handle.path) } catch {}
      throw error
    }
    active = Active(file: file, limitBytes: spare.limitBytes)
    lastBegun = spare.sequence
    return DiskLedger.Segment(
      sequence: spare.sequence, salt: header.salt, firstFrame: nextFrame, endFrame: nextFrame,
      writtenBytes: SegmentFormat.headerBytes,
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
      try unsafe append.withParts(
        firstFrame: nextFrame, salt: active.file.header.salt, zeros: active.paddingBytes(after: written)
      ) { parts throws(FileError) in
        try unsafe active.file.write(parts, at: active.writtenBytes)
      }
    } catch {
      // If the cut fails too, the next segment's first frame number tells that what is left is not to be read.
      do { try active.file.truncate(to: active.writtenBytes) } catch {}
      self.active = nil
      throw error
    }
  }
}
