import FrameQueues
import LogPipeline

// What stands around an attempt.
extension ExportLoop {
  /// Waits until another body may be under way; the number of the attempt and when it begins. Nil if the task was
  /// cancelled, or if none is to begin because the loop ends and the destination is away: whoever waited while another
  /// attempt showed that need not try it too.
  func beginAttempt() async -> (number: Int, began: Duration)? {
    guard await permits.acquire() else { return nil }
    let began = time.now()
    if state.withLock({ $0.hasLeft }) {
      permits.release(after: .init(.other, bytes: 0, began: began), at: began)
      return nil
    }
    return (report.attemptBegins(), began)
  }

  /// What a judgement depends on now.
  var circumstances: LeaseWork.Circumstances {
    LeaseWork.Circumstances(now: time.now(), random: time.random(), tally: report.tally, retry: options.retry)
  }

  /// Whether what would have to be sent again is left; if so, nothing more is leased either.
  func leavesFailed() -> Bool {
    state.withLock { state in
      if state.leavesFailed { state.leave() }
      return state.leavesFailed
    }
  }

  /// Takes note of whether the destination delivers; with the first delivery after an outage, what waits is sent.
  func wakeOthers(after outcome: LeaseWork.Outcome) {
    let now = time.now()
    let woken = state.withLock { state -> [WakeSignal] in
      if !outcome.delivered.isEmpty {
        return state.backoffs.delivered(at: now, afterOutageOf: options.retry.initialInterval)
      }
      if outcome.pause != nil { state.backoffs.failed(at: now) }
      return []
    }
    for signal in woken { signal.signal() }
  }

  /// Gives a lease another place, if there is room for it.
  func move(_ run: inout LeaseRun, to place: LeaseSchedule.Place) {
    let hasMoved = state.withLock { $0.schedule.move(from: run.place, to: place) }
    guard hasMoved else { return }
    run.place = place
    wake.signal()
  }

  /// Waits before a lease is sent again, until `drain` or `stop` at the latest. False if it is not to be any more.
  func wait(_ delay: Duration, asked: Duration?, for lease: FrameLease) async -> Bool {
    let now = time.now()
    let notBefore = now + min(asked ?? .zero, options.retry.maxRetryAfter)
    let (signal, isEnding) = state.withLock { state in
      (state.backoffs.begin(lease.id, notBefore: notBefore), state.schedule.phase != .running)
    }
    let limited = isEnding ? min(delay, options.retry.initialInterval) : delay
    await signal.wait(until: now + limited, by: time)
    let isLeft = state.withLock { state in
      state.backoffs.end(lease.id)
      return state.hasLeft
    }
    return !isLeft && !Task.isCancelled
  }
}

// Rejected records.
extension ExportLoop {
  func rejectedRecords(_ outcome: LeaseWork.Outcome) -> [RejectedRecords] {
    let firstSent = time.clockTime(of: outcome.firstSent ?? time.now())
    return outcome.rejected.map { body, reason in
      RejectedRecords(
        destination: destination.id, body: body, reason: reason, attempts: outcome.attempts,
        firstSentUnixMilliseconds: firstSent, format: destination.dialect.bodyFormat,
        route: destination.dialect.route)
    }
  }

  /// Hands rejected and dropped records to the sink, until the task is cancelled.
  func handOverRejections() async {
    await desk.run(
      settled: { debts, fate in
        report.settled(debts, fate)
        wake.signal()
      },
      failed: { report.deskFailed($0) }, recovered: { report.deskRecovered() })
  }
}
