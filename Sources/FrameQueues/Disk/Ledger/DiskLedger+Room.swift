extension DiskLedger {
  /// Throws out whole segments, the oldest first, until `bytes` can be reserved. While the disk is behind with removing
  /// them no more are thrown out, so that the files never take more than three segments beyond the capacity.
  mutating func evict(for bytes: Int, sparing read: UInt64?) -> FrameTotals {
    var evicted = FrameTotals.zero
    while case .full = refusal(of: bytes) {
      let leavingBytes = segments.reduce(0) { $0 &+ ($1.isLeaving ? $1.diskBytes : 0) }
      guard leavingBytes <= 2 &* options.usedSegmentBytes,
        let index = segments.firstIndex(where: { $0.sequence != read && canEvict($0) })
      else { break }
      evicted += evict(index)
    }
    return evicted
  }

  private mutating func refusal(of bytes: Int) -> QueueRefusal? {
    let refusal = reserve(bytes)
    if refusal == nil { unreserve(bytes) }
    return refusal
  }

  /// True if a segment is closed and synced, and none of its frames is on loan.
  private func canEvict(_ segment: Segment) -> Bool {
    segment.isSealed && segment.file == nil && !segment.isLeaving
      && !leases.values.contains { $0.frames.overlaps(segment.firstFrame..<segment.endFrame) }
  }
}
