import Testing

@testable import LogPipeline

@Suite struct OTTLConditionsTests {
  private func conditions(_ texts: String..., mode: OTTLErrorMode = .ignore) throws -> OTTLConditions {
    try OTTLConditions(try texts.map { try OTTLParser.condition($0) }, errorMode: mode)
  }

  @Test func anyOfThemMayHold() throws {
    let conditions = try conditions("log.severity_number == 1", "log.severity_number == 4")
    #expect(try conditions.matches(in: OTTLTesting.batchOfFour(), of: RequestContext()) == [true, false, false, true])
    #expect(conditions.all.map(\.tally.met.value) == [1, 1])
  }

  /// What holds of a resource or scope holds of its records, and nothing more is asked of these.
  @Test func eachIsAskedOfItsContextOnce() throws {
    let conditions = try conditions(
      "log.severity_number > 0", #"resource.attributes["r"] == 2"#, #"scope.name == "a""#)
    #expect(try conditions.matches(in: OTTLTesting.batchOfFour(), of: RequestContext()) == [true, true, true, true])
    #expect(conditions.all.map(\.context) == [.log, .resource, .scope])
    #expect(conditions.all.map(\.tally.met.value) == [1, 1, 1])
    let outer = try self.conditions(#"resource.attributes["r"] == 1"#)
    #expect(try outer.matches(in: OTTLTesting.batchOfFour(), of: RequestContext()) == [true, true, true, false])
  }

  @Test func aConditionThatIsAFaultDoesNotHold() throws {
    let conditions = try conditions(#"HasPrefix(log.time, "x")"#, "log.severity_number == 2")
    #expect(try conditions.matches(in: OTTLTesting.batchOfFour(), of: RequestContext()) == [false, true, false, false])
    #expect(conditions.all.map(\.tally.faults.value) == [4, 0])
    let strict = try self.conditions(#"HasPrefix(log.time, "x")"#, mode: .propagate)
    #expect(throws: OTTLFailure(fault: .wrongType, statement: #"HasPrefix(log.time, "x")"#)) {
      try strict.matches(in: OTTLTesting.batchOfFour(), of: RequestContext())
    }
    #expect(strict.all[0].tally.faults.value == 1)
  }

  @Test func whatFailsIsTold() throws {
    let answers = try conditions("log.severity_number == 2", #"HasPrefix(log.time, "x")"#).answers(
      in: OTTLTesting.batchOfFour(), of: RequestContext())
    #expect(answers.matches == [false, true, false, false])
    #expect(answers.failed == [0, 2, 3])
    let outer = try conditions("Len(scope.name) / 0.5 == Len(resource.attributes[\"r\"])", #"scope.name == "b""#)
      .answers(
        in: OTTLTesting.batchOfFour(), of: RequestContext())
    #expect(outer.matches == [false, false, true, false])
    #expect(outer.failed == [0, 1, 3])
    #expect(try conditions("true").answers(in: OTTLTesting.batchOfFour(), of: RequestContext()).failed == [])
  }

  @Test func oneRecordCanBeAsked() throws {
    let conditions = try conditions("log.severity_number == 3")
    let batch = try OTTLTesting.batchOfFour()
    var run = OTTLConditionsRun(conditions, over: batch, of: RequestContext())
    #expect(try run.holds(forRecord: 2))
    #expect(try !run.holds(forRecord: 1))
    run.settle()
    run.settle()
    #expect(conditions.all[0].tally.met.value == 1)
  }

  @Test func editorsAreNotKnown() throws {
    #expect(throws: (any Error).self) { try conditions(#"set(log.body, "x")"#) }
  }

  @Test func problemsNameTheirCondition() throws {
    do {
      _ = try conditions("log.severity_number == 1", "log.none == 1", "body == 1")
      Issue.record("expected problems")
    } catch let problems as OTTLSourceProblems {
      #expect(problems.all.map(\.part) == [.condition(1), .condition(2)])
    }
  }

  /// What a limit kept from being asked is told apart from other faults, and why it was for the first.
  @Test(arguments: [(0, [Int]()), (1, [1])]) func whatFindsNoRoomIsTold(_ missing: Int, _ limited: [Int]) throws {
    let body = String(repeating: "x", count: 600)
    let batch = try OTTLTesting.batch(of: [#""severityNumber":1"#, #""body":{"stringValue":"\#(body)"}"#])
    var conditions = try conditions(#"Concat([log.body, log.body], "") == "x""#, "log.severity_number == 1")
    // The text while it is written, the same when it is kept, and two members of a list.
    let wanted = 2400 + 2 * MemoryLayout<OTTLMember>.stride
    conditions.limits.maxGrowthBytes = wanted - missing
    let answers = try conditions.answers(in: batch, of: RequestContext())
    #expect(answers.matches == [true, false])
    #expect(answers.failed == limited && answers.limited == limited)
    let excess = OTTLExcess(wanted: wanted, allowed: wanted - 1, unit: .bytes, option: "limits.max_growth")
    #expect(answers.failure?.excess == (missing == 0 ? nil : excess))
  }
}
