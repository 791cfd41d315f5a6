import FrameQueues
import LogPipeline

// What stands around an attempt.
extension ExportLoop {
  /// Waits until another body may be under way, of a tenant if its header fields are given; the number of the attempt
  /// and when it begins. Nil if the task was cancelled, or if none is to begin because the loop ends and the
  /// destination is away: whoever waited while another attempt showed that need not try it too.
  func beginAttempt(of tenant: [UInt8]?) async -> (number: AttemptNumber, began: Duration)? {
    guard await permits.acquire() else { return nil }
    let began = time.now()
    if state.withLock({ $0.hasLeft }) {
      permits.release(after: .init(.other, bytes: 0, began: began), at: began)
      return nil
    }
    return (report.attemptBegins(of: tenant), began)
  }

  /// What a judgement depends on now: of a body of a tenant, how attempts with that tenant's went.
  func circumstances(of tenant: [UInt8]?) -> LeaseWork.Circumstances {
    LeaseWork.Circumstances(
      now: time.now(), random: time.random(), tally: report.tally(of: tenant), retry: options.retry)
  }

  /// Whether what would have to be sent again is left; if so, nothing more is leased either.
  func leavesFailed() -> Bool {
    state.withLock { state in
      if state.leavesFailed { state.leave() }
      return state.leavesFailed
    }
  }

  /// Takes note of whether the destination delivers. With the first delivery after an outage what waits is sent; with
  /// one of a tenant, what waits of that tenant.
  func wakeOthers(after outcome: LeaseWork.Outcome, in run: LeaseRun) {
    let now = time.now()
    let woken = state.withLock { state -> [WakeSignal] in
      let tenants = run.work.isSectioned ? state.heedTenant(of: outcome, in: run) : []
      if !outcome.delivered.isEmpty {
        return tenants + state.backoffs.delivered(at: now, afterOutageOf: options.retry.initialInterval)
      }
      if outcome.pause != nil { state.backoffs.failed(at: now) }
      return tenants
    }
    for signal in woken { signal.signal() }
  }

  /// Takes note that nothing of a lease is sent any more.
  func ended(_ run: LeaseRun) {
    let woken = state.withLock { state -> [WakeSignal] in
      state.schedule.leaseEnded(at: run.place)
      return run.work.isSectioned ? state.backoffs.signals(of: state.gates.left(run.lease.id)) : []
    }
    for signal in woken { signal.signal() }
    wake.signal()
  }

  /// Gives a lease another place, if there is room for it.
  func move(_ run: inout LeaseRun, to place: LeaseSchedule.Place) {
    let hasMoved = state.withLock { $0.schedule.move(from: run.place, to: place) }
    guard hasMoved else { return }
    run.place = place
    wake.signal()
  }

  /// Has a lease that is put off make way for others, if it should.
  func makeWay(with run: inout LeaseRun, afterAttempts attempts: Int) {
    guard let place = run.placeAside(afterAttempts: attempts) else { return }
    move(&run, to: run.work.isSectioned ? .aside(bytes: run.detach()) : place)
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

// Turns, where a lease may be of several tenants.
extension ExportLoop {
  /// When a part is to be sent.
  enum Turn {
    case now
    /// Others of the lease go first, or all has waited and is to be looked at anew.
    case later
    /// Not any more: the loop ends.
    case never
  }

  /// Waits until it is the turn of a part, or another's of its lease: those of a tenant that is refused wait for the
  /// few that try.
  func turn(of part: LeaseWork.Part, in run: inout LeaseRun) async -> Turn {
    guard run.work.isSectioned else { return .now }
    guard await becomesDue(part, in: &run) else { return .never }
    let elapsed = time.now() - (part.firstSent ?? time.now())
    if options.retry.isExhausted(after: elapsed) || state.withLock({ $0.admits(part, in: run) }) { return .now }
    if run.work.postpone() { return .later }
    makeWay(with: &run, afterAttempts: part.attempts)
    let until = time.now() + options.retry.maxInterval
    let signal = state.withLock { state -> WakeSignal? in
      if state.admits(part, in: run) { return nil }
      state.gates.waits(run.lease.id, for: part.fields)
      return state.backoffs.begin(run.lease.id, notBefore: .zero)
    }
    guard let signal else { return .later }
    await signal.wait(until: until, by: time)
    let isLeft = state.withLock { state in
      state.backoffs.end(run.lease.id)
      return state.hasLeft
    }
    return isLeft || Task.isCancelled ? .never : .later
  }

  /// Waits until a part may be sent that was put off for others. False if it is not to be any more.
  private func becomesDue(_ part: LeaseWork.Part, in run: inout LeaseRun) async -> Bool {
    guard let notBefore = part.notBefore, notBefore > time.now() else { return true }
    makeWay(with: &run, afterAttempts: part.attempts)
    return await wait(notBefore - time.now(), asked: nil, for: run.lease)
  }
}

extension ExportLoop.State {
  /// Whether a part of a tenant may be sent now. At its end the loop tries all that it has.
  fileprivate mutating func admits(_ part: LeaseWork.Part, in run: LeaseRun) -> Bool {
    gates.admits(run.lease.id, of: part.fields) || schedule.phase != .running
  }

  /// Takes note of what became of a tenant's records; returns whom to wake.
  fileprivate mutating func heedTenant(of outcome: LeaseWork.Outcome, in run: LeaseRun) -> [WakeSignal] {
    if !outcome.delivered.isEmpty { return backoffs.signals(of: gates.delivered(outcome.fields)) }
    if outcome.pause == nil { return backoffs.signals(of: gates.left(run.lease.id)) }
    gates.refused(run.lease.id, of: outcome.fields)
    return []
  }
}

// Rejected records.
extension ExportLoop {
  func rejectedRecords(_ outcome: LeaseWork.Outcome, as format: BodyFormat) -> [RejectedRecords] {
    let firstSent = time.clockTime(of: outcome.firstSent ?? time.now())
    return outcome.rejected.map { body, reason in
      RejectedRecords(
        destination: destination.id, body: body, reason: reason, attempts: outcome.attempts,
        firstSentUnixMilliseconds: firstSent, format: format,
        route: destination.dialect.route.carrying(outcome.fields))
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
