package import FrameQueues
import LogPipeline

/// What is left to do for one lease: bodies to send, each with its attempts. It does no I/O and reads no clock; the
/// judgement of each attempt says what became of which records, and when to send what is left.
///
/// Invariant: records of `parts` + records settled = records of the lease; every record is settled exactly once, as
/// delivered or as rejected.
package struct LeaseWork: Sendable {
  /// A body with the history of its sending.
  package struct Part: Sendable {
    package fileprivate(set) var body: ExportBody
    /// The header fields that it goes under beside the exporter's own.
    package var fields: [UInt8] = []
    /// Why bytes are not to be sent, since nobody knows whose they are; nil for all others.
    package var problem: String?
    package var isReadable: Bool { problem == nil }
    /// Whether it was put off since the last wait, so that it is not its turn again.
    var isPutOff = false
    /// When it may be sent again, if others have gone first meanwhile.
    package var notBefore: Duration?
    /// How often it was sent, on its own or inside a larger body that was sent again.
    package var attempts = 0
    /// When it was first sent.
    package var firstSent: Duration?
    /// Whether the body rather than the destination is at fault for its repetitions.
    package var suspicion = Suspicion()
  }

  /// What it depends on, besides the judgement, what an attempt comes to.
  struct Circumstances {
    var now: Duration
    /// A number in 0..<1.
    var random: Double
    /// How attempts of all bodies went so far.
    var tally: Suspicion.Tally
    var retry: RetryOptions
  }

  /// What an attempt came to.
  package struct Outcome: Sendable {
    /// How often the part has been sent by now.
    package var attempts = 0
    /// When it was first sent.
    package var firstSent: Duration?
    /// The header fields that the part went under beside the exporter's own.
    package var fields: [UInt8] = []
    package var delivered = FrameTotals.zero
    /// Records among those delivered that the destination had stored before.
    package var duplicates = 0
    /// What of that was stored as faulty (`failure_store: used`).
    package var inFailureStore = FrameTotals.zero
    /// Records to send again that could not even be stored as faulty.
    package var failureStoreFailed = 0
    /// Records that the destination will never take, as bodies with their reasons. A body without bytes stands for
    /// records that were rejected without being named; their bytes count as delivered.
    package var rejected: [(body: ExportBody, reason: String)] = []
    /// Records among those rejected that were given up, because they had been tried for as long as an option says.
    package var gaveUp = 0
    /// Set if records have to be sent again.
    package var pause: Pause?
    /// How long to wait before that.
    package var delay = Duration.zero
    /// Whether the next part is another, which need not wait for that.
    package var isOthersTurn = false
    /// What the attempt says of the destination's load.
    package var load = AdaptiveLimit.Ending.other

    /// What was rejected, in total.
    package var rejectedTotals: FrameTotals { rejected.reduce(into: .zero) { $0 += $1.body.totals } }
  }

  /// Why records are sent again, and what the destination asked for.
  package struct Pause: Sendable, Equatable {
    package var asked: Duration?
    package var reason: String
    /// Records that will be sent again.
    package var records: Int
  }

  /// Bodies not settled yet; the last is the next to be sent.
  private var parts: [Part]
  /// What has not been taken apart yet of a lease with marks.
  private var sections: LeaseSections?
  /// Parts that were put off since the last that delivered something, or the last wait.
  private var putOffInRow = 0
  /// Waits since a part delivered something.
  private var waitsInRow = 0

  package init(_ lease: FrameLease) {
    parts = [Part(body: ExportBody(lease))]
  }

  /// The work for a lease that may have marks.
  package init(_ sections: LeaseSections) {
    parts = []
    self.sections = sections
  }

  /// Whether its parts may be of several tenants.
  package var isSectioned: Bool { sections != nil }

  /// Records not settled yet; for tests.
  package var openTotals: FrameTotals { parts.reduce(into: sections?.left ?? .zero) { $0 += $1.body.totals } }

  /// The part to send now, or to `discard` if it cannot be read; nil if every record is settled.
  package mutating func begin(at now: Duration) -> Part? {
    if parts.isEmpty, let bodies = sections?.next() {
      parts = bodies.reversed().map { Part(body: $0.body, fields: $0.fields, problem: $0.problem) }
    }
    guard var part = parts.popLast() else { return nil }
    part.firstSent = part.firstSent ?? now
    parts.append(part)
    return part
  }

  /// Takes the judgement of an attempt with the part that `begin` gave.
  mutating func take(
    _ judgement: Judgement, _ circumstances: Circumstances, speaking dialect: any Dialect
  ) -> Outcome {
    let fate = fate(judgement, tally: circumstances.tally, speaking: dialect)
    var outcome = apply(fate, speaking: dialect)
    outcome.load = judgement.load(isRepeated: outcome.pause != nil)
    guard let pause = outcome.pause else { return outcome }
    let retry = circumstances.retry
    if retry.isExhausted(after: circumstances.now - (outcome.firstSent ?? circumstances.now)) {
      outcome.rejected += giveUp(because: pause.reason)
      outcome.gaveUp = pause.records
      outcome.pause = nil
      return outcome
    }
    let mayOthersGo = judgement.isAnswered || dialect.hasSeveralServers
    outcome.isOthersTurn = letOtherTenantsGoFirst(ifAnswered: mayOthersGo) ?? letOthersGoFirst()
    outcome.delay = retry.delay(
      afterAttempts: max(outcome.attempts, waitsInRow), asked: pause.asked, random: circumstances.random)
    if let first = parts.indices.first, parts[first].isPutOff {
      parts[first].notBefore = circumstances.now + outcome.delay
    }
    return outcome
  }

  /// Rejects the part that `begin` gave, since it cannot be read.
  package mutating func discard() -> Outcome {
    guard let part = parts.popLast() else { return Outcome() }
    return reject(part, reason: "unreadable: \(part.problem ?? "")")
  }

  /// The judgement's fate; a body that is at fault itself for being repeated is halved instead.
  private mutating func fate(
    _ judgement: Judgement, tally: Suspicion.Tally, speaking dialect: any Dialect
  ) -> Judgement.Fate {
    guard case .again(let repetition) = judgement.fate, repetition.cause == .attempt,
      isAtFault(judgement.suspicion, tally: tally, speaking: dialect), let part = parts.last
    else { return judgement.fate }
    return .halved(reason: Judgement.faultReason(repetition.reason, attempts: part.attempts + 1))
  }

  /// Takes note that the part that `begin` gave has to be repeated after an answer of this kind, and says whether it is
  /// at fault itself.
  mutating func isAtFault(
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
  mutating func letOthersGoFirst() -> Bool {
    guard parts.count > 1, let part = parts.last, part.body.records <= 1, part.suspicion.rounds > 0 else {
      return false
    }
    parts.insert(parts.removeLast(), at: 0)
    guard let next = parts.last else { return false }
    return next.body.records > 1 || next.suspicion.rounds == 0
  }

  /// Lets the records of other tenants go before those of the part that would be sent next, which has to be repeated.
  /// Says whether another's turn has come at once: not if there was no answer, and not for more than a few in a row, as
  /// then the destination may take nothing at all. Nil if all parts are of one tenant.
  mutating func letOtherTenantsGoFirst(ifAnswered isAnswered: Bool) -> Bool? {
    guard parts.count > 1, var part = parts.popLast() else { return nil }
    guard parts.contains(where: { $0.fields != part.fields }) else {
      parts.append(part)
      return nil
    }
    part.isPutOff = true
    parts.insert(part, at: 0)
    putOffInRow += 1
    if isAnswered, putOffInRow < Self.mostPutOffInRow, let next = parts.last, !next.isPutOff,
      next.fields != part.fields
    {
      return true
    }
    for index in parts.indices { parts[index].isPutOff = false }
    putOffInRow = 0
    waitsInRow += 1
    return false
  }

  /// Lets another tenant's part go before the one that would be sent next, which may not be sent now; false if all had
  /// their turn since the last wait.
  mutating func postpone() -> Bool {
    guard var part = parts.popLast() else { return false }
    part.isPutOff = true
    parts.insert(part, at: 0)
    if let next = parts.last, !next.isPutOff { return true }
    for index in parts.indices { parts[index].isPutOff = false }
    return false
  }

  /// Has the parts take memory of their own instead of the lease's; false if more of it is still to be taken apart.
  mutating func detach() -> Bool {
    guard sections?.release() ?? false else { return false }
    parts = parts.map { $0.of($0.body.detached, $0.suspicion) }
    return true
  }

  /// Parts of different tenants that are put off one after the other before there is a wait.
  private static let mostPutOffInRow = 4

  /// Has the part that `begin` gave meet its fate.
  mutating func apply(_ fate: Judgement.Fate, speaking dialect: any Dialect) -> Outcome {
    guard var part = parts.popLast() else { return Outcome() }
    part.attempts += 1
    var outcome =
      switch fate {
      case .delivered(let duplicates): Outcome(delivered: part.body.totals, duplicates: duplicates)
      case .again(let repetition): sendAgain(part, repetition)
      case .mixed(let outcomes): settle(part, by: outcomes)
      case .halved(let reason): halve(part, reason: reason, speaking: dialect)
      case .rejected(let reason): reject(part, reason: reason)
      }
    outcome.attempts = part.attempts
    outcome.firstSent = part.firstSent
    outcome.fields = part.fields
    if outcome.pause == nil || !outcome.delivered.isEmpty { (putOffInRow, waitsInRow) = (0, 0) }
    return outcome
  }

  /// Rejects the part that would be sent next.
  mutating func giveUp(because reason: String) -> [(body: ExportBody, reason: String)] {
    guard let part = parts.popLast() else { return [] }
    return [(part.body, "given up after \(part.attempts) attempts: \(reason)")]
  }

  private func reject(_ part: Part, reason: String) -> Outcome {
    Outcome(rejected: [(part.body, reason)])
  }

  private mutating func sendAgain(_ part: Part, _ repetition: Judgement.Repetition) -> Outcome {
    parts.append(part)
    return Outcome(
      failureStoreFailed: repetition.failureStoreFailed,
      pause: Pause(asked: repetition.asked, reason: repetition.reason, records: part.body.records))
  }

  /// Cuts a body that was too large in two, to be sent at once; rejects it if it cannot be cut.
  private mutating func halve(_ part: Part, reason: String, speaking dialect: any Dialect) -> Outcome {
    guard let (first, second) = part.body.halves(speaking: dialect) else { return reject(part, reason: reason) }
    for half in [second, first] {
      let suspicion = part.suspicion.inherited(byRecords: half.records)
      parts.append(part.of(half, suspicion))
    }
    return Outcome()
  }

  /// Settles records one by one.
  private mutating func settle(_ part: Part, by outcomes: Verdict.Outcomes) -> Outcome {
    let body = part.body
    var outcome = Outcome(duplicates: outcomes.duplicates)
    outcome.failureStoreFailed = outcomes.failureStoreFailed
    outcome.inFailureStore = FrameTotals(bytes: outcomes.inFailureStoreBytes, records: outcomes.inFailureStore)
    outcome.rejected = outcomes.rejected.map { (body.part($0.range, records: 1), $0.reason) }
    if outcomes.rejectedUnnamed > 0 {
      outcome.rejected.append((body.part(0..<0, records: outcomes.rejectedUnnamed), outcomes.rejectedUnnamedReason))
    }
    var open = FrameTotals.zero
    if outcomes.resendRecords > 0 {
      let resend = body.copy(of: outcomes.resend, records: outcomes.resendRecords)
      open = resend.totals
      parts.append(part.of(resend, Suspicion()))
      outcome.pause = Pause(reason: outcomes.resendReason, records: resend.records)
    }
    outcome.delivered = body.totals
    outcome.delivered -= open
    outcome.delivered -= outcome.rejectedTotals
    return outcome
  }
}

extension LeaseWork.Part {
  /// The part with another body.
  fileprivate func of(_ body: ExportBody, _ suspicion: Suspicion) -> LeaseWork.Part {
    var part = self
    part.body = body
    part.suspicion = suspicion
    return part
  }
}
