package import FrameQueues
import LogPipeline
import Synchronization

/// Where records wait until the rejection sink has taken them: those that the destination rejected, which the queue
/// holds too, and those that were dropped before they were sent, which nothing else holds.
///
/// One task hands over for all, several at once, so that neither a sink that fails nor one that hangs keeps a lease
/// from sending what is left of it, or a request from being answered. What the sink does not take is tried again for
/// ever, or given up after a time that is an option.
package final class RejectionDesk: Sendable {
  /// How the desk is.
  package struct Status: Sendable, Equatable {
    /// Seconds since 1970 since which the sink has taken nothing; nil if all is well.
    package var failingSince: Int?
    /// Why.
    package var error = ""
    /// Records that wait to be taken.
    package var waiting = FrameTotals.zero
    /// Records lost because the sink did not take them: for too long, or while as many dropped ones waited as may, or
    /// until the end.
    package var gaveUp = 0
    /// Dropped records among them that still waited at the end.
    package var lostAtEnd = 0

    package init() {}
  }

  /// Records that were left here, and what becomes of them.
  final class Debt: Sendable {
    enum Outcome {
      /// They are safe, or were given up by an option.
      case settled
      /// The desk was closed before.
      case left
    }

    let rejected: [RejectedRecords]
    let totals: FrameTotals
    /// Whether they were never sent, so that no queue holds them.
    let areDropped: Bool
    fileprivate let bodyBytes: Int
    fileprivate let since: Duration
    fileprivate let outcome = Promised<Outcome>()

    fileprivate init(_ rejected: [RejectedRecords], areDropped: Bool, since: Duration) {
      self.rejected = rejected
      self.areDropped = areDropped
      self.since = since
      totals = rejected.reduce(into: .zero) { $0 += $1.body.totals }
      bodyBytes = rejected.reduce(0) { $0 + $1.body.byteCount }
    }

    /// Waits for the outcome; `left` if the task is cancelled before.
    func ended() async -> Outcome { await outcome.get() ?? .left }
  }

  /// What became of records that no longer wait.
  enum Fate {
    case kept
    /// Not taken for as long as an option says.
    case givenUp
    /// Dropped records that still waited when the desk was closed.
    case lostAtEnd
  }

  private struct State {
    var debts: [Debt] = []
    var waiting = FrameTotals.zero
    /// Debts of dropped records among them.
    var droppedDebts = 0
    var failing: (since: Duration, attempts: Int)?
    var error = ""
    var takingSince: Duration?
    var gaveUp = 0
    var lostAtEnd = 0
    var isClosed = false
    var isEnding = false
    /// Rejected records do not wait for a sink that fails, because the queue keeps them.
    var leavesFailed = false

    mutating func add(_ debt: Debt) {
      debts.append(debt)
      waiting += debt.totals
      if debt.areDropped { droppedDebts += 1 }
    }

    /// Takes away the debts that are meant, in their order.
    mutating func remove(where isMeant: (Debt) -> Bool) -> [Debt] {
      let removed = debts.filter(isMeant)
      if removed.isEmpty { return [] }
      debts.removeAll(where: isMeant)
      for debt in removed {
        waiting -= debt.totals
        if debt.areDropped { droppedDebts -= 1 }
      }
      return removed
    }
  }

  /// What the sink is asked to take at once, unless one lease's are more.
  private static let batchBytes = 4 << 20
  /// A sink that has not answered for so long is said to fail.
  private static let longestTake: Duration = .seconds(10)
  /// Requests whose dropped records may wait at once, however small they are.
  static let maxDroppedRequests = 65_536

  private let sink: any RejectionSink
  private let retry: RetryOptions
  private let giveUpAfter: Duration
  /// Bytes that may wait when dropped records come to wait too.
  let maxWaitingBytes: Int
  private let time: ExportTime
  private let state = Mutex(State())
  private let wake = WakeSignal()

  package init(_ sink: any RejectionSink, options: ExportLoopOptions, time: ExportTime = .system) {
    self.sink = sink
    retry = options.retry
    giveUpAfter = options.rejectionsGiveUpAfter
    maxWaitingBytes = options.maxAsideBytes
    self.time = time
  }

  package var status: Status {
    let now = time.now()
    return state.withLock { state in
      var status = Status()
      status.waiting = state.waiting
      status.gaveUp = state.gaveUp
      status.lostAtEnd = state.lostAtEnd
      status.error = state.error
      status.failingSince = (state.failing?.since).map { time.clockTime(of: $0) / 1000 }
      if status.failingSince == nil, let since = state.takingSince, now - since >= Self.longestTake {
        status.failingSince = time.clockTime(of: since) / 1000
        status.error = Self.noAnswer(for: now - since)
      }
      return status
    }
  }

  /// Whether dropped records wait.
  var hasDropped: Bool { state.withLock { $0.droppedDebts > 0 } }

  /// Leaves records that the destination rejected to be handed over.
  func leave(_ rejected: [RejectedRecords]) -> Debt {
    let debt = Debt(rejected, areDropped: false, since: time.now())
    let isClosed = state.withLock { state in
      if !state.isClosed { state.add(debt) }
      return state.isClosed
    }
    if isClosed { debt.outcome.give(.left) } else { wake.signal() }
    return debt
  }

  /// Leaves records that are not sent to be handed over, without waiting; false if no more of them may wait, so that
  /// they are lost.
  func leave(dropped: [RejectedRecords]) -> Bool {
    let debt = Debt(dropped, areDropped: true, since: time.now())
    let isTaken = state.withLock { state in
      let hasRoom =
        state.waiting.bytes + debt.bodyBytes <= maxWaitingBytes && state.droppedDebts < Self.maxDroppedRequests
      if hasRoom, !state.isClosed {
        state.add(debt)
        return true
      }
      state.gaveUp &+= debt.totals.records
      if state.isClosed { state.lostAtEnd &+= debt.totals.records }
      return false
    }
    if isTaken { wake.signal() }
    return isTaken
  }

  /// Tries what waits at once, and from now on in short intervals. With `leavingFailed` the next failure ends it for
  /// rejected records.
  func end(leavingFailed: Bool) {
    state.withLock { state in
      state.isEnding = true
      state.leavesFailed = leavingFailed
    }
    wake.signal()
  }

  /// Hands over until the task is cancelled, then leaves what waits. `settled` is told of what no longer waits,
  /// `failed` of an attempt that failed or hangs and `recovered` of the first that did not.
  func run(
    settled: (_ debts: [Debt], _ fate: Fate) -> Void, failed: (_ cause: String) -> Void, recovered: () -> Void
  ) async {
    while !Task.isCancelled {
      let batch = nextBatch()
      if batch.isEmpty {
        await wake.wait()
        continue
      }
      let attempt = begin(batch.flatMap(\.rejected))
      guard let answer = await self.answer(to: attempt, settled, failed) else { break }
      guard case .failure(let error) = answer else {
        settle(batch, settled)
        recovered()
        continue
      }
      failed("\(error)")
      let attempts = note("\(error)")
      giveUpOverdue(settled)
      if leaveFailed() { continue }
      await pause(after: attempts, settled)
    }
    close(settled)
  }

  private func nextBatch() -> [Debt] {
    state.withLock { state in
      var bytes = 0
      let batch = state.debts.prefix { debt in
        defer { bytes += debt.bodyBytes }
        return bytes < Self.batchBytes
      }
      state.takingSince = batch.isEmpty ? nil : time.now()
      return Array(batch)
    }
  }

  /// Has the sink take records. A sink that hangs is left to itself when the task is cancelled.
  private func begin(_ rejected: [RejectedRecords]) -> Promised<Result<Void, any Error>> {
    let answer = Promised<Result<Void, any Error>>()
    Task { [sink] in
      do {
        try await sink.take(rejected)
        answer.give(.success(()))
      } catch {
        answer.give(.failure(error))
      }
    }
    return answer
  }

  /// Waits for the sink's answer, and meanwhile gives up what is overdue, whatever the sink is stuck in, and says that
  /// there is none. Nil if the task is cancelled before.
  private func answer(
    to attempt: Promised<Result<Void, any Error>>, _ settled: ([Debt], Fate) -> Void, _ failed: (String) -> Void
  ) async -> Result<Void, any Error>? {
    let began = time.now()
    var nextWord = began + Self.longestTake
    while true {
      let answer = await attempt.get(until: min(nextWord, nextOverdue() ?? nextWord), by: time)
      if answer != nil || Task.isCancelled { return answer }
      giveUpOverdue(settled)
      if time.now() >= nextWord {
        failed(Self.noAnswer(for: time.now() - began))
        nextWord = time.now() + Self.longestTake
      }
    }
  }

  private static func noAnswer(for duration: Duration) -> String { "no answer for \(duration.components.seconds) s" }

  /// Takes away what the sink has of a batch, unless it was given up meanwhile.
  private func settle(_ batch: [Debt], _ settled: ([Debt], Fate) -> Void) {
    let taken = Set(batch.map(ObjectIdentifier.init))
    let kept = state.withLock { state in
      state.takingSince = nil
      state.failing = nil
      state.error = ""
      return state.remove { taken.contains(ObjectIdentifier($0)) }
    }
    end(kept, .kept, settled)
  }

  private func end(_ debts: [Debt], _ fate: Fate, _ settled: ([Debt], Fate) -> Void) {
    if debts.isEmpty { return }
    settled(debts, fate)
    for debt in debts { debt.outcome.give(.settled) }
  }

  /// Takes note of a failure; returns how many there were in a row.
  private func note(_ failure: String) -> Int {
    let now = time.now()
    return state.withLock { state in
      state.takingSince = nil
      state.error = failure
      let attempts = (state.failing?.attempts ?? 0) &+ 1
      state.failing = (state.failing?.since ?? now, attempts)
      return attempts
    }
  }

  /// When the first of what waits is to be given up; nil if nothing ever is.
  private func nextOverdue() -> Duration? {
    guard giveUpAfter > .zero else { return nil }
    return state.withLock { $0.debts.first.map { $0.since + giveUpAfter } }
  }

  /// Takes away what has waited for too long.
  private func giveUpOverdue(_ settled: ([Debt], Fate) -> Void) {
    guard giveUpAfter > .zero else { return }
    let now = time.now()
    let overdue = state.withLock { state in
      let overdue = state.remove { now - $0.since >= giveUpAfter }
      state.gaveUp &+= overdue.reduce(0) { $0 + $1.totals.records }
      return overdue
    }
    end(overdue, .givenUp, settled)
  }

  /// Leaves rejected records that wait for a sink that fails if the loop ends and its queue keeps them. True if nothing
  /// waits any more.
  private func leaveFailed() -> Bool {
    let (left, isEmpty) = state.withLock { state in
      let left = state.isEnding && state.leavesFailed ? state.remove { !$0.areDropped } : []
      return (left, state.debts.isEmpty)
    }
    for debt in left { debt.outcome.give(.left) }
    return isEmpty
  }

  private func pause(after attempts: Int, _ settled: ([Debt], Fate) -> Void) async {
    let delay = retry.delay(afterAttempts: attempts, asked: nil, random: time.random())
    let isEnding = state.withLock { $0.isEnding }
    let until = time.now() + (isEnding ? min(delay, retry.initialInterval) : delay)
    // What is left here meanwhile does not end the pause; the end of the loop does.
    while !Task.isCancelled, time.now() < until, state.withLock({ $0.isEnding == isEnding }) {
      await wake.wait(until: min(until, nextOverdue() ?? until), by: time)
      giveUpOverdue(settled)
    }
  }

  private func close(_ settled: ([Debt], Fate) -> Void) {
    let (lost, left) = state.withLock { state in
      state.isClosed = true
      let lost = state.remove { $0.areDropped }
      let records = lost.reduce(0) { $0 + $1.totals.records }
      state.gaveUp &+= records
      state.lostAtEnd &+= records
      return (lost, state.remove { _ in true })
    }
    end(lost, .lostAtEnd, settled)
    for debt in left { debt.outcome.give(.left) }
  }
}
