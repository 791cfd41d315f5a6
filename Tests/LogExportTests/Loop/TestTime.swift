import LogExport
import Synchronization

/// Time for tests. Manual: it stands still until `advance`. Otherwise every sleep moves it to its deadline at once.
final class TestTime: Sendable {
  private struct State {
    var now = Duration.zero
    var sleepers: [(id: Int, deadline: Duration, continuation: CheckedContinuation<Void, any Error>)] = []
    var cancelled: Set<Int> = []
    var nextID = 0
    var sleeps: [Duration] = []
    /// How far the clock was set back.
    var setBack = Duration.zero
  }

  private let state = Mutex(State())
  private let isManual: Bool
  private let random: Double

  init(isManual: Bool = false, random: Double = 1) {
    self.isManual = isManual
    self.random = random
  }

  var time: ExportTime {
    ExportTime(
      now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep(until: $0) },
      unixMilliseconds: {
        (Int(self.state.withLock { $0.now - $0.setBack }.components.seconds) + 1_700_000_000) * 1000
      },
      random: { self.random })
  }

  /// How long each sleep was to last, in order.
  var sleeps: [Duration] { state.withLock { $0.sleeps } }
  var sleepers: Int { state.withLock { $0.sleepers.count } }

  /// Sets the clock back; what time has passed does not change.
  func setClock(backBy duration: Duration) { state.withLock { $0.setBack += duration } }

  func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now += duration
      let due = state.sleepers.filter { $0.deadline <= state.now }
      state.sleepers.removeAll { $0.deadline <= state.now }
      return due
    }
    for sleeper in due { sleeper.continuation.resume() }
  }

  private func sleep(until deadline: Duration) async throws {
    try Task.checkCancellation()
    guard isManual else {
      await Task.yield()
      return state.withLock { state in
        state.sleeps.append(max(deadline - state.now, .zero))
        state.now = max(state.now, deadline)
      }
    }
    let id = state.withLock { state in
      state.sleeps.append(deadline - state.now)
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome = state.withLock { state -> Result<Void, any Error>? in
          if state.cancelled.contains(id) { return .failure(CancellationError()) }
          if deadline <= state.now { return .success(()) }
          state.sleepers.append((id, deadline, continuation))
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      let sleeper = state.withLock { state in
        state.cancelled.insert(id)
        guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
          return CheckedContinuation<Void, any Error>?.none
        }
        return state.sleepers.remove(at: index).continuation
      }
      sleeper?.resume(throwing: CancellationError())
    }
  }
}

/// Waits up to five minutes of real time, since other tests may keep all threads busy, for something to become true.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
  let deadline = ContinuousClock.now + .seconds(300)
  while ContinuousClock.now < deadline {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(1))
  }
  return condition()
}
