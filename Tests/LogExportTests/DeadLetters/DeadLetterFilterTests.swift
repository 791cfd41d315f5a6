import LogExport
import Testing

@Suite struct DeadLetterFilterTests {
  private func letter(time: String = "2026-01-31T12:00:00.000000000Z") throws -> DeadLetter {
    let line = "{\"time\":\"\(time)\",\"exporter\":\"es/audit\",\"reason\":\"mapper: bad field\"}"
    return try #require(DeadLetter(line: Array(line.utf8)))
  }

  @Test(arguments: [
    (DeadLetterFilter(), true), (DeadLetterFilter(exporter: "es/audit"), true),
    (DeadLetterFilter(exporter: "es"), false),
    (DeadLetterFilter(reason: "bad f"), true), (DeadLetterFilter(reason: "good"), false),
    (DeadLetterFilter(reason: ""), true), (DeadLetterFilter(exporter: "es/audit", reason: "good"), false),
    (DeadLetterFilter(before: "2026-02-01"), true), (DeadLetterFilter(before: "2026-01-31"), false),
    (DeadLetterFilter(before: "2026-01-31T12:00:00Z"), false), (DeadLetterFilter(before: "2026-01-31T12:00:01Z"), true),
  ]) func everyMemberHasToMatch(filter: DeadLetterFilter, matches: Bool) throws {
    #expect(try filter.matches(letter()) == matches)
  }

  @Test(arguments: ["2026-01-31", "2026-01-31T12", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5Z"])
  func timesAreTakenFromTheDayOn(text: String) { #expect(DeadLetterFilter.isTime(text)) }

  @Test(arguments: ["", "2026", "2026-01-3", "yesterday!", "2026-01-31 12:00", "2026-01-31T12:00:00+02:00"])
  func otherTextsAreNoTimes(text: String) { #expect(!DeadLetterFilter.isTime(text)) }
}
