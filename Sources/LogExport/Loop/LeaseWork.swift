package import FrameQueues
package import LogPipeline

/// What is left to do for one lease: bodies to send, each with its attempts. It does no I/O; each verdict says what
/// to do next.
///
/// Invariant: records of `parts` + records settled = records of the lease; every record is settled exactly once, as
/// delivered or as refused.
package struct LeaseWork: Sendable {
  /// A body with the history of its sending.
  package struct Part: Sendable {
    package let body: ExportBody
    /// How often it was sent, on its own or inside a larger body that was sent again.
    package var attempts = 0
    /// When it was first sent.
    package var firstSent: Duration?
    /// Whether the body rather than the destination is at fault for its repetitions.
    package var suspicion = Suspicion()
  }

  /// What a verdict came to.
  package struct Outcome: Sendable {
    package var delivered = FrameTotals.zero
    /// Records among those delivered that the destination had stored before.
    package var duplicates = 0
    /// What of that was stored as faulty (`failure_store: used`).
    package var inFailureStore = FrameTotals.zero
    /// Records to send again that could not even be stored as faulty.
    package var failureStoreFailed = 0
    /// Records that the destination will never take, as bodies with their reasons. A body without bytes stands for
    /// records that were refused without being named; their bytes count as delivered.
    package var refused: [(body: ExportBody, reason: String)] = []
    /// Set if the next part is a repetition and has to wait.
    package var pause: Pause?

    /// What was refused, in total.
    package var refusedTotals: FrameTotals { refused.reduce(into: .zero) { $0 += $1.body.totals } }
  }

  /// Why, and at least how long, to wait before the next part is sent.
  package struct Pause: Sendable, Equatable {
    package var asked: Duration?
    package var reason: String
    /// Records that will be sent again.
    package var records: Int
  }

  /// Bodies not settled yet; the last is the next to be sent.
  private var parts: [Part]

  package init(_ lease: FrameLease) {
    parts = [Part(body: ExportBody(lease))]
  }

  /// Records not settled yet; for tests.
  package var openTotals: FrameTotals { parts.reduce(into: .zero) { $0 += $1.body.totals } }

  /// The part to send now, or nil if every record is settled.
  package mutating func begin(at now: Duration) -> Part? {
    guard var part = parts.popLast() else { return nil }
    part.firstSent = part.firstSent ?? now
    parts.append(part)
    return part
  }

  /// Takes note that the part that `begin` gave has to be repeated after an answer of this kind, and says whether it is
  /// at fault itself.
  package mutating func isAtFault(
    _ kind: Suspicion.Kind?, tally: Suspicion.Tally, speaking dialect: any Dialect
  ) -> Bool {
    guard var part = parts.popLast() else { return false }
    defer { parts.append(part) }
    let isLone = part.body.records <= 1 || kind == .emptySuccess && part.body.halves(speaking: dialect) == nil
    return part.suspicion.isAtFault(kind, isLone: isLone, tally: tally)
  }

  /// Whether the part that would be sent next keeps failing for what may be its own fault.
  package var isSuspect: Bool { parts.last?.suspicion.isLasting ?? false }

  /// Lets the other parts go before the one that would be sent next, if that is a suspect by itself. Says whether the
  /// next is another that need not wait.
  package mutating func letOthersGoFirst() -> Bool {
    guard parts.count > 1, let part = parts.last, part.body.records <= 1, part.suspicion.rounds > 0 else {
      return false
    }
    parts.insert(parts.removeLast(), at: 0)
    guard let next = parts.last else { return false }
    return next.body.records > 1 || next.suspicion.rounds == 0
  }

  /// Takes the verdict on the part that `begin` gave.
  package mutating func apply(_ verdict: Verdict, speaking dialect: any Dialect) -> Outcome {
    guard var part = parts.popLast() else { return Outcome() }
    part.attempts += 1
    switch verdict {
    case .delivered(let duplicates): return deliver(part, duplicates: duplicates)
    case .retry(let after, let reason), .unproven(let after, let reason):
      return retry(part, after: after, reason: reason)
    case .mixed(let outcomes): return settle(part, by: outcomes)
    case .tooLarge(let reason): return halve(part, reason: reason, speaking: dialect)
    case .refused(let reason): return refuse(part, reason: reason)
    }
  }

  /// Refuses the part that would be sent next.
  package mutating func giveUp(because reason: String) -> [(body: ExportBody, reason: String)] {
    guard let part = parts.popLast() else { return [] }
    return [(part.body, "given up after \(part.attempts) attempts: \(reason)")]
  }

  private func deliver(_ part: Part, duplicates: Int) -> Outcome {
    Outcome(delivered: part.body.totals, duplicates: min(max(duplicates, 0), part.body.records))
  }

  private func refuse(_ part: Part, reason: String) -> Outcome {
    Outcome(refused: [(part.body, reason)])
  }

  private mutating func retry(_ part: Part, after: Duration?, reason: String) -> Outcome {
    parts.append(part)
    return Outcome(pause: Pause(asked: after, reason: reason, records: part.body.records))
  }

  /// Cuts a body that was too large in two, to be sent at once; refuses it if it cannot be cut.
  private mutating func halve(_ part: Part, reason: String, speaking dialect: any Dialect) -> Outcome {
    guard let (first, second) = part.body.halves(speaking: dialect) else { return refuse(part, reason: reason) }
    for half in [second, first] {
      let suspicion = part.suspicion.inherited(byRecords: half.records)
      parts.append(Part(body: half, attempts: part.attempts, firstSent: part.firstSent, suspicion: suspicion))
    }
    return Outcome()
  }

  /// Settles records one by one. Outcomes that do not account for every record prove nothing: all are sent again.
  private mutating func settle(_ part: Part, by outcomes: Verdict.Outcomes) -> Outcome {
    let body = part.body
    let accounted = outcomes.accountedRecords
    guard accounted == body.records else {
      return retry(part, after: nil, reason: "the answer accounts for \(accounted) of \(body.records) records")
    }
    if outcomes.resendRecords == body.records {
      var outcome = retry(part, after: nil, reason: outcomes.resendReason)
      outcome.failureStoreFailed = outcomes.failureStoreFailed
      return outcome
    }
    var outcome = Outcome(duplicates: min(max(outcomes.duplicates, 0), outcomes.delivered))
    outcome.failureStoreFailed = outcomes.failureStoreFailed
    outcome.inFailureStore = FrameTotals(bytes: outcomes.inFailureStoreBytes, records: outcomes.inFailureStore)
    outcome.refused = outcomes.refused.map { (body.part($0.range, records: 1), $0.reason) }
    if outcomes.refusedUnnamed > 0 {
      outcome.refused.append((body.part(0..<0, records: outcomes.refusedUnnamed), outcomes.refusedUnnamedReason))
    }
    var open = FrameTotals.zero
    if outcomes.resendRecords > 0 {
      let resend = body.copy(of: outcomes.resend, records: outcomes.resendRecords)
      open = resend.totals
      parts.append(Part(body: resend, attempts: part.attempts, firstSent: part.firstSent))
      outcome.pause = Pause(reason: outcomes.resendReason, records: resend.records)
    }
    outcome.delivered = body.totals
    outcome.delivered -= open
    outcome.delivered -= outcome.refusedTotals
    return outcome
  }
}

extension Verdict.Outcomes {
  /// Records that the outcomes speak of; -1 if a count is negative.
  fileprivate var accountedRecords: Int {
    guard delivered >= 0, resendRecords >= 0, refusedUnnamed >= 0 else { return -1 }
    return delivered &+ resendRecords &+ refused.count &+ refusedUnnamed
  }
}
