import Testing

@testable import LogStore

@Suite struct QueryParserTests {
  private static let day: UInt64 = 1_767_225_600_000_000_000  // 2026-01-01

  private func parsed(_ query: String) throws -> Query { try QueryParser.parse(query, nowUnixNano: Self.day) }

  /// A query in brackets, each with its operator first.
  private func shown(_ query: Query) -> String {
    switch query {
    case .all: "all"
    case .and(let list): "(and " + list.map(shown).joined(separator: " ") + ")"
    case .or(let list): "(or " + list.map(shown).joined(separator: " ") + ")"
    case .not(let query): "(not " + shown(query) + ")"
    case .time(let range):
      "time"
        + (range.lowerBound == 0 ? "" : ">=\(range.lowerBound)")
        + (range.upperBound == .max ? "" : "<=\(range.upperBound)")
    case .severity(let mask): "severity" + (0..<32).filter { mask >> $0 & 1 == 1 }.map { ".\($0)" }.joined()
    case .trace(let id): "trace." + HexBytes.text(of: id)
    case .stream(let id): "stream.\(id)"
    case .field(let field, let test): Self.name(field) + Self.shown(test)
    }
  }

  private static func name(_ field: QueryField) -> String {
    if case .named(let name) = field { return name }
    return field == .anywhere ? "" : "\(field)"
  }

  private static func shown(_ test: QueryTest) -> String {
    switch test {
    case .words(let needle): ":\(String(decoding: needle.bytes, as: UTF8.self))/\(needle.edges)"
    case .exact(let bytes): "=\(String(decoding: bytes, as: UTF8.self))"
    case .pattern(let pattern): "~\(pattern.text)"
    case .compare(let comparison):
      "\(comparison.comparison.rawValue)\(String(decoding: comparison.text, as: UTF8.self))"
    case .present: ":*"
    }
  }

  private static let meanings: [(String, String)] = [
    ("", "all"), ("  ", "all"), ("*", "all"), ("Error", ":error/3"), ("\"Out of\" memory", "(and :out of/3 :memory/3)"),
    ("a AND b or c", "(or (and :a/3 :b/3) :c/3)"), ("a (b OR c)", "(and :a/3 (or :b/3 :c/3))"),
    ("-a !b NOT c", "(and (not :a/3) (not :b/3) (not :c/3))"), ("not not a", "(not (not :a/3))"), ("err*", ":err/1"),
    ("\"and\" 'or'", "(and :and/3 :or/3)"), ("a-b", ":a-b/3"), ("支付", ":支付/0"), ("k:支付x", "k:支付x/2"),
    ("http.status:500", "http.status:500/3"), ("\"odd key\":x", "odd key:x/3"), ("k:\"\"", "(not k:*)"), ("k:*", "k:*"),
    ("k:=\"A b\"", "k=A b"), ("k=x", "k=x"), ("k:!x", "(not k:x/3)"), ("k:>5", "k>5"), ("k>=-5.5", "k>=-5.5"),
    ("k:-5", "k:-5/2"), ("k:<=abc", "k<=abc"), ("k:~\"a.c\\d\"", "k~a.c\\d"), ("~`a\\.b`", "~a\\.b"),
    ("k:in(a, 'b c')", "(or k=a k=b c)"),
    ("k:(a or -b)", "(or k:a/3 (not k:b/3))"), ("service:shop", "service.name:shop/3"), ("_msg:x", "message:x/3"),
    ("severity>=error", "severity.17.18.19.20.21.22.23.24"), ("severity:warn", "severity.13.14.15.16"),
    ("severity:>error", "severity.21.22.23.24"), ("severity<debug", "severity.1.2.3.4"),
    ("severity:info2", "severity.10"),
    ("severity<=trace", "severity.1.2.3.4"), ("severity:17", "severity.17"), ("severity:0", "severity.0"),
    ("severity:in(info, Warning)", "(or severity.9.10.11.12 severity.13.14.15.16)"),
    ("level:error", "(or severity.17.18.19.20 level:error/3)"), ("level:odd", "level:odd/3"),
    ("trace_id:0102030405060708090a0b0c0d0e0f10", "trace.0102030405060708090a0b0c0d0e0f10"),
    ("trace_id:0102*", "traceID:0102/1"), ("_stream_id:00000000000000ff", "stream.255"),
    ("_time:5m", "time>=\(at(-300))"), ("_time:2025-12-31", "time>=\(at(-86_400))<=\(at(0, -1))"),
    ("_time:[2025-12-31T23:00:00Z, 2026-01-01T00:00:00+00:00)", "time>=\(at(-3600))<=\(at(0, -1))"),
    ("_time:(2025-12-31T23, now]", "time>=\(at(0))<=\(at(0))"), ("_time:>=2026", "time>=\(at(0))"),
    ("_time:<2026-01-01T01:00:00+01:00", "time<=\(at(0, -1))"), ("_time:[5m, now]", "time>=\(at(-300))<=\(at(0))"),
    ("_time:>1767225600", "time>=\(at(1))"),
  ]

  /// Nanoseconds since 1970 of a time before or after 2026.
  private static func at(_ seconds: Int, _ nanos: Int = 0) -> String { "\(Int(day) + seconds * 1_000_000_000 + nanos)" }

  @Test(arguments: meanings)
  func queriesMeanWhatTheySay(_ query: String, _ meaning: String) throws {
    #expect(shown(try parsed(query)) == meaning)
  }

  private static let mistakes: [(String, String, Int)] = [
    ("a )", ") is not expected here", 2), ("(a", ") is missing", 2), ("a AND", "a value is missing", 5),
    ("or", "a value is missing", 0), ("\"abc", "the quote \" has no end", 0),
    ("a | sort", "( is missing", 8),
    ("k:~\"(\"", "the pattern is refused: missing ): (", 3),
    ("severity:odd", "odd is no severity: trace, debug, info, warn, error, fatal, or a number from 0 to 24", 9),
    ("severity>=25", "25 is no severity: trace, debug, info, warn, error, fatal, or a number from 0 to 24", 8),
    ("x _time:soon", "soon is no time: a duration such as 5m, or a date such as 2026-01-31T10:30:00Z", 8),
    ("_time:[now, 5m]", "the range ends before it starts", 6),
    ("_time:(18446744073709551615, now]", "the range ends before it starts", 6),
    ("_time:[18446744073709551, now]", "the range ends before it starts", 6),
    ("_time:[1h now]", ", is missing", 10), ("k:in(a b)", ") is missing", 7), ("{a}", "{ makes no sense here", 0),
    ("_stream_id:x", "x is no stream id: 16 hexadecimal digits", 11), ("支付 )", ") is not expected here", 3),
  ]

  @Test(arguments: mistakes)
  func mistakesAreShownAtTheirPlace(_ query: String, _ message: String, _ offset: Int) {
    #expect(throws: QueryError(message: message, query: query, offset: offset)) { try parsed(query) }
  }

  @Test func anErrorShowsThePlace() throws {
    do {
      _ = try parsed("a\n)")
      Issue.record("was taken")
    } catch let error as QueryError {
      #expect("\(error)" == ") is not expected here, at character 3")
      #expect(error.excerpt == "a )\n  ^")
    }
  }

  @Test func limitsOfQueries() throws {
    _ = try parsed((0..<QueryParser.maxTerms).map { "a\($0)" }.joined(separator: " "))
    #expect(throws: QueryError.self) { try parsed((0...QueryParser.maxTerms).map { "a\($0)" }.joined(separator: " ")) }
    let depth = QueryParser.maxDepth - 1
    _ = try parsed(String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth))
    #expect(throws: QueryError.self) {
      try parsed(String(repeating: "(", count: depth + 1) + "a" + String(repeating: ")", count: depth + 1))
    }
    _ = try parsed(String(repeating: "a", count: QueryParser.maxCharacters))
    let long = String(repeating: "a", count: QueryParser.maxCharacters + 1)
    let message = "the query has 16385 characters: the limit is 16384"
    #expect(throws: QueryError(message: message, query: long, offset: 0)) { try parsed(long) }
    let one = "a" + String(repeating: "\u{301}", count: QueryParser.maxCharacters)
    #expect(throws: QueryError(message: message, query: one, offset: 0)) { try parsed(one) }
    func patterns(_ count: Int) -> String { (0..<count).map { "a:~b\($0)" }.joined(separator: " ") }
    _ = try parsed(patterns(QueryParser.maxPatterns))
    #expect { try parsed(patterns(QueryParser.maxPatterns + 1)) } throws: {
      "\($0)".contains("the query has more than 16 patterns")
    }
  }

  /// The end of time is no end of the process.
  @Test(arguments: ["18446744073", "18446744073709", "18446744073709551", "18446744073709551615"])
  func theLastMomentIsOne(_ text: String) throws {
    #expect(TimeText.range(text)?.upperBound == .max)
    for query in ["_time:\(text)", "_time:>=\(text)", "_time:<=\(text)", "_time:[1970-01-01, \(text)]"] {
      #expect(throws: Never.self) { _ = try parsed(query) }
    }
    #expect(TimeText.start(text, nowUnixNano: 5) == TimeText.range(text)?.lowerBound)
  }

  /// Whatever the text is, it is a query or a mistake with a place in it.
  @Test func anyTextIsReadOrRefused() {
    var numbers = SeededNumbers(3)
    let pieces = [
      "a", "\"", "'", "(", ")", ":", "=", "~", ">", "<", "!", "-", "*", "|", "[", "]", ",", " ", "_time", "severity",
      "in",
      "and", "or", "not", "5m", "支", "\\", "`", "{", "\u{301}", "2026-01-01T00:00:00Z", "0", "trace_id", "😀", "\n",
    ]
    var taken = 0
    for _ in 0..<5000 {
      let text = (0..<1 + numbers.next() % 12).map { _ in pieces[Int(numbers.next() % UInt64(pieces.count))] }.joined()
      do {
        _ = try parsed(text)
        taken += 1
      } catch let error as QueryError {
        #expect((0...text.count).contains(error.offset), "\(text)")
      } catch {
        Issue.record("\(text): \(error)")
      }
    }
    #expect(taken > 200 && taken < 4000)
  }
}
