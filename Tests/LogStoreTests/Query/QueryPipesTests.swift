import Testing

@testable import LogStore

@Suite struct QueryPipesTests {
  private func pipes(_ text: String) throws -> QueryPipes {
    try QueryParser.parsePiped(text, nowUnixNano: 0).pipes
  }

  @Test func pipesSayWhatIsDone() throws {
    let all = try pipes(
      "a | sort by (_time) desc | head 7 | skip 2 | keep a, \"b c\" | stream_context before 1 after 2")
    #expect(all.isOldestFirst == false && all.limit == 7 && all.offset == 2 && all.fields == ["a", "b c"])
    #expect(all.context?.before == 1 && all.context?.after == 2)
    #expect(try pipes("| sort (_time asc)").isOldestFirst == true)
    #expect(try pipes("* | order by (_time)").isOldestFirst == true)
    #expect(try pipes("* | fields *") == QueryPipes() && pipes("*") == QueryPipes())
    #expect(try pipes("* | stream_context").context?.before == 0)
  }

  @Test(arguments: [
    ("a | ", "the name of a pipe is missing: known are sort, limit, offset, fields and stream_context", 4),
    ("a | stats count()", "the pipe stats is not known: known are sort, limit, offset, fields and stream_context", 4),
    ("a | limit x", "limit wants a number", 10), ("a | limit -1", "limit wants a number", 10),
    ("a | sort by (service)", "records are sorted by _time only", 13), ("a | sort by (_time", ") is missing", 18),
    ("a | fields", "the name of a field is missing", 10), ("a | limit 1 2", "2 is not expected here", 12),
    ("a | stream_context before", "before wants a number", 25),
  ])
  func mistakesAreShownAtTheirPlace(_ query: String, _ message: String, _ offset: Int) {
    #expect(throws: QueryError(message: message, query: query, offset: offset)) { try pipes(query) }
  }

  @Test func aQueryAloneHasNoPipes() {
    let error = QueryError(message: "pipes are not expected here", query: "a | limit 1", offset: 0)
    #expect(throws: error) { try QueryParser.parse("a | limit 1", nowUnixNano: 0) }
  }
}
