extension DiskLedger {
  /// A segment with frames in it, as far as the queue has to know.
  struct Segment {
    let sequence: UInt64
    /// As in its header: it tells the file from another of that name.
    var salt: UInt32 = 0
    var firstFrame: UInt64
    /// The number after that of the last frame written.
    var endFrame: UInt64
    /// Where the last frame written ends.
    var writtenBytes: Int
    /// How far the file is known to have reached the disk: the end of a frame, and the number after it.
    var syncedBytes: Int
    var syncedFrame: UInt64
    /// True if nothing is appended to it any more.
    var isSealed: Bool
    /// True if a sync failed, so that what was not synced before may or may not reach the disk.
    var isSyncFailed = false
    /// True if its header is damaged or the disk did not give a page back: then its file is kept, set aside.
    var isUnreadable = false
    /// True if it was thrown out to make room: it counts no longer, and is to be removed.
    var isLeaving = false
    /// Of all frames written.
    var totals = FrameTotals.zero
    /// Of those that had been written when it was last synced.
    var syncedTotals = FrameTotals.zero
    /// Written, but not yet durable enough to be leased.
    var pending = FrameTotals.zero
    /// Neither pending nor leased.
    var waiting = FrameTotals.zero
    /// The file to sync; nil once all of it is.
    var file: SegmentFile?

    var name: String { SegmentFormat.fileName(sequence) }
    var diskBytes: Int { writtenBytes + SegmentFormat.footerBytes }

    /// Says that these frames alone are in its file now, which is another.
    mutating func take(_ kept: Rewritten) {
      salt = kept.salt
      firstFrame = kept.frames.lowerBound
      (endFrame, syncedFrame) = (kept.frames.upperBound, kept.frames.upperBound)
      (writtenBytes, syncedBytes) = (kept.endOffset, kept.endOffset)
    }
  }

  /// Frames of a segment that were written to another file, which begins with them.
  struct Rewritten {
    let frames: Range<UInt64>
    let totals: FrameTotals
    /// Where they end in the file.
    let endOffset: Int
    /// As in the file's header.
    let salt: UInt32
  }

  struct Lease {
    let frames: Range<UInt64>
    let totals: FrameTotals
  }

  /// Who waits for a frame to be durable.
  struct Waiter {
    let position: FramePosition
    let done: @Sendable (QueueRefusal?) -> Void
  }

  /// Who is to be told that a wait for acknowledgement is over, and how.
  struct EndedWait {
    let done: AcknowledgementWaiters.Done
    let refusal: QueueRefusal?
  }
}

// What follows from the ledger, and changes nothing.
extension DiskLedger {
  /// True if frames are leased only once they are synced.
  var leasesOnlySynced: Bool { options.fsync == .always }
  /// What a lease could be taken of now.
  var leasable: FrameTotals { health.readFault == nil ? waiting : .zero }

  /// Disk space that everything reserved may take.
  var neededRoomBytes: Int { reservedBytes &+ options.headerBytes(forPayload: reservedBytes) }

  /// Bytes of frames that are in memory only because their segment could not be written. Their senders were told.
  var strandedBytes: Int {
    guard hasStranded, options.writesWithSync else { return 0 }
    return segments.reduce(0) { $0 &+ ($1.isSyncFailed ? $1.waiting.bytes : 0) }
  }

  func index(of sequence: UInt64) -> Int? { segments.firstIndex { $0.sequence == sequence } }

  /// Segments that nobody needs any more once it is durable what is acknowledged.
  var removable: [Segment] {
    let recorded = CursorFile.recorded(acknowledged)
    return segments.filter { $0.isSealed && $0.file == nil && recorded.covers($0.firstFrame..<$0.endFrame) }
  }

  /// True if the segment that is appended to is all acknowledged, and large enough or its room wanted.
  func canGiveBack(_ segment: Segment) -> Bool {
    !segment.isSealed && reservedBytes == 0 && segment.endFrame > segment.firstFrame
      && (isRoomWanted || segment.diskBytes > options.usedSegmentBytes / 2)
      && acknowledged.covers(segment.firstFrame..<segment.endFrame)
  }

  /// True if the file of a segment can become the next: it has the usual size and was written not long ago.
  func isReusable(_ segment: Segment) -> Bool {
    !segment.isSyncFailed && !segment.isUnreadable && segments.count <= options.maxSegmentsForReuse
      && (options.usedSegmentBytes / 2...options.usedSegmentBytes).contains(segment.diskBytes)
  }

  /// How far a segment may be read: an offset, and the number of the frame that would follow.
  func readableEnd(of segment: Segment) -> (bytes: Int, frame: UInt64) {
    leasesOnlySynced && !segment.isSyncFailed
      ? (segment.syncedBytes, segment.syncedFrame) : (segment.writtenBytes, segment.endFrame)
  }
}
