import Testing

@testable import LogStore

@Suite struct PatternsTests {
  private func filled(_ count: Int = 100, _ body: (Int) -> String) throws -> StoreView {
    let store = try StoreFixture { $0.blockRecords = 7 }.openInMemory()
    for index in 0..<count { try store.append([SampleRecord(body(index), time: 1000 + UInt64(index))]) }
    return store.view
  }

  @Test func messagesOfOneShapeAreCountedTogether() throws {
    let view = try filled { $0 % 4 == 0 ? "paid \($0)" : $0 % 4 == 1 ? "" : "order \($0) of \($0)" }
    let found = try view.patterns(.all, limit: 10)
    #expect(found.patterns.map { "\($0.hits) \($0.pattern)" } == ["50 order <N> of <N>", "25 ", "25 paid <N>"])
    // Newer blocks are looked at first, each from its beginning.
    #expect(found.patterns.map { $0.sample.prefix(7) } == ["order 9", "", "paid 92"])
    #expect(found.patterns[2].bytes == (0..<25).reduce(0) { $0 + "paid \($1 * 4)".utf8.count })
    #expect(found.others.hits == 0 && found.report.stop == nil && found.report.matches == 100)
    let paid = try QueryParser.parse("paid", nowUnixNano: 0)
    #expect(try view.patterns(paid, limit: 10).patterns.map(\.hits) == [25])
  }

  /// As many as the limit are told apart; the rest is counted.
  @Test func furtherShapesAreCountedAsOthers() throws {
    let words = (0..<12).map { String(repeating: "x", count: $0 + 1) }
    let view = try filled(12) { words[$0] }
    #expect(try view.patterns(.all, limit: 100, maxPatterns: 12).others == (0, 0))
    let found = try view.patterns(.all, limit: 100, maxPatterns: 11)
    #expect(found.patterns.count == 11 && found.others.hits == 1)
    let shown = try view.patterns(.all, limit: 3, maxPatterns: 11)
    #expect(shown.patterns.count == 3 && shown.others.hits == 9)
  }

  @Test func bodiesThatAreNoTextAreFoldedByTheirMessage() throws {
    let store = try StoreFixture { $0.blockRecords = 7 }.openInMemory()
    var number = SampleRecord("", time: 1)
    number.body = .int(12)
    var map = SampleRecord("", time: 2)
    map.body = .map([SamplePair("a", .text("b"))])
    try store.append([number, map])
    #expect(try store.view.patterns(.all, limit: 10).patterns.map(\.pattern) == ["", "<N>"])
  }

  @Test func memoryIsBounded() throws {
    let view = try filled(100) { "\(String(repeating: "y", count: $0)) z" }
    var limits = SearchLimits()
    limits.resultBytes = 4000
    let found = try view.patterns(.all, limit: 1000, limits)
    #expect(found.patterns.count < 100 && found.report.stop != nil)
  }
}
