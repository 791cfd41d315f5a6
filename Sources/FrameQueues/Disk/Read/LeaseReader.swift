import Glibc

/// Reads frames in order for leases. Only the reading thread uses it.
struct LeaseReader {
  /// The segment being read, opened on its own so that reading and writing do not meet.
  private var file: SegmentFile?
  private let directory: QueueDirectory
  private let versions: [SegmentVersion]
  /// The memory of leases that have ended, of a size for the bytes that leases are asked for.
  private var spares: SpareSegments?

  init(_ directory: QueueDirectory, versions: [SegmentVersion]) {
    self.directory = directory
    self.versions = versions
  }

  /// Reads a run of frames; nil if the segment's header is damaged. If `passesUnreadable`, pages that the disk does not
  /// give back count as damaged instead of being an error, as long as it gives back the first before and after.
  mutating func read(_ read: DiskLedger.Read, passesUnreadable: Bool) throws(FileError) -> FrameRun? {
    if file?.header.sequence != read.sequence { file = nil }
    let name = SegmentFormat.fileName(read.sequence)
    if file == nil { file = try SegmentFile.open(try directory.open(name, .read), versions) }
    guard let file, file.header.sequence == read.sequence else { return nil }
    if file.header.salt != read.salt {
      throw FileError("use", ESTALE, path: "\(directory.path(of: name)), which is another segment now")
    }
    if passesUnreadable { try file.checkMedium() }
    var window = read.window
    window.passesUnreadable = passesUnreadable
    let run = try FrameRun.read(file, window, into: spares(forPayload: window.maxBytes))
    if passesUnreadable { try file.checkMedium() }
    return run
  }

  private mutating func spares(forPayload bytes: Int) -> SpareSegments {
    let memoryBytes = FrameRun.memoryBytes(forPayload: bytes)
    if let spares, spares.segmentBytes == memoryBytes { return spares }
    let made = SpareSegments(segmentBytes: memoryBytes)
    spares = made
    return made
  }

  /// Gives memory back that was not used since the last time.
  func trim() { spares?.trim() }

  /// Lets go of the file, so that it is opened anew.
  mutating func forgetFile() { file = nil }

  /// The file of a segment, if that is the one being read.
  func file(of segment: DiskLedger.Segment) -> SegmentFile? {
    file.flatMap { $0.header.sequence == segment.sequence && $0.header.salt == segment.salt ? $0 : nil }
  }
}

/// Where leases are up to, and who waits for one. Its lock is held over no call to the disk.
struct LeasePlace {
  /// Where the next lease starts.
  var next: ReadPlace
  /// True while frames from `next` on are being read; nothing is leased meanwhile.
  var isReading = false
  /// When the read that is under way began.
  var readBegan: Duration?
  /// What the reading thread is to read, and whom to tell.
  var asked: (read: DiskLedger.Read, maxBytes: Int, done: @Sendable (FrameLease?) -> Void)?
  /// True if the reading thread is to give memory back.
  var isTrimAsked = false
}

/// Where the next lease starts.
struct ReadPlace {
  var sequence: UInt64
  var offset = SegmentFormat.headerBytes
  var frame: UInt64 = 0
}

extension DiskLedger {
  /// What the next lease is to be read from.
  struct Read {
    let sequence: UInt64
    let salt: UInt32
    var window: FrameWindow
  }

  /// Finds what to read next and moves `place` there, past segments that have been read to their end; nil if nothing
  /// can be leased now. At least one frame of what is to be read is not acknowledged, and until it has been read it
  /// will not be: so long the segment's file stays.
  mutating func nextRead(from place: inout ReadPlace, maxBytes: Int) -> Read? {
    guard health.readFault == nil else { return nil }
    while let index = segments.firstIndex(where: { $0.sequence >= place.sequence && !$0.isLeaving }) {
      let segment = segments[index]
      if segment.sequence > place.sequence { place = ReadPlace(sequence: segment.sequence) }
      place.frame = max(place.frame, segment.firstFrame)
      let end = readableEnd(of: segment)
      // What was acknowledged before, by an earlier process, is not read: the file may be used again meanwhile.
      if place.offset < end.bytes, place.frame < end.frame, !acknowledged.covers(place.frame..<end.frame) {
        let window = FrameWindow(
          offsets: place.offset..<end.bytes, frames: place.frame..<end.frame,
          maxBytes: min(max(maxBytes, 0), SegmentFormat.maxPayloadBytes), acknowledged: acknowledged)
        return Read(sequence: segment.sequence, salt: segment.salt, window: window)
      }
      giveUpRest(of: index, from: place.frame)
      place.offset = max(place.offset, end.bytes)
      place.frame = max(place.frame, end.frame)
      guard segment.isSealed, end.bytes == segment.writtenBytes else { return nil }
      place = ReadPlace(sequence: segment.sequence + 1)
    }
    return nil
  }

  /// Takes what was read: a lease of it, or nil if it held no frame to be leased.
  mutating func leased(_ run: FrameRun, of read: Read, moving place: inout ReadPlace) -> FrameLease? {
    readSucceeded()
    let frames = place.frame..<max(run.endFrame, place.frame)
    place.offset = run.endOffset
    place.frame = frames.upperBound
    if run.corruptBytes > 0 {
      let file = SegmentFormat.fileName(read.sequence)
      let isUnreadable = run.unreadableBytes > 0 && markUnreadable(read.sequence)
      note(
        isUnreadable ? .passed(file: file, bytes: run.corruptBytes) : .corrupt(file: file, bytes: run.corruptBytes))
    }
    for damage in run.damage { giveUp(damage.frames) }
    guard run.frames > 0 else {
      pass(frames)
      return nil
    }
    let id = open(frames, run.totals, in: read.sequence)
    var lease = FrameLease(
      id: id, segment: run.memory, range: run.range, records: run.totals.records, frames: run.frames)
    lease.appended = ages.time(of: frames.lowerBound)
    return lease
  }

  /// Passes a segment whose header was read and is damaged.
  mutating func skip(_ read: Read, moving place: inout ReadPlace) {
    readSucceeded()
    _ = markUnreadable(read.sequence)
    note(.corrupt(file: SegmentFormat.fileName(read.sequence), bytes: read.window.offsets.count))
    place.offset = read.window.offsets.upperBound
  }

  /// True once the disk has so often given back no page of a file that it opens that such pages are passed.
  var passesUnreadable: Bool { health.passesUnreadable(after: options.maxReadAttempts) }
}
