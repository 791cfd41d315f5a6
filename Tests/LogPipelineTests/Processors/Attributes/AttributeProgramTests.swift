import Testing

@testable import LogPipeline

@Suite struct AttributeProgramTests {
  private func program(_ actions: AttributeAction...) -> AttributeProgram {
    AttributeProgram(actions, hashFunction: .sha256)
  }

  /// Each step with its key, as in `insert a`.
  private func steps(_ program: AttributeProgram) -> [String] {
    program.steps.map { "\($0.kind) \(String(decoding: program.keys[$0.key.range], as: UTF8.self))" }
  }

  private let one = AttributeAction.ValueSource.constant(.int(1))

  @Test func aDeletionComesBeforeStepsThatDoNotKnowItsKey() {
    let deleted = AttributeAction.delete(key: "d", pattern: nil)
    #expect(
      steps(program(.insert(key: "a", one), .upsert(key: "b", one), deleted)) == ["delete d", "insert a", "upsert b"])
    #expect(
      steps(program(.insert(key: "d", one), .update(key: "a", one), deleted)) == ["insert d", "delete d", "update a"])
  }

  @Test func aDeletionStaysBehindWhateverMayReadOrWriteItsKey() throws {
    let deleted = AttributeAction.delete(key: "d", pattern: nil)
    let copied = AttributeAction.insert(key: "a", .attribute("d", default: nil))
    #expect(steps(program(copied, deleted)) == ["insert a", "delete d"])
    let hashed = AttributeAction.hash(key: nil, pattern: try Pattern("x"))
    #expect(steps(program(hashed, deleted)) == ["hashMatching ", "delete d"])
    let extracted = AttributeAction.extract(key: "a", pattern: try Pattern("(?P<d>x)"))
    #expect(steps(program(extracted, deleted)) == ["extract a", "delete d"])
    #expect(steps(program(.convert(key: "d", to: .int), deleted)) == ["convertToInt d", "delete d"])
  }

  @Test func aKeyAndAPatternAreTwoSteps() throws {
    let both = program(.delete(key: "k", pattern: try Pattern("p")), .hash(key: "h", pattern: try Pattern("q")))
    #expect(steps(both) == ["delete k", "deleteMatching ", "hash h", "hashMatching "])
    #expect(both.patterns.count == 2 && both.steps.map(\.pattern) == [0, 0, 0, 1])
  }

  @Test func keysLieInTheBatchOnlyIfSomethingIsAdded() throws {
    #expect(
      !program(.update(key: "a", one), .delete(key: "b", pattern: nil), .convert(key: "c", to: .bool)).addsAttributes)
    #expect(program(.insert(key: "a", one)).addsAttributes && program(.upsert(key: "a", one)).addsAttributes)
    #expect(program(.extract(key: "a", pattern: try Pattern("(?P<b>x)"))).addsAttributes)
  }

  @Test func theRequestIsAskedForFieldsInLowerCase() {
    let asks = program(
      .insert(key: "a", .context(.field("X-Tenant"), default: nil)), .insert(key: "b", one),
      .insert(key: "c", .context(.clientAddress, default: nil)))
    #expect(asks.needsContext && asks.contextFields == [Array("x-tenant".utf8)])
    #expect(!program(.insert(key: "b", .attribute("a", default: .int(1)))).needsContext)
  }

  @Test func aValueOfTheRequestIsItsOwnElseTheDefault() throws {
    var request = RequestContext(clientAddress: "192.0.2.7", monotonicNano: 0)
    request.addField("X-Tenant", "acme")
    request.addField("x-tenant", "other")
    let actions: [AttributeAction] = [
      .insert(key: "a", .context(.field("x-TENANT"), default: .int(1))),
      .insert(key: "b", .context(.field("missing"), default: .int(2))),
      .insert(key: "c", .context(.field("missing"), default: nil)),
      .insert(key: "d", .context(.clientAddress, default: .int(3))),
    ]
    let program = AttributeProgram(actions, hashFunction: .sha256)
    var batch = try LogBatch.decoded(record())
    program.run(over: .records, chosen: nil, in: &batch, of: request)
    #expect(batch.recordAttributes == [[.init("a", "acme;other"), .init("b", 2), .init("d", "192.0.2.7")]])
    var unknown = try LogBatch.decoded(record())
    program.run(over: .records, chosen: nil, in: &unknown, of: RequestContext())
    #expect(unknown.recordAttributes == [[.init("a", 1), .init("b", 2), .init("d", 3)]])
  }

  @Test func onlyChosenOwnersAreEdited() throws {
    let program = program(.upsert(key: "a", one))
    var batch = try LogBatch.decoded(record(), record(("a", .text("x"))), record())
    program.run(over: .records, chosen: [true, false, true], in: &batch, of: RequestContext())
    #expect(batch.recordAttributes == [[.init("a", 1)], [.init("a", "x")], [.init("a", 1)]])
  }
}
