import Synchronization

/// What one tenant holds at this moment, in all receivers and queues. It has an address of its own, by which queues
/// know whose their bytes are.
package final class TenantAccount: Sendable {
  private let inFlight = Atomic<Int>(0)
  private let queued = Atomic<Int>(0)

  package init() {}

  /// Bytes of its requests that are being received and worked on.
  package var inFlightBytes: Int { inFlight.load(ordering: .relaxed) }
  /// Bytes in queues.
  package var queuedBytes: Int { queued.load(ordering: .relaxed) }

  /// Whether it holds nothing.
  var isEmpty: Bool { inFlightBytes == 0 && queuedBytes == 0 }

  /// Counts so many bytes in flight more if that makes no more than `limit`.
  package func take(inFlight bytes: Int, limit: Int) -> Bool {
    var current = inFlight.load(ordering: .relaxed)
    while true {
      let sum = current.addingReportingOverflow(bytes)
      if sum.overflow || sum.partialValue > limit { return false }
      let (exchanged, original) = inFlight.compareExchange(
        expected: current, desired: sum.partialValue, ordering: .relaxed)
      if exchanged { return true }
      current = original
    }
  }

  /// Takes bytes off that were in flight.
  package func give(inFlight bytes: Int) { inFlight.subtract(bytes, ordering: .relaxed) }

  func add(queued bytes: Int) { queued.add(bytes, ordering: .relaxed) }
}
