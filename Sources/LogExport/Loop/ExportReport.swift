import FrameQueues
import LogPipeline
import Logging
import Synchronization

/// Tells what comes of one destination's attempts: to its counters, which the ledger, the metrics and the readiness are
/// read from, and to the log. It decides nothing.
final class ExportReport: Sendable {
  private struct State {
    var counters = ExportCounters()
    /// The attempts since the last that delivered something.
    var streak: FailureStreak?
    /// What keeps being sent again, by lease.
    var repetitions: [UInt64: Repetition] = [:]
    /// How attempts with the bodies of single tenants went.
    var tenants = TenantTallies()
  }

  /// A lease that keeps being sent again.
  private struct Repetition {
    var streak: FailureStreak
    /// Deliveries of others before it first failed.
    var passedBefore: Int
    /// Whether it failed although others, or other records of it, were delivered.
    var isStuck = false
  }

  private let exporter: String
  private let time: ExportTime
  private let failures: FailureLog
  private let deskFailures: FailureLog
  private let records: RecordLog
  private let state = Mutex(State())
  let durations = ExportDurations()
  let sizes = ExportSizes()

  init(exporter: String, logger: Logger, time: ExportTime) {
    self.exporter = exporter
    self.time = time
    failures = FailureLog(logger: logger)
    deskFailures = FailureLog(logger: logger)
    records = RecordLog(logger: logger, fields: ["exporter": "\(exporter)"])
  }

  /// What has been counted, and what is stuck; what is under way is not known here.
  var counters: ExportCounters {
    state.withLock { state in
      var counters = state.counters
      counters.failing = state.streak.map { Failing($0, by: time) }
      let stuck = state.repetitions.values.filter(\.isStuck).map(\.streak).min { $0.since < $1.since }
      counters.stuck = stuck.map { Failing($0, by: time) }
      return counters
    }
  }

  /// How attempts went so far: with bodies of a tenant, if its header fields are given.
  func tally(of tenant: [UInt8]?) -> Suspicion.Tally {
    state.withLock { state in tenant.map { state.tenants[$0] } ?? state.counters.tally }
  }

  /// Says at intervals what became of records, until the task is cancelled.
  func run() async { await records.run(by: time) }

  /// Says what has not been said yet.
  func end() { records.say(at: time.now()) }
}

// Attempts and what they came to.
extension ExportReport {
  /// Counts an attempt that begins, and returns its number.
  func attemptBegins(of tenant: [UInt8]? = nil) -> AttemptNumber {
    state.withLock { state in
      state.counters.tally.begun &+= 1
      if let tenant { state.tenants[tenant].begun &+= 1 }
      return AttemptNumber(
        ofAll: state.counters.tally.begun, tenant: tenant, ofTenant: tenant.map { state.tenants[$0].begun } ?? 0)
    }
  }

  /// Counts an attempt that took so long.
  func attemptEnded(_ attempt: Attempt, after duration: Duration) {
    durations.attemptEnded(AttemptOutcome(attempt.result), after: duration)
    if case .answered(_, let wireBytes) = attempt.result { sizes.requestEnded(bytes: wireBytes) }
    state.withLock { state in
      state.counters.bodyBytes &+= attempt.body.byteCount
      if case .answered(_, let wireBytes) = attempt.result { state.counters.wireBytes &+= wireBytes }
    }
  }

  /// Counts and logs what came of the attempt of this number. `error` is the kind of error for which records are sent
  /// again.
  func settled(_ outcome: LeaseWork.Outcome, attempt: AttemptNumber, error: String) {
    let (now, monotonic) = (time.unixSeconds(), time.now())
    state.withLock { state in
      state.counters.settle(outcome, attempt: attempt.ofAll, at: now)
      if let tenant = attempt.tenant { state.tenants[tenant].count(outcome, attempt: attempt.ofTenant) }
      if !outcome.delivered.isEmpty {
        state.streak = nil
      } else if let pause = outcome.pause {
        state.streak.goOn(records: pause.records, error: error, at: monotonic)
      }
    }
    if !outcome.delivered.isEmpty, outcome.pause == nil {
      failures.recovered("delivering again", ["exporter": "\(exporter)"])
    }
    if !outcome.inFailureStore.isEmpty {
      records.count(
        [("failure_store", outcome.inFailureStore.records)],
        "records stored in the failure store of the destination, because they are faulty", at: time.now())
    }
    if let pause = outcome.pause {
      let fields: Logger.Metadata = [
        "exporter": "\(exporter)", "records": "\(pause.records)", "attempts": "\(outcome.attempts)",
        "reason": "\(error)",
      ]
      failures.failed("records not delivered, they will be sent again", fields, at: time.now())
    }
  }
}

// Leases.
extension ExportReport {
  /// Takes note that a lease has to wait before it is sent again; `isRest` if other records of it are settled.
  func leaseWaits(_ id: UInt64, _ pause: LeaseWork.Pause, attempts: Int, error: String, isRest: Bool) {
    let now = time.now()
    state.withLock { state in
      let passed = state.counters.tally.passed
      let streak = FailureStreak(since: now, attempts: attempts, error: error, records: pause.records)
      var repetition = state.repetitions[id] ?? Repetition(streak: streak, passedBefore: passed)
      let since = repetition.streak.since
      repetition.streak = streak
      repetition.streak.since = since
      repetition.isStuck = repetition.isStuck || isRest || passed > repetition.passedBefore
      state.repetitions[id] = repetition
    }
  }

  /// Takes note that nothing of a lease is sent any more.
  func leaseEnded(_ id: UInt64) { state.withLock { $0.repetitions[id] = nil } }

  /// Takes note that the queue is about to forget records that have been counted as settled.
  func leaveQueue(_ totals: FrameTotals) { state.withLock { $0.counters.settledInQueue -= totals } }
}

// Rejected and dropped records.
extension ExportReport {
  /// Counts rejected records, and says what became of them and of dropped ones, which are counted as such.
  func settled(_ debts: [RejectionDesk.Debt], _ fate: RejectionDesk.Fate) {
    state.withLock { state in
      for debt in debts where !debt.areDropped { state.counters.settle(rejected: debt.totals) }
    }
    for areDropped in [false, true] {
      guard let message = RejectionDesk.message(fate, areDropped: areDropped) else { continue }
      let rejected = debts.filter { $0.areDropped == areDropped }.flatMap(\.rejected)
      if rejected.isEmpty { continue }
      records.count(rejected.map { (loggable(reason: $0.reason), $0.body.records) }, message, at: time.now())
    }
  }

  func deskFailed(_ cause: String) {
    let fields: Logger.Metadata = ["exporter": "\(exporter)", "cause": "\(cause)"]
    deskFailures.failed("dead letters cannot be written, it will be tried again", fields, at: time.now())
  }

  func deskRecovered() { deskFailures.recovered("dead letters are written again", ["exporter": "\(exporter)"]) }
}

extension RejectionDesk {
  /// What to say of records that no longer wait; nil if it was said before.
  fileprivate static func message(_ fate: Fate, areDropped: Bool) -> String? {
    switch (fate, areDropped) {
    case (.kept, true): nil
    case (.kept, false): "records rejected by the destination"
    case (.givenUp, false):
      "records rejected by the destination are lost: they could not be written to the dead letters"
    case (.givenUp, true): "records that were not sent are lost: they could not be written to the dead letters"
    case (.lostAtEnd, _): "records that were not sent are lost: they were not written to the dead letters by the end"
    }
  }
}

extension ExportCounters {
  fileprivate mutating func settle(_ outcome: LeaseWork.Outcome, attempt: Int, at now: Int) {
    duplicates &+= outcome.duplicates
    failureStoreFailed &+= outcome.failureStoreFailed
    inFailureStore += outcome.inFailureStore
    gaveUp &+= outcome.gaveUp
    settle(delivered: outcome.delivered)
    if let pause = outcome.pause {
      retried &+= pause.records
      lastFailure = now
    }
    tally.count(outcome, attempt: attempt)
    if !outcome.delivered.isEmpty { lastSuccess = now }
  }
}

extension Suspicion.Tally {
  /// Takes note of how the attempt of this number ended.
  fileprivate mutating func count(_ outcome: LeaseWork.Outcome, attempt: Int) {
    if !outcome.delivered.isEmpty {
      passed &+= 1
      lastPassed = max(lastPassed, attempt)
    } else if outcome.pause != nil {
      failed &+= 1
      if outcome.attempts == 1 { firstFailed &+= 1 }
    }
  }
}

extension FailureStreak? {
  /// Takes note of an attempt that delivered nothing and is repeated.
  fileprivate mutating func goOn(records: Int, error: String, at now: Duration) {
    self = FailureStreak(
      since: self?.since ?? now, attempts: (self?.attempts ?? 0) &+ 1, error: error, records: records)
  }
}
