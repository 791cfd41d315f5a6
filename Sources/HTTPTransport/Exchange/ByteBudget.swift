import Synchronization

/// Bytes that may be held at once, shared by all connections: `0 <= usedBytes <= capacityBytes` at every moment.
package final class ByteBudget: Sendable {
  package let capacityBytes: Int
  private let used = Atomic<Int>(0)

  package init(capacityBytes: Int) {
    self.capacityBytes = max(0, capacityBytes)
  }

  package var usedBytes: Int { used.load(ordering: .relaxed) }

  /// Takes `bytes` from the budget, or takes nothing and answers false.
  package func reserve(_ bytes: Int) -> Bool {
    guard bytes >= 0 else { return false }
    var current = used.load(ordering: .relaxed)
    while true {
      guard bytes <= capacityBytes &- current else { return false }
      let (exchanged, original) = used.compareExchange(
        expected: current, desired: current &+ bytes, ordering: .relaxed)
      if exchanged { return true }
      current = original
    }
  }

  /// Gives back `bytes` that were reserved; never goes below zero.
  package func release(_ bytes: Int) {
    guard bytes > 0 else { return }
    var current = used.load(ordering: .relaxed)
    while true {
      let (exchanged, original) = used.compareExchange(
        expected: current, desired: max(0, current &- bytes), ordering: .relaxed)
      if exchanged { return }
      current = original
    }
  }
}
