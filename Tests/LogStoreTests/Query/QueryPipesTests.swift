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
    ("a | ", "the name of a pipe is missing: known are sort, limit, offset, fields, stream_context and stats", 4),
    ("a | uniq", "the pipe uniq is not known: known are sort, limit, offset, fields, stream_context and stats", 4),
    ("a | stats sum(b)", "stats knows count() only", 10), ("a | stats by (b) count", "( is missing", 22),
    ("a | stats by (_time) count()", "_time wants a step, such as _time:5m", 14),
    ("a | stats by (_time:0s) count()", "_time wants a step, such as _time:5m", 14),
    ("a | stats by (b, ) count()", "the name of a field is missing", 17),
    ("a | limit 1 | stats count()", "stats has to be the first pipe", 14),
    ("a | stats count() | fields a", "behind stats there may be limit and offset only", 20),
    ("a | limit x", "limit wants a number", 10), ("a | limit -1", "limit wants a number", 10),
    ("a | sort by (service)", "records are sorted by _time only", 13), ("a | sort by (_time", ") is missing", 18),
    ("a | fields", "the name of a field is missing", 10), ("a | limit 1 2", "2 is not expected here", 12),
    ("a | stream_context before", "before wants a number", 25),
  ])
  func mistakesAreShownAtTheirPlace(_ query: String, _ message: String, _ offset: Int) {
    #expect(throws: QueryError(message: message, query: query, offset: offset)) { try pipes(query) }
  }

  @Test func shownFieldsAreBounded() throws {
    func fields(_ count: Int) -> String { "a | fields " + (0..<count).map { "f\($0)" }.joined(separator: ", ") }
    #expect(try pipes(fields(200)).fields?.count == 200)
    #expect { try pipes(fields(201)) } throws: { "\($0)".contains("fields has more than 200 names") }
    #expect(try pipes("a | fields b, c, b").fields == ["b", "c"])
  }

  @Test func statsSayWhatIsCounted() throws {
    #expect(try pipes("a | stats count()").stats == StatsPipe())
    let all = try pipes("a | stats by (service, \"b c\", _time:5m) count(*) as n | limit 3 | offset 1")
    #expect(all.stats?.fields == ["service", "b c", "_time"] && all.stats?.step == .seconds(300))
    #expect(all.stats?.name == "n" && all.limit == 3 && all.offset == 1)
    #expect(try pipes("a | stats (b) count() \"n m\"").stats?.name == "n m")
    #expect(try pipes("a | stats by () count()").stats == StatsPipe())
  }

  @Test func statsHaveSoManyFieldsAtMost() throws {
    let names = { (count: Int) in (0..<count).map { "f\($0)" }.joined(separator: ", ") }
    #expect(try pipes("a | stats by (\(names(16))) count()").stats?.fields.count == 16)
    let query = "a | stats by (\(names(17))) count()"
    #expect(throws: QueryError.self) { try pipes(query) }
    do { _ = try pipes(query) } catch { #expect("\(error)".contains("17 fields: the limit is 16")) }
  }

  @Test func aQueryAloneHasNoPipes() {
    let error = QueryError(message: "pipes are not expected here", query: "a | limit 1", offset: 0)
    #expect(throws: error) { try QueryParser.parse("a | limit 1", nowUnixNano: 0) }
  }
}
