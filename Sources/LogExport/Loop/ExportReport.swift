import FrameQueues
import LogPipeline
import Logging

extension ExportLoop {
  /// Counts an attempt by its answer.
  func count(_ result: SendResult, for body: ExportBody) {
    state.withLock { state in
      state.counters.bodyBytes &+= body.byteCount
      switch result {
      case .answered(let answer, let wireBytes):
        state.counters.wireBytes &+= wireBytes
        state.counters.requests.count(answer.status)
      case .failed:
        state.counters.requests.failed &+= 1
      }
    }
  }

  /// Counts what came of an attempt. `error` is the kind of error for which records are sent again.
  func count(_ outcome: LeaseWork.Outcome, of part: LeaseWork.Part, _ attempt: Int, error: String) {
    let now = time.unixSeconds()
    let monotonic = time.now()
    let woken = state.withLock { state -> [WakeSignal] in
      state.counters.settle(outcome)
      if let pause = outcome.pause {
        state.counters.retried &+= pause.records
        state.counters.lastFailure = now
      }
      if !outcome.delivered.isEmpty {
        state.counters.passed(attempt, at: now)
        state.streak = nil
        return state.backoffs.delivered(at: monotonic, afterOutageOf: options.retry.initialInterval)
      } else if let pause = outcome.pause {
        state.counters.tally.failed &+= 1
        if part.attempts == 0 { state.counters.tally.firstFailed &+= 1 }
        state.streak.goOn(records: pause.records, error: error, at: monotonic)
        state.backoffs.failed(at: monotonic)
      }
      return []
    }
    for signal in woken { signal.signal() }
    if !outcome.delivered.isEmpty, outcome.pause == nil {
      failures.recovered("delivering again", ["exporter": "\(destination.id)"])
    }
    logFailureStore(outcome)
  }

  private func logFailureStore(_ outcome: LeaseWork.Outcome) {
    guard !outcome.inFailureStore.isEmpty else { return }
    records.count(
      [("failure_store", outcome.inFailureStore.records)],
      "records stored in the failure store of the destination, because they are faulty", at: time.now())
  }

  /// Hands refused and dropped records to the sink, until the task is cancelled.
  func handOverRefusals() async {
    await desk.run(
      settled: { debts, fate in
        settle(debts)
        for areDropped in [false, true] {
          guard let message = RefusalDesk.message(fate, areDropped: areDropped) else { continue }
          let refused = debts.filter { $0.areDropped == areDropped }.flatMap(\.refused)
          if !refused.isEmpty { say(message, of: refused) }
        }
        wake.signal()
      },
      failed: { cause in
        let fields: Logger.Metadata = ["exporter": "\(destination.id)", "cause": "\(cause)"]
        deskFailures.failed("dead letters cannot be written, it will be tried again", fields, at: time.now())
      },
      recovered: { deskFailures.recovered("dead letters are written again", ["exporter": "\(destination.id)"]) })
  }

  /// Counts refused records; dropped ones are counted as such.
  private func settle(_ debts: [RefusalDesk.Debt]) {
    state.withLock { state in
      for debt in debts where !debt.areDropped { state.counters.settle(refused: debt.totals) }
    }
  }

  private func say(_ message: String, of refused: [RefusedRecords]) {
    records.count(refused.map { (loggable(reason: $0.reason), $0.body.records) }, message, at: time.now())
  }

  /// Says that records have to be sent again.
  func log(_ pause: LeaseWork.Pause, attempts: Int, reason: String) {
    let fields: Logger.Metadata = [
      "exporter": "\(destination.id)", "records": "\(pause.records)", "attempts": "\(attempts)", "reason": "\(reason)",
    ]
    failures.failed("records not delivered, they will be sent again", fields, at: time.now())
  }
}

extension RefusalDesk {
  /// What to say of records that no longer wait; nil if it was said before.
  fileprivate static func message(_ fate: Fate, areDropped: Bool) -> String? {
    switch (fate, areDropped) {
    case (.kept, true): nil
    case (.kept, false): "records refused by the destination"
    case (.givenUp, false):
      "records refused by the destination are lost: they could not be written to the dead letters"
    case (.givenUp, true): "records that were not sent are lost: they could not be written to the dead letters"
    case (.lostAtEnd, _): "records that were not sent are lost: they were not written to the dead letters by the end"
    }
  }
}

extension ExportCounters {
  fileprivate mutating func settle(_ outcome: LeaseWork.Outcome) {
    duplicates &+= outcome.duplicates
    failureStoreFailed &+= outcome.failureStoreFailed
    inFailureStore += outcome.inFailureStore
    settle(delivered: outcome.delivered)
  }

  /// Takes note of an attempt that delivered something.
  fileprivate mutating func passed(_ attempt: Int, at now: Int) {
    lastSuccess = now
    tally.passed &+= 1
    tally.lastPassed = max(tally.lastPassed, attempt)
  }
}

extension FailureStreak? {
  /// Takes note of an attempt that delivered nothing and is repeated.
  fileprivate mutating func goOn(records: Int, error: String, at now: Duration) {
    self = FailureStreak(
      since: self?.since ?? now, attempts: (self?.attempts ?? 0) &+ 1, error: error, records: records)
  }
}
