import Glibc

/// What a queue directory holds, read without its lock and without changing anything.
///
/// A process may be using the queue meanwhile: then it is what was there at some moments in between.
package struct DiskQueueContent: Sendable, Equatable {
  /// One segment file.
  package struct Segment: Sendable, Equatable {
    package let name: String
    package let fileBytes: Int
    /// What is in it and not acknowledged.
    package var queued = FrameTotals.zero
    /// False for the segment that is being written, or was when its process ended.
    package var isClosed = false
    /// True if its frames were read; else its footer is taken at its word.
    package var isVerified = false
    /// Of what was read: bytes between valid frames that fail their checksum.
    package var corruptBytes = 0
    /// Bytes after the last whole frame of a segment that is not closed: being written, or left so by a crash.
    package var tailBytes = 0
    /// Seconds since 1970.
    package let lastWritten: Int
  }

  /// In the order of their frames.
  package private(set) var segments: [Segment] = []
  /// Segment files whose header cannot be read, and those that were set aside because of that.
  package private(set) var unreadable: [String] = []
  /// True if it cannot be told what is acknowledged, so that all counts as queued.
  package private(set) var isCursorDamaged = false
  /// What the frames are encoded for; nil if there is no segment.
  package private(set) var fingerprint: UInt64?

  package var queued: FrameTotals { segments.reduce(into: .zero) { $0 += $1.queued } }

  /// Reads the directory; with `verifying` every frame of it, else only those of segments that are not closed or
  /// partly acknowledged.
  package static func read(
    _ directory: String, of files: any FileSystem = SystemFileSystem(), verifying: Bool = false
  ) throws(DiskQueueError) -> DiskQueueContent {
    do {
      return try DiskQueueContent(directory, files, verifying)
    } catch let error as FileError {
      throw .file(error)
    } catch let error as DiskQueueError {
      throw error
    } catch {
      throw .file(FileError("read", 0, path: directory))
    }
  }

  private init(_ directory: String, _ files: any FileSystem, _ verifying: Bool) throws {
    let names = try files.names(in: directory).sorted()
    unreadable = names.filter { SegmentFormat.sequence(ofSetAside: $0) != nil }
    var found: [SegmentFile] = []
    // A file whose header has another number than its name is about to be used again.
    for name in names {
      guard let sequence = SegmentFormat.sequence(ofFile: name), let file = try open(directory + "/" + name, of: files)
      else { continue }
      if file.header.version != SegmentFormat.version {
        throw DiskQueueError.newerFormat(
          file: file.path, version: file.header.version, supportedVersion: SegmentFormat.version)
      }
      if file.header.sequence == sequence { found.append(file) }
    }
    fingerprint = found.first?.header.fingerprint
    let acknowledged = try acknowledged(in: directory, of: files)
    for (index, file) in found.enumerated() {
      let end = index + 1 < found.count ? found[index + 1].header.firstFrame : .max
      segments.append(try Self.segment(file, before: end, acknowledged, verifying))
    }
  }

  /// A segment with frames; nil if it holds none, or has been removed meanwhile.
  private mutating func open(_ path: String, of files: any FileSystem) throws(FileError) -> SegmentFile? {
    do throws(FileError) {
      if let file = try SegmentFile.open(path, of: files, .read) { return file }
      // What is set aside for the next segment is empty.
      let fileBytes = try FileHandle(path, of: files, .read).size()
      if fileBytes > 0 { unreadable.append(String(path.split(separator: "/").last ?? "")) }
      return nil
    } catch {
      if error.number == ENOENT { return nil }
      throw error
    }
  }

  private mutating func acknowledged(in directory: String, of files: any FileSystem) throws(FileError)
    -> AcknowledgedFrames
  {
    guard let fingerprint else { return AcknowledgedFrames(low: 1) }
    switch try CursorFile.content(in: directory, of: files, fingerprint: fingerprint) {
    case .acknowledged(let frames): return frames
    case .nothing: return AcknowledgedFrames(low: 1)
    case .damaged:
      isCursorDamaged = true
      return AcknowledgedFrames(low: 1)
    }
  }

  private static func segment(
    _ file: SegmentFile, before endFrame: UInt64, _ acknowledged: AcknowledgedFrames, _ verifying: Bool
  ) throws(FileError) -> Segment {
    let footer = try file.footer()
    var segment = Segment(name: file.name, fileBytes: try file.size(), lastWritten: try file.lastWritten())
    segment.isClosed = footer != nil
    let first = file.header.firstFrame
    let frames = first..<max(min(footer?.endFrame ?? .max, endFrame), first)
    if let footer, !verifying, !acknowledged.touches(frames) {
      segment.queued = footer.totals
      return segment
    }
    if acknowledged.covers(frames), !verifying { return segment }
    let end = footer?.offset ?? segment.fileBytes
    let scan = try SegmentScan.read(file, until: end, frames, skipping: acknowledged)
    segment.queued = scan.totals
    segment.isVerified = true
    segment.corruptBytes = scan.corruptBytes
    let torn = try scan.tornBytes(of: file, before: end)
    if footer == nil { segment.tailBytes = torn } else { segment.corruptBytes += torn }
    return segment
  }
}
