import Testing

@testable import LogExport

@Suite struct DeadLetterSummaryTests {
  private let folder = LetterFolder()

  private func line(_ time: String, _ exporter: String, _ reason: String, records: Int = 1) -> String {
    "{\"time\":\"\(time)\",\"exporter\":\"\(exporter)\",\"reason\":\"\(reason)\",\"records\":\(records)}\n"
  }

  @Test func countsByExporterAndKindOfReason() throws {
    folder.append(line("2026-01-02", "es", "bad: a") + line("2026-01-01", "es", "bad: b", records: 4))
    folder.append("\n" + line("2026-01-03", "vl", "bad: a") + "garbage\n" + line("2026-01-04", "es", "worse"))
    let summary = try DeadLetterSummary(path: folder.path)
    #expect(summary.rows.count == 3 && summary.unreadableLines == 1)
    var expected = DeadLetterSummary.Row()
    (expected.letters, expected.records, expected.first, expected.last) = (2, 5, "2026-01-01", "2026-01-02")
    #expect(summary.rows[.init(exporter: "es", reason: "bad")] == expected)
  }

  @Test func manyReasonsTakeNoMoreMemoryThanTheLimit() throws {
    var text = ""
    for number in 0..<(DeadLetterSummary.maxRows + 50) { text += line("2026", "es", "reason \(number)") }
    folder.append(text)
    let summary = try DeadLetterSummary(path: folder.path)
    #expect(summary.rows.count == DeadLetterSummary.maxRows + 1)
    #expect(summary.rows[.init(exporter: "other", reason: "other")]?.letters == 50)
  }

  @Test func aMissingFileIsAnError() {
    #expect(throws: FileFailure.self) { try DeadLetterSummary(path: folder.path) }
  }
}
