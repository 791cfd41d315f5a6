import HTTPTransport
import LogStore
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite struct SelectServiceTests {
  private let folder: TemporaryFolder
  private let stores = OpenStores()
  private static let start: UInt64 = 1_700_000_000_000_000_000

  init() throws {
    folder = try TemporaryFolder()
    let store = try StoredSample.store(folder, stores) { $0.maxSearches = 1 }
    try store.append(StoredSample.request((0..<10).map { $0 == 3 ? "error 支付失败" : "order \($0)" }))
    try store.append(StoredSample.request(["other"], service: "cart", start: Self.start + 100))
  }

  private func answer(
    _ path: String, _ query: String, post form: String? = nil, seen scope: RecordScope? = nil,
    tell: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> HTTPResponse {
    let head = HTTPRequestHead(method: form == nil ? "GET" : "POST", path: "/select/logsql/\(path)", query: query)
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let promise = loop.makePromise(of: HTTPResponse.self)
    let responder = HTTPResponder(eventLoop: loop) { event in
      if case .whole(let response) = event { promise.succeed(response) }
    }
    SelectService(stores, headers: ["X-Content-Type-Options": "nosniff"])
      .respond(
        to: HTTPRequest(head: head, body: Array((form ?? "").utf8)), by: .always(scope), through: responder,
        tell: tell)
    return try await promise.futureResult.get()
  }

  private func text(_ path: String, _ query: String) async throws -> String {
    let response = try await answer(path, query)
    #expect(response.status == 200, "\(String(buffer: response.body))")
    return String(buffer: response.body)
  }

  @Test func recordsAreLinesTheNewestFirst() async throws {
    let response = try await answer("query", "query=order&limit=2")
    #expect(response.headers.first(name: "content-type") == "application/stream+json")
    #expect(response.headers.first(name: "x-content-type-options") == "nosniff")
    let lines = String(buffer: response.body).split(separator: "\n")
    #expect(lines.count == 2 && lines[0].hasPrefix("{\"_time\":\"2023-11-14T22:13:20.000000009Z\",\"_stream_id\":\""))
    #expect(lines[0].contains("\"_msg\":\"order 9\"") && lines[1].contains("\"_msg\":\"order 8\""))
    #expect(lines[0].contains("\"severity\":\"info\"") && lines[0].contains("\"severity_number\":\"9\""))
  }

  @Test func aFormAsksTheSame() async throws {
    let response = try await answer("query", "", post: "query=%E6%94%AF%E4%BB%98+severity%3Aerror&limit=5")
    #expect(String(buffer: response.body).contains("支付失败"))
    let otlp = try await answer("query", "query=other&format=otlp")
    #expect(otlp.headers.first(name: "content-type") == "application/x-protobuf")
    // An empty scope stands before the record, which is as it was sent.
    let sent = StoredSample.request(["other"], service: "cart", start: Self.start + 100)
    #expect(
      Array(otlp.body.readableBytesView).suffix(40) == sent.suffix(40) && otlp.body.readableBytes == sent.count + 2)
  }

  @Test func timesCutOffWhatIsOutside() async throws {
    let (first, end) = (Self.start + 2, Self.start + 5)
    #expect(try await text("query", "query=*&start=\(first)&end=\(end)").split(separator: "\n").count == 3)
    #expect(try await text("query", "query=*&offset=10").contains("order 0"))
    #expect(try await text("query", "query=*&start=5m").isEmpty)
  }

  @Test func countsHaveTheFormsOfVictoriaLogs() async throws {
    #expect(
      try await text("hits", "query=*&step=1d&field=severity") == """
        {"hits":[{"fields":{"severity":"info"},"timestamps":["2023-11-14T00:00:00.000000000Z"],"values":[10],"total":10},\
        {"fields":{"severity":"error"},"timestamps":["2023-11-14T00:00:00.000000000Z"],"values":[1],"total":1}]}

        """)
    #expect(try await text("hits", "query=nothing") == "{\"hits\":[]}\n")
    #expect(
      try await text("hits", "query=*&fields_limit=1&field=severity").contains("{\"fields\":{\"severity\":\"\"},"))
    #expect(
      try await text("facets", "query=*") == """
        {"facets":[{"field_name":"service.name","values":[{"field_value":"shop","hits":10},\
        {"field_value":"cart","hits":1}]},{"field_name":"severity","values":[{"field_value":"info","hits":10},\
        {"field_value":"error","hits":1}]}]}

        """)
    #expect(try await text("facets", "query=order") == "{\"facets\":[]}\n")
    #expect(
      try await text("facets", "query=order&keep_const_fields=1").contains(
        "\"service.name\",\"values\":[{\"field_value\""))
    let names = try await text("field_names", "query=*")
    for name in ["_msg", "_time", "_stream", "_stream_id", "trace_id", "service.name", "severity"] {
      #expect(names.contains("{\"value\":\"\(name)\",\"hits\":11}"), "\(name) in \(names)")
    }
    #expect(
      try await text("field_values", "query=*&field=service.name&limit=1")
        == "{\"values\":[{\"value\":\"shop\",\"hits\":10}]}\n")
  }

  @Test func messagesAreFoldedByTheirShape() async throws {
    #expect(
      try await text("patterns", "query=order") == """
        {"patterns":[{"pattern":"order <N>","hits":9,"bytes":63,"sample":"order 0"}],"others":{"hits":0,"bytes":0}}

        """)
    #expect(try await text("patterns", "query=*&limit=1").contains("\"others\":{\"hits\":2,"))
    #expect(try await text("patterns", "query=*&max_patterns=1").contains("\"others\":{\"hits\":"))
  }

  @Test func recordsAreATable() async throws {
    let response = try await answer("query", "query=order&limit=1&format=csv")
    #expect(response.headers.first(name: "content-type") == "text/csv; charset=utf-8")
    let lines = String(buffer: response.body).split(separator: "\r\n")
    #expect(lines.count == 2 && lines[0].hasPrefix("_time,severity,service.name,_msg,"))
    #expect(lines[1].hasPrefix("2023-11-14T22:13:20.000000009Z,info,shop,order 9,"))
    #expect(
      try await text("query", "query=order|fields+_msg,severity&limit=1&format=csv")
        == "_msg,severity\r\norder 9,info\r\n")
  }

  @Test func whoSeesSomeRecordsIsToldOfNoOthers() async throws {
    let scope = RecordScope(anyOf: [try AdminSample.condition("resource.attributes[\"service.name\"] == \"cart\"")])
    let shown = { (path: String, query: String) async throws -> String in
      String(buffer: try await answer(path, query, seen: scope).body)
    }
    #expect(try await shown("query", "query=*").contains("other"))
    #expect(try await shown("query", "query=order").isEmpty)
    #expect(try await shown("hits", "query=*").contains("\"total\":1"))
    #expect(
      try await shown("field_values", "query=*&field=severity") == "{\"values\":[{\"value\":\"info\",\"hits\":1}]}\n")
    #expect(!(try await shown("facets", "query=*&keep_const_fields=1")).contains("shop"))
  }

  private final class Told: Sendable {
    let lines = Mutex<[String]>([])
  }

  @Test func aLookIsToldWithoutItsWords() async throws {
    let told = Told()
    _ = try await answer("query", "query=order+service:shop&start=5m") { line in told.lines.withLock { $0.append(line) }
    }
    _ = try await answer("query", "query=(") { line in told.lines.withLock { $0.append(line) } }
    #expect(told.lines.withLock { $0 } == ["_time:… … service.name:…"])
  }

  @Test func theContextOfARecordIsOfItsStream() async throws {
    let line = try await text("query", "query=error")
    let id = try #require(line.firstMatch(of: /"_stream_id":"([0-9a-f]{16})"/)).1
    let lines = try await text(
      "stream_context", "_stream_id=\(id)&_time=2023-11-14T22:13:20.000000003Z&before=2&after=1"
    ).split(separator: "\n")
    #expect(lines.map { $0.contains("order") } == [true, true, false, true])
  }

  private static let mistakes: [(String, String, Int, String)] = [
    ("query", "", 400, "query: a query is needed, such as query=*\n"),
    ("query", "query=%22a", 400, "the quote \" has no end, at character 1\n\"a\n^\n"),
    ("query", "query=a&limit=x", 400, "limit: expected a number from 0 on, found x\n"),
    ("query", "query=a&start=soon", 400, "start: expected a time such as 2026-01-31T10:30:00Z, found soon\n"),
    ("query", "query=a&timeout=-1", 400, "timeout: expected a duration such as 5m, found -1\n"),
    ("query", "query=a&format=xml", 400, "format: expected json, otlp or csv, found xml\n"),
    ("query", "query=a&store=b", 404, "store: known are store\n"),
    ("field_values", "query=a", 400, "field: the name of a field is needed\n"),
    ("hits", "query=a|limit+1", 400, "pipes are for query only\n"),
    ("stats_query", "query=a", 400, "query: stats_query wants the pipe stats\n"),
    ("patterns", "query=a&max_patterns=5001", 400, "max_patterns: 5001 are wanted: the limit is 5000\n"),
    ("hits", "query=a&field=b&field=c", 400, "field: one at most, found 2\n"),
    ("stream_context", "_stream_id=1", 400, "_stream_id: 16 hexadecimal digits are needed\n"),
    (
      "nothing", "", 404,
      "known are query, hits, facets, patterns, tail, field_names, field_values, stream_context, stats_query, "
        + "stats_query_range of /select/logsql/\n"
    ),
  ]

  @Test(arguments: mistakes)
  func mistakesAreTold(_ path: String, _ query: String, _ status: Int, _ message: String) async throws {
    let response = try await answer(path, query)
    #expect(response.status == status)
    #expect(String(buffer: response.body) == message)
  }

  @Test func aResultThatIsNotWholeSaysSo() async throws {
    let response = try await answer("query", "query=*&timeout=1ms&timeout=1ms")
    #expect(response.status == 200)
    let none = try await SelectService(OpenStores(), headers: [:]).asked("query")
    #expect(none == "404 no pipeline has an exporter of type store\n")
  }

  @Test func oneSearchTooManyIsAskedToComeLater() async throws {
    let store = try #require(stores.all.first)
    try store.gate.enter(limit: 1)
    let response = try await answer("query", "query=*")
    #expect(response.status == 429 && response.headers.first(name: "retry-after") == "1")
    #expect(String(buffer: response.body) == "1 searches are running: the limit is 1\n")
    store.gate.leave()
    #expect(try await answer("query", "query=*").status == 200)
  }
}

extension SelectService {
  /// Status and text of the answer to a question without arguments but a query.
  fileprivate func asked(_ path: String) async throws -> String {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let promise = loop.makePromise(of: String.self)
    let responder = HTTPResponder(eventLoop: loop) { event in
      if case .whole(let response) = event { promise.succeed("\(response.status) \(String(buffer: response.body))") }
    }
    let head = HTTPRequestHead(method: "GET", path: Self.prefix + path, query: "query=*")
    respond(to: HTTPRequest(head: head), by: .always(nil), through: responder)
    return try await promise.futureResult.get()
  }
}

extension StoreRight {
  /// The right to see some records, or all of them, for good.
  static func always(_ scope: RecordScope?) -> StoreRight { StoreRight(scope: scope) { .always(scope) } }
}
