import LogPipeline
import Synchronization

/// The memory that one request is worked on in.
final class RequestScratch {
  let ingest: IngestScratch
  let decompressor = Decompressor()

  init(maxEncodedBytes: Int) {
    ingest = IngestScratch(maxEncodedBytes: maxEncodedBytes)
  }
}

/// Scratch memory for reuse; there comes to be one for each thread that works on requests, since a request is worked on
/// without a break.
final class ScratchPool: Sendable {
  private let state = Mutex(State())
  private let maxEncodedBytes: Int

  private struct State {
    /// What nobody has; the last is given out next.
    var idle: [Loan] = []
    /// The least that there have been since the last `trim`: so many were of no use, and lie at the front.
    var unused = 0
  }

  /// A scratch that is in the pool or with exactly one borrower.
  private struct Loan: @unchecked Sendable {
    let scratch: RequestScratch
  }

  init(maxEncodedBytes: Int) {
    self.maxEncodedBytes = maxEncodedBytes
  }

  /// How many nobody has.
  var idleCount: Int { state.withLock { $0.idle.count } }

  /// Calls `body` with a scratch that nobody else uses meanwhile.
  func withScratch<R>(_ body: (RequestScratch) throws(Refusal) -> R) throws(Refusal) -> R {
    let loan = takeIdle() ?? Loan(scratch: RequestScratch(maxEncodedBytes: maxEncodedBytes))
    defer { state.withLock { $0.idle.append(loan) } }
    return try body(loan.scratch)
  }

  private func takeIdle() -> Loan? {
    state.withLock { state in
      defer { state.unused = min(state.unused, state.idle.count) }
      return state.idle.popLast()
    }
  }

  /// Gives up what nobody asked for since the last time.
  func trim() {
    let unused = state.withLock { state in
      let unused = Array(state.idle.prefix(state.unused))
      state.idle.removeFirst(unused.count)
      state.unused = state.idle.count
      return unused
    }
    withExtendedLifetime(unused) {}
  }
}
