import LogExport
import Testing

@Suite struct SuspicionTests {
  /// Errors of one body until it is at fault; between them others pass and fail.
  private func errors(
    _ kind: Suspicion.Kind? = .serverError, isLone: Bool = false, passed: Int, failed: Int = 0, firstFailed: Int = 0,
    _ suspicion: Suspicion = Suspicion()
  ) -> Int? {
    var suspicion = suspicion
    var tally = Suspicion.Tally(passed: 100, failed: 50)
    for count in 1...100 {
      tally.begun += 1
      if suspicion.isAtFault(kind, isLone: isLone, tally: tally) { return count }
      tally.begun += passed + failed
      if passed > 0 { tally.lastPassed = tally.begun }
      tally.passed += passed
      tally.failed += failed + 1
      tally.firstFailed += firstFailed
    }
    return nil
  }

  @Test(arguments: [Suspicion.Kind.serverError, .foreign]) func eightErrorsWhileOthersPassAreEnough(
    kind: Suspicion.Kind
  ) {
    for isLone in [false, true] {
      #expect(errors(kind, isLone: isLone, passed: 1) == 8)
      #expect(errors(kind, isLone: isLone, passed: 100) == 8)
      #expect(errors(kind, isLone: isLone, passed: 8, failed: 2) == 8)
    }
  }

  @Test(arguments: [Suspicion.Kind.serverError, .foreign]) func noBodyIsAtFaultWhileNothingPasses(kind: Suspicion.Kind)
  {
    #expect(errors(kind, passed: 0) == nil)
    #expect(errors(kind, isLone: true, passed: 0) == nil)
    #expect(errors(.emptySuccess, isLone: true, passed: 0) == nil)
  }

  @Test func noBodyIsAtFaultWhileOthersFailAsWell() {
    #expect(errors(passed: 7, failed: 2) == nil)
    #expect(errors(.emptySuccess, isLone: true, passed: 3, firstFailed: 2) == nil)
    #expect(errors(.emptySuccess, isLone: true, passed: 4, firstFailed: 2) == 8)
  }

  /// Halving loses nothing, so a success without evidence needs none for it.
  @Test func threeSuccessesWithoutEvidenceAreEnoughToHalve() {
    #expect(errors(.emptySuccess, passed: 0) == 3)
    #expect(errors(.emptySuccess, passed: 0, failed: 10, firstFailed: 10) == 3)
    #expect(errors(.emptySuccess, isLone: true, passed: 1) == 8)
  }

  /// What was under way when the answers began says nothing of what came later.
  @Test func whatWasSentBeforeIsNoEvidence() {
    var suspicion = Suspicion()
    var tally = Suspicion.Tally(passed: 3)
    tally.begun = 10
    tally.lastPassed = 9
    for _ in 0..<50 {
      let isAtFault = suspicion.isAtFault(.emptySuccess, isLone: true, tally: tally)
      #expect(!isAtFault)
      tally.passed += 3
    }
    tally.lastPassed = 11
    let isAtFault = suspicion.isAtFault(.emptySuccess, isLone: true, tally: tally)
    #expect(isAtFault)
  }

  @Test func overloadAndTheRestAreNoEvidence() {
    #expect(errors(nil, passed: 10) == nil)
  }

  @Test func anotherAnswerBeginsAnew() {
    for other in [nil, Suspicion.Kind.foreign, .emptySuccess] {
      var suspicion = Suspicion()
      for passed in 0..<7 { _ = suspicion.isAtFault(.serverError, isLone: true, tally: .init(passed: passed)) }
      #expect(suspicion.strikes == 7)
      let isAtFault = suspicion.isAtFault(other, isLone: true, tally: .init(passed: 8))
      #expect(!isAtFault && suspicion.strikes <= 1)
    }
  }

  @Test func halvesNeedLittleMoreAndASingleRecordAll() {
    var suspicion = Suspicion()
    for passed in 0..<8 { _ = suspicion.isAtFault(.serverError, isLone: false, tally: .init(passed: passed)) }
    #expect(suspicion.strikes == 8)
    #expect(errors(passed: 1, suspicion.inherited(byRecords: 2)) == 2)
    #expect(errors(isLone: true, passed: 1, suspicion.inherited(byRecords: 1)) == 8)
    var empty = Suspicion()
    for _ in 0..<3 { _ = empty.isAtFault(.emptySuccess, isLone: false, tally: .init()) }
    #expect(errors(.emptySuccess, passed: 0, empty.inherited(byRecords: 2)) == 1)
    #expect(errors(.emptySuccess, isLone: true, passed: 1, empty.inherited(byRecords: 1)) == 8)
  }
}
