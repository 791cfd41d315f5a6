import LogPipeline
import Options
import Testing

@testable import LogStore

@Suite struct RecordScopeTests {
  /// A scope of conditions as a configuration has them.
  private func scope(_ texts: String...) throws -> RecordScope {
    let place = ConfigPlace(source: "f.yaml")
    return RecordScope(
      anyOf: try texts.map { text in
        let report = ConfigReport()
        let value = ConfigNode(.scalar(.init(text)), at: place)
        let node = ConfigNode(.map([.init(key: "where", place: place, value: value)]), at: place)
        let condition = ConfigReader(node, path: "", report: report).recordCondition("where", "Which.")
        #expect(report.errors.map(\.description) == [])
        return try #require(condition)
      })
  }

  private static let samples: [(texts: [String], holds: @Sendable (SampleRecord) -> Bool)] = [
    (["resource.attributes[\"service.name\"] == \"shop\""], { $0.stream.service == "shop" }),
    (["not (resource.attributes[\"service.name\"] == \"shop\")"], { $0.stream.service != "shop" }),
    (["scope.name == \"lib\""], { $0.stream.scope == "lib" }),
    (["log.severity_number >= 13"], { $0.severity >= 13 }),
    (["log.attributes[\"flag\"] != nil"], { $0.attributes.contains { $0.key == "flag" } }),
    (
      ["resource.attributes[\"service.name\"] == \"cart\" and log.severity_number < 9"],
      { $0.stream.service == "cart" && $0.severity < 9 }
    ),
    (
      ["resource.attributes[\"service.name\"] == \"支付\"", "log.event_name == \"user.login\"", "log.body == nil"],
      { $0.stream.service == "支付" || $0.eventName == "user.login" || $0.body == nil }
    ),
    (["resource.attributes[\"service.name\"] == \"nobody's\""], { _ in false }),
    (["true"], { _ in true }),
  ]

  /// What is seen through a scope is what a store has that holds nothing else.
  @Test(arguments: samples.indices)
  func nothingIsSeenOfOtherRecords(_ index: Int) throws {
    let sample = Self.samples[index]
    var maker = SampleMaker(seed: 70 + UInt64(index))
    let records = maker.records(400)
    let (whole, part) = (StoreFixture { $0.blockRecords = 64 }, StoreFixture { $0.blockRecords = 50 })
    let (store, other) = (try whole.open(), try part.open())
    defer { withExtendedLifetime((whole, part)) {} }
    for record in records {
      try store.append([record], at: 5)
      if sample.holds(record) { try other.append([record], at: 5) }
    }
    let scope = RecordScope(anyOf: try sample.texts.flatMap { try self.scope($0).conditions })
    let (seen, only) = (store.view.seen(through: scope), other.view)
    for _ in 0..<40 {
      let query = maker.query().text
      try compare(seen, only, QueryParser.parse(query, nowUnixNano: 0), query)
    }
    try compare(seen, only, .all, "*")
    for record in records.prefix(60) {
      guard let stream = try streamID(of: record, in: store.view) else { continue }
      var pipes = QueryPipes()
      pipes.limit = 1
      pipes.context = (3, 3)
      let query = Query.and([.stream(stream), .time(record.time...record.time)])
      #expect(try lines(seen.records(query, pipes).records) == lines(only.records(query, pipes).records))
    }
    #expect(try seen.records(fromOrdinal: 0, SearchLimits()) == records.filter(sample.holds).count)
    #expect(try store.view.records(fromOrdinal: 7, SearchLimits()) == records.count - 7)
  }

  private func streamID(of record: SampleRecord, in view: StoreView) throws -> UInt64? {
    try view.search(.time(record.time...record.time), .newestFirst, limit: 1).records.first?.streamID
  }

  private func compare(_ seen: StoreView, _ only: StoreView, _ query: Query, _ text: String) throws {
    for order in [StoreView.Order.newestFirst, .oldestFirst] {
      for limit in [3, 1000] {
        let (a, b) = (try seen.search(query, order, limit: limit), try only.search(query, order, limit: limit))
        #expect(lines(a.records) == lines(b.records), "\(text)")
        #expect(a.report.damagedBlocks == 0)
      }
    }
    let (steps, limits) = (HitSteps(.nanoseconds(50_000_000)), SearchLimits())
    for field in [nil, "service.name", "severity", "http.status"] {
      #expect(try seen.hits(query, steps, by: field).series == only.hits(query, steps, by: field).series, "\(text)")
    }
    let (facets, expected) = (try seen.facets(query, limit: 5), try only.facets(query, limit: 5))
    #expect(facets.facets == expected.facets && facets.report.matches == expected.report.matches, "\(text)")
    #expect(try seen.fieldNames(query).names == only.fieldNames(query).names, "\(text)")
    #expect(
      try seen.fieldValues(query, of: "service.name", limit: 9).values
        == only.fieldValues(query, of: "service.name", limit: 9).values, "\(text)")
    let tail = try seen.tail(query, fromOrdinal: 0, limit: 1000, limits).result.records
    #expect(try lines(tail) == lines(only.tail(query, fromOrdinal: 0, limit: 1000, limits).result.records), "\(text)")
  }

  private func lines(_ records: [StoredRecord]) -> [String] {
    var writer = RecordLineWriter()
    for record in records { writer.append(record) }
    return String(decoding: writer.array, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// The words of other records are not even looked for, as their filter would tell by the time that it saves.
  @Test func aBlockIsLookedIntoWhateverWordsOthersHave() throws {
    let store = try StoreFixture { $0.blockRecords = 10 }.openInMemory()
    for index in 0..<20 {
      var record = SampleRecord(index % 2 == 0 ? "mine" : "theirs", time: UInt64(index + 1))
      record.stream = SampleStream(service: index % 2 == 0 ? "shop" : "bank")
      try store.append([record])
    }
    let seen = store.view.seen(through: try scope("resource.attributes[\"service.name\"] == \"shop\""))
    let blocks = try ["theirs", "absent"].map { word in
      try seen.search(QueryParser.parse(word, nowUnixNano: 0), .newestFirst, limit: 9).report
    }
    #expect(blocks[0].blocks == 2 && blocks[0] == blocks[1])
  }

  @Test func streamsThatShareAnIDStayApart() {
    let parts = ["shop", "bank"].map { name in
      BlockStream(resource: SampleStream(service: name).resource, resourceURL: [], scope: [], scopeURL: [])
    }
    let streams = parts.map { SharedStream($0) }
    #expect(streams[0].isSame(SharedStream(parts[0])) && !streams[0].isSame(streams[1]))
  }

  @Test func whatCannotBeDecodedIsSeenByNobody() throws {
    let store = try StoreFixture().openInMemory()
    var record = SampleRecord(nil, time: 1)
    record.attributes = [SamplePair("a", .text("b"))]
    // An attribute whose value ends before its length says.
    var message = record.message
    message += [6 << 3 | 2, 3, 2 << 3 | 2, 1, 0xFF]
    let request = Sample.field(1, Sample.field(1, record.stream.resource) + Sample.field(2, Sample.field(2, message)))
    try request.withUnsafeBytes { try store.append($0, receivedUnixNano: 1) }
    let found = try store.view.seen(through: scope("log.severity_number == 0")).search(.all, .newestFirst, limit: 9)
    #expect(found.records.isEmpty && found.report.damagedBlocks == 1)
    #expect(try store.view.search(.all, .newestFirst, limit: 9).records.count == 1)
  }
}
