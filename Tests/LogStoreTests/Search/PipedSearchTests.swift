import Testing

@testable import LogStore

@Suite struct PipedSearchTests {
  private func filled() throws -> StoreView {
    let store = try StoreFixture { $0.blockRecords = 7 }.openInMemory()
    for index in 0..<40 {
      var record = SampleRecord("line \(index)", time: 100 + UInt64(index))
      record.stream = SampleStream(service: index % 2 == 0 ? "even" : "odd")
      try store.append([record])
    }
    return store.view
  }

  private func bodies(_ query: String, _ change: (inout SearchLimits) -> Void = { _ in }) throws -> [String] {
    let (parsed, pipes) = try QueryParser.parsePiped(query, nowUnixNano: 0)
    var limits = SearchLimits()
    change(&limits)
    return try filled().records(parsed, pipes, limits).records.map { String($0.bodyText.dropFirst(5)) }
  }

  @Test func theNewestComeFirstUnlessTheQuerySaysOtherwise() throws {
    #expect(try bodies("* | limit 3") == ["39", "38", "37"])
    #expect(try bodies("* | sort by (_time) | limit 2") == ["0", "1"])
    #expect(try bodies("* | sort by (_time desc) | offset 38") == ["1", "0"])
    #expect(try bodies("* | offset 40").isEmpty && bodies("* | limit 0").isEmpty)
    #expect(try bodies("* | limit \(Int.max) | offset \(Int.max)").isEmpty)
    #expect(try bodies("*").count == 40)
  }

  @Test func contextIsOfTheSameStreamInOrder() throws {
    #expect(try bodies("\"line 10\" | stream_context before 2 after 1") == ["6", "8", "10", "12"])
    #expect(try bodies("\"line 39\" | stream_context after 5") == ["39"])
    #expect(try bodies("(\"line 10\" or \"line 12\") | stream_context before 1") == ["8", "10", "12"])
  }

  @Test func surroundingsAreBoundedTogether() throws {
    let three = "(\"line 10\" or \"line 20\" or \"line 30\") | stream_context before 2 after 2"
    let (query, pipes) = try QueryParser.parsePiped(three, nowUnixNano: 0)
    #expect(try filled().records(query, pipes).records.count == 15)
    var limits = SearchLimits()
    limits.resultBytes = 700
    let around = try filled().records(query, pipes, limits)
    #expect(around.report.stop != nil && around.records.count == 10)
  }

  @Test func aContextHasTheTimeThatTheSearchHasLeft() throws {
    #expect(try bodies("\"line 10\" | stream_context before 2") { $0.duration = .zero }.isEmpty)
  }
}
