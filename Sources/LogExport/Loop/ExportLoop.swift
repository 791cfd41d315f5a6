// decision: docs/decisions/0004-dialects.md

import FrameQueues
package import LogPipeline
package import Logging
import Synchronization

/// Sends one destination's frames until they are delivered or rejected: leases from its queue, makes an `Attempt` with
/// each body, has its `Judgement` say what becomes of the records, tells the `ExportReport`, and waits and sends again
/// what has to be.
///
/// At most `consumers` leases are being sent at once, so order is kept only as far as that allows. A lease is
/// acknowledged once every record of it is delivered or has been taken by the rejection sink.
package final class ExportLoop: Sendable {
  package let destination: Destination
  let sender: any Sender
  let options: ExportLoopOptions
  let desk: RejectionDesk
  private let drops: Drops?
  let time: ExportTime
  let report: ExportReport
  let permits: SendPermits
  let state: Mutex<State>
  let wake = WakeSignal()
  let fetch = LeaseFetch()
  /// An append wakes the loop if at least so many bytes wait.
  let wakeBytes = Atomic(0)

  struct State {
    var schedule: LeaseSchedule
    var backoffs = Backoffs()
    var gates: TenantGates
    var isRunning = false
    var onFinish: [CheckedContinuation<Void, Never>] = []
    /// True if what would have to be sent again stays in the queue, because the loop ends.
    var leavesFailed = false
    /// True once something was left because of that.
    private(set) var hasLeft = false

    /// Leaves what would have to be sent again, and leases nothing more.
    mutating func leave() {
      hasLeft = true
      schedule.stopLeasing()
    }
  }

  /// A loop that hands over at a desk what is left, also by `drops`.
  package init(
    destination: Destination, sender: any Sender, options: ExportLoopOptions, desk: RejectionDesk, drops: Drops? = nil,
    logger: Logger, time: ExportTime = .system
  ) {
    self.destination = destination
    self.sender = sender
    self.options = options
    self.time = time
    self.desk = desk
    self.drops = drops
    report = ExportReport(exporter: destination.id, logger: logger, time: time)
    permits = SendPermits(AdaptiveLimit(most: options.consumers, isEnabled: options.isAdaptive))
    state = Mutex(State(schedule: LeaseSchedule(options), gates: TenantGates(most: options.consumers)))
    destination.queue.onAppend { [wake, weak self] waiting in
      guard let self, self.isEnough(waiting, wakeBytes: self.wakeBytes.load(ordering: .sequentiallyConsistent)) else {
        return
      }
      wake.signal()
    }
  }

  package var counters: ExportCounters {
    var counters = report.counters
    counters.rejectionDesk = desk.status
    counters.concurrencyLimit = permits.limit
    state.withLock { state in
      counters.asideLeases = state.schedule.asideLeases
      counters.openLeases = state.schedule.openLeases - state.schedule.asideLeases
    }
    return counters
  }

  /// How long attempts took so far, and waits in the queue.
  package var durations: ExportDurations.Snapshot { report.durations.snapshot }

  /// How much was sent at once so far.
  package var sizes: ExportSizes.Snapshot { report.sizes.snapshot }

  /// Has an end that is asked for from now on wait for `run`, which is to follow.
  package func announceRun() { state.withLock { $0.isRunning = true } }

  /// Sends until the task is cancelled, or `drain` or `stop` has come to its end. Run it once.
  package func run() async {
    state.withLock { $0.isRunning = true }
    await withDiscardingTaskGroup { group in
      group.addTask { await self.handOverRejections() }
      group.addTask { await self.report.run() }
      if let drops { group.addTask { await drops.log.run(by: self.time) } }
      var marks = LeaseMarks(of: destination)
      while let lease = await nextLease() {
        report.sizes.batchBegins(records: lease.records, bytes: lease.byteCount, isFull: isFull(lease))
        let format = marks.format(of: lease)
        group.addTask { await self.work(on: LeaseRun(lease, sections: format)) }
      }
      group.cancelAll()
    }
    report.end()
    drops?.sayTotals(of: destination)
    let waiters = state.withLock { state in
      state.isRunning = false
      defer { state.onFinish = [] }
      return state.onFinish
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Works on a lease until all of it is settled, or the task is cancelled.
  private func work(on begun: LeaseRun) async {
    var run = begun
    while let part = run.work.begin(at: time.now()) {
      guard part.isReadable else {
        run.debts.append(desk.leave(rejectedRecords(run.work.discard(), as: .text)))
        continue
      }
      guard await proceed(with: part, in: &run) else { break }
    }
    // Neither a destination nor its other records wait for the dead letters.
    if !run.debts.isEmpty { move(&run, to: .aside(bytes: run.lease.byteCount)) }
    for debt in run.debts where await debt.ended() == .settled { run.settled += debt.totals }
    if run.settled == run.lease.totals {
      report.leaveQueue(run.settled)
      destination.queue.acknowledge(run.lease)
    }
    report.leaseEnded(run.lease.id)
    ended(run)
  }

  /// Sends a part if it is its turn, or leaves it to the next round. False if no more of the lease is to be sent.
  private func proceed(with part: LeaseWork.Part, in run: inout LeaseRun) async -> Bool {
    switch await turn(of: part, in: &run) {
    case .now: await send(part, in: &run)
    case .later: true
    case .never: false
    }
  }

  /// Sends a part once and does what follows from the judgement. False if no more of the lease is to be sent.
  private func send(_ part: LeaseWork.Part, in run: inout LeaseRun) async -> Bool {
    let tenant = run.work.isSectioned ? part.fields : nil
    guard let (number, began) = await beginAttempt(of: tenant) else { return false }
    let attempt = await Attempt.send(
      part.body, by: sender, along: destination.dialect.route.carrying(part.fields), within: options.requestTimeout)
    let ended = time.now()
    report.attemptEnded(attempt, after: ended - began)
    let judgement = Judgement(of: attempt, speaking: destination.dialect)
    let outcome = run.work.take(judgement, circumstances(of: tenant), speaking: destination.dialect)
    let isLeft = outcome.pause != nil && outcome.delivered.isEmpty && leavesFailed()
    permits.release(after: .init(outcome.load, bytes: part.body.byteCount, began: began), at: ended)
    let error = outcome.pause.map { judgement.shown($0.reason) } ?? ""
    report.settled(outcome, attempt: number, error: error)
    wakeOthers(after: outcome, in: run)
    report.durations.delivered(records: outcome.delivered.records, after: run.lease.age)
    run.settled += outcome.delivered
    if !outcome.rejected.isEmpty {
      run.debts.append(desk.leave(rejectedRecords(outcome, as: destination.dialect.bodyFormat)))
    }
    guard let pause = outcome.pause, !isLeft, !outcome.isOthersTurn else { return !isLeft && !Task.isCancelled }
    makeWay(with: &run, afterAttempts: outcome.attempts)
    report.leaseWaits(run.lease.id, pause, attempts: outcome.attempts, error: error, isRest: run.isRest)
    return await wait(outcome.delay, asked: pause.asked, for: run.lease)
  }
}
