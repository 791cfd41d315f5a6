package import FrameQueues

// The end of the loop.
extension ExportLoop {
  /// Sends all that is queued, without lingering, for at most `limit`, and ends the loop. Returns what is left.
  /// What waits to be sent again is tried at once, and after that every `initial_interval` at the latest. With
  /// `leavingFailed` an outage, or the first attempt that delivers nothing, ends it instead, as a queue that survives
  /// allows.
  package func drain(within limit: Duration, leavingFailed: Bool = false) async -> FrameTotals {
    await end(.draining(deadline: time.now() + limit), leavingFailed)
  }

  /// Takes no more from the queue, lets sends in flight finish for at most `limit`, and ends the loop. Returns what
  /// is left. With `leavingFailed` nothing is sent again that delivered nothing.
  package func stop(within limit: Duration, leavingFailed: Bool = false) async -> FrameTotals {
    await end(.stopping(deadline: time.now() + limit), leavingFailed)
  }

  private func end(_ phase: LeaseSchedule.Phase, _ leavesFailed: Bool) async -> FrameTotals {
    let now = time.now()
    let signals = state.withLock { state in
      state.schedule.phase = phase
      state.leavesFailed = leavesFailed
      if leavesFailed, state.backoffs.isOutage(at: now, of: options.retry.initialInterval) { state.leave() }
      return state.backoffs.signals
    }
    for signal in signals { signal.signal() }
    desk.end(leavingFailed: leavesFailed)
    wake.signal()
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.isRunning { state.onFinish.append(continuation) }
        return !state.isRunning
      }
      if isOver { continuation.resume() }
    }
    var left = destination.queue.queued
    left -= counters.settledInQueue
    return left
  }
}
