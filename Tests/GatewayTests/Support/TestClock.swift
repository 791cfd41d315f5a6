import Synchronization

/// A clock that goes only when it is told to.
final class TestClock: Sendable {
  private let instant = Mutex(ContinuousClock.now)
  var now: ContinuousClock.Instant { instant.withLock { $0 } }
  func advance(by time: Duration) { instant.withLock { $0 = $0.advanced(by: time) } }
}
