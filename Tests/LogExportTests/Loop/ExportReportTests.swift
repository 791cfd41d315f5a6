import FrameQueues
import LogPipeline
import Testing

@testable import LogExport

@Suite struct ExportReportTests {
  private let log = KeptLog()
  private let time = TestTime(isManual: true)

  private func report() -> ExportReport { ExportReport(exporter: "lines", logger: log.logger, time: time.time) }

  private func failed(attempts: Int, records: Int = 3) -> LeaseWork.Outcome {
    var outcome = LeaseWork.Outcome()
    outcome.attempts = attempts
    outcome.pause = LeaseWork.Pause(asked: nil, reason: "busy: 42", records: records)
    return outcome
  }

  private func delivered(_ records: Int) -> LeaseWork.Outcome {
    LeaseWork.Outcome(attempts: 1, delivered: FrameTotals(bytes: 5 * records, records: records))
  }

  @Test func attemptsAreCountedByTheirAnswers() throws {
    let report = report()
    let queue = MemoryQueue()
    queue.append(lines: [1, 2])
    let body = ExportBody(try #require(queue.lease(maxBytes: .max)))
    let results: [SendResult] = [
      .status(200), .status(429), .status(404), .status(500), .failed(reason: "", retryable: true),
      .answered(Answer(.grpc(8)), wireBytes: 1), .answered(Answer(.local), wireBytes: 1),
    ]
    for (index, result) in results.enumerated() {
      #expect(report.attemptBegins() == AttemptNumber(ofAll: index + 1))
      report.attemptEnded(Attempt(body: body, result: result), after: .seconds(index))
    }
    let found = report.durations.snapshot.byOutcome
    #expect(found.map(\.outcome) == AttemptOutcome.allCases)
    #expect(found.map(\.durations.count) == [2, 2, 1, 1, 1])
    #expect(found.map(\.durations.sum) == [0 + 6, 1 + 5, 2, 3, 4])
    #expect(report.counters.bodyBytes == 70 && report.counters.wireBytes == 6)
  }

  @Test func aFailureIsToldUntilSomethingIsDelivered() {
    let report = report()
    report.settled(failed(attempts: 1), attempt: AttemptNumber(ofAll: 1), error: "busy")
    report.settled(failed(attempts: 2), attempt: AttemptNumber(ofAll: 2), error: "busy")
    let failing = report.counters.failing
    #expect(failing == Failing(since: 1_700_000_000, attempts: 2, error: "busy", records: 3))
    #expect(report.tally(of: nil).failed == 2 && report.tally(of: nil).firstFailed == 1 && report.counters.retried == 6)
    #expect(log.lines.count == 1 && log.lines.allSatisfy { $0.contains("will be sent again") && !$0.contains("42") })
    report.settled(delivered(3), attempt: AttemptNumber(ofAll: 3), error: "")
    #expect(report.counters.failing == nil && report.counters.failingSince == nil)
    #expect(report.tally(of: nil).lastPassed == 3)
    #expect(report.counters.delivered.records == 3 && report.counters.settledInQueue.records == 3)
    #expect(log.lines.last?.contains("delivering again") == true)
  }

  /// A lease that fails while others pass, or the rest of one, is stuck; one that fails with all others is not.
  @Test func aLeaseIsStuckIfOthersPass() {
    let report = report()
    let pause = LeaseWork.Pause(asked: nil, reason: "", records: 1)
    report.leaseWaits(1, pause, attempts: 1, error: "e", isRest: false)
    #expect(report.counters.stuck == nil)
    report.settled(delivered(1), attempt: AttemptNumber(ofAll: 2), error: "")
    time.advance(by: .seconds(9))
    report.leaseWaits(1, pause, attempts: 2, error: "e", isRest: false)
    #expect(report.counters.stuck == Failing(since: 1_700_000_000, attempts: 2, error: "e", records: 1))
    report.leaseWaits(2, pause, attempts: 1, error: "rest", isRest: true)
    #expect(report.counters.stuck?.error == "e")
    report.leaseEnded(1)
    #expect(report.counters.stuck?.error == "rest")
    report.leaseEnded(2)
    #expect(report.counters.stuck == nil)
  }

  @Test func whatIsGivenUpOrStoredAsFaultyIsCounted() {
    let report = report()
    var outcome = delivered(2)
    outcome.gaveUp = 4
    outcome.inFailureStore = FrameTotals(bytes: 5, records: 1)
    report.settled(outcome, attempt: AttemptNumber(ofAll: 1), error: "")
    #expect(report.counters.gaveUp == 4 && report.counters.inFailureStore.records == 1)
    #expect(log.lines.contains { $0.contains("failure store") && $0.contains("\"records\": 1") })
    report.leaveQueue(outcome.delivered)
    #expect(report.counters.settledInQueue == .zero && report.counters.delivered.records == 2)
  }
}
