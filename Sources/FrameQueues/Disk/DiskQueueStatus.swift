/// How a disk queue is, for its operator.
package struct DiskQueueStatus: Sendable, Equatable {
  package let counters: DiskQueueCounters
  /// Segment files that hold frames.
  package let segments: Int
  /// Bytes that they take on the disk.
  package let diskBytes: Int
  /// False while reserving is refused because a write or sync failed.
  package let isWritable: Bool
  /// False while the oldest segment cannot be read, so that nothing is leased.
  package let isReadable: Bool
  /// Bytes that the file system of the directory has free; nil if it does not say.
  package let freeBytes: Int?
}

extension DiskQueue {
  /// How the queue is now; asks the file system.
  package var status: DiskQueueStatus {
    let freeBytes: Int?
    do throws(FileError) { freeBytes = try files.freeBytes(in: directory) } catch { freeBytes = nil }
    return ledger.withLock { ledger in
      DiskQueueStatus(
        counters: ledger.counters, segments: ledger.segments.count, diskBytes: ledger.diskBytes,
        isWritable: ledger.fault == nil, isReadable: ledger.readAttempts == 0, freeBytes: freeBytes)
    }
  }
}
