import Oracle
import Testing

@testable import LogPipeline

@Suite struct SeparateRecordsTests {
  private static let nested =
    #"{"kvlistValue":{"values":[{"key":"x","value":{"arrayValue":{"values":[{"intValue":1}]}}}]}}"#

  /// Two resources; of the first two scopes with three records, of the second one scope with one.
  private func batch() throws -> LogBatch {
    var batch = LogBatch()
    let json = #"""
      {"resourceLogs":[
        {"resource":{"attributes":[{"key":"r","value":\#(Self.nested)}]},"schemaUrl":"u","scopeLogs":[
          {"scope":{"name":"a","attributes":[{"key":"s","value":\#(Self.nested)}]},"logRecords":[
            {"severityNumber":1},{"severityNumber":2}]},
          {"scope":{"name":"b"},"logRecords":[{"severityNumber":3}]}]},
        {"resource":{"attributes":[{"key":"r","value":{"intValue":2}}]},"scopeLogs":[
          {"scope":{"name":"a"},"logRecords":[{"severityNumber":4}]}]}]}
      """#
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    return batch
  }

  /// Scope, resource and severity of each record.
  private func shown(_ batch: borrowing LogBatch) -> [String] {
    var shown: [String] = []
    for record in batch.records {
      let scope = batch.scopes[Int(record.scope)]
      let resource = batch.resources[Int(scope.resource)]
      let attributes = "\(batch.readable(resource.attributes)) \(batch.readable(scope.attributes))"
      shown.append("\(record.severityNumber) \(batch.text(scope.name)) \(batch.text(resource.schemaURL)) \(attributes)")
    }
    return shown
  }

  @Test func everyRecordGetsItsOwnAndGoesBack() throws {
    var batch = try batch()
    let before = shown(batch)
    let count = batch.attributes.count
    let lending = batch.separateRecords()
    // Nothing is copied before it is edited.
    #expect(batch.attributes.count == count)
    #expect(batch.records.map(\.scope) == [0, 1, 2, 3])
    #expect(batch.scopes.map(\.resource) == [0, 1, 2, 3])
    #expect(shown(batch) == before)
    batch.joinRecords(lending)
    #expect(batch.attributes.count == count)
    #expect(batch.records.map(\.scope) == [0, 0, 1, 2])
    #expect(batch.scopes.map(\.resource) == [0, 0, 1])
    #expect(shown(batch) == before)
    #expect(BatchCheck.problem(of: batch, maxDepth: 64) == nil)
  }

  /// The second record's scope gets three entries of its own and one more, and so does its resource.
  @Test(arguments: [(0, [Bool](repeating: true, count: 4)), (1, [true, false, true, true])])
  func copiesAreCountedBeforeTheyAreMade(_ missing: Int, _ kept: [Bool]) throws {
    var batch = try batch()
    // What was the text of the request gives no room.
    var none: [[EntryRange]] = []
    batch.compact(keeping: &none)
    let before = shown(batch)
    var program = try OTTLTesting.program([
      #"set(scope.attributes["n"], 5) where severity_number == 2"#,
      #"set(resource.attributes["n"], 5) where severity_number == 2"#,
    ])
    program.limits.maxGrowthBytes = 8 * MemoryLayout<Attribute>.stride - missing
    var lending = batch.separateRecords()
    let rejects = try program.run(over: &batch, of: RequestContext(), lending: &lending)
    #expect(rejects.kept(of: batch) == kept)
    let behind = shown(batch)
    #expect([0, 2, 3].map { behind[$0] } == [0, 2, 3].map { before[$0] })
    #expect(behind[1] != before[1])
    batch.joinRecords(lending)
    #expect(BatchCheck.problem(of: batch, maxDepth: 64) == nil)
    // With a resource of its own the second record comes behind the third, which has that of the first.
    #expect(batch.records.map(\.severityNumber) == (missing == 0 ? [1, 3, 2, 4] : [1, 2, 3, 4]))
  }

  /// Each way to edit edits one record's alone.
  @Test(arguments: [
    #"set(resource.attributes["r"], 1)"#, #"set(resource.attributes["r"]["x"][0], 2)"#,
    #"delete_key(resource.attributes["r"], "x")"#, #"append(resource.attributes["r"]["x"], 2)"#,
    #"set(resource.attributes, {"a": 1})"#, #"set(resource.schema_url, "other")"#,
    #"set(resource.attributes["new"], log.severity_number)"#, #"delete_matching_keys(resource.attributes, ".")"#,
    #"flatten(resource.attributes)"#, #"set(scope.attributes["s"]["x"][0], 2)"#, #"set(scope.name, "other")"#,
    #"keep_keys(scope.attributes, [])"#, #"replace_all_patterns(scope.attributes, "key", "s", "t")"#,
    #"merge_maps(resource.attributes, {"new": [1]}, "upsert")"#, #"stringify_all(resource.attributes)"#,
  ])
  func anEditIsOfOneRecord(_ statement: String) throws {
    let options = "flatten_data: true\nlog_statements: ['\(statement) where log.severity_number == 2']"
    let processor = try #require(try madeProcessor("transform", options))
    var batch = try batch()
    let before = shown(batch)
    processor.process(&batch)
    #expect(BatchCheck.problem(of: batch, maxDepth: 64) == nil)
    let behind = shown(batch)
    // That of the second record is another, and the others are as they were.
    #expect(behind.count == 4 && Set(behind).subtracting(before).count == 1, "\(behind)")
    #expect(Set(before).subtracting(behind) == [before[1]])
  }

  /// A scope that stays as it is while its records get resources of their own is one of each of them.
  @Test func scopesOfSeveralResourcesShareNothing() throws {
    let options = """
      flatten_data: true
      log_statements: ['set(resource.attributes["n"], log.severity_number)']
      """
    let processor = try #require(try madeProcessor("transform", options))
    var batch = try batch()
    processor.process(&batch)
    #expect(BatchCheck.problem(of: batch, maxDepth: 64) == nil)
    #expect(batch.scopes.map { batch.text($0.name) } == ["a", "a", "b", "a"])
    #expect(batch.readable(batch.scopes[0].attributes) == batch.readable(batch.scopes[1].attributes))
    #expect(batch.resources.count == 4)
  }

  /// What was edited until it is what another is goes to it.
  @Test func editedAndUneditedAreJoinedIfTheyAreEqual() throws {
    let options = """
      flatten_data: true
      log_statements:
        - set(resource.attributes["r"], 2) where log.severity_number == 1
        - set(resource.schema_url, "") where log.severity_number == 1
        - delete_key(scope.attributes, "s") where log.severity_number == 1
      """
    let processor = try #require(try madeProcessor("transform", options))
    var batch = try batch()
    processor.process(&batch)
    #expect(BatchCheck.problem(of: batch, maxDepth: 64) == nil)
    #expect(batch.records.map(\.severityNumber) == [1, 4, 2, 3])
    #expect(batch.records.map(\.scope) == [0, 0, 1, 2])
    #expect(batch.resources.count == 2 && batch.scopes.count == 3)
  }

  @Test func recordsThatBecomeEqualAreJoined() throws {
    let options = """
      flatten_data: true
      log_statements:
        - set(resource.attributes["r"], log.severity_number / 3)
        - set(scope.name, "c")
        - delete_key(scope.attributes, "s")
      """
    let processor = try #require(try madeProcessor("transform", options))
    var batch = try batch()
    processor.process(&batch)
    // Of the last resource there is no schema URL.
    #expect(
      shown(batch) == [
        #"1 c u [LogPipelineTests.Readable.Pair(key: "r", value: LogPipelineTests.Readable.int(0))] []"#,
        #"2 c u [LogPipelineTests.Readable.Pair(key: "r", value: LogPipelineTests.Readable.int(0))] []"#,
        #"3 c u [LogPipelineTests.Readable.Pair(key: "r", value: LogPipelineTests.Readable.int(1))] []"#,
        #"4 c  [LogPipelineTests.Readable.Pair(key: "r", value: LogPipelineTests.Readable.int(1))] []"#,
      ])
    #expect(batch.resources.count == 3)
    #expect(batch.scopes.count == 3)
    #expect(BatchCheck.problem(of: batch, maxDepth: 64) == nil)
  }

  /// Without the option a statement about the resource is seen by all of its records.
  @Test func withoutTheOptionRecordsShareTheirResource() throws {
    let options = #"log_statements: ['set(resource.attributes["r"], log.severity_number)']"#
    let processor = try #require(try madeProcessor("transform", options))
    var batch = try batch()
    processor.process(&batch)
    #expect(batch.resources.map { batch.readable($0.attributes)[0].value } == [3, 4])
  }

  @Test func recordsOfOneResourceComeTogether() throws {
    let options = """
      flatten_data: true
      log_statements: ['set(resource.attributes["r"], log.severity_number - log.severity_number / 2 * 2)']
      """
    let processor = try #require(try madeProcessor("transform", options))
    var batch = LogBatch()
    let records = (1...6).map { #"{"severityNumber":\#($0)}"# }.joined(separator: ",")
    let json = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records)]}]}]}"#
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    processor.process(&batch)
    #expect(batch.records.map(\.severityNumber) == [1, 3, 5, 2, 4, 6])
    #expect(batch.records.map(\.scope) == [0, 0, 0, 1, 1, 1])
    #expect(batch.resources.count == 2)
  }

  @Test func whatIsTooLargeToBeEditedIsRejected() throws {
    let options = """
      flatten_data: true
      limits: {max_growth: 1024}
      log_statements: ['set(log.body, "x")', 'delete_key(resource.attributes, "k1")', 'set(log.severity_text, "x")']
      """
    let processor = try #require(try madeProcessor("transform", options))
    let pairs = (0..<20).map { #"{"key":"k\#($0)","value":{"intValue":1}}"# }.joined(separator: ",")
    let json =
      #"{"resourceLogs":[{"resource":{"attributes":[\#(pairs)]},"scopeLogs":[{"logRecords":[{},{},{}]}]}]}"#
    var batch = LogBatch()
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    let whole = batch.copied()
    var told = RequestContext()
    try processor.process(&batch, of: &told)
    // Twenty attributes of each: two copies fit.
    #expect(batch.bodies == ["x", "x"])
    #expect(batch.resources.count == 1)
    #expect(batch.resourceAttributes[0].count == 19)
    #expect(try #require(processor as? any StatementUser).statements.map(\.faults) == [0, 1, 0])
    #expect(told.rejections.records == 1)
    #expect(told.rejections.reasons.first?.contains("log_statements[1] failed for a record") == true)
    batch = whole
    let strict = try #require(try madeProcessor("transform", "error_mode: propagate\n\(options)"))
    var request = RequestContext()
    #expect(throws: ProcessorRefusal.self) { try strict.process(&batch, of: &request) }
  }
}
