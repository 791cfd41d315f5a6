package import LogPipeline
import Synchronization

/// How much goes to one destination at once. Counting takes no lock.
package final class ExportSizes: Sendable {
  private let records = Histogram(.items)
  private let bytes = Histogram(.bytes)
  private let requestBytes = Histogram(.bytes)
  private let full = Atomic<Int>(0)
  private let timed = Atomic<Int>(0)

  /// What has been counted so far.
  package var snapshot: Snapshot {
    var snapshot = Snapshot(records: records.snapshot, bytes: bytes.snapshot, requestBytes: requestBytes.snapshot)
    snapshot.full = full.load(ordering: .relaxed)
    snapshot.timed = timed.load(ordering: .relaxed)
    return snapshot
  }

  /// Counts a batch that was taken from the queue, because it was full or because its time was over.
  func batchBegins(records: Int, bytes: Int, isFull: Bool) {
    self.records.observe(records)
    self.bytes.observe(bytes)
    if isFull {
      full.add(1, ordering: .relaxed)
    } else {
      timed.add(1, ordering: .relaxed)
    }
  }

  /// Counts a request that was answered, by its bytes after compression.
  func requestEnded(bytes: Int) { requestBytes.observe(bytes) }

  /// How much went at once, as it was at some moment.
  package struct Snapshot: Sendable {
    /// Records of batches, each counted once however often it is sent.
    package private(set) var records: Histogram.Snapshot
    /// Their bytes before compression.
    package private(set) var bytes: Histogram.Snapshot
    /// Bytes of answered requests after compression.
    package private(set) var requestBytes: Histogram.Snapshot
    /// Batches that were sent because they were full.
    package fileprivate(set) var full = 0
    /// Batches that were sent because their time was over.
    package fileprivate(set) var timed = 0

    fileprivate init(records: Histogram.Snapshot, bytes: Histogram.Snapshot, requestBytes: Histogram.Snapshot) {
      self.records = records
      self.bytes = bytes
      self.requestBytes = requestBytes
    }

    /// Adds what was counted on another way to the destination.
    package static func += (one: inout Snapshot, other: Snapshot) {
      one.records += other.records
      one.bytes += other.bytes
      one.requestBytes += other.requestBytes
      one.full &+= other.full
      one.timed &+= other.timed
    }
  }
}
