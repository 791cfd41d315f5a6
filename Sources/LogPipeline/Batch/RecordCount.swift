import Synchronization

/// A count of records that any thread may add to.
package final class RecordCount: Sendable {
  private let count = Atomic<Int>(0)

  package init() {}

  package var value: Int { count.load(ordering: .relaxed) }

  package func add(_ records: Int) { if records > 0 { count.add(records, ordering: .relaxed) } }
}
