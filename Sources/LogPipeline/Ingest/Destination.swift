package import FrameQueues
import Synchronization

/// One exporter as its pipelines see it: a dialect to encode in and a queue to append to.
///
/// Invariant, when no request is being taken: `receivedRecords` = `filteredRecords` + records dropped +
/// `appended.records`.
package final class Destination: Sendable {
  /// The exporter's type and name in the configuration, such as `elasticsearch/audit`.
  package let id: String
  package let dialect: any Dialect
  package let queue: any FrameQueue
  /// What the queue held before this process appended anything, with what of it was found to be lost.
  package let recovered: FrameTotals
  private let received = Atomic<Int>(0)
  private let filtered = Atomic<Int>(0)
  private let appendedCount = Atomic<Int>(0)
  private let appendedBytes = Atomic<Int>(0)
  /// The records of each request that were put into the queue.
  package let requestRecords = Histogram(.items)
  /// Their bytes.
  package let requestBytes = Histogram(.bytes)
  package let onFull: OnFull
  /// Keeps records apart by the metadata of their requests; nil if nothing is to.
  package let metadata: MetadataGate?
  private let refused = Atomic<Int>(0)
  private let evictedCount = Atomic<Int>(0)
  private let evictedByteCount = Atomic<Int>(0)
  private let dropped = DropReason.allCases.map { _ in Counter() }
  private let renamedCount = Atomic<Int>(0)
  private let unflattenedCount = Atomic<Int>(0)
  /// How much of the queue is whose, of what this process has appended.
  package let shares: QueueShares
  /// Hears of dropped records; nil if nobody does.
  private let dropSink: (any DropSink)?

  /// A destination whose queue already holds what an earlier process left in it.
  package init(
    id: String, dialect: any Dialect, queue: any FrameQueue, onFull: OnFull = .refuse,
    metadataKeys: MetadataKeys? = nil, dropSink: (any DropSink)? = nil
  ) {
    self.id = id
    self.dialect = dialect
    self.queue = queue
    self.onFull = onFull
    metadata = metadataKeys.map { MetadataGate($0) }
    self.dropSink = dropSink
    recovered = Self.recovered(by: queue)
    shares = QueueShares(capacityBytes: queue.capacityBytes)
  }

  private static func recovered(by queue: any FrameQueue) -> FrameTotals {
    var recovered = queue.queued
    recovered += queue.lost
    return recovered
  }

  /// Whether frames of its queue may have a `SectionMark`.
  package var sectionMarks: SectionMarks { metadata == nil ? dialect.sectionMarks : .written }

  /// Records that entered its pipelines, once for each of them, of requests that its queue had room for.
  package var receivedRecords: Int { received.load(ordering: .relaxed) }
  /// Records among them that processors removed.
  package var filteredRecords: Int { filtered.load(ordering: .relaxed) }
  /// What was appended to the queue, as encoded.
  package var appended: FrameTotals {
    FrameTotals(bytes: appendedBytes.load(ordering: .relaxed), records: appendedCount.load(ordering: .relaxed))
  }
  /// Records of requests that the queue had no room for.
  package var refusedRecords: Int { refused.load(ordering: .relaxed) }
  /// Records that were not sent because the destination would reject or lose them.
  package func droppedRecords(_ reason: DropReason) -> Int { dropped[reason.rawValue].value.load(ordering: .relaxed) }
  /// Records that were not sent, for any reason.
  package var droppedRecords: Int { DropReason.allCases.reduce(0) { $0 &+ droppedRecords($1) } }

  /// What was changed of records so that the destination takes them.
  package var changes: FieldChanges {
    var changes = FieldChanges()
    changes.renamedFields = renamedCount.load(ordering: .relaxed)
    changes.unflattenedRecords = unflattenedCount.load(ordering: .relaxed)
    return changes
  }

  func count(_ changes: FieldChanges) {
    if changes.renamedFields > 0 { renamedCount.add(changes.renamedFields, ordering: .relaxed) }
    if changes.unflattenedRecords > 0 { unflattenedCount.add(changes.unflattenedRecords, ordering: .relaxed) }
  }

  func count(received records: Int, filtered removed: Int) {
    received.add(records, ordering: .relaxed)
    filtered.add(removed, ordering: .relaxed)
  }
  func count(appended totals: FrameTotals) {
    appendedCount.add(totals.records, ordering: .relaxed)
    appendedBytes.add(totals.bytes, ordering: .relaxed)
    requestRecords.observe(totals.records)
    requestBytes.observe(totals.bytes)
  }
  /// Frames that were appended and thrown out again for newer ones (`on_full: drop_oldest`).
  package var evicted: FrameTotals {
    FrameTotals(bytes: evictedByteCount.load(ordering: .relaxed), records: evictedCount.load(ordering: .relaxed))
  }

  /// Whether dropped records are wanted as they would have been sent.
  var keepsDropped: Bool { dropSink?.keepsRecords ?? false }

  func count(evicted totals: FrameTotals) {
    if totals.isEmpty { return }
    evictedCount.add(totals.records, ordering: .relaxed)
    evictedByteCount.add(totals.bytes, ordering: .relaxed)
    dropSink?.takeEvicted(totals.records)
  }
  func count(refused records: Int) { refused.add(records, ordering: .relaxed) }
  func count(_ counts: DroppedCounts, kept: [DroppedRecord] = []) {
    if counts.total == 0 { return }
    for reason in DropReason.allCases where counts[reason] > 0 {
      dropped[reason.rawValue].value.add(counts[reason], ordering: .relaxed)
    }
    dropSink?.take(counts, kept)
  }
}

/// What becomes of a request when a destination's queue has no room for it (`on_full`).
package enum OnFull: String, Sendable, CaseIterable {
  /// The request is refused with a hint to retry; no destination gets it.
  case refuse
  /// The oldest frames that are not being sent make room; if that does not do, the new ones are dropped.
  case dropOldest = "drop_oldest"
  /// The request's frames for this destination are dropped.
  case dropNewest = "drop_newest"
}

/// An atomic count with an address of its own.
private final class Counter: Sendable {
  let value = Atomic<Int>(0)
}
