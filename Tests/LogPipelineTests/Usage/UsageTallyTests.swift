import Testing

@testable import LogPipeline

@Suite struct UsageTallyTests {
  private func counts(_ records: Int, refused: Int = 0) -> UsageCounts {
    var counts = UsageCounts()
    counts.acceptedRecords = records
    counts.refusedRequests = refused
    return counts
  }

  private func add(_ counts: UsageCounts, to name: String, in tally: inout UsageTally) -> Bool {
    Array(name.utf8).withUnsafeBytes { tally.add(counts, to: $0) }
  }

  private func moved(_ tally: inout UsageTally) -> UsageSnapshot {
    var top = TopNames(capacity: 1000)
    tally.move(to: &top)
    return top.snapshot
  }

  @Test func whatIsHandedOverIsCountedOnce() {
    var tally = UsageTally()
    for (name, records) in [("a", 1), ("b", 2), ("a", 3), ("", 4)] {
      #expect(add(counts(records), to: name, in: &tally))
    }
    let snapshot = moved(&tally)
    #expect(snapshot.names.map(\.name) == ["a", "b"] && snapshot.names.map(\.counts.acceptedRecords) == [4, 2])
    #expect(snapshot.unnamed.acceptedRecords == 4 && snapshot.other.acceptedRecords == 0)
    #expect(moved(&tally).total == UsageCounts())
    #expect(add(counts(7), to: "b", in: &tally))
    #expect(moved(&tally).names.map(\.counts.acceptedRecords) == [7])
  }

  /// A label of such a value would break the page, or stand for others.
  @Test(arguments: ["a\u{0}b", "a\nb", "\u{7F}", "\t", "other", String(repeating: "x", count: 129)])
  func whatIsNoNameOfASeriesIsCountedWithTheOthers(_ name: String) {
    var tally = UsageTally()
    for _ in 0..<2 { #expect(add(counts(1), to: name, in: &tally)) }
    let snapshot = moved(&tally)
    #expect(snapshot.names.isEmpty && snapshot.other.acceptedRecords == 2)
  }

  @Test(arguments: ["others", "Other", "a b\"c\\", "名前", String(repeating: "x", count: 128)])
  func otherNamesAreTheirOwn(_ name: String) {
    var tally = UsageTally()
    #expect(add(counts(1), to: name, in: &tally))
    #expect(moved(&tally).names.map(\.name) == [name])
  }

  @Test func aRefusedRequestCountsOnceForEachNameInIt() {
    var tally = UsageTally()
    for _ in 0..<2 {
      tally.beginRequest()
      for name in ["a", "b", "a", "", "", "other"] { #expect(add(counts(0, refused: 1), to: name, in: &tally)) }
    }
    let snapshot = moved(&tally)
    #expect(snapshot.names.map(\.counts.refusedRequests) == [2, 2])
    #expect(snapshot.unnamed.refusedRequests == 2 && snapshot.other.refusedRequests == 2)
  }

  @Test func thereIsRoomForSoManyNames() {
    var tally = UsageTally()
    for number in 0..<UsageTally.maxNames { #expect(add(counts(1), to: "\(number)", in: &tally)) }
    #expect(!add(counts(1), to: "one more", in: &tally))
    #expect(add(counts(1), to: "0", in: &tally))
    #expect(moved(&tally).total.acceptedRecords == UsageTally.maxNames + 1)
    #expect(add(counts(1), to: "one more", in: &tally))
  }
}
