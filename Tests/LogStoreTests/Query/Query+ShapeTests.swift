import Testing

@testable import LogStore

@Suite struct QueryShapeTests {
  private static let shapes: [(String, String)] = [
    ("*", "*"), ("secret", "…"), ("\"a b\" trace_id:00112233445566778899aabbccddeeff", "… trace_id:…"),
    ("service:shop severity>=warn -health", "service.name:… severity:… -…"),
    ("a OR (b user.id:>5)", "(… OR … user.id:…)"), ("_time:5m a", "_time:… …"),
    ("\"alice@example.com\":x", "…:…"), ("_msg:~\"4111.*\"", "_msg:…"), ("_stream_id:00000000000000ff", "_stream_id:…"),
  ]

  @Test(arguments: shapes)
  func tellsFieldsAndNoValues(_ query: String, _ expected: String) throws {
    #expect(try QueryParser.parse(query, nowUnixNano: 0).shape == expected)
  }

  @Test func itIsCutShort() throws {
    let query = Query.or(Array(repeating: .field(.named("f"), .present), count: 5000))
    #expect(query.shape.count == 257 && query.shape.hasSuffix("…"))
    #expect(Query.or(Array(repeating: .all, count: 50)).shape.count == 50 * 5 - 2)
    var nested = Query.all
    for _ in 0..<100 { nested = .not(nested) }
    #expect(nested.shape == String(repeating: "-", count: 17) + "…")
  }
}
