import Glibc

/// What a queue directory holds, read without its lock and without changing anything.
///
/// A process may be using the queue meanwhile: then it is what was there at some moments in between.
package struct DiskQueueContent: Sendable, Equatable {
  /// One segment file.
  package struct Segment: Sendable, Equatable {
    package let name: String
    /// The name that its header says, if the file has another.
    package let headerName: String?
    package let fileBytes: Int
    /// What is in it and not acknowledged.
    package var queued = FrameTotals.zero
    /// False for the segment that is being written, or was when its process ended.
    package var isClosed = false
    /// True if its frames were read; else its footer is taken at its word.
    package var isVerified = false
    /// Of what was read: bytes between valid frames that fail their checksum.
    package var corruptBytes = 0
    /// Of what was read: the damaged parts, the first of them, and what is lost with all of them.
    package var damage: [SegmentDamage] = []
    package var lost = FrameTotals.zero
    /// The numbers of its frames, as far as they are known.
    var frames: Range<UInt64>
    /// Bytes after the last whole frame of a segment that is not closed: being written, or left so by a crash.
    package var tailBytes = 0
    /// Seconds since 1970.
    package let lastWritten: Int

    init(_ file: SegmentFile, frames: Range<UInt64>) throws(FileError) {
      name = String(file.path.split(separator: "/").last ?? "")
      headerName = file.isMisnamed ? file.name : nil
      fileBytes = try file.size()
      lastWritten = try file.lastWritten()
      self.frames = frames
    }
  }

  /// In the order of their frames.
  package private(set) var segments: [Segment] = []
  /// Segment files whose header cannot be read, and those that were set aside because of that.
  package private(set) var unreadable: [String] = []
  /// Segment files with the name of another segment, unless nothing in them is waited for: those are about to be used
  /// again.
  package private(set) var misnamed: [String] = []
  /// True if it cannot be told what is acknowledged, so that all counts as queued.
  package private(set) var isCursorDamaged = false
  /// True if there are segments and no cursor, so that all counts as queued.
  package private(set) var isCursorMissing = false
  /// Frames that are neither acknowledged nor in any segment.
  package private(set) var missing: [Range<UInt64>] = []
  /// What the frames are encoded for; nil if nothing says it.
  package private(set) var fingerprint: UInt64?

  package var queued: FrameTotals { segments.reduce(into: .zero) { $0 += $1.queued } }
  /// What is lost with the damage that was found in segments, without what is missing or cannot be read.
  package var lost: FrameTotals { segments.reduce(into: .zero) { $0 += $1.lost } }
  package var corruptBytes: Int { segments.reduce(0) { $0 + $1.corruptBytes } }
  /// True if a segment or the cursor is damaged, missing or has another's name. While a process writes to the queue it
  /// may seem so for a moment.
  package var isDamaged: Bool {
    corruptBytes > 0 || !missing.isEmpty || !unreadable.isEmpty || !misnamed.isEmpty || isCursorDamaged
      || isCursorMissing
  }

  /// Reads the directory; with `verifying` every frame of it, else only those of segments that are not closed or
  /// partly acknowledged.
  package static func read(
    _ directory: String, of files: any FileSystem = SystemFileSystem(), verifying: Bool = false
  ) throws(DiskQueueError) -> DiskQueueContent {
    try read(QueueDirectory(path: directory, files: files), verifying: verifying, SegmentVersion.known)
  }

  /// The same with the format versions that segments may have.
  static func read(
    _ directory: QueueDirectory, verifying: Bool, _ versions: [SegmentVersion]
  ) throws(DiskQueueError) -> DiskQueueContent {
    do {
      return try DiskQueueContent(directory, verifying: verifying, versions)
    } catch let error as FileError {
      throw .file(error)
    } catch let error as DiskQueueError {
      throw error
    } catch {
      throw .file(FileError("read", 0, path: directory.path))
    }
  }

  private init(_ directory: QueueDirectory, verifying: Bool, _ versions: [SegmentVersion]) throws {
    let names = try directory.files.names(in: directory.path).sorted()
    unreadable = names.filter { SegmentFormat.sequence(ofSetAside: $0) != nil }
    var found: [SegmentFile] = []
    for name in names {
      guard SegmentFormat.sequence(ofFile: name) != nil,
        let file = try open(name, in: directory, versions)
      else { continue }
      try file.header.checkVersion(of: file.path)
      found.append(file)
    }
    leaveOutCopies(&found)
    fingerprint = try found.first?.header.fingerprint ?? CursorFile.fingerprint(in: directory.path, of: directory.files)
    let record = try record(in: directory, first: found.first?.header.firstFrame ?? 1)
    let acknowledged = record.acknowledged
    for (index, file) in found.enumerated() {
      let end = index + 1 < found.count ? found[index + 1].header.firstFrame : .max
      let segment = try Self.segment(file, before: end, acknowledged, verifying)
      if segment.headerName != nil {
        if acknowledged.covers(segment.frames) { continue }
        misnamed.append(segment.name)
      }
      segments.append(segment)
    }
    noteMissingFrames(record)
  }

  /// Puts segments in the order of their headers and leaves out whatever has the header of another that is there under
  /// its own name.
  private mutating func leaveOutCopies(_ found: inout [SegmentFile]) {
    found.sort { ($0.header.sequence, $0.isMisnamed ? 1 : 0) < ($1.header.sequence, $1.isMisnamed ? 1 : 0) }
    var kept: [SegmentFile] = []
    for file in found {
      if file.header.sequence == kept.last?.header.sequence {
        misnamed.append(String(file.path.split(separator: "/").last ?? ""))
      } else {
        kept.append(file)
      }
    }
    found = kept
  }

  /// Notes what lies before the segments, between them, and behind them below the durable end.
  private mutating func noteMissingFrames(_ record: CursorRecord) {
    let acknowledged = record.acknowledged
    var next = acknowledged.low
    let end = record.durable?.endFrame ?? 0
    for frames in segments.map(\.frames) + [end..<end] {
      if next < frames.lowerBound, !acknowledged.covers(next..<frames.lowerBound) {
        missing.append(next..<frames.lowerBound)
      }
      next = max(next, frames.upperBound)
    }
  }

  /// A segment with frames; nil if it holds none, or has been removed meanwhile.
  private mutating func open(
    _ name: String, in directory: QueueDirectory, _ versions: [SegmentVersion]
  ) throws(FileError) -> SegmentFile? {
    do throws(FileError) {
      let handle = try directory.open(name, .read)
      if let file = try SegmentFile.open(handle, versions) { return file }
      // What is set aside for the next segment is empty.
      if try handle.size() > 0 { unreadable.append(name) }
      return nil
    } catch {
      if error.number == ENOENT { return nil }
      throw error
    }
  }

  /// What the cursor says; without one, all below the `first` frame that is there is acknowledged.
  private mutating func record(in directory: QueueDirectory, first: UInt64) throws -> CursorRecord {
    let all = CursorRecord(acknowledged: AcknowledgedFrames(low: first), durable: nil)
    guard let fingerprint else { return all }
    let content = try CursorFile.content(in: directory.path, of: directory.files, fingerprint: fingerprint)
    try content.checkVersion(in: directory.path)
    switch content {
    case .record(let record): return record
    case .nothing:
      // The fingerprint is that of a segment.
      isCursorMissing = true
      return all
    case .damaged, .newer:  // A newer one was refused above.
      isCursorDamaged = true
      return all
    }
  }

  private static func segment(
    _ file: SegmentFile, before endFrame: UInt64, _ acknowledged: AcknowledgedFrames, _ verifying: Bool
  ) throws(FileError) -> Segment {
    let footer = try file.footer()
    let first = file.header.firstFrame
    let frames = first..<max(min(footer?.endFrame ?? .max, endFrame), first)
    var segment = try Segment(file, frames: frames)
    segment.isClosed = footer != nil
    if let footer, !verifying, !acknowledged.touches(frames) {
      segment.queued = footer.totals
      return segment
    }
    if acknowledged.covers(frames), !verifying { return segment }
    let end = footer?.offset ?? segment.fileBytes
    let scan = try SegmentScan.read(file, .all(before: end, frames, skipping: acknowledged))
    segment.queued = scan.totals
    segment.isVerified = true
    segment.corruptBytes = scan.corruptBytes
    (segment.damage, segment.lost) = (scan.damage, scan.lost)
    let torn = try scan.tornBytes(of: file, before: end)
    if footer == nil {
      segment.tailBytes = torn
      segment.frames = first..<max(scan.endFrame, first)
    } else {
      segment.corruptBytes += torn
      segment.noteTail(of: scan, before: end, acknowledged)
    }
    return segment
  }
}

extension DiskQueueContent.Segment {
  /// Notes what a closed segment lacks at its end.
  fileprivate mutating func noteTail(of scan: SegmentScan, before end: Int, _ acknowledged: AcknowledgedFrames) {
    var tail = scan.tail
    let offset = tail.last?.offsets.upperBound ?? scan.validEnd
    let unseen = min(scan.nextFrame, frames.upperBound)..<frames.upperBound
    if !unseen.isEmpty {
      tail.add(SegmentDamage(at: min(offset, end)..<end, frames: unseen, skipping: acknowledged))
    }
    for part in tail { lost += part.lost }
    damage += tail
  }
}
