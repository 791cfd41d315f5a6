import FrameQueues
@testable import LogExport
import LogPipeline
import Testing

extension LeaseWork {
  /// Takes a verdict on the part that `begin` gave.
  fileprivate mutating func take(_ verdict: Verdict, speaking dialect: any Dialect) -> Outcome {
    var rest = self
    return apply(Judgement.Fate(verdict, records: rest.begin(at: .zero)?.body.records ?? 0), speaking: dialect)
  }
}

@Suite struct LeaseWorkTests {
  private let dialect = LineDialect()

  private func work(_ records: Int) throws -> LeaseWork {
    let queue = MemoryQueue()
    queue.append(lines: 0..<records)
    return LeaseWork(try #require(queue.lease(maxBytes: .max)))
  }

  private func next(_ work: inout LeaseWork) -> [Int]? { work.begin(at: .zero).map { numbers($0.body.bytes) } }

  private func answer(_ work: inout LeaseWork, _ status: Int, _ letters: String = "") -> LeaseWork.Outcome {
    let answer = Answer(.http(status), body: Array(letters.utf8))
    guard let part = work.begin(at: .zero) else { return LeaseWork.Outcome() }
    let verdict = part.body.withUnsafeBytes { dialect.judge(answer, to: $0, records: part.body.records) }
    return work.take(verdict, speaking: dialect)
  }

  @Test func deliveredSettlesAll() throws {
    var work = try work(3)
    let outcome = answer(&work, 200)
    #expect(outcome.delivered == FrameTotals(bytes: 15, records: 3) && outcome.pause == nil)
    #expect(next(&work) == nil)
  }

  @Test func retrySendsTheSameBodyAgain() throws {
    var work = try work(3)
    let outcome = answer(&work, 429)
    #expect(outcome.pause == LeaseWork.Pause(asked: nil, reason: "busy: later", records: 3))
    #expect(outcome.delivered == .zero && outcome.rejected.isEmpty)
    #expect(next(&work) == [0, 1, 2])
    #expect(work.begin(at: .zero)?.attempts == 1)
  }

  @Test func mixedResendsOnlyWhatMust() throws {
    var work = try work(6)
    let outcome = answer(&work, 207, "drxrud")
    #expect(outcome.delivered == FrameTotals(bytes: 15, records: 3))
    #expect(outcome.duplicates == 1)
    #expect(outcome.rejected.map { numbers($0.body.bytes) } == [[2]])
    #expect(outcome.rejected.map(\.reason) == ["bad_line: 42"])
    #expect(outcome.pause?.records == 2)
    #expect(next(&work) == [1, 3])
    #expect(answer(&work, 200).delivered.records == 2)
    #expect(next(&work) == nil)
  }

  @Test func mixedWithoutResendEndsTheWork() throws {
    var work = try work(2)
    let outcome = answer(&work, 207, "dx")
    #expect(outcome.delivered.records == 1 && outcome.rejected.count == 1 && outcome.pause == nil)
    #expect(next(&work) == nil)
  }

  @Test(arguments: ["", "d", "dd", "dddd"]) func outcomesThatMissRecordsProveNothing(letters: String) throws {
    var work = try work(3)
    let outcome = answer(&work, 207, letters)
    #expect(outcome.delivered == .zero && outcome.rejected.isEmpty)
    #expect(outcome.pause?.reason == "the answer accounts for \(letters.utf8.count) of 3 records")
    #expect(next(&work) == [0, 1, 2])
  }

  @Test func rangesOutsideTheBodyAreCutToIt() throws {
    var work = try work(2)
    _ = work.begin(at: .zero)
    var outcomes = Verdict.Outcomes()
    outcomes.resend = [5..<1_000_000]
    outcomes.resendRecords = 1
    outcomes.rejected = [.init(range: 900..<901, reason: "gone")]
    let outcome = work.take(.mixed(outcomes), speaking: dialect)
    #expect(outcome.rejected.map(\.body.byteCount) == [0])
    #expect(next(&work) == [1])
  }

  @Test func recordsRejectedWithoutANameAreCountedWithoutBytes() throws {
    var work = try work(5)
    _ = work.begin(at: .zero)
    var outcomes = Verdict.Outcomes()
    outcomes.delivered = 3
    outcomes.rejectedUnnamed = 2
    outcomes.rejectedUnnamedReason = "two of them"
    let outcome = work.take(.mixed(outcomes), speaking: dialect)
    #expect(outcome.rejected.map(\.body.totals) == [FrameTotals(bytes: 0, records: 2)])
    #expect(outcome.rejected.map(\.reason) == ["two of them"])
    #expect(outcome.delivered == FrameTotals(bytes: 25, records: 3))
    #expect(next(&work) == nil)
  }

  @Test func negativeCountsProveNothing() throws {
    for change: (inout Verdict.Outcomes) -> Void in [
      {
        $0.delivered = -1; $0.rejectedUnnamed = 3
      },
      {
        $0.rejectedUnnamed = -1; $0.delivered = 3
      },
      {
        $0.resendRecords = -1; $0.delivered = 3
      },
    ] {
      var work = try work(2)
      _ = work.begin(at: .zero)
      var outcomes = Verdict.Outcomes()
      change(&outcomes)
      #expect(work.take(.mixed(outcomes), speaking: dialect).pause?.records == 2)
    }
  }

  @Test func tooLargeIsHalvedInOrderDownToSingleRecords() throws {
    var work = try work(4)
    #expect(answer(&work, 413).pause == nil)
    #expect(next(&work) == [0, 1])
    _ = answer(&work, 413)
    #expect(next(&work) == [0])
    #expect(answer(&work, 413).rejected.map { numbers($0.body.bytes) } == [[0]])
    #expect(next(&work) == [1])
    #expect(answer(&work, 200).delivered.records == 1)
    #expect(next(&work) == [2, 3])
    #expect(answer(&work, 200).delivered.records == 2)
    #expect(next(&work) == nil)
  }

  @Test func aSplitThatCutsNothingOffRejectsInsteadOfLooping() throws {
    struct BadMiddle: Dialect {
      var split: Split?
      var route: DialectRoute { .discard }
      func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {}
      func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
        .delivered(duplicates: 0)
      }
      func middle(of body: UnsafeRawBufferPointer) -> Split? { split }
    }
    for split in [
      nil, Split(offset: 0, recordsBefore: 1), Split(offset: 15, recordsBefore: 1),
      Split(offset: 5, recordsBefore: 0), Split(offset: 5, recordsBefore: 3), Split(offset: -1, recordsBefore: 1),
    ] {
      var work = try work(3)
      _ = work.begin(at: .zero)
      let outcome = work.take(.tooLarge(reason: "413"), speaking: BadMiddle(split: split))
      #expect(outcome.rejected.map(\.body.records) == [3], "\(String(describing: split))")
      #expect(next(&work) == nil)
    }
  }

  @Test func halvesMadeAnewStandForAllBytesOfTheLease() throws {
    struct Rewriting: Dialect {
      var route: DialectRoute { .discard }
      func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {}
      func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict { .tooLarge(reason: "") }
      func middle(of body: UnsafeRawBufferPointer) -> Split? { nil }
      func halves(of body: UnsafeRawBufferPointer) -> Halves? {
        guard body.count > 5 else { return nil }
        return Halves(first: Array("ab".utf8), recordsInFirst: 1, second: Array("longer than it was".utf8))
      }
    }
    var work = try work(3)
    let lease = work.openTotals
    _ = work.begin(at: .zero)
    _ = work.take(.tooLarge(reason: "413"), speaking: Rewriting())
    #expect(work.openTotals == lease)
    #expect(work.begin(at: .zero)?.body.bytes == Array("ab".utf8))
    let first = work.take(.delivered(duplicates: 0), speaking: Rewriting()).delivered
    #expect(work.begin(at: .zero)?.body.bytes == Array("longer than it was".utf8))
    var settled = work.take(.delivered(duplicates: 0), speaking: Rewriting()).delivered
    settled += first
    #expect(settled == lease)
  }

  @Test func rejectedSettlesAllWithTheReason() throws {
    var work = try work(2)
    let outcome = answer(&work, 400)
    #expect(outcome.rejectedTotals == FrameTotals(bytes: 10, records: 2))
    #expect(next(&work) == nil)
  }

  @Test func givingUpRejectsWhatIsLeftAndKeepsTheReason() throws {
    var work = try work(2)
    _ = answer(&work, 207, "dr")
    let rejected = work.giveUp(because: "busy")
    #expect(rejected.map { numbers($0.body.bytes) } == [[1]])
    #expect(rejected.map(\.reason) == ["given up after 1 attempts: busy"])
    #expect(next(&work) == nil)
  }

  @Test func remembersWhenARecordWasFirstSent() throws {
    var work = try work(2)
    _ = work.begin(at: .seconds(5))
    _ = work.take(.retry(after: nil, reason: ""), speaking: dialect)
    #expect(work.begin(at: .seconds(9))?.firstSent == .seconds(5))
    _ = work.take(.tooLarge(reason: ""), speaking: dialect)
    #expect(work.begin(at: .seconds(9))?.firstSent == .seconds(5))
  }

  /// A record by itself that gets answers without evidence does not hold up the rest of its lease.
  @Test func othersGoBeforeARecordThatMayBeAtFault() throws {
    var work = try work(2)
    for _ in 0..<3 {
      _ = work.begin(at: .zero)
      _ = work.isAtFault(.emptySuccess, tally: .init(), speaking: dialect)
    }
    _ = work.take(.tooLarge(reason: ""), speaking: dialect)
    #expect(next(&work) == [0])
    var canGo = work.letOthersGoFirst()
    #expect(!canGo && next(&work) == [0])
    _ = work.isAtFault(.emptySuccess, tally: .init(), speaking: dialect)
    _ = answer(&work, 204)
    canGo = work.letOthersGoFirst()
    #expect(canGo && next(&work) == [1])
    _ = work.isAtFault(.emptySuccess, tally: .init(), speaking: dialect)
    _ = answer(&work, 204)
    // Both have been tried: from now on each waits.
    canGo = work.letOthersGoFirst()
    #expect(!canGo && next(&work) == [0])
    #expect(answer(&work, 200).delivered.records == 1)
    #expect(next(&work) == [1])
    canGo = work.letOthersGoFirst()
    #expect(!canGo && work.openTotals.records == 1)
  }

  @Test func whatIsInTheFailureStoreIsDeliveredAndToldApart() throws {
    var work = try work(4)
    let outcome = answer(&work, 207, "dfxr")
    #expect(outcome.delivered.records == 2 && outcome.inFailureStore == FrameTotals(bytes: 5, records: 1))
    _ = work.begin(at: .zero)
    var outcomes = Verdict.Outcomes()
    outcomes.resendRecords = 1
    outcomes.resend = [0..<5]
    outcomes.failureStoreFailed = 1
    #expect(work.take(.mixed(outcomes), speaking: dialect).failureStoreFailed == 1)
  }

  // With the time, and with how the destination treats others.

  private func take(
    _ work: inout LeaseWork, _ result: SendResult, at now: Duration = .zero, tally: Suspicion.Tally = .init(),
    random: Double = 1, _ change: (inout RetryOptions) -> Void = { _ in }
  ) -> LeaseWork.Outcome {
    guard let part = work.begin(at: now) else { return LeaseWork.Outcome() }
    var retry = RetryOptions()
    change(&retry)
    let judgement = Judgement(of: Attempt(body: part.body, result: result), speaking: dialect)
    let circumstances = LeaseWork.Circumstances(now: now, random: random, tally: tally, retry: retry)
    return work.take(judgement, circumstances, speaking: dialect)
  }

  @Test func whatIsSentAgainWaitsLongerEachTimeAndAsLongAsItIsAsked() throws {
    var work = try work(3)
    #expect(take(&work, .status(429)).delay == .seconds(1))
    #expect(take(&work, .status(429)).delay == .milliseconds(1500))
    #expect(take(&work, .status(429), random: 0.5).delay == .milliseconds(1125))
    let asked = take(&work, .status(429, retryAfter: .seconds(42)))
    #expect(asked.delay == .seconds(42) && asked.attempts == 4 && asked.load == .overloaded)
    let outcome = take(&work, .status(200), at: .seconds(60))
    #expect(outcome.delay == .zero && outcome.attempts == 5 && outcome.firstSent == .zero && outcome.load == .answered)
  }

  @Test func whatHasBeenTriedForTooLongIsGivenUp() throws {
    var work = try work(3)
    let first = take(&work, .status(429)) { $0.maxElapsedTime = .seconds(10) }
    #expect(first.pause?.records == 3 && first.gaveUp == 0)
    let last = take(&work, .status(429), at: .seconds(10)) { $0.maxElapsedTime = .seconds(10) }
    #expect(last.pause == nil && last.gaveUp == 3 && last.rejected.map(\.body.records) == [3])
    #expect(last.rejected.map(\.reason) == ["given up after 2 attempts: busy: later"])
    // The destination was overloaded all the same.
    #expect(last.load == .overloaded && next(&work) == nil)
  }

  @Test func withoutRepetitionsOnlyWhatIsNotTakenIsGivenUp() throws {
    var work = try work(3)
    let outcome = take(&work, .status(207, "drd")) { $0.isEnabled = false }
    #expect(outcome.delivered.records == 2 && outcome.gaveUp == 1)
    #expect(outcome.rejected.map { numbers($0.body.bytes) } == [[1]] && next(&work) == nil)
  }

  @Test func aBodyThatIsAtFaultItselfIsHalvedAtOnce() throws {
    var work = try work(2)
    for _ in 1..<Suspicion.mostEmptySuccesses { #expect(take(&work, .status(204)).pause?.records == 2) }
    let outcome = take(&work, .status(204))
    #expect(outcome.pause == nil && outcome.rejected.isEmpty && next(&work) == [0])
    #expect(outcome.load == .answered)
  }

  @Test func aRecordThatIsAtFaultItselfIsRejectedWhileOthersAreTaken() throws {
    var work = try work(1)
    for attempt in 1..<Suspicion.mostStrikes {
      #expect(take(&work, .status(500), tally: .init(passed: 10 * attempt)).pause?.records == 1)
    }
    let outcome = take(&work, .status(500), tally: .init(passed: 1000))
    #expect(outcome.rejected.map(\.reason) == ["not taken in 8 attempts while others were: server error: later"])
    #expect(outcome.gaveUp == 0 && next(&work) == nil)
  }

  @Test func noRecordIsAtFaultWhileNoOtherIsTaken() throws {
    var work = try work(1)
    for _ in 0..<100 { #expect(take(&work, .status(500)).pause?.records == 1) }
    #expect(work.isSuspect)
  }

  @Test func itIsTheOthersTurnOnlyWhileOneOfThemNeedNotWait() throws {
    var work = try work(2)
    for _ in 0..<Suspicion.mostEmptySuccesses { _ = take(&work, .status(204)) }
    let first = take(&work, .status(204))
    #expect(first.isOthersTurn && first.pause?.records == 1 && next(&work) == [1])
    let second = take(&work, .status(204))
    #expect(!second.isOthersTurn && next(&work) == [0])
  }

  /// The rest of a lease makes way after some attempts, a suspect when it lasts; what fails with all others stays.
  @Test func aLeaseMakesWayForOthersIfTheyNeedNotWait() throws {
    let queue = MemoryQueue()
    queue.append(lines: 0..<2)
    let lease = try #require(queue.lease(maxBytes: .max))
    var run = LeaseRun(lease)
    for _ in 0..<10 {
      let outcome = take(&run.work, .status(429))
      #expect(run.placeAside(afterAttempts: outcome.attempts) == nil)
    }
    let rest = take(&run.work, .status(207, "dr"))
    run.settled += rest.delivered
    #expect(run.placeAside(afterAttempts: rest.attempts) == .aside(bytes: 10))
    run.place = .aside(bytes: 10)
    #expect(run.placeAside(afterAttempts: rest.attempts) == nil)
    var suspect = LeaseRun(lease)
    for round in 1...4 {
      let outcome = take(&suspect.work, .status(500))
      let place: LeaseSchedule.Place? = round == 4 ? .suspect : nil
      #expect(suspect.placeAside(afterAttempts: outcome.attempts) == place)
    }
  }

  /// Random verdicts: every record ends exactly once, and nothing is sent again after it was settled.
  @Test func everyRecordIsSettledExactlyOnce() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<3000 {
      let records = Int.random(in: 1...20, using: &random)
      var work = try work(records)
      var settled: [Int] = []
      var steps = 0
      while let sent = next(&work) {
        steps += 1
        #expect(Set(sent).isDisjoint(with: settled))
        let status = [200, 207, 207, 207, 413, 413, 429, 400].randomElement(using: &random) ?? 200
        let letters = String(sent.map { _ in "ddurx".randomElement(using: &random) ?? "d" })
        let outcome = answer(&work, steps > 200 ? 200 : status, letters)
        let rejected = outcome.rejected.flatMap { numbers($0.body.bytes) }
        let open = Set(pending(work))
        let delivered = sent.filter { !rejected.contains($0) && !open.contains($0) }
        #expect(delivered.count == outcome.delivered.records)
        #expect(delivered.count * LineDialect.recordBytes == outcome.delivered.bytes)
        settled += rejected + delivered
        #expect(work.openTotals.records + settled.count == records)
      }
      #expect(settled.sorted() == Array(0..<records))
    }
  }

  private func pending(_ work: LeaseWork) -> [Int] {
    var work = work
    var all: [Int] = []
    while let part = next(&work) {
      all += part
      _ = work.giveUp(because: "")
    }
    return all
  }
}
