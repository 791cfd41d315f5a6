import FrameQueues
import Synchronization

/// A lease on its way from a queue that may have to wait for its disk: the loop goes on meanwhile, and may end without
/// it. One at a time.
final class LeaseFetch: Sendable {
  private enum State {
    case idle
    /// The queue is being asked, and may answer before that call returns.
    case asking
    case underWay
    case arrived(FrameLease?)
  }

  private let state = Mutex(State.idle)

  var isIdle: Bool {
    state.withLock { if case .idle = $0 { true } else { false } }
  }

  /// Asks the queue for a lease; `wake` is signalled if it does not come at once.
  func begin(_ queue: any FrameQueue, maxBytes: Int, wake: WakeSignal) {
    state.withLock { $0 = .asking }
    queue.lease(maxBytes: maxBytes) { [self] lease in
      let isLate = state.withLock { state in
        defer { state = .arrived(lease) }
        if case .underWay = state { return true } else { return false }
      }
      if isLate { wake.signal() }
    }
    state.withLock { state in
      if case .asking = state { state = .underWay }
    }
  }

  /// Takes out what has arrived, a lease or the answer that there is none; nil while nothing has.
  func take() -> FrameLease?? {
    state.withLock { state in
      guard case .arrived(let lease) = state else { return nil }
      state = .idle
      return .some(lease)
    }
  }
}
