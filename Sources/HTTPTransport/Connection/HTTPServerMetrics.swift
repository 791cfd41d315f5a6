import Synchronization

/// Counts for all connections of a server, from any thread.
final class HTTPServerMetrics: Sendable {
  let connectionsOpen = Atomic<Int>(0)
  let connectionsTotal = Atomic<Int>(0)
  let requestsHTTP1 = Atomic<Int>(0)
  let requestsHTTP2 = Atomic<Int>(0)
  let bytesRead = Atomic<Int>(0)
  let bytesWritten = Atomic<Int>(0)
  private let refusals = Mutex<[HTTPAbuse: Int]>([:])

  func add(_ count: Int, to counter: borrowing Atomic<Int>) {
    counter.wrappingAdd(count, ordering: .relaxed)
  }

  func refuse(_ abuse: HTTPAbuse) {
    refusals.withLock { $0[abuse, default: 0] &+= 1 }
  }

  func refuse(_ refusal: HTTPBodyRefusal) {
    switch refusal {
    case .tooLarge: refuse(.bodyTooLarge)
    case .overBudget, .overAccount: refuse(.bodyOverBudget)
    case .timedOut: refuse(.slowBody)
    case .undecided: break
    }
  }

  var snapshot: HTTPServerCounters {
    var counters = HTTPServerCounters()
    counters.connectionsOpen = connectionsOpen.load(ordering: .relaxed)
    counters.connectionsTotal = connectionsTotal.load(ordering: .relaxed)
    counters.requestsHTTP1 = requestsHTTP1.load(ordering: .relaxed)
    counters.requestsHTTP2 = requestsHTTP2.load(ordering: .relaxed)
    counters.bytesRead = bytesRead.load(ordering: .relaxed)
    counters.bytesWritten = bytesWritten.load(ordering: .relaxed)
    counters.refusals = refusals.withLock { $0 }
    return counters
  }
}
