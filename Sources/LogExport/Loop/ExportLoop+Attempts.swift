import FrameQueues
import LogPipeline

/// One lease on its way: what is left to do for it, and what is done.
struct LeaseRun {
  let lease: FrameLease
  var work: LeaseWork
  var place = LeaseSchedule.Place.consumer
  var settled = FrameTotals.zero
  /// Refused records that the desk has or had.
  var debts: [RefusalDesk.Debt] = []

  init(_ lease: FrameLease) {
    self.lease = lease
    work = LeaseWork(lease)
  }

  /// Whether the destination has said of other records of the lease what becomes of them.
  var isRest: Bool { !settled.isEmpty || !debts.isEmpty }
}

extension ExportLoop {
  /// Works on a lease until all of it is settled, or the task is cancelled.
  func work(on lease: FrameLease) async {
    var run = LeaseRun(lease)
    while let part = run.work.begin(at: time.now()) {
      guard await send(part, in: &run) else { break }
    }
    // Neither a destination nor its other records wait for the dead letters.
    if !run.debts.isEmpty { move(&run, to: .aside(bytes: lease.byteCount)) }
    for debt in run.debts where await debt.ended() == .settled { run.settled += debt.totals }
    if run.settled == lease.totals {
      state.withLock { $0.counters.settledInQueue -= run.settled }
      destination.queue.acknowledge(lease)
    }
    state.withLock { state in
      state.repetitions[lease.id] = nil
      state.schedule.leaseEnded(at: run.place)
    }
    wake.signal()
  }

  /// Gives a lease another place, if there is room for it.
  private func move(_ run: inout LeaseRun, to place: LeaseSchedule.Place) {
    let hasMoved = state.withLock { $0.schedule.move(from: run.place, to: place) }
    guard hasMoved else { return }
    run.place = place
    wake.signal()
  }

  /// Sends a part once and does what follows from the answer. False if the task was cancelled meanwhile.
  private func send(_ part: LeaseWork.Part, in run: inout LeaseRun) async -> Bool {
    guard await permits.acquire() else { return false }
    let began = time.now()
    // Whoever waited for a permit while another attempt showed that the destination is away need not try it too.
    guard let attempt = beginAttempt() else {
      permits.release(.other, bytes: 0, began: began, now: began)
      return false
    }
    let result = await sender.send(part.body, along: destination.dialect.route, timeout: options.requestTimeout)
    count(result, for: part.body)
    let judgement = Judgement(of: result, to: part.body, speaking: destination.dialect)
    var outcome = run.work.apply(verdict(judgement, on: part, of: &run.work), speaking: destination.dialect)
    let ending = judgement.ending(outcome)
    giveUpIfExhausted(part, of: &run.work, &outcome)
    let isLeft = outcome.pause != nil && outcome.delivered.isEmpty && leavesFailed()
    permits.release(ending, bytes: part.body.byteCount, began: began, now: time.now())
    count(outcome, of: part, attempt, error: outcome.pause.map { judgement.shown($0.reason) } ?? "")
    run.settled += outcome.delivered
    if !outcome.refused.isEmpty { run.debts.append(desk.leave(refusedRecords(outcome, of: part))) }
    guard let pause = outcome.pause else { return !Task.isCancelled }
    log(pause, attempts: part.attempts + 1, reason: judgement.shown(pause.reason))
    if isLeft { return false }
    if run.work.letOthersGoFirst() { return !Task.isCancelled }
    stepAside(&run, after: part.attempts + 1)
    return await wait(for: pause, in: run, attempts: part.attempts + 1, error: judgement.shown(pause.reason))
  }

  /// The number of the attempt that begins; nil if none is to begin because the loop ends and the destination is away.
  private func beginAttempt() -> Int? {
    state.withLock { state in
      if state.hasLeft { return nil }
      state.counters.tally.begun &+= 1
      return state.counters.tally.begun
    }
  }

  /// The dialect's verdict; a body that is at fault itself for being repeated is halved instead.
  private func verdict(_ judgement: Judgement, on part: LeaseWork.Part, of work: inout LeaseWork) -> Verdict {
    let reason: String
    switch judgement.verdict {
    case .retry(_, let text), .unproven(_, let text): reason = text
    case .delivered, .mixed, .tooLarge, .refused: return judgement.verdict
    }
    let tally = state.withLock { $0.counters.tally }
    guard work.isAtFault(judgement.suspicion, tally: tally, speaking: destination.dialect) else {
      return judgement.verdict
    }
    return .tooLarge(reason: "not taken in \(part.attempts + 1) attempts while others were: \(reason)")
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

  /// Whether what would have to be sent again is left; if so, nothing more is leased either.
  private func leavesFailed() -> Bool {
    state.withLock { state in
      if state.leavesFailed { state.leave() }
      return state.leavesFailed
    }
  }

  private func refusedRecords(_ outcome: LeaseWork.Outcome, of part: LeaseWork.Part) -> [RefusedRecords] {
    let firstSent = time.clockTime(of: part.firstSent ?? time.now())
    return outcome.refused.map { body, reason in
      RefusedRecords(
        destination: destination.id, body: body, reason: reason, attempts: part.attempts + 1,
        firstSentUnixMilliseconds: firstSent, format: destination.dialect.bodyFormat,
        route: destination.dialect.route)
    }
  }

  /// Makes way for others if the rest of a lease is put off again and again while others need not be.
  private func stepAside(_ run: inout LeaseRun, after attempts: Int) {
    guard run.place == .consumer else { return }
    if run.isRest, attempts >= Self.attemptsInTurn {
      move(&run, to: .aside(bytes: run.lease.byteCount))
    } else if run.work.isSuspect {
      move(&run, to: .suspect)
    }
  }

  /// Attempts after which the rest of a lease, of which other records are settled, no longer takes up a consumer.
  private static let attemptsInTurn = 4

  /// Waits before a repetition, until `drain` or `stop` at the latest. False if the task was cancelled meanwhile.
  private func wait(for pause: LeaseWork.Pause, in run: LeaseRun, attempts: Int, error: String) async -> Bool {
    let delay = options.retry.delay(afterAttempts: attempts, asked: pause.asked, random: time.random())
    let now = time.now()
    let asked = min(pause.asked ?? .zero, options.retry.maxRetryAfter)
    let id = run.lease.id
    let (signal, isEnding) = state.withLock { state in
      state.note(
        FailureStreak(since: now, attempts: attempts, error: error, records: pause.records), of: id, isRest: run.isRest)
      return (state.backoffs.begin(id, notBefore: now + asked), state.schedule.phase != .running)
    }
    let limited = isEnding ? min(delay, options.retry.initialInterval) : delay
    await signal.wait(until: now + limited, by: time)
    let isLeft = state.withLock { state in
      state.backoffs.end(id)
      return state.hasLeft
    }
    return !isLeft && !Task.isCancelled
  }
}

extension ExportLoop.State {
  /// Takes note that a lease, or the rest of one, has to be sent again.
  fileprivate mutating func note(_ streak: FailureStreak, of lease: UInt64, isRest: Bool) {
    let passed = counters.tally.passed
    var repetition = repetitions[lease] ?? ExportLoop.Repetition(streak: streak, passedBefore: passed)
    let since = repetition.streak.since
    repetition.streak = streak
    repetition.streak.since = since
    repetition.isStuck = repetition.isStuck || isRest || passed > repetition.passedBefore
    repetitions[lease] = repetition
  }
}
