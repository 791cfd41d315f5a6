/// How a disk queue keeps its frames.
package struct DiskQueueOptions: Sendable {
  /// When what was appended is made to survive a power cut.
  package enum Fsync: Sendable, Equatable {
    /// Before it counts as durable, one call for all appends that wait; frames are leased only then.
    case always
    /// At least so often. A power cut loses what was appended since; a crash of the process loses nothing.
    case interval(Duration)
    /// When the system sees fit.
    case never
  }

  /// Bytes that the segment files may take on the disk, headers included; preallocation needs up to two segments more.
  package var capacityBytes = 1 << 30
  /// A segment is closed before it grows beyond this; one request larger than that has a segment of its own. At most
  /// a quarter of the capacity.
  package var segmentBytes = 64 << 20
  /// The file of an acknowledged segment is used again while there are at most so many segments, so that its pages
  /// are still in memory; 0 removes them all.
  package var maxSegmentsForReuse = 4
  package var fsync = Fsync.always
  /// With `fsync: always`, frames go to their file when they are made durable, many together and past the system's
  /// cache, instead of each with its append: for a queue all of whose senders wait until their frames are durable.
  /// Until then they are in memory only.
  package var leavesWritingToSync = false
  /// With it, how many bytes may wait to be durable; reserving is refused beyond that, as happens when a disk hangs.
  package var maxUnsyncedBytes = 64 << 20
  /// How long after a busy sync the next is begun, so that more appends share it: each costs the same however many do.
  package var gatherTime = Duration.milliseconds(2)
  /// A sync is busy if at least so many appends shared it; whoever sends little never waits for others.
  package var gatherAppends = 8
  /// Frames of one append shorter than this are joined, so that headers stay below 1 % of the bytes.
  package var minFrameBytes = 4096
  /// Memory for frames that were appended lately, leased ones included, so that their lease reads nothing. What finds
  /// no room in it is leased from its file; less than one piece, 0 for example, keeps nothing that is in its file.
  package var recentBytes = 12 << 20
  /// Memory is taken in pieces of so many bytes; a lease from memory is never larger.
  package var recentPieceBytes = 1 << 20
  /// Beyond so many bytes that could be leased, those who append are held up.
  package var pacedBytes = 8 << 20
  /// How often acknowledgements are made to survive a power cut; a kill they survive within a round of the committing
  /// thread. What was acknowledged later is sent again after one.
  package var cursorInterval = Duration.seconds(1)
  /// How long after a failed write or sync the disk is tried again; reserving is refused meanwhile.
  package var retryInterval = Duration.seconds(1)
  /// How often pages are tried that the disk does not give back, `retryInterval` apart, before they are skipped. Any
  /// other reason why a segment cannot be opened or read is waited out, however long it takes.
  package var maxReadAttempts = 60
  /// A disk that has not answered for so long hangs.
  static let patience = Duration.seconds(5)
  /// What the frames are encoded for; a queue refuses to open a directory written with another fingerprint.
  package var fingerprint: UInt64 = 0
  /// Which format versions segments may have; one of a later version is refused.
  var readVersions = SegmentVersion.known

  package init(capacityBytes: Int = 1 << 30) { self.capacityBytes = capacityBytes }

  /// True if frames are written by the committing thread, before it syncs them.
  var writesWithSync: Bool { leavesWritingToSync && fsync == .always }

  /// The size of a segment, bounded by the capacity.
  var usedSegmentBytes: Int {
    min(max(min(segmentBytes, capacityBytes / 4), SegmentFormat.headerBytes * 2), SegmentFormat.maxPayloadBytes)
  }

  /// Bytes of headers that `payloadBytes` of reserved room may come to: one frame for each `minFrameBytes` begun, with
  /// room for 256 appends at once and the ends of two segments.
  func headerBytes(forPayload payloadBytes: Int) -> Int {
    let frames = payloadBytes / max(minFrameBytes, 1) &+ 256
    return frames &* SegmentFormat.frameHeaderBytes &+ 2 &* (SegmentFormat.headerBytes &+ SegmentFormat.footerBytes)
  }

  /// The most that one reservation can ever get.
  var maxReservationBytes: Int {
    let (frame, header) = (max(minFrameBytes, 1), SegmentFormat.frameHeaderBytes)
    let free = min(capacityBytes, 1 << 50) - headerBytes(forPayload: 0)
    let whole = max(free, 0) / (frame + header)
    return min(whole * frame + min(max(free, 0) % (frame + header), frame - 1), SegmentFormat.maxPayloadBytes)
  }
}

/// Why a queue directory cannot be opened. Nothing in it was changed.
package enum DiskQueueError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Another process has the directory open.
  case locked(directory: String, processID: String)
  /// A segment or the cursor was written by a later version of the gateway.
  case newerFormat(file: String, version: UInt32, supportedVersion: UInt32)
  /// A segment holds frames that were encoded for something else.
  case otherDestination(file: String)
  /// Nothing of a queue is in the directory; `queues` are the directories in it that are queues.
  case noQueue(directory: String, isEmpty: Bool, queues: [String])
  case file(FileError)

  package var description: String {
    switch self {
    case .locked(let directory, let processID):
      "cannot open queue directory \(directory): process \(processID) has it open"
    case .newerFormat(let file, let version, let supported):
      "cannot open queue file \(file): it has format version \(version), this program knows up to \(supported)"
    case .otherDestination(let file):
      "cannot open queue segment \(file): it was written for another destination or encoding"
    case .noQueue(let directory, let isEmpty, let queues):
      "\(directory) is no queue: it \(isEmpty ? "is empty" : "holds no segments and no cursor")"
        + (queues.isEmpty ? "" : "; queues are in its folders \(queues.prefix(20).joined(separator: ", "))")
    case .file(let error): error.description
    }
  }
}

/// Something that happened to a disk queue and that its operator should know.
package enum DiskQueueEvent: Sendable, Equatable {
  /// The end of a segment, no whole frame, was cut off at the start: as a rule it had not been written fully when the
  /// process or power ended.
  case tornTail(file: String, bytes: Int)
  /// Bytes that failed their checksum were skipped.
  case corrupt(file: String, bytes: Int)
  /// Pages that the disk does not give back were skipped, while it gives back others.
  case passed(file: String, bytes: Int)
  /// A segment whose header is damaged, or of which pages could not be read, was set aside under another name.
  case quarantined(file: String)
  /// Frames that are neither acknowledged nor in any segment.
  case framesMissing(count: UInt64)
  /// Records that had been written according to the cursor, and that no segment had at the start: they are lost. With
  /// the segment that is shorter than it was, if that is the one that was written last.
  case recordsMissing(FrameTotals, short: ShortSegment?)
  /// Neither slot of the cursor could be read: everything in the directory is sent again.
  case cursorDamaged
  /// There were segments and no cursor: everything in the directory is sent again.
  case cursorMissing
  /// There was neither a segment nor a cursor: the directory is new, or what was in it is gone.
  case began
  /// Records were lost to damage of the disk; they had been queued.
  case lost(FrameTotals)
  /// A write or sync failed; requests are refused until the disk takes writes again.
  case failed(FileError)
  /// A segment cannot be opened or read; it is tried again until it can.
  case unreadable(FileError)
  /// The disk takes writes and can be read again, and has for a while.
  case recovered
  /// The directory was replaced, and the queue goes on in the new one: with what it still has, which it wrote there,
  /// and without the records in files that are gone.
  case folderReplaced(kept: FrameTotals, lost: FrameTotals)
}

/// The last segment of a queue, whose file is not what it was.
package struct ShortSegment: Sendable, Equatable {
  package let file: String
  /// Nil if there is no such file.
  package let bytes: Int?
  package let expectedBytes: Int
}

/// What a disk queue has counted since it was opened.
package struct DiskQueueCounters: Sendable, Equatable {
  /// Frames, bytes and records that were lost to damage.
  package var lost = FrameTotals.zero
  /// Bytes in segments that failed their checksum.
  package var corruptBytes = 0
  /// Ends of segments that were cut off at the start, and their bytes.
  package var tornTails = 0
  package var tornBytes = 0
  package var appends = 0
  /// Syncs of segments that succeeded, and the time they took.
  package var syncs = 0
  package var syncTime = Duration.zero
  /// Writes, syncs and allocations that failed.
  package var failures = 0

  package init() {}

  /// The sum of what two queues counted.
  package static func + (one: DiskQueueCounters, two: DiskQueueCounters) -> DiskQueueCounters {
    var sum = one
    sum.lost += two.lost
    sum.corruptBytes &+= two.corruptBytes
    sum.tornTails &+= two.tornTails
    sum.tornBytes &+= two.tornBytes
    sum.appends &+= two.appends
    sum.syncs &+= two.syncs
    sum.syncTime += two.syncTime
    sum.failures &+= two.failures
    return sum
  }

  /// Counts what an event says is damaged or lost.
  mutating func count(_ event: DiskQueueEvent) {
    switch event {
    case .tornTail(_, let bytes):
      tornTails += 1
      tornBytes += bytes
    case .corrupt(_, let bytes), .passed(_, let bytes): corruptBytes += bytes
    case .recordsMissing(let totals, _), .lost(let totals): lost += totals
    default: break
    }
  }
}

extension SegmentHeader {
  /// Throws if a later version of the gateway wrote the segment in that file.
  func checkVersion(of file: String) throws(DiskQueueError) {
    if version <= SegmentFormat.version { return }
    throw .newerFormat(file: file, version: version, supportedVersion: SegmentFormat.version)
  }
}

extension CursorFile.Content {
  /// Throws if a later version of the gateway wrote the cursor in that directory.
  func checkVersion(in directory: String) throws(DiskQueueError) {
    guard case .newer(let version) = self else { return }
    throw .newerFormat(
      file: directory + "/" + CursorFile.name, version: version, supportedVersion: CursorFile.version)
  }
}
