import FrameQueues
import LogPipeline
import Logging

extension ExportLoop {
  /// Counts an attempt by its answer.
  func count(_ result: SendResult, for body: ExportBody) {
    let isGRPC = destination.dialect.isGRPC
    state.withLock { state in
      state.counters.bodyBytes &+= body.byteCount
      switch result {
      case .answered(let answer, let wireBytes):
        state.counters.wireBytes &+= wireBytes
        state.counters.requests.count(answer.status, isGRPC: isGRPC)
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
        return state.backoffs.delivered(at: monotonic, afterOutageOf: options.retry.initialInterval)
      } else if let pause = outcome.pause {
        state.counters.failed(isFirst: part.attempts == 0, records: pause.records, error: error, at: now)
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

  /// Hands refused records to the sink, until the task is cancelled.
  func handOverRefusals() async {
    await desk.run(
      settled: { refused, isGivenUp in
        state.withLock { state in
          for records in refused { state.counters.settle(refused: records.body.totals) }
        }
        let counts = refused.map { (loggable(reason: $0.reason), $0.body.records) }
        let message =
          isGivenUp
          ? "records refused by the destination are lost: they could not be written to the dead letters"
          : "records refused by the destination"
        records.count(counts, message, at: time.now())
      },
      failed: { cause in
        let fields: Logger.Metadata = ["exporter": "\(destination.id)", "cause": "\(cause)"]
        deskFailures.failed("refused records cannot be kept, it will be tried again", fields, at: time.now())
      },
      recovered: { deskFailures.recovered("refused records are kept again", ["exporter": "\(destination.id)"]) })
  }

  /// Says that records have to be sent again.
  func log(_ pause: LeaseWork.Pause, attempts: Int, reason: String) {
    let fields: Logger.Metadata = [
      "exporter": "\(destination.id)", "records": "\(pause.records)", "attempts": "\(attempts)", "reason": "\(reason)",
    ]
    failures.failed("records not delivered, they will be sent again", fields, at: time.now())
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
    failing = nil
    failingSince = nil
  }

  /// Takes note of an attempt that delivered nothing and is repeated.
  fileprivate mutating func failed(isFirst: Bool, records: Int, error: String, at now: Int) {
    tally.failed &+= 1
    if isFirst { tally.firstFailed &+= 1 }
    let since = failingSince ?? now
    failingSince = since
    failing = Failing(since: since, attempts: (failing?.attempts ?? 0) &+ 1, error: error, records: records)
  }
}
