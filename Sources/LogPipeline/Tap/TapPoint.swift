import Synchronization

/// The looks at one pipeline that are open, wherever it stands in the tree of pipelines.
package final class TapPoint: Sendable {
  private let count = Atomic<Int>(0)
  private let state = Mutex(State())

  private struct State {
    var taps: [Tap] = []
    var end: String?
  }

  package init() {}

  /// Nil while nobody looks, which is all that a pipeline asks of each batch.
  @inline(__always)
  var open: OpenTaps? { count.load(ordering: .relaxed) == 0 ? nil : all }

  @inline(never)
  private var all: OpenTaps { OpenTaps(taps: state.withLock { $0.taps }) }

  /// Begins a look; why it cannot begin, or nil.
  package func add(_ tap: Tap) -> String? {
    state.withLock { state in
      if let end = state.end { return end }
      state.taps.append(tap)
      count.store(state.taps.count, ordering: .relaxed)
      return nil
    }
  }

  /// Ends a look.
  package func remove(_ tap: Tap) {
    state.withLock { state in
      state.taps.removeAll { $0 === tap }
      count.store(state.taps.count, ordering: .relaxed)
    }
  }

  /// Has all looks end, and none begin any more.
  package func end(because reason: String) {
    state.withLock { state in
      state.end = reason
      for tap in state.taps { tap.end(because: reason) }
    }
  }
}

/// Looks that are open while a pipeline works on a batch.
struct OpenTaps {
  let taps: [Tap]

  /// Has those of a stage look at a batch.
  func look(at batch: borrowing LogBatch, _ stage: TapStage) {
    for tap in taps where tap.stage == stage { tap.look(at: batch) }
  }

  /// Has a processor work between looks at what it finds and what it leaves. What it refuses is not shown.
  func look<Failure: Error>(
    atWorkOf id: String, on batch: inout LogBatch, _ work: (inout LogBatch) throws(Failure) -> Void
  ) throws(Failure) {
    let around = taps.filter { $0.stage == .around(id) }
    let found = around.map { $0.begin(batch) }
    try work(&batch)
    for (tap, found) in zip(around, found) { tap.finish(found, in: batch) }
    look(at: batch, .after(id))
  }
}
