import Oracle
import Testing

@testable import LogPipeline

@Suite struct OTTLProgramTests {
  @Test func statementsRunForEachOfTheirContext() throws {
    var batch = try OTTLTesting.batchOfFour()
    let program = try OTTLProgram([
      OTTLTesting.group([#"set(attributes["own"], attributes["r"])"#], context: .resource),
      OTTLTesting.group(
        [#"set(attributes["of"], resource.attributes["own"])"#, #"set(version, name)"#], context: .scope),
      OTTLTesting.group([
        #"set(attributes["all"], [severity_number, scope.version, scope.attributes["of"], resource.attributes["r"]])"#
      ]),
    ])
    try program.run(over: &batch, of: RequestContext())
    OTTLTesting.expectInvariants(of: batch)
    #expect(batch.resourceAttributes.map { $0.last } == [.init("own", 1), .init("own", 2)])
    #expect(
      batch.recordAttributes == [
        [.init("all", .array([1, "a", 1, 1]))], [.init("all", .array([2, "a", 1, 1]))],
        [.init("all", .array([3, "b", 1, 1]))], [.init("all", .array([4, "c", 2, 2]))],
      ])
    #expect(program.groups.map { $0.statements[0].tally.met.value } == [2, 3, 4])
  }

  @Test(arguments: [
    (#"set(resource.attributes["x"], 1)"#, OTTLContext.resource),
    (#"set(scope.name, resource.attributes["r"])"#, .scope),
    (#"set(resource.attributes["x"], 1) where log.severity_number == 1"#, .log),
    (#"set(instrumentation_scope.name, "x")"#, .scope),
    (#"set(resource.attributes["x"], otelcol.client.addr)"#, .resource),
    (#"set(resource.attributes["x"], SEVERITY_NUMBER_INFO)"#, nil as OTTLContext?),
  ])
  func withoutAContextThePathsChooseIt(_ statement: String, _ context: OTTLContext?) throws {
    guard let context else {
      #expect(try OTTLTesting.problem(statement, context: nil) != nil)
      return
    }
    #expect(try OTTLTesting.program([statement], context: nil).groups[0].context == context)
  }

  /// Group after group runs over the whole batch, not record after record.
  @Test func groupsRunOneAfterTheOther() throws {
    var batch = try OTTLTesting.batchOfFour()
    let program = try OTTLProgram([
      OTTLTesting.group([#"set(resource.attributes["max"], severity_number)"#]),
      OTTLTesting.group([#"set(attributes["max"], resource.attributes["max"])"#]),
    ])
    try program.run(over: &batch, of: RequestContext())
    #expect(batch.recordAttributes.map { $0[0].value } == [3, 3, 3, 4])
  }

  @Test func conditionsGuardAGroup() throws {
    var batch = try OTTLTesting.batchOfFour()
    let program = try OTTLTesting.program(
      [#"set(attributes["x"], 1)"#, #"set(attributes["y"], 2) where severity_number > 3"#],
      conditions: ["severity_number == 1", "scope.name == \"c\""])
    try program.run(over: &batch, of: RequestContext())
    #expect(batch.recordAttributes == [[.init("x", 1)], [], [], [.init("x", 1), .init("y", 2)]])
    #expect(program.groups[0].conditions.map(\.tally.met.value) == [1, 1])
    #expect(program.groups[0].statements.map(\.tally.met.value) == [2, 1])
  }

  @Test(arguments: [OTTLErrorMode.ignore, .silent]) func aFaultSkipsItsStatementOnly(_ mode: OTTLErrorMode) throws {
    var batch = try OTTLTesting.batchOfFour()
    let program = try OTTLTesting.program(
      [
        #"set(attributes["a"], 1)"#, "set(severity_text, severity_number + 0)",
        #"set(attributes["b"], 1) where Split(body, ",")[0] == "x""#, #"set(attributes["c"], 1)"#,
      ], conditions: [#"HasPrefix(time, "x")"#, "true"], mode: mode)
    try program.run(over: &batch, of: RequestContext())
    #expect(batch.recordAttributes.allSatisfy { $0.map(\.key) == ["a", "c"] })
    #expect(program.groups[0].statements.map(\.tally.faults.value) == [0, 4, 4, 0])
    #expect(program.groups[0].statements.map(\.tally.faults.lastFault) == [nil, .wrongType, .nothing, nil])
    #expect(program.groups[0].conditions.map(\.tally.faults.value) == [4, 0])
  }

  @Test func aFaultEndsTheRequestIfItIsToBePropagated() throws {
    var batch = try OTTLTesting.batchOfFour()
    let program = try OTTLTesting.program(
      [#"set(attributes["a"], 1)"#, "set(severity_text, severity_number + 1) where severity_number == 2"],
      mode: .propagate)
    let failure = OTTLFailure(
      fault: .wrongType, statement: "set(severity_text, severity_number + 1) where severity_number == 2")
    #expect(throws: failure) { try program.run(over: &batch, of: RequestContext()) }
    #expect(batch.records.count == 4)
    OTTLTesting.expectInvariants(of: batch)
    #expect(program.groups[0].statements.map(\.tally.faults.value) == [0, 1])
    let guarded = try OTTLTesting.program(["set(body, 1)"], conditions: [#"HasPrefix(time, "x")"#], mode: .propagate)
    #expect(throws: OTTLFailure.self) { try guarded.run(over: &batch, of: RequestContext()) }
  }

  /// Each record has a cache of its own, which goes on to later groups that share theirs, and to no other.
  @Test func cachesBelongToTheirRecord() throws {
    var batch = try OTTLTesting.batchOfFour()
    let program = try OTTLProgram([
      OTTLTesting.group([#"set(cache["n"], severity_number) where severity_number != 2"#], sharesCache: true),
      OTTLTesting.group([#"set(cache["n"], 100)"#, #"set(attributes["own"], cache["n"])"#]),
      OTTLTesting.group([#"set(attributes["shared"], cache["n"])"#], sharesCache: true),
      OTTLTesting.group([#"set(attributes["none"], cache["n"])"#]),
      OTTLTesting.group([#"set(cache["r"], attributes["r"])"#], context: .resource, sharesCache: true),
      OTTLTesting.group([#"set(attributes["again"], cache["r"])"#], context: .resource, sharesCache: true),
    ])
    try program.run(over: &batch, of: RequestContext())
    OTTLTesting.expectInvariants(of: batch)
    #expect(
      batch.recordAttributes == [
        [.init("own", 100), .init("shared", 1)], [.init("own", 100)], [.init("own", 100), .init("shared", 3)],
        [.init("own", 100), .init("shared", 4)],
      ])
    #expect(batch.resourceAttributes.map { $0.last } == [.init("again", 1), .init("again", 2)])
  }

  /// The batch of another pipeline shares memory with this one until one of them is edited.
  @Test func anEditDoesNotShowInACopyOfTheBatch() throws {
    let record =
      #"""
      "body":{"kvlistValue":{"values":[{"key":"k","value":{"intValue":1}}]}},
      "attributes":[{"key":"a","value":{"intValue":1}}]
      """#
    var batch = try OTTLTesting.batch(record, resource: #""attributes":[{"key":"r","value":{"intValue":1}}]"#)
    let copy = batch.copied()
    try OTTLTesting.run(
      #"set(body["k"], 2)"#, #"set(attributes["a"], 2)"#, #"delete_key(resource.attributes, "r")"#,
      #"set(severity_text, "x")"#, #"set(body["new"], "text")"#, on: &batch)
    #expect(copy.bodies == [.map([.init("k", 1)])])
    #expect(copy.recordAttributes == [[.init("a", 1)]])
    #expect(copy.resourceAttributes == [[.init("r", 1)]])
    #expect(copy.text(copy.records[0].severityText).isEmpty)
    #expect(batch.bodies == [.map([.init("k", 2), .init("new", "text")])])
  }

  @Test func whatNoConditionTakesLeavesTheBatchAsItWas() throws {
    var batch = try OTTLTesting.batch(of: Array(repeating: #""body":{"stringValue":"a,b"}"#, count: 20))
    let before = batch.copied()
    try OTTLTesting.run(
      #"set(attributes["x"], "constant") where Split(body, ",")[0] == "b""#,
      #"merge_maps(attributes, {"k": "v"}, "upsert") where ParseJSON("{\"a\":\"b\"}")["a"] == body"#, on: &batch)
    #expect(batch.store.count == before.store.count)
    #expect(batch.nested.count == before.nested.count)
    #expect(batch.attributes.count == before.attributes.count)
  }

  @Test func constantsAreStoredOnceForAllRecords() throws {
    var batch = try OTTLTesting.batch(of: Array(repeating: "", count: 50))
    let before = batch.store.count
    try OTTLTesting.run(#"set(attributes["key"], "value")"#, on: &batch)
    #expect(batch.store.count == before + 8)
    #expect(batch.recordAttributes.allSatisfy { $0 == [.init("key", "value")] })
  }

  @Test func theMemoryOfARequestIsBounded() throws {
    var batch = try OTTLTesting.batch(of: Array(repeating: #""body":{"stringValue":"0123456789"}"#, count: 10))
    var program = try OTTLTesting.program([#"set(attributes["x"], [body.string, "0123456789"])"#])
    // Each record takes an attribute, a place behind it, and two members; the program's texts come once.
    let each = 4 * MemoryLayout<Attribute>.stride
    program.limits.maxGrowthBytes = each * 3
    let before = batch.byteCount
    let rejects = try program.run(over: &batch, of: RequestContext())
    OTTLTesting.expectInvariants(of: batch)
    // More than three, as the text of the request gives room where it is no record's; the others do not go on.
    let taken = batch.recordAttributes.map { !$0.isEmpty }
    #expect(taken.count { $0 } >= 3 && taken.last == false)
    #expect(rejects.kept(of: batch) == taken)
    #expect(program.groups[0].statements[0].tally.faults.lastFault == .noRoom)
    #expect(batch.byteCount <= before + each * 3 + program.code.bytes.count)
  }

  /// Whoever sends a record decides on these, so that they must not be a way past a mask.
  @Test(arguments: [
    (#"set(body, RemoveXML(body, "//a"))"#, XMLTree.maxDepth, OTTLExcess.Unit.levels),
    (#"set(body, ParseXML(body))"#, XMLTree.maxDepth, .levels),
    (#"set(body, ParseSimplifiedXML(body))"#, XMLTree.maxDepth, .levels),
    (#"set(body, InsertXML("<b/>", "/b", body))"#, XMLTree.maxDepth, .levels),
    (#"set(body, ParseXML(body))"#, FoundFields.maxDepth, .levels),
  ])
  func whatIsTooDeepForAFunctionDoesNotGoOn(_ statement: String, _ levels: Int, _ unit: OTTLExcess.Unit) throws {
    let text = String(repeating: "<a>", count: levels + 1) + String(repeating: "</a>", count: levels + 1)
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"\#(text)"}"#)
    let program = try OTTLTesting.program([statement])
    let rejects = try program.run(over: &batch, of: RequestContext())
    #expect(rejects.kept(of: batch) == [false])
    #expect(rejects.failure?.excess?.unit == unit)
  }

  @Test func whatHasTooManyPartsForAFunctionDoesNotGoOn() throws {
    let nodes = "<a>" + String(repeating: "<b/>", count: XMLTree.maxNodes) + "</a>"
    let fields = (0...FoundFields.maxFields).map { "\($0)=1" }.joined(separator: " ")
    for (statement, text, allowed) in [
      (#"set(body, RemoveXML(body, "//b"))"#, nodes, XMLTree.maxNodes),
      (#"set(body, ParseKeyValue(body))"#, fields, FoundFields.maxFields),
    ] {
      var batch = try OTTLTesting.batch(#""body":{"stringValue":"\#(text)"}"#)
      let rejects = try OTTLTesting.program([statement]).run(over: &batch, of: RequestContext())
      #expect(rejects.kept(of: batch) == [false])
      #expect(rejects.failure?.excess?.allowed == allowed && rejects.failure?.excess?.wanted == allowed + 1)
    }
  }

  @Test func nestingIsBounded() throws {
    var batch = try OTTLTesting.batch()
    let statements = Array(repeating: #"set(attributes["x"], [attributes["x"]])"#, count: 70)
    let program = try OTTLTesting.program([#"set(attributes["x"], 1)"#] + statements)
    let rejects = try program.run(over: &batch, of: RequestContext())
    OTTLTesting.expectInvariants(of: batch)
    // The record goes no further than the first that nests too deep.
    let faults = program.groups[0].statements.map(\.tally.faults.value)
    #expect(faults == [Int](repeating: 0, count: 64) + [1] + [Int](repeating: 0, count: 6))
    #expect(program.groups[0].statements[64].tally.faults.lastFault == .tooDeep)
    #expect(rejects.kept(of: batch) == [false])
    #expect(
      rejects.failure?.excess == OTTLExcess(wanted: 65, allowed: 64, unit: .levels, option: "limits.max_depth"))
  }

  /// What lies behind in the batch is given back where it is in the way, so that the request alone counts.
  @Test func whatStatementsLeaveBehindDoesNotCount() throws {
    let text = String(repeating: "a", count: 600)
    let statements = (0..<12).map {
      #"replace_pattern(body, "\#($0 % 2 == 0 ? "a" : "b")", "\#($0 % 2 == 0 ? "b" : "a")")"#
    }
    var batch = try OTTLTesting.batch(
      of: [#""body":{"stringValue":"\#(text)"}"#, #""body":{"stringValue":"\#(text)"}"#])
    let before = batch.byteCount
    var program = try OTTLTesting.program(
      [#"set(cache["kept"], "cached")"#] + statements + [#"set(attributes["c"], cache["kept"])"#])
    program.limits.maxGrowthBytes = 4096
    let rejects = try program.run(over: &batch, of: RequestContext())
    #expect(rejects.isEmpty)
    #expect(batch.bodies == [.string(text), .string(text)])
    #expect(batch.recordAttributes == [[.init("c", "cached")], [.init("c", "cached")]])
    #expect(program.groups[0].statements.allSatisfy { $0.tally.faults.value == 0 && $0.tally.met.value == 2 })
    // Without it this is 24 times 600.
    #expect(batch.byteCount <= before + 4096 + program.code.bytes.count)
    OTTLTesting.expectInvariants(of: batch)
  }

  /// 43 members of a list: at the limit, and one byte past it.
  @Test(arguments: [
    (0, OTTLErrorMode.ignore), (1, .ignore), (0, .silent), (1, .silent), (0, .propagate), (1, .propagate),
  ])
  func whatFindsNoRoomDoesNotGoOn(_ missing: Int, _ mode: OTTLErrorMode) throws {
    var batch = try OTTLTesting.batchOfFour()
    let list = "[\((0..<43).map { "\($0)" }.joined(separator: ", "))]"
    let statement = #"set(body, \#(list)) where severity_number == 2"#
    var program = try OTTLTesting.program(
      [#"set(severity_text, "masked") where severity_number == 3"#, statement, #"set(event_name, "behind")"#],
      mode: mode)
    let wanted = 43 * MemoryLayout<Attribute>.stride
    program.limits.maxGrowthBytes = wanted - missing
    let failure = OTTLFailure(
      fault: .noRoom, statement: statement,
      excess: OTTLExcess(wanted: wanted, allowed: wanted - 1, unit: .bytes, option: "limits.max_growth"))
    if missing > 0 && mode == .propagate {
      #expect(throws: failure) { try program.run(over: &batch, of: RequestContext()) }
      return
    }
    let rejects = try program.run(over: &batch, of: RequestContext())
    #expect(rejects.failure == (missing > 0 ? failure : nil))
    #expect(rejects.kept(of: batch) == [true, missing == 0, true, true])
    // Of what is rejected nothing more is asked, of others everything: constants need no room.
    #expect(program.groups[0].statements.map(\.tally.met.value) == [1, 1 - missing, 4 - missing])
    #expect(program.groups[0].statements.map(\.tally.faults.value) == [0, missing, 0])
    OTTLTesting.expectInvariants(of: batch)
  }

  /// Of a resource or a scope they are all of its records.
  @Test func recordsOfWhatFindsNoRoomDoNotGoOn() throws {
    let list = "[\((0..<43).map { "\($0)" }.joined(separator: ", "))]"
    for (context, kept) in [
      (OTTLContext.resource, [false, false, false, true]), (.scope, [false, false, true, true]),
    ] {
      var batch = try OTTLTesting.batchOfFour()
      let only = context == .resource ? #"attributes["r"] == 1"# : #"name == "a""#
      var program = try OTTLTesting.program([#"set(attributes["l"], \#(list)) where \#(only)"#], context: context)
      program.limits.maxGrowthBytes = 1024
      let rejects = try program.run(over: &batch, of: RequestContext())
      #expect(rejects.kept(of: batch) == kept)
    }
  }

  /// Nobody knows whether a group was to run whose condition could not be asked.
  @Test func aConditionThatFindsNoRoomKeepsARecordFromGoingOn() throws {
    var batch = try OTTLTesting.batch(
      of: [#""body":{"stringValue":"\#(String(repeating: "a", count: 600))"}"#, #""body":{"stringValue":"a"}"#])
    var program = try OTTLTesting.program(
      [#"set(body, "***")"#], conditions: [#"Concat([body, body], "") == "x""#, #"body == "a""#])
    program.limits.maxGrowthBytes = 1024
    let rejects = try program.run(over: &batch, of: RequestContext())
    #expect(rejects.kept(of: batch) == [false, true])
    #expect(rejects.failure?.statement == #"Concat([body, body], "") == "x""#)
    #expect(batch.bodies[1] == "***")
    // Where another holds it runs.
    program = try OTTLTesting.program(
      [#"set(body, "***")"#], conditions: [#"Concat([body, body], "") == "x""#, "true"])
    program.limits.maxGrowthBytes = 1024
    let none = try program.run(over: &batch, of: RequestContext())
    #expect(none.isEmpty)
    #expect(batch.bodies == ["***", "***"])
  }

  /// Statements that stand for themselves are run record by record where that makes no difference: held against groups
  /// that are not.
  @Test func neighboursThatRunTogetherDoTheSame() throws {
    var generator = StatementGenerator(seed: 17)
    var documents = DocumentGenerator(seed: 18)
    var compared = 0
    for run in 0..<1500 {
      let texts = (0...run % 4).map { _ in generator.statement() }.filter { !$0.contains("UUID") }
      func program(_ conditions: [String]) -> OTTLProgram? {
        try? OTTLProgram(
          texts.map { try OTTLTesting.group([$0], context: nil, conditions: conditions, sharesCache: true) })
      }
      guard let together = program([]), let apart = program(["true"]), !texts.isEmpty else { continue }
      var batch = LogBatch()
      let request = documents.request()
      guard (try? batch.decode(json: request, limits: DecodeLimits())) != nil else { continue }
      var other = batch.copied()
      try together.run(over: &batch, of: RequestContext())
      try apart.run(over: &other, of: RequestContext())
      #expect(try OTTLTesting.encoded(batch) == OTTLTesting.encoded(other), "\(texts)")
      func faults(_ program: OTTLProgram) -> [Int] { program.groups.map { $0.statements[0].tally.faults.value } }
      #expect(faults(together) == faults(apart), "\(texts)")
      compared += 1
    }
    #expect(compared > 300)
  }
}
