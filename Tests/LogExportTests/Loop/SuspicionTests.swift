import LogExport
import Testing

@Suite struct SuspicionTests {
  /// Errors of one body until it is at fault; between them others pass and fail.
  private func errors(status: Int = 500, passed: Int, failed: Int = 0, _ suspicion: Suspicion = Suspicion()) -> Int? {
    var suspicion = suspicion
    var tally = Suspicion.Tally(passed: 100, failed: 50)
    for count in 1...100 {
      if suspicion.isAtFault(status: status, tally: tally) { return count }
      tally.passed += passed
      tally.failed += failed + 1
    }
    return nil
  }

  @Test func eightErrorsWhileOthersPassAreEnough() {
    #expect(errors(passed: 1) == 8)
    #expect(errors(status: 501, passed: 100) == 8)
    #expect(errors(status: 502, passed: 8, failed: 2) == 8)
  }

  @Test func noBodyIsAtFaultWhileNothingPasses() {
    #expect(errors(passed: 0) == nil)
  }

  @Test func noBodyIsAtFaultWhileOthersFailAsWell() {
    #expect(errors(passed: 7, failed: 2) == nil)
  }

  @Test(arguments: [408, 429, 503, 504, 401, 301, 0, -1, 600]) func overloadAndTheRestAreNoEvidence(status: Int) {
    #expect(errors(status: status, passed: 10) == nil)
  }

  @Test func anotherAnswerBeginsAnew() {
    var suspicion = Suspicion()
    for passed in 0..<7 { _ = suspicion.isAtFault(status: 500, tally: .init(passed: passed)) }
    #expect(suspicion.strikes == 7)
    let isAtFault = suspicion.isAtFault(status: 429, tally: .init(passed: 8))
    #expect(!isAtFault)
    #expect(suspicion.strikes == 0)
  }

  @Test func halvesNeedLittleMoreAndASingleRecordAll() {
    var suspicion = Suspicion()
    for passed in 0..<8 { _ = suspicion.isAtFault(status: 500, tally: .init(passed: passed)) }
    #expect(suspicion.strikes == 8)
    #expect(errors(passed: 1, suspicion.inherited(byRecords: 2)) == 2)
    #expect(errors(passed: 1, suspicion.inherited(byRecords: 1)) == 8)
  }
}
