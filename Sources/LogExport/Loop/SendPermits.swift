import Synchronization

/// Lets no more bodies be under way to a destination than its adaptive limit says.
final class SendPermits: Sendable {
  private struct State {
    var limit: AdaptiveLimit
    var inUse = 0
    var waiters: [WakeSignal] = []
  }

  private let state: Mutex<State>

  init(_ limit: AdaptiveLimit) { state = Mutex(State(limit: limit)) }

  /// The limit in force.
  var limit: Int { state.withLock { $0.limit.current } }

  /// Waits for a permit; false, without one, if the task is cancelled.
  func acquire() async -> Bool {
    while !Task.isCancelled {
      let signal = state.withLock { state -> WakeSignal? in
        if state.inUse < state.limit.current {
          state.inUse += 1
          return nil
        }
        let signal = WakeSignal()
        state.waiters.append(signal)
        return signal
      }
      guard let signal else { return true }
      await signal.wait()
    }
    return false
  }

  /// Gives a permit back with how the attempt went that it was for.
  func release(after ended: AdaptiveLimit.Ended, at now: Duration) {
    let waiters = state.withLock { state in
      state.inUse -= 1
      state.limit.take(ended, at: now)
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.signal() }
  }
}
