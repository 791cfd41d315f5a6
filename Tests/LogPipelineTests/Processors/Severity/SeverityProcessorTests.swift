import LogPipeline
import Testing

@Suite struct SeverityProcessorTests {
  private func numbers(_ records: Message..., attributes: [String] = ["level"], fallback: Int32 = 0) throws -> [Int32] {
    var scopeLogs = Message()
    for record in records { scopeLogs = scopeLogs + Message.message(2, record) }
    var batch = try LogBatch.decoded(request: Message.message(1, Message.message(2, scopeLogs)))
    SeverityProcessor(id: "severity", attributes: attributes, fallback: fallback).process(&batch)
    return batch.records.map(\.severityNumber)
  }

  @Test(arguments: [
    ("INFO", 9), ("info", 9), ("Warning", 13), ("WARN", 13), ("err", 17), ("ERROR", 17), ("Critical", 18),
    ("emerg", 21), ("DEBUG2", 6), ("fatal4", 24), ("TRACE3", 3), ("notice", 10), ("INFO1", 0), ("INFO5", 0),
    ("notice2", 0), ("crit2", 0), ("", 0), ("i", 0), ("informational", 9), ("informationally", 0), ("inf@", 0),
    (String(repeating: "x", count: 100_000), 0),
  ])
  func readsWords(_ text: String, _ number: Int) throws {
    #expect(try numbers(record(text: text)) == [Int32(number)])
  }

  @Test func keepsTheNumberThatIsThere() throws {
    #expect(try numbers(record(severity: 5, text: "ERROR")) == [5])
  }

  @Test func looksAtAttributesWhereTheTextSaysNothing() throws {
    #expect(
      try numbers(
        record(("level", .text("error"))), record(("level", .text("error")), text: "warn"),
        record(("level", .text("error")), text: "odd"), record(("level", .integer(17))),
        record(("other", .text("error")))) == [17, 13, 17, 0, 0])
    #expect(try numbers(record(("b", .text("info")), ("a", .text("odd"))), attributes: ["a", "b"]) == [9])
  }

  @Test func givesTheDefaultWhereNothingNamesOne() throws {
    #expect(try numbers(record(text: "odd"), record(text: "warn"), fallback: 9) == [9, 13])
  }
}
