extension DiskLedger {
  /// What the cursor is to say now.
  var cursorRecord: CursorRecord { CursorRecord(acknowledged: acknowledged, durable: durable) }

  /// What is held and counts as durable.
  private var durable: DurableFrames {
    let unsynced = segments.first { leasesOnlySynced && !$0.isSyncFailed && $0.syncedFrame < $0.endFrame }
    var frames = DurableFrames(endFrame: unsynced?.syncedFrame ?? segments.last?.endFrame ?? acknowledged.end)
    frames.totals = queued
    frames.totals -= pending
    if hasStranded { for segment in segments where segment.isSyncFailed { frames.totals -= stranded(in: segment) } }
    for index in segments.indices.reversed() where !segments[index].isLeaving {
      let segment = segments[index]
      let bytes = segment.isSyncFailed ? segment.syncedBytes : readableEnd(of: segment).bytes
      guard bytes > SegmentFormat.headerBytes else { continue }
      (frames.segment, frames.segmentBytes) = (segment.sequence, bytes)
      break
    }
    return frames
  }

  /// The most of what a segment holds that may not be in its file, since its sync failed: which frames those are is not
  /// known.
  private func stranded(in segment: Segment) -> FrameTotals {
    let held = held(in: segment)
    var unsynced = segment.totals
    unsynced -= segment.syncedTotals
    return FrameTotals(bytes: min(held.bytes, unsynced.bytes), records: min(held.records, unsynced.records))
  }

  /// What of a segment waits or is leased.
  private func held(in segment: Segment) -> FrameTotals {
    let frames = segment.firstFrame..<segment.endFrame
    return leases.values.reduce(into: segment.waiting) { held, lease in
      if lease.frames.overlaps(frames) { held += lease.totals }
    }
  }

  /// A segment to sync, as far as it was written when the sync began.
  struct Sync {
    let sequence: UInt64
    let file: SegmentFile
    /// Where in the file the frames to sync lie, and their numbers.
    let offsets: Range<Int>
    let frames: Range<UInt64>
    let totals: FrameTotals
    let pending: FrameTotals
    let isSealed: Bool
  }

  /// What has to be synced, oldest first.
  var unsynced: [Sync] {
    segments.compactMap { segment in
      guard let file = segment.file, segment.isSealed || segment.syncedBytes < segment.writtenBytes else { return nil }
      return Sync(
        sequence: segment.sequence, file: file, offsets: segment.syncedBytes..<segment.writtenBytes,
        frames: segment.syncedFrame..<segment.endFrame, totals: segment.totals, pending: segment.pending,
        isSealed: segment.isSealed)
    }
  }

  /// The frames of a segment that are not known to have reached the disk.
  func unsyncedFrames(of sequence: UInt64) -> Range<UInt64>? {
    index(of: sequence).map { segments[$0].syncedFrame..<segments[$0].endFrame }
  }

  /// Whether an append is durable: nil if that is not known yet, else the reason why not, if any.
  func durability(of position: FramePosition) -> QueueRefusal?? {
    if lostFrames.touches(position.frames) { return .some(Self.lost) }
    let frame = position.frame
    guard leasesOnlySynced, let segment = segments.last(where: { $0.firstFrame <= frame }), frame < segment.endFrame,
      frame >= segment.syncedFrame
    else { return .some(nil) }
    guard segment.isSyncFailed else { return .none }
    return .some(.unavailable(reason: "the disk failed to keep what was written"))
  }
}
