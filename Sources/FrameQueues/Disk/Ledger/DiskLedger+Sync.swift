extension DiskLedger {
  /// What the cursor is to say now.
  var cursorRecord: CursorRecord { CursorRecord(acknowledged: acknowledged, durable: durable) }

  /// What is held and counts as durable.
  private var durable: DurableFrames {
    let unsynced = segments.first { leasesOnlySynced && !$0.isSyncFailed && $0.syncedFrame < $0.endFrame }
    var frames = DurableFrames(endFrame: unsynced?.syncedFrame ?? segments.last?.endFrame ?? acknowledged.end)
    frames.totals = queued
    frames.totals -= pending
    // Which frames of them are in their file is not known.
    if hasStranded { for segment in segments where segment.isSyncFailed { frames.totals -= held(in: segment) } }
    for index in segments.indices.reversed() where !segments[index].isLeaving {
      let bytes = readableEnd(of: index).bytes
      guard bytes > SegmentFormat.headerBytes else { continue }
      (frames.segment, frames.segmentBytes) = (segments[index].sequence, bytes)
      break
    }
    return frames
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

  /// Says that a sync succeeded: what was written when it began is durable and can be leased.
  mutating func synced(_ sync: Sync, in time: Duration) {
    if options.fsync != .never {
      counters.syncs &+= 1
      counters.syncTime += time
    }
    guard let index = index(of: sync.sequence), !segments[index].isSyncFailed else { return }
    segments[index].syncedBytes = sync.offsets.upperBound
    segments[index].syncedFrame = sync.frames.upperBound
    segments[index].pending -= sync.pending
    pending -= sync.pending
    segments[index].waiting += sync.pending
    waiting += sync.pending
    if sync.isSealed { segments[index].file = nil }
  }

  /// Says that a sync failed. The system may have forgotten what it could not write, so the segment is neither synced
  /// nor written again; its frames are leased as far as they can still be read, and who waits is told.
  mutating func syncFailed(_ sequence: UInt64, _ error: FileError) {
    failed(error)
    guard let index = index(of: sequence) else { return }
    hasStranded = true
    segments[index].isSyncFailed = true
    segments[index].isSealed = true
    segments[index].file = nil
    pending -= segments[index].pending
    waiting += segments[index].pending
    segments[index].waiting += segments[index].pending
    segments[index].pending = .zero
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

  /// Takes out those who need not wait any longer, with what to tell them.
  mutating func takeSettledWaiters() -> [(waiter: Waiter, refusal: QueueRefusal?)] {
    var settled: [(waiter: Waiter, refusal: QueueRefusal?)] = []
    var open: [Waiter] = []
    for waiter in waiters {
      if let outcome = durability(of: waiter.position) {
        settled.append((waiter, outcome))
      } else {
        open.append(waiter)
      }
    }
    waiters = open
    return settled
  }
}
