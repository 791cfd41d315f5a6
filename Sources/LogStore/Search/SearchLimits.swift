import Glibc
import Synchronization

/// What one search may take; past it the search ends with what it has found, and says so.
package struct SearchLimits: Sendable {
  /// How long it may run (`query.max_duration`).
  package var duration = Duration.seconds(30)
  /// Bytes that it may read and inflate (`query.max_read`).
  package var readBytes = 16 << 30
  /// Bytes of the records that it returns, or of names and values that it counts (`query.max_result`).
  package var resultBytes = 32 << 20
  /// Asked now and then: whether nobody waits for the result any more.
  package var isCancelled: @Sendable () -> Bool = { false }

  package init() {}
}

/// Why a search ended before it had seen everything.
package enum SearchStop: Sendable, Equatable, CustomStringConvertible {
  case duration(limit: Duration)
  case readBytes(Int, limit: Int)
  case resultBytes(Int, limit: Int)
  case cancelled

  package var description: String {
    switch self {
    case .duration(let limit): "the search took longer than its limit of \(limit)"
    case .readBytes(let bytes, let limit): "the search read \(bytes) bytes: the limit is \(limit)"
    case .resultBytes(let bytes, let limit): "the result has \(bytes) bytes: the limit is \(limit)"
    case .cancelled: "the search was cancelled"
    }
  }
}

/// How many searches run at once, or wait for a thread.
package final class SearchGate: Sendable {
  private let running = Mutex(0)

  package init() {}

  /// Counts one more search, which `leave` ends; throws if there are as many as may be.
  package func enter(limit: Int) throws(SearchesBusy) {
    let isOpen = running.withLock { running in
      if running >= limit { return false }
      running += 1
      return true
    }
    if !isOpen { throw SearchesBusy(limit: limit) }
  }

  /// A search that was counted is over.
  package func leave() { running.withLock { $0 -= 1 } }
}

/// Why a search was not begun.
package struct SearchesBusy: Error, Sendable, Equatable, CustomStringConvertible {
  package let limit: Int
  package var description: String { "\(limit) searches are running: the limit is \(limit)" }
}

/// Time that goes on, in nanoseconds.
func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
}
