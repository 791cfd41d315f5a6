/// How a disk queue is, for its operator.
package struct DiskQueueStatus: Sendable, Equatable {
  package let counters: DiskQueueCounters
  /// Segment files that hold frames.
  package let segments: Int
  /// Bytes that they take on the disk.
  package let diskBytes: Int
  /// False while reserving is refused because a write or sync failed, and while the disk does not answer.
  package let isWritable: Bool
  /// False while the oldest segment cannot be read, or the disk does not answer that, so that nothing is leased.
  package let isReadable: Bool
  /// Bytes that the file system of the directory has free; nil if it does not say.
  package let freeBytes: Int?
}

extension DiskQueue {
  /// How the queue is now, without asking the disk: what that has free is what it was when the status was asked before.
  package var status: DiskQueueStatus {
    defer { committing.raise() }
    let now = monotonicNow()
    let readTime = place.withLock { $0.readBegan }.map { now - $0 } ?? .zero
    return ledger.withLock { ledger in
      ledger.askFreeBytes()
      return DiskQueueStatus(
        counters: ledger.counters, segments: ledger.segments.count, diskBytes: ledger.diskBytes,
        isWritable: ledger.health.fault == nil && ledger.health.hangTime(at: now) == nil,
        isReadable: ledger.health.readAttempts == 0 && readTime <= DiskQueueOptions.patience,
        freeBytes: ledger.freeBytes)
    }
  }
}
