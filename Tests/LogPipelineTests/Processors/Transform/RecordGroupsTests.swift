import Oracle
import Testing

@testable import LogPipeline

@Suite struct RecordGroupsTests {
  /// A batch of one resource and one scope, whose records have the numbers from 0 on.
  private func batch(_ count: Int, scope: String = "", resource: String = "") throws -> LogBatch {
    try OTTLTesting.batch(of: (0..<count).map { #""severityNumber":\#($0)"# }, scope: scope, resource: resource)
  }

  /// Runs statements over records apart, and puts them together again.
  private func run(_ statements: String..., over batch: inout LogBatch) throws {
    let program = try OTTLTesting.program(statements)
    var lending = batch.separateRecords()
    let rejects = try program.run(over: &batch, of: RequestContext(), lending: &lending)
    #expect(rejects.isEmpty)
    batch.joinRecords(lending)
    OTTLTesting.expectInvariants(of: batch)
  }

  @Test func whatIsNotEditedIsOneGroup() throws {
    var batch = try batch(3, resource: #""attributes":[{"key":"r","value":{"stringValue":"x"}}]"#)
    let lending = batch.separateRecords()
    var groups = RecordGroups(lending)
    let places = batch.records.map { groups.place(of: $0, in: batch) }
    #expect(places == Array(repeating: RecordGroups.Place(resource: 0, scope: 0), count: 3))
    #expect(RecordGroups.Place(resource: 0, scope: 5) < RecordGroups.Place(resource: 1, scope: 0))
  }

  /// More groups than the table begins with, each of which comes again.
  @Test func manyGroupsAreToldApart() throws {
    var batch = try batch(1000)
    try run(
      #"set(resource.attributes["n"], severity_number - severity_number / 300 * 300)"#,
      #"set(scope.name, String(severity_number / 600))"#, over: &batch)
    #expect(batch.resources.count == 300)
    #expect(batch.scopes.count == 600)
    #expect(batch.resourceAttributes.map { $0[0].value } == (0..<300).map { .int($0) })
    // Each record is where its number says.
    for record in batch.records {
      let (scope, number) = (batch.scopes[Int(record.scope)], Int64(record.severityNumber))
      #expect(batch.readable(batch.resources[Int(scope.resource)].attributes) == [.init("n", .int(number % 300))])
      #expect(batch.text(scope.name) == "\(number / 600)")
    }
    #expect(batch.scopes.map(\.resource) == batch.scopes.map(\.resource).sorted())
  }

  /// Values of each type, equal and not, in resources that were edited.
  @Test(arguments: [
    ("1", "1", true), ("1", "2", false), ("1", "1.0", false), ("1.5", "1.5", true), (#""a""#, #""a""#, true),
    (#""a""#, #""b""#, false), (#""a""#, #""ab""#, false), ("true", "true", true), ("true", "false", false),
    ("0x01", "0x01", true), ("0x01", "0x02", false), (#"[1, "x"]"#, #"[1, "x"]"#, true), ("[1, 2]", "[2, 1]", false),
    ("[]", "[1]", false), (#"{"a": [1]}"#, #"{"a": [1]}"#, true), (#"{"a": 1}"#, #"{"b": 1}"#, false),
    ("[]", "{}", false),
  ])
  func valuesAreCompared(_ first: String, _ second: String, _ isEqual: Bool) throws {
    var batch = try batch(2)
    try run(
      #"set(resource.attributes["v"], \#(first)) where severity_number == 0"#,
      #"set(resource.attributes["v"], \#(second)) where severity_number == 1"#, over: &batch)
    #expect(batch.resources.count == (isEqual ? 1 : 2))
  }

  @Test func fieldsAreCompared() throws {
    for field in ["resource.schema_url", "scope.name", "scope.version", "scope.schema_url"] {
      var batch = try batch(3)
      try run(#"set(\#(field), "x") where severity_number != 1"#, over: &batch)
      #expect(batch.scopes.count == 2, "\(field)")
      #expect(batch.records.map(\.severityNumber) == [0, 2, 1])
    }
    for field in ["resource.dropped_attributes_count", "scope.dropped_attributes_count"] {
      var batch = try batch(2)
      try run("set(\(field), severity_number)", over: &batch)
      #expect(batch.scopes.count == 2, "\(field)")
    }
  }
}
