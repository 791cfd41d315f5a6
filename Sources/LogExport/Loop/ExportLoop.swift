package import FrameQueues
package import LogPipeline
package import Logging
import Synchronization

/// Sends one destination's frames until they are delivered or refused: leases from its queue, sends, has the dialect
/// judge the answer, waits and sends again what has to be.
///
/// At most `consumers` leases are open at once, so order is kept only as far as that allows. A lease is acknowledged
/// once every record of it is delivered or has been taken by the refusal sink.
package final class ExportLoop: Sendable {
  package let destination: Destination
  private let sender: any Sender
  private let options: ExportLoopOptions
  private let refusals: any RefusalSink
  private let time: ExportTime
  private let failures: FailureLog
  private let refusalLog: FailureLog
  private let permits: SendPermits
  private let state: Mutex<State>
  private let wake = WakeSignal()
  /// An append wakes the loop if at least so many bytes wait.
  private let wakeBytes = Atomic(0)

  private struct State {
    var schedule: LeaseSchedule
    var counters = ExportCounters()
    var isRunning = false
    var onFinish: [CheckedContinuation<Void, Never>] = []
    var backoffs = Backoffs()
    /// True if what would have to be sent again stays in the queue, because the loop ends.
    var leavesFailed = false
    /// True once something was left because of that.
    var hasLeft = false

    /// Leaves what would have to be sent again, and leases nothing more.
    mutating func leave() {
      hasLeft = true
      schedule.stopLeasing()
    }
  }

  package init(
    destination: Destination, sender: any Sender, options: ExportLoopOptions = ExportLoopOptions(),
    refusals: any RefusalSink = DropRefusals(), logger: Logger, time: ExportTime = .system
  ) {
    self.destination = destination
    self.sender = sender
    self.options = options
    self.refusals = refusals
    self.time = time
    failures = FailureLog(logger: logger)
    refusalLog = FailureLog(logger: logger)
    permits = SendPermits(AdaptiveLimit(most: options.consumers, isEnabled: options.isAdaptive))
    state = Mutex(State(schedule: LeaseSchedule(options)))
    destination.queue.onAppend { [wake, weak self] waiting in
      guard let self, self.isEnough(waiting, wakeBytes: self.wakeBytes.load(ordering: .sequentiallyConsistent)) else {
        return
      }
      wake.signal()
    }
  }

  /// Whether what waits is enough to wake the loop.
  private func isEnough(_ waiting: FrameTotals, wakeBytes: Int) -> Bool {
    waiting.bytes >= wakeBytes || wakeBytes < .max && waiting.records >= options.minBatchRecords
  }

  package var counters: ExportCounters {
    state.withLock { state in
      var counters = state.counters
      counters.openLeases = state.schedule.openLeases
      counters.concurrencyLimit = permits.limit
      return counters
    }
  }

  /// Sends until the task is cancelled, or `drain` or `stop` has come to its end. Run it once.
  package func run() async {
    state.withLock { $0.isRunning = true }
    await withDiscardingTaskGroup { group in
      while let lease = await nextLease() {
        group.addTask { await self.work(on: lease) }
      }
      if state.withLock({ $0.schedule.openLeases > 0 }) { group.cancelAll() }
    }
    let waiters = state.withLock { state in
      state.isRunning = false
      defer { state.onFinish = [] }
      return state.onFinish
    }
    for waiter in waiters { waiter.resume() }
  }

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

  /// Waits until it is time for a lease; nil once the loop has to end.
  private func nextLease() async -> FrameLease? {
    while !Task.isCancelled {
      wakeBytes.store(0, ordering: .sequentiallyConsistent)
      switch decide() {
      case .lease(let maxBytes):
        guard let lease = destination.queue.lease(maxBytes: maxBytes) else { continue }
        state.withLock { $0.schedule.leaseTaken() }
        return lease
      case .wait(let deadline, let bytes):
        await wait(until: deadline, orBytes: bytes)
      case .finish, .abandon:
        return nil
      }
    }
    return nil
  }

  private func decide() -> LeaseSchedule.Decision {
    let waiting = destination.queue.waiting
    return state.withLock { $0.schedule.decide(waiting: waiting, now: time.now()) }
  }

  private func wait(until deadline: Duration?, orBytes bytes: Int) async {
    wakeBytes.store(bytes, ordering: .sequentiallyConsistent)
    // An append between the decision and this store may have found the bar at zero and signalled, or not.
    if bytes > 0, isEnough(destination.queue.waiting, wakeBytes: bytes) { return }
    if let deadline {
      await wake.wait(until: deadline, by: time)
    } else {
      await wake.wait()
    }
  }

  /// Works on a lease until all of it is settled, or the task is cancelled.
  private func work(on lease: FrameLease) async {
    var work = LeaseWork(lease)
    var settled = FrameTotals.zero
    while let part = work.begin(at: time.now()) {
      guard await send(part, of: lease, &work, settled: &settled) else { break }
    }
    if settled == lease.totals {
      destination.queue.acknowledge(lease)
      state.withLock { $0.counters.settledInQueue -= settled }
    }
    state.withLock { $0.schedule.leaseEnded() }
    wake.signal()
  }

  /// Sends a part once and does what follows from the answer. False if the task was cancelled meanwhile.
  private func send(
    _ part: LeaseWork.Part, of lease: FrameLease, _ work: inout LeaseWork, settled: inout FrameTotals
  ) async -> Bool {
    guard await permits.acquire() else { return false }
    let began = time.now()
    // Whoever waited for a permit while another attempt showed that the destination is away need not try it too.
    if state.withLock({ $0.hasLeft }) {
      permits.release(.other, bytes: 0, began: began, now: began)
      return false
    }
    let result = await sender.send(part.body, along: destination.dialect.route, timeout: options.requestTimeout)
    count(result, for: part.body)
    var outcome = work.apply(verdict(on: result, for: part, of: &work), speaking: destination.dialect)
    let ending = ending(of: result, outcome)
    giveUpIfExhausted(part, of: &work, &outcome)
    let isLeft = outcome.pause != nil && outcome.delivered.isEmpty && leavesFailed()
    permits.release(ending, bytes: part.body.byteCount, began: began, now: time.now())
    count(outcome)
    settled += outcome.delivered
    guard await handOver(outcome.refused, of: part) else { return false }
    settled += outcome.refusedTotals
    guard let pause = outcome.pause else { return !Task.isCancelled }
    log(pause, attempts: part.attempts + 1, isQuotable: result.isFailure)
    if isLeft { return false }
    return await wait(for: pause, of: lease, attempts: part.attempts + 1)
  }

  /// The dialect's verdict; a body that is at fault itself for being repeated is halved instead.
  private func verdict(on result: SendResult, for part: LeaseWork.Part, of work: inout LeaseWork) -> Verdict {
    let verdict = verdict(on: result, for: part.body)
    guard case .retry(_, let reason) = verdict, let status = httpStatus(of: result) else { return verdict }
    let tally = state.withLock { $0.counters.tally }
    guard work.isAtFault(status: status, tally: tally) else { return verdict }
    return .tooLarge(reason: "not taken in \(part.attempts + 1) attempts while others were: \(reason)")
  }

  /// The HTTP status of an answer, or what corresponds to a gRPC status; nil without an answer.
  private func httpStatus(of result: SendResult) -> Int? {
    guard case .answered(let answer, _) = result else { return nil }
    return isGRPC ? GRPCStatus.httpStatus(of: answer.status) : answer.status
  }

  private var isGRPC: Bool {
    if case .grpc = destination.dialect.route { true } else { false }
  }

  private func ending(of result: SendResult, _ outcome: LeaseWork.Outcome) -> AdaptiveLimit.Ending {
    switch (result, httpStatus(of: result)) {
    case (.failed(_, let retryable), _): retryable ? .overloaded : .other
    case (_, 408), (_, 429), (_, 503), (_, 504): .overloaded
    case (_, .some(200..<300)): outcome.pause == nil ? .answered : .overloaded
    default: .other
    }
  }

  private func verdict(on result: SendResult, for body: ExportBody) -> Verdict {
    switch result {
    case .answered(let answer, _):
      body.withUnsafeBytes { destination.dialect.judge(answer, to: $0, records: body.records) }
    case .failed(let reason, retryable: true): .retry(after: nil, reason: reason)
    case .failed(let reason, retryable: false): .refused(reason: reason)
    }
  }

  /// Refuses the part that would be sent again if it has been tried for too long.
  private func giveUpIfExhausted(
    _ part: LeaseWork.Part, of work: inout LeaseWork, _ outcome: inout LeaseWork.Outcome
  ) {
    let now = time.now()
    guard let pause = outcome.pause, options.retry.isExhausted(after: now - (part.firstSent ?? now)) else { return }
    outcome.refused += work.giveUp(because: pause.reason)
    outcome.pause = nil
    state.withLock { $0.counters.gaveUp &+= pause.records }
  }

  private func count(_ result: SendResult, for body: ExportBody) {
    let isGRPC = isGRPC
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

  /// Whether what would have to be sent again is left; if so, nothing more is leased either.
  private func leavesFailed() -> Bool {
    state.withLock { state in
      if state.leavesFailed { state.leave() }
      return state.leavesFailed
    }
  }

  private func count(_ outcome: LeaseWork.Outcome) {
    let now = time.unixSeconds()
    let monotonic = time.now()
    let woken = state.withLock { state -> [WakeSignal] in
      state.counters.duplicates &+= outcome.duplicates
      state.counters.settle(delivered: outcome.delivered)
      if let pause = outcome.pause {
        state.counters.retried &+= pause.records
        state.counters.lastFailure = now
      }
      if !outcome.delivered.isEmpty {
        state.counters.lastSuccess = now
        state.counters.tally.passed &+= 1
        state.counters.failingSince = nil
        return state.backoffs.delivered(at: monotonic, afterOutageOf: options.retry.initialInterval)
      } else if outcome.pause != nil {
        state.counters.tally.failed &+= 1
        state.counters.failingSince = state.counters.failingSince ?? now
        state.backoffs.failed(at: monotonic)
      }
      return []
    }
    for signal in woken { signal.signal() }
    if !outcome.delivered.isEmpty, outcome.pause == nil {
      failures.recovered("delivering again", ["exporter": "\(destination.id)"])
    }
  }

  /// Gives records to the refusal sink, for as long as it takes. False if the task was cancelled meanwhile.
  private func handOver(_ bodies: [(body: ExportBody, reason: String)], of part: LeaseWork.Part) async -> Bool {
    if bodies.isEmpty { return true }
    let firstSent = time.unixMilliseconds() - (time.now() - (part.firstSent ?? time.now())).wholeMilliseconds
    let refused = bodies.map { body, reason in
      RefusedRecords(
        destination: destination.id, body: body, reason: reason, attempts: part.attempts + 1,
        firstSentUnixMilliseconds: firstSent, format: destination.dialect.bodyFormat,
        route: destination.dialect.route)
    }
    var tries = 0
    while !Task.isCancelled {
      do {
        try await refusals.take(refused)
        state.withLock { state in
          for records in refused { state.counters.settle(refused: records.body.totals) }
        }
        for records in refused { log(records) }
        return true
      } catch {
        tries += 1
        let fields: Logger.Metadata = ["exporter": "\(destination.id)", "cause": "\(error)"]
        failures.failed("refused records cannot be kept, it will be tried again", fields, at: time.now())
        let delay = options.retry.delay(afterAttempts: tries, asked: nil, random: time.random())
        try? await time.sleep(time.now() + delay)
      }
    }
    return false
  }

  private func log(_ refused: RefusedRecords) {
    let fields: Logger.Metadata = [
      "exporter": "\(destination.id)", "records": "\(refused.body.records)", "attempts": "\(refused.attempts)",
      "reason": "\(loggable(reason: refused.reason))",
    ]
    refusalLog.failed("records refused by the destination", fields, at: time.now())
  }

  private func log(_ pause: LeaseWork.Pause, attempts: Int, isQuotable: Bool) {
    let fields: Logger.Metadata = [
      "exporter": "\(destination.id)", "records": "\(pause.records)", "attempts": "\(attempts)",
      "reason": "\(isQuotable ? pause.reason : loggable(reason: pause.reason))",
    ]
    failures.failed("records not delivered, they will be sent again", fields, at: time.now())
  }

  /// Waits before a repetition, until `drain` or `stop` at the latest. False if the task was cancelled meanwhile.
  private func wait(for pause: LeaseWork.Pause, of lease: FrameLease, attempts: Int) async -> Bool {
    let delay = options.retry.delay(afterAttempts: attempts, asked: pause.asked, random: time.random())
    let now = time.now()
    let asked = min(pause.asked ?? .zero, options.retry.maxRetryAfter)
    let (signal, isEnding) = state.withLock { state in
      (state.backoffs.begin(lease.id, notBefore: now + asked), state.schedule.phase != .running)
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

/// The part of a destination's reason that names the kind of error: what stands before the first colon, at most
/// 100 characters of printable ASCII. What follows a colon may quote a record.
func loggable(reason: String) -> String {
  let kind = reason.utf8.prefix(100).prefix { $0 != UInt8(ascii: ":") && $0 >= 0x20 && $0 < 0x7f }
  return String(decoding: Array(kind), as: UTF8.self)
}

extension Duration {
  /// Milliseconds, without what is left over.
  fileprivate var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(clamping: seconds) &* 1000 &+ Int(clamping: attoseconds / 1_000_000_000_000_000)
  }
}

extension SendResult {
  fileprivate var isFailure: Bool {
    if case .failed = self { true } else { false }
  }
}
