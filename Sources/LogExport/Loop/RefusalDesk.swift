package import FrameQueues
import LogPipeline
import Synchronization

/// Where leases leave the records that the destination refused, until the refusal sink has taken them.
///
/// One task hands over for all leases, several at once, so that neither a sink that fails nor one that hangs keeps a
/// lease from sending what is left of it. What the sink does not take is tried again for ever, or given up after a time
/// that is an option.
package final class RefusalDesk: Sendable {
  /// How the desk is.
  package struct Status: Sendable, Equatable {
    /// Seconds since 1970 since which the sink has taken nothing; nil if all is well.
    package var failingSince: Int?
    /// Why.
    package var error = ""
    /// Records that wait to be taken.
    package var waiting = FrameTotals.zero
    /// Records given up because the sink had not taken them for too long; counted as refused.
    package var gaveUp = 0

    package init() {}
  }

  /// What becomes of records that were left here.
  final class Debt: Sendable {
    enum Outcome {
      /// They are safe, or were given up by an option.
      case settled
      /// The desk was closed before.
      case left
    }

    fileprivate let refused: [RefusedRecords]
    fileprivate let since: Duration
    fileprivate let outcome = Promised<Outcome>()

    fileprivate init(_ refused: [RefusedRecords], since: Duration) {
      self.refused = refused
      self.since = since
    }

    var totals: FrameTotals { refused.reduce(into: .zero) { $0 += $1.body.totals } }

    /// Waits for the outcome; `left` if the task is cancelled before.
    func ended() async -> Outcome { await outcome.get() ?? .left }
  }

  private struct State {
    var debts: [Debt] = []
    var failingSince: (unixSeconds: Int, attempts: Int)?
    var error = ""
    var takingSince: Duration?
    var gaveUp = 0
    var isClosed = false
    var isEnding = false
    /// Nothing waits for a sink that fails, because the queue keeps it.
    var leavesFailed = false
  }

  /// What the sink is asked to take at once, unless one lease's are more.
  private static let batchBytes = 4 << 20
  /// A sink that has not answered for so long is said to fail.
  private static let longestTake: Duration = .seconds(10)

  private let sink: any RefusalSink
  private let retry: RetryOptions
  private let giveUpAfter: Duration
  private let time: ExportTime
  private let state = Mutex(State())
  private let wake = WakeSignal()

  init(_ sink: any RefusalSink, options: ExportLoopOptions, time: ExportTime) {
    self.sink = sink
    retry = options.retry
    giveUpAfter = options.refusalsGiveUpAfter
    self.time = time
  }

  package var status: Status {
    let now = time.now()
    let unixNow = time.unixSeconds()
    return state.withLock { state in
      var status = Status()
      status.waiting = state.debts.reduce(into: .zero) { $0 += $1.totals }
      status.gaveUp = state.gaveUp
      status.error = state.error
      status.failingSince = state.failingSince?.unixSeconds
      if status.failingSince == nil, let since = state.takingSince, now - since >= Self.longestTake {
        let seconds = Int((now - since).components.seconds)
        status.failingSince = unixNow - seconds
        status.error = "no answer for \(seconds) s"
      }
      return status
    }
  }

  /// Leaves records to be handed over.
  func leave(_ refused: [RefusedRecords]) -> Debt {
    let debt = Debt(refused, since: time.now())
    let isClosed = state.withLock { state in
      if !state.isClosed { state.debts.append(debt) }
      return state.isClosed
    }
    if isClosed { debt.outcome.give(.left) } else { wake.signal() }
    return debt
  }

  /// Tries what waits at once, and from now on in short intervals. With `leavingFailed` the next failure ends it.
  func end(leavingFailed: Bool) {
    state.withLock { state in
      state.isEnding = true
      state.leavesFailed = leavingFailed
    }
    wake.signal()
  }

  /// Hands over until the task is cancelled, then leaves what waits. `settled` is told of records that the sink took or
  /// that were given up, `failed` of an attempt that failed and `recovered` of the first that did not.
  func run(
    settled: (_ refused: [RefusedRecords], _ isGivenUp: Bool) -> Void, failed: (_ cause: String) -> Void,
    recovered: () -> Void
  ) async {
    while !Task.isCancelled {
      let batch = nextBatch()
      if batch.isEmpty {
        await wake.wait()
        continue
      }
      let refused = batch.flatMap(\.refused)
      guard let failure = await take(refused) else {
        let hadFailed = remove(batch)
        settled(refused, false)
        for debt in batch { debt.outcome.give(.settled) }
        if hadFailed { recovered() }
        continue
      }
      if Task.isCancelled { break }
      failed(failure)
      let attempts = note(failure)
      let overdue = overdue()
      if !overdue.isEmpty { settled(overdue.flatMap(\.refused), true) }
      for debt in overdue { debt.outcome.give(.settled) }
      if leaveFailed() { continue }
      await pause(after: attempts)
    }
    close()
  }

  private func nextBatch() -> [Debt] {
    state.withLock { state in
      var bytes = 0
      let batch = state.debts.prefix { debt in
        defer { bytes += debt.refused.reduce(0) { $0 + $1.body.byteCount } }
        return bytes < Self.batchBytes
      }
      state.takingSince = batch.isEmpty ? nil : time.now()
      return Array(batch)
    }
  }

  /// Has the sink take records; says why not if it does not. A sink that hangs is left to itself when the task is
  /// cancelled.
  private func take(_ refused: [RefusedRecords]) async -> String? {
    let outcome = Promised<Result<Void, any Error>>()
    Task { [sink] in
      do {
        try await sink.take(refused)
        outcome.give(.success(()))
      } catch {
        outcome.give(.failure(error))
      }
    }
    switch await outcome.get() {
    case .success: return nil
    case .failure(let error): return "\(error)"
    case nil: return "cancelled"
    }
  }

  /// Takes away what the sink has; says whether it had failed before.
  private func remove(_ batch: [Debt]) -> Bool {
    state.withLock { state in
      state.debts.removeFirst(batch.count)
      state.takingSince = nil
      state.error = ""
      defer { state.failingSince = nil }
      return state.failingSince != nil
    }
  }

  /// Takes note of a failure; returns how many there were in a row.
  private func note(_ failure: String) -> Int {
    let now = time.unixSeconds()
    return state.withLock { state in
      state.takingSince = nil
      state.error = failure
      let attempts = (state.failingSince?.attempts ?? 0) &+ 1
      state.failingSince = (state.failingSince?.unixSeconds ?? now, attempts)
      return attempts
    }
  }

  /// Takes away what has waited for too long.
  private func overdue() -> [Debt] {
    guard giveUpAfter > .zero else { return [] }
    let now = time.now()
    return state.withLock { state in
      let overdue = state.debts.filter { now - $0.since >= giveUpAfter }
      state.debts.removeAll { now - $0.since >= giveUpAfter }
      state.gaveUp &+= overdue.reduce(0) { $0 + $1.totals.records }
      return overdue
    }
  }

  /// Leaves what waits for a sink that fails if the loop ends and its queue keeps it.
  private func leaveFailed() -> Bool {
    let left = state.withLock { state -> [Debt]? in
      guard state.isEnding, state.leavesFailed else { return nil }
      defer { state.debts = [] }
      return state.debts
    }
    for debt in left ?? [] { debt.outcome.give(.left) }
    return left != nil
  }

  private func pause(after attempts: Int) async {
    let delay = retry.delay(afterAttempts: attempts, asked: nil, random: time.random())
    let isEnding = state.withLock { $0.isEnding }
    let until = time.now() + (isEnding ? min(delay, retry.initialInterval) : delay)
    // What is left here meanwhile does not end the pause; the end of the loop does.
    while !Task.isCancelled, time.now() < until, state.withLock({ $0.isEnding == isEnding }) {
      await wake.wait(until: until, by: time)
    }
  }

  private func close() {
    let left = state.withLock { state in
      state.isClosed = true
      defer { state.debts = [] }
      return state.debts
    }
    for debt in left { debt.outcome.give(.left) }
  }
}
