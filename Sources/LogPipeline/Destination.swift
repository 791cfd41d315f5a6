package import FrameQueues
import Synchronization

/// One exporter of one pipeline as the pipeline sees it: a dialect to encode in and a queue to append to.
package final class Destination: Sendable {
  /// The exporter's type and name in the configuration, such as `elasticsearch/audit`.
  package let id: String
  package let dialect: any Dialect
  package let queue: any FrameQueue
  package let onFull: OnFull
  private let appended = Atomic<Int>(0)
  private let refused = Atomic<Int>(0)
  private let evictedCount = Atomic<Int>(0)
  private let evictedByteCount = Atomic<Int>(0)
  private let dropped = DropReason.allCases.map { _ in Counter() }

  package init(id: String, dialect: any Dialect, queue: any FrameQueue, onFull: OnFull = .refuse) {
    self.id = id
    self.dialect = dialect
    self.queue = queue
    self.onFull = onFull
  }

  /// Records appended to the queue since the start.
  package var appendedRecords: Int { appended.load(ordering: .relaxed) }
  /// Records of requests that the queue had no room for.
  package var refusedRecords: Int { refused.load(ordering: .relaxed) }
  /// Records that were not sent because the destination would refuse or lose them.
  package func droppedRecords(_ reason: DropReason) -> Int { dropped[reason.rawValue].value.load(ordering: .relaxed) }

  /// Frames that were appended and thrown out again for newer ones (`on_full: drop_oldest`).
  package var evicted: FrameTotals {
    FrameTotals(bytes: evictedByteCount.load(ordering: .relaxed), records: evictedCount.load(ordering: .relaxed))
  }

  func count(evicted totals: FrameTotals) {
    evictedCount.add(totals.records, ordering: .relaxed)
    evictedByteCount.add(totals.bytes, ordering: .relaxed)
  }
  func count(appended records: Int) { appended.add(records, ordering: .relaxed) }
  func count(refused records: Int) { refused.add(records, ordering: .relaxed) }
  func count(_ counts: DroppedCounts) {
    for reason in DropReason.allCases where counts[reason] > 0 {
      dropped[reason.rawValue].value.add(counts[reason], ordering: .relaxed)
    }
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
