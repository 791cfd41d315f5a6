// decision: docs/decisions/0004-dialects.md

package import FrameQueues
package import LogPipeline
package import Logging
import Synchronization

/// Sends one destination's frames until they are delivered or refused: leases from its queue, sends, has the dialect
/// judge the answer, waits and sends again what has to be.
///
/// At most `consumers` leases are being sent at once, so order is kept only as far as that allows. A lease is
/// acknowledged once every record of it is delivered or has been taken by the refusal sink.
package final class ExportLoop: Sendable {
  package let destination: Destination
  let sender: any Sender
  let options: ExportLoopOptions
  let desk: RefusalDesk
  private let drops: Drops?
  let time: ExportTime
  let failures: FailureLog
  let deskFailures: FailureLog
  let records: RecordLog
  let permits: SendPermits
  let state: Mutex<State>
  let wake = WakeSignal()
  private let fetch = LeaseFetch()
  /// An append wakes the loop if at least so many bytes wait.
  private let wakeBytes = Atomic(0)

  struct State {
    var schedule: LeaseSchedule
    var counters = ExportCounters()
    var backoffs = Backoffs()
    /// The attempts since the last that delivered something.
    var streak: FailureStreak?
    /// What keeps being sent again, by lease.
    var repetitions: [UInt64: Repetition] = [:]
    fileprivate(set) var isRunning = false
    fileprivate var onFinish: [CheckedContinuation<Void, Never>] = []
    /// True if what would have to be sent again stays in the queue, because the loop ends.
    fileprivate(set) var leavesFailed = false
    /// True once something was left because of that.
    private(set) var hasLeft = false

    /// Leaves what would have to be sent again, and leases nothing more.
    mutating func leave() {
      hasLeft = true
      schedule.stopLeasing()
    }
  }

  /// A batch that keeps being sent again.
  struct Repetition {
    var streak: FailureStreak
    /// Deliveries of others before it first failed.
    var passedBefore: Int
    /// Whether it failed although others, or other records of it, were delivered.
    var isStuck = false
  }

  package convenience init(
    destination: Destination, sender: any Sender, options: ExportLoopOptions = ExportLoopOptions(),
    refusals: any RefusalSink = DropRefusals(), logger: Logger, time: ExportTime = .system
  ) {
    let desk = RefusalDesk(refusals, options: options, time: time)
    self.init(destination: destination, sender: sender, options: options, desk: desk, logger: logger, time: time)
  }

  /// A loop that hands over what is left at a desk, also by `drops`.
  package init(
    destination: Destination, sender: any Sender, options: ExportLoopOptions, desk: RefusalDesk, drops: Drops? = nil,
    logger: Logger, time: ExportTime = .system
  ) {
    self.destination = destination
    self.sender = sender
    self.options = options
    self.time = time
    self.desk = desk
    self.drops = drops
    failures = FailureLog(logger: logger)
    deskFailures = FailureLog(logger: logger)
    records = RecordLog(logger: logger, fields: ["exporter": "\(destination.id)"])
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
    let desk = desk.status
    return state.withLock { state in
      var counters = state.counters
      counters.asideLeases = state.schedule.asideLeases
      counters.openLeases = state.schedule.openLeases - state.schedule.asideLeases
      counters.concurrencyLimit = permits.limit
      counters.failing = state.streak.map { Failing($0, by: time) }
      let stuck = state.repetitions.values.filter(\.isStuck).map(\.streak).min { $0.since < $1.since }
      counters.stuck = stuck.map { Failing($0, by: time) }
      counters.refusalDesk = desk
      return counters
    }
  }

  /// Sends until the task is cancelled, or `drain` or `stop` has come to its end. Run it once.
  package func run() async {
    state.withLock { $0.isRunning = true }
    await withDiscardingTaskGroup { group in
      group.addTask { await self.handOverRefusals() }
      group.addTask { await self.records.run(by: self.time) }
      if let drops { group.addTask { await drops.log.run(by: self.time) } }
      while let lease = await nextLease() {
        group.addTask { await self.work(on: lease) }
      }
      group.cancelAll()
    }
    records.say(at: time.now())
    drops?.sayTotals(of: destination)
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

  /// Waits until it is time for a lease; nil once the loop has to end.
  private func nextLease() async -> FrameLease? {
    while !Task.isCancelled {
      wakeBytes.store(0, ordering: .sequentiallyConsistent)
      if let arrived = fetch.take() {
        if let lease = arrived { return lease }
        state.withLock { $0.schedule.leaseEnded() }
      }
      switch decide() {
      case .lease(let maxBytes) where fetch.isIdle:
        state.withLock { $0.schedule.leaseTaken() }
        fetch.begin(destination.queue, maxBytes: maxBytes, wake: wake)
      case .lease: await wait(until: state.withLock { $0.schedule.deadline }, orBytes: .max)
      case .wait(let deadline, let bytes):
        await wait(until: deadline, orBytes: bytes)
      // Nothing but the desk holds these.
      case .finish where desk.hasDropped && !isOver:
        await wait(until: state.withLock { $0.schedule.deadline }, orBytes: .max)
      case .finish, .abandon:
        return nil
      }
    }
    return nil
  }

  /// Whether the time to finish is over.
  private var isOver: Bool { state.withLock { $0.schedule.deadline.map { $0 <= time.now() } ?? false } }

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
}
