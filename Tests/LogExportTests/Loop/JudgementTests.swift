import FrameQueues
import LogPipeline
import Testing

@testable import LogExport

/// What an attempt says of the records of its body, without anything being sent.
@Suite struct JudgementTests {
  private func body(_ records: Int) throws -> ExportBody {
    let queue = MemoryQueue()
    queue.append(lines: 0..<records)
    return ExportBody(try #require(queue.lease(maxBytes: .max)))
  }

  private func judgement(_ result: SendResult, records: Int = 4) throws -> Judgement {
    Judgement(of: Attempt(body: try body(records), result: result), speaking: LineDialect())
  }

  private func again(
    _ reason: String, after asked: Duration? = nil, cause: Judgement.Repetition.Cause = .attempt
  ) -> Judgement.Fate {
    .again(Judgement.Repetition(asked: asked, reason: reason, cause: cause))
  }

  @Test func aSuccessDeliversAll() throws {
    #expect(try judgement(.status(200)).fate == .delivered(duplicates: 0))
  }

  @Test func anErrorOfTheDestinationSendsAllAgainAfterTheWaitItAsksFor() throws {
    #expect(try judgement(.status(500)).fate == again("server error: later"))
    let busy = try judgement(.status(429, retryAfter: .seconds(7)))
    #expect(busy.fate == again("busy: later", after: .seconds(7)))
  }

  @Test func anAnswerThatProvesNothingSendsAllAgain() throws {
    #expect(try judgement(.status(404)).fate == again("not the server's own: later"))
    #expect(try judgement(.status(204)).fate == again("no evidence: later"))
  }

  @Test func aBodyThatIsTooLargeIsHalved() throws {
    #expect(try judgement(.status(413)).fate == .halved(reason: "too large: 20 bytes"))
  }

  @Test func aRejectionRejectsAll() throws {
    #expect(try judgement(.status(400), records: 1).fate == .rejected(reason: "bad_line: 0000\n"))
  }

  @Test func withoutAnAnswerAllIsSentAgainUnlessThatCannotHelp() throws {
    #expect(try judgement(.failed(reason: "down", retryable: true)).fate == again("down"))
    #expect(try judgement(.failed(reason: "no route", retryable: false)).fate == .rejected(reason: "no route"))
  }

  @Test func outcomesThatSettleSomethingAreKept() throws {
    guard case .mixed(let outcomes) = try judgement(.status(207, "durx")).fate else {
      Issue.record("not mixed")
      return
    }
    #expect(outcomes.delivered == 2 && outcomes.duplicates == 1)
    #expect(outcomes.resend == [10..<15] && outcomes.rejected.map(\.range) == [15..<20])
  }

  @Test(arguments: ["", "ddd", "ddddd"]) func outcomesThatMissRecordsSettleNothing(_ letters: String) throws {
    let reason = "the answer accounts for \(letters.utf8.count) of 4 records"
    #expect(try judgement(.status(207, letters)).fate == again(reason, cause: .count))
  }

  @Test func outcomesThatSettleNothingSendAllAgain() throws {
    #expect(try judgement(.status(207, "rrrr")).fate == again("busy: line", cause: .items))
    var outcomes = Verdict.Outcomes()
    outcomes.resendRecords = 2
    outcomes.failureStoreFailed = 1
    let repetition = Judgement.Repetition(reason: "", cause: .items, failureStoreFailed: 1)
    #expect(Judgement.Fate(.mixed(outcomes), records: 2) == .again(repetition))
  }

  @Test func duplicatesAreNoMoreThanWhatIsDelivered() {
    #expect(Judgement.Fate(.delivered(duplicates: 9), records: 3) == .delivered(duplicates: 3))
    #expect(Judgement.Fate(.delivered(duplicates: -1), records: 3) == .delivered(duplicates: 0))
    var outcomes = Verdict.Outcomes()
    (outcomes.delivered, outcomes.duplicates, outcomes.rejectedUnnamed) = (1, 9, 1)
    guard case .mixed(let kept) = Judgement.Fate(.mixed(outcomes), records: 2) else {
      Issue.record("not mixed")
      return
    }
    #expect(kept.duplicates == 1)
  }

  @Test(
    arguments: [
      (.status(204), .emptySuccess), (.status(404), .foreign), (.status(500), .serverError), (.status(429), nil),
      (.status(200), nil), (.status(207, "rrrr"), nil), (.failed(reason: "", retryable: true), nil),
    ] as [(SendResult, Suspicion.Kind?)])
  func onlySomeAnswersMakeABodyASuspect(_ result: SendResult, _ expected: Suspicion.Kind?) throws {
    #expect(try judgement(result).suspicion == expected)
  }

  @Test(
    arguments: [
      (.status(200), false, .answered), (.status(207, "drdd"), true, .overloaded), (.status(204), true, .other),
      (.status(429), true, .overloaded), (.status(503), false, .overloaded), (.status(400), false, .other),
      (.failed(reason: "", retryable: true), true, .overloaded), (.failed(reason: "", retryable: false), false, .other),
    ] as [(SendResult, Bool, AdaptiveLimit.Ending)])
  func theAnswerTellsTheLoad(_ result: SendResult, _ isRepeated: Bool, _ expected: AdaptiveLimit.Ending) throws {
    #expect(try judgement(result).load(isRepeated: isRepeated) == expected)
  }

  /// What a destination says may quote a record; what a sender says may not, and names addresses.
  @Test func ofAnAnswerOnlyTheKindOfErrorIsShown() throws {
    #expect(try judgement(.status(500)).shown("server error: 42") == "server error")
    let failed = try judgement(.failed(reason: "", retryable: true))
    #expect(failed.shown("http://a:1: rejected") == "http://a:1: rejected")
  }

  @Test(
    arguments: [
      (.http(404), 404), (.http(207), 207), (.grpc(0), 200), (.grpc(8), 429), (.grpc(14), 503), (.grpc(99), 500),
      (.grpc(-1), 500), (.local, 200),
    ] as [(Answer.Status, Int)])
  func aStatusHasAnHTTPStatusThatSaysTheSame(_ status: Answer.Status, _ expected: Int) {
    #expect(status.httpStatus == expected)
  }
}
