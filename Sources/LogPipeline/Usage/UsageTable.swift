import Synchronization

/// What is counted by tenant, or by service, of the names with the most weight.
final class UsageTable: Sendable {
  private let top: Mutex<TopNames>
  private let isCounting: Atomic<Bool>

  /// A table of so many names at most; with 0 nothing is counted.
  init(names: Int) {
    top = Mutex(TopNames(capacity: names))
    isCounting = Atomic(names > 0)
  }

  /// Whether anything is counted.
  var isOn: Bool { isCounting.load(ordering: .relaxed) }

  /// Adds what was counted of a name to a tally, which is handed over if it has no room for the name.
  func add(_ counts: UsageCounts, to name: UnsafeRawBufferPointer, in tally: inout UsageTally) {
    if tally.add(counts, to: name) { return }
    take(&tally)
    _ = tally.add(counts, to: name)
  }

  /// Takes over what a tally has.
  func take(_ tally: inout UsageTally) { top.withLock { tally.move(to: &$0) } }

  /// Goes on with another number of names; with 0 all is forgotten.
  func resize(to names: Int) {
    top.withLock { top in
      if names == 0 {
        top = TopNames(capacity: 0)
      } else if names != top.capacity {
        top = top.resized(to: names)
      }
    }
    isCounting.store(names > 0, ordering: .relaxed)
  }

  /// What was taken over so far; nil if nothing is counted.
  var snapshot: UsageSnapshot? { isOn ? top.withLock { $0.snapshot } : nil }
}
