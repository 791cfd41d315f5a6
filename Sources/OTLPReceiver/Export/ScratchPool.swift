import FrameQueues
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
  /// What nobody has.
  private let idle = Mutex(Spares<Loan>())
  private let maxEncodedBytes: Int

  /// A scratch that is in the pool or with exactly one borrower.
  private struct Loan: @unchecked Sendable {
    let scratch: RequestScratch
  }

  init(maxEncodedBytes: Int) {
    self.maxEncodedBytes = maxEncodedBytes
  }

  /// How many nobody has; for tests.
  var idleCount: Int { idle.withLock { $0.count } }

  /// Calls `body` with a scratch that nobody else uses meanwhile.
  func withScratch<R>(_ body: (RequestScratch) throws(Refusal) -> R) throws(Refusal) -> R {
    let loan = idle.withLock { $0.take() } ?? Loan(scratch: RequestScratch(maxEncodedBytes: maxEncodedBytes))
    defer { idle.withLock { $0.give(loan) } }
    return try body(loan.scratch)
  }

  /// Gives up what nobody asked for since the last time.
  func trim() {
    let unused = idle.withLock { $0.trim() }
    withExtendedLifetime(unused) {}
  }
}
