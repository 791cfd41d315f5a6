import Testing

@testable import LogStore

@Suite struct QueryTests {
  private func entry(_ earliest: UInt64, _ latest: UInt64, _ severities: [Int]) -> BlockEntry {
    var entry = BlockEntry()
    (entry.earliest, entry.latest) = (earliest, latest)
    entry.severities = severities.reduce(0) { $0 | 1 << UInt32($1) }
    return entry
  }

  private static let skips: [(String, Bool)] = [
    ("*", true), ("severity:warn", true), ("severity>=error", false), ("-severity:warn", true),
    ("_time:[100, 150]", true),
    ("_time:[0, 99]", false), ("_time:[99, 100)", false), ("_time:[200, 300]", true), ("_time:>200", false),
    ("severity>=error OR _time:[150, 160]", true), ("severity:warn _time:<100", false), ("word", true),
  ]

  @Test(arguments: skips) func anEntryTellsWhatCannotBe(_ query: String, _ mayMatch: Bool) throws {
    // Times of five digits and less are years: these are nanoseconds.
    let text = query.replacing(/\d+/) { "1000000000000000" + String(1000 + (Int($0.output) ?? 0)).suffix(3) }
    let parsed = try QueryParser.parse(text, nowUnixNano: 0)
    let base: UInt64 = 1_000_000_000_000_000_000
    #expect(parsed.mayMatch(entry(base + 100, base + 200, [13, 9])) == mayMatch)
  }

  @Test func rowsAreSets() {
    var rows = Rows(none: 70)
    #expect(rows.isEmpty && rows.population == 0)
    for row in [0, 63, 64, 69] { rows.insert(row) }
    #expect(rows.population == 4)
    var found: [Int] = []
    rows.forEach { found.append($0) }
    #expect(found == [0, 63, 64, 69])
    var all = Rows(all: 70)
    #expect(all.population == 70 && Rows(all: 64).population == 64 && Rows(all: 0).isEmpty)
    all.remove(rows)
    #expect(all.population == 66)
    all.add(rows)
    #expect(all == Rows(all: 70))
    all.keep(rows)
    #expect(all == rows)
    #expect(Rows(rows) { $0 > 63 }.population == 2)
  }

  @Test func severitiesAreKnownByNumberAndName() {
    #expect(
      Severity.numbers("Warning") == 13...16 && Severity.numbers("error2") == 18...18
        && Severity.numbers("24") == 24...24)
    for word in ["25", "-1", "error5", "error1", "odd", ""] { #expect(Severity.numbers(word) == nil) }
    func severity(_ number: UInt8, _ text: String) -> UInt8 {
      Array(text.utf8).withUnsafeBytes { Severity.of(number: number, text: $0) }
    }
    #expect(
      severity(0, "CRITICAL") == 21 && severity(9, "ERROR") == 9 && severity(200, "") == 24 && severity(0, "17") == 0)
    #expect(
      (0...24).map { Severity.name($0) ?? "-" }.joined(separator: " ").hasPrefix("- trace trace trace trace debug"))
  }
}
