import Synchronization

/// The wish that what runs come to its end: raised once it ends in order, raised again at once. Before that it may be
/// announced, so that others find out while all goes on.
package final class StopRequest: Sendable {
  /// How urgent it is.
  package enum Stage: Int, Sendable, Comparable {
    case none
    case announced
    case inOrder
    case atOnce

    package static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
  }

  private struct Waiter {
    let stage: Stage
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var stage = Stage.none
    var waiters: [UInt64: Waiter] = [:]
    var lastTicket: UInt64 = 0
  }

  private let state = Mutex(State())

  package init() {}

  package var stage: Stage { state.withLock { $0.stage } }

  /// Whether it is time to end.
  package var isRaised: Bool { stage >= .inOrder }

  /// Asks for an end, or for haste if that was asked for before.
  package func raise() { raise { $0 < .inOrder ? .inOrder : .atOnce } }

  /// Asks for an end that is at least so urgent.
  package func raise(to wished: Stage) { raise { max($0, wished) } }

  private func raise(_ next: (Stage) -> Stage) {
    let reached = state.withLock { state in
      state.stage = next(state.stage)
      let reached = state.waiters.filter { $0.value.stage <= state.stage }
      for ticket in reached.keys { state.waiters[ticket] = nil }
      return reached.values.map(\.continuation)
    }
    for waiter in reached { waiter.resume() }
  }

  /// Returns once it is at least so urgent, or the task is cancelled.
  package func reached(_ stage: Stage) async {
    let ticket = state.withLock { state in
      state.lastTicket &+= 1
      return state.lastTicket
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.stage >= stage || Task.isCancelled { return true }
          state.waiters[ticket] = Waiter(stage: stage, continuation: continuation)
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: ticket) }?.continuation.resume()
    }
  }
}
