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
    let isDone = batch.separateRecords(maxBytes: 1 << 20)
    #expect(isDone)
    #expect(batch.records.map(\.scope) == [0, 1, 2, 3])
    #expect(batch.scopes.map(\.resource) == [0, 1, 2, 3])
    #expect(shown(batch) == before)
    #expect(BatchCheck.problem(of: batch, maxDepth: 64) == nil)
    batch.joinRecords()
    #expect(batch.records.map(\.scope) == [0, 0, 1, 2])
    #expect(batch.scopes.map(\.resource) == [0, 0, 1])
    #expect(shown(batch) == before)
    #expect(BatchCheck.problem(of: batch, maxDepth: 64) == nil)
  }

  /// Every record counts: three entries of the first resource, three of the first scope, one of the second resource.
  @Test(arguments: [(16, true), (15, false)])
  func copiesAreCountedBeforeTheyAreMade(_ room: Int, _ fits: Bool) throws {
    var batch = try batch()
    let count = batch.attributes.count
    let isDone = batch.separateRecords(maxBytes: room * MemoryLayout<Attribute>.stride)
    #expect(isDone == fits)
    #expect((batch.attributes.count == count) != fits)
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

  @Test func whatIsTooLargeIsAFaultOfEveryStatement() throws {
    let options = """
      flatten_data: true
      limits: {max_growth: 1024}
      log_statements: ['set(log.body, "x")', 'set(log.severity_text, "x")']
      """
    let processor = try #require(try madeProcessor("transform", options))
    let pairs = (0..<20).map { #"{"key":"k\#($0)","value":{"intValue":1}}"# }.joined(separator: ",")
    let json =
      #"{"resourceLogs":[{"resource":{"attributes":[\#(pairs)]},"scopeLogs":[{"logRecords":[{},{},{}]}]}]}"#
    var batch = LogBatch()
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    processor.process(&batch)
    #expect(batch.bodies == [.empty, .empty, .empty])
    #expect(batch.resources.count == 1)
    #expect(try #require(processor as? any StatementUser).statements.map(\.faults) == [3, 3])
    let strict = try #require(try madeProcessor("transform", "error_mode: propagate\n\(options)"))
    var request = RequestContext()
    #expect(throws: ProcessorRefusal.self) { try strict.process(&batch, of: &request) }
  }
}
