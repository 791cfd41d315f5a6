import Options
import Synchronization

/// One request for a token, which all who need it wait for together.
final class TokenFlight: Sendable {
  typealias Outcome = Result<Secret, CredentialFailure>

  private struct State {
    var outcome: Outcome?
    var waiters: [UInt64: CheckedContinuation<Outcome?, Never>] = [:]
    /// Those who gave up before they waited.
    var gone: Set<UInt64> = []
    var lastTicket: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Ends it, for all who wait.
  func land(_ outcome: Outcome) {
    let waiters = state.withLock { state in
      state.outcome = outcome
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume(returning: outcome) }
  }

  /// What has come of it; nil if that is not known in time, or the task was cancelled.
  func outcome(within limit: Duration) async -> Outcome? {
    let ticket = state.withLock { state in
      state.lastTicket &+= 1
      return state.lastTicket
    }
    let timer = Task {
      try? await Task.sleep(for: limit)
      if !Task.isCancelled { self.give(up: ticket) }
    }
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let known = state.withLock { state -> Outcome?? in
          if let outcome = state.outcome { return .some(outcome) }
          if Task.isCancelled || state.gone.remove(ticket) != nil { return .some(nil) }
          state.waiters[ticket] = continuation
          return nil
        }
        if let known { continuation.resume(returning: known) }
      }
    } onCancel: {
      give(up: ticket)
    }
  }

  private func give(up ticket: UInt64) {
    let waiter = state.withLock { state in
      let waiter = state.waiters.removeValue(forKey: ticket)
      if waiter == nil, state.outcome == nil { state.gone.insert(ticket) }
      return waiter
    }
    waiter?.resume(returning: nil)
  }
}
