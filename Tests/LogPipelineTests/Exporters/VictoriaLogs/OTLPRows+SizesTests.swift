import Testing

@testable import LogPipeline

/// How large the rows are that the server makes of records, and which it would drop.
@Suite struct OTLPRowsSizesTests {
  /// Why each record is not sent.
  private func problems(
    _ records: Message..., resource: Message = Message(), scope: Message = Message(),
    _ change: (inout VictoriaLogsOptions) -> Void = { _ in }
  ) throws -> [DropReason?] {
    var options = VictoriaLogsOptions()
    change(&options)
    var scopeLogs = Message.message(1, scope)
    for record in records { scopeLogs = scopeLogs + .message(2, record) }
    let batch = try LogBatch.decoded(
      request: .message(1, Message(.message(1, resource), .message(2, scopeLogs))))
    return problems(of: batch, options)
  }

  private func problems(of batch: borrowing LogBatch, _ options: VictoriaLogsOptions) -> [DropReason?] {
    var rows = OTLPRows(options.rowLayout, names: FieldNameWindow(limit: 2000))
    _ = rows.edited(batch)
    return rows.problems
  }

  /// Beside its body a record that has nothing takes this in a row: its severity and what the server counts for each
  /// row.
  private static let emptyRowBytes =
    RowSize.baseBytes + ("severity_number".utf8.count + 2 + 6) + ("_msg".utf8.count + 6)
  /// And this its scope, if that has a name or a version.
  private static let scopeBytes = ("scope.name".utf8.count + 7 + 6) + ("scope.version".utf8.count + 7 + 6)

  @Test func aRowMayHaveAsManyBytesAsTheServerTakes() throws {
    func body(_ count: Int) -> Message { .message(5, .text(String(repeating: "x", count: count))) }
    for (scope, bytes) in [(Message(), 0), (.string(1, "l"), Self.scopeBytes)] {
      let most = VictoriaLogsOptions.maxRowBytes - Self.emptyRowBytes - bytes
      #expect(try problems(body(most), body(most + 1), body(most), scope: scope) == [nil, .lineTooLong, nil])
    }
  }

  @Test func fieldsAreCountedUpToTheLimit() throws {
    let record = attributes(6, [("a", .number(1)), ("b", .number(1)), ("c", .number(2))])
    // Message, severity and its text, a, b and c.
    #expect(try problems(record) { $0.maxFields = 6 } == [nil])
    #expect(try problems(record) { $0.maxFields = 5 } == [.tooManyFields])
    let resource = attributes(1, [("r", .number(1))])
    #expect(try problems(record, resource: resource) { $0.maxFields = 6 } == [.tooManyFields])
    #expect(try problems(record, scope: .string(2, "1")) { $0.maxFields = 8 } == [nil])
    #expect(try problems(record, scope: .string(2, "1")) { $0.maxFields = 7 } == [.tooManyFields])
    let ids = Message.bytes(9, Array(1...16)) + .bytes(10, Array(1...8)) + .string(12, "event")
    #expect(try problems(record + ids) { $0.maxFields = 9 } == [nil])
    #expect(try problems(record + ids) { $0.maxFields = 8 } == [.tooManyFields])
  }

  @Test func aMapWhoseMembersAreTooManyBesideWhatIsSharedIsOneField() throws {
    let record = attributes(6, [("b", .map(("c", .number(1)), ("d", .number(2))))])
    let resource = attributes(1, [("r", .number(1)), ("s", .number(1))])
    // Message, severity and its text, r, s and b.
    #expect(try problems(record, resource: resource) { $0.maxFields = 6 } == [nil])
    #expect(try problems(record, resource: resource) { $0.maxFields = 5 } == [.tooManyFields])
  }

  @Test func whatHasNoValueIsNoField() throws {
    let record = attributes(6, [("empty", Message()), ("map", .map())])
    #expect(try problems(record) { $0.maxFields = 3 } == [nil])
    #expect(try problems(record) { $0.maxFields = 2 } == [.tooManyFields])
  }

  @Test func namesAreMeasuredWithAllThatStandsBeforeThem() throws {
    let key = String(repeating: "k", count: 20)
    let flat = attributes(6, [(key, .number(1))])
    let nested = attributes(6, [(key, .map(("k", .number(1))))])
    #expect(try problems(flat) { $0.maxFieldNameBytes = 20 } == [nil])
    #expect(try problems(flat) { $0.maxFieldNameBytes = 19 } == [.fieldNameTooLong])
    // A map with a member whose name is too long is one field.
    #expect(try problems(nested) { $0.maxFieldNameBytes = 20 } == [nil])
    #expect(try problems(nested) { $0.maxFieldNameBytes = 19 } == [.fieldNameTooLong])
    #expect(
      try problems(flat) {
        $0.maxFieldNameBytes = 21
        $0.attributePrefix = "p."
      } == [.fieldNameTooLong])
  }

  @Test func whatIsSharedCountsForEachRecordAndNoLonger() throws {
    let large = attributes(1, [("r", .text(String(repeating: "x", count: VictoriaLogsOptions.maxRowBytes)))])
    let requests = Message.request(resource: large, records: record(), record()) + .request(records: record())
    let batch = try LogBatch.decoded(request: requests)
    #expect(problems(of: batch, VictoriaLogsOptions()) == [.lineTooLong, .lineTooLong, nil])
  }
}
