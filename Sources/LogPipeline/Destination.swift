package import FrameQueues
import Synchronization

/// One exporter of one pipeline as the pipeline sees it: a dialect to encode in and a queue to append to.
package final class Destination: Sendable {
  /// The exporter's type and name in the configuration, such as `elasticsearch/audit`.
  package let id: String
  package let dialect: any Dialect
  package let queue: any FrameQueue
  private let appended = Atomic<Int>(0)
  private let refused = Atomic<Int>(0)
  private let dropped = DropReason.allCases.map { _ in Counter() }

  package init(id: String, dialect: any Dialect, queue: any FrameQueue) {
    self.id = id
    self.dialect = dialect
    self.queue = queue
  }

  /// Records appended to the queue since the start.
  package var appendedRecords: Int { appended.load(ordering: .relaxed) }
  /// Records of requests that the queue had no room for.
  package var refusedRecords: Int { refused.load(ordering: .relaxed) }
  /// Records that were not sent because the destination would refuse or lose them.
  package func droppedRecords(_ reason: DropReason) -> Int { dropped[reason.rawValue].value.load(ordering: .relaxed) }

  func count(appended records: Int) { appended.add(records, ordering: .relaxed) }
  func count(refused records: Int) { refused.add(records, ordering: .relaxed) }
  func count(_ counts: DroppedCounts) {
    for reason in DropReason.allCases where counts[reason] > 0 {
      dropped[reason.rawValue].value.add(counts[reason], ordering: .relaxed)
    }
  }
}

/// An atomic count with an address of its own.
private final class Counter: Sendable {
  let value = Atomic<Int>(0)
}
