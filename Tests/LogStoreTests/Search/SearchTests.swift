import Foundation
import LogPipeline
import Testing

@testable import LogStore

@Suite struct SearchTests {
  private static let isLong = ProcessInfo.processInfo.environment["SLUICE_LONG_TESTS"] != nil

  /// What a search finds is what a look at each record finds.
  @Test func findsWhatALookAtEachRecordFinds() throws {
    let (count, queries) = Self.isLong ? (100_000, 2000) : (300, 120)
    for seed: UInt64 in Self.isLong ? [1] : [1, 2] {
      var maker = SampleMaker(seed: seed)
      let records = maker.records(count)
      let fixture = StoreFixture {
        $0.blockRecords = Self.isLong ? 1000 : 64
        $0.retentionBytes = 4 << 30
      }
      let store = try fixture.open()
      defer { withExtendedLifetime(fixture) {} }
      var rest = records[...]
      while !rest.isEmpty {
        let part = rest.prefix(1 + Int(maker.number(Self.isLong ? 3000 : 150)))
        try store.append(Array(part), at: 5)
        rest = rest.dropFirst(part.count)
      }
      let view = store.view
      #expect(view.records == count)
      let known = records.map { OracleRecord($0, received: 5) }
      for _ in 0..<queries { check(maker.query(), in: view, known, limit: Int(1 + maker.number(40))) }
      for _ in 0..<10 { check(.trace(maker.pick(records).trace + []), in: view, known, limit: 100) }
    }
  }

  private func check(_ query: SampleQuery, in view: StoreView, _ records: [OracleRecord], limit: Int) {
    if case .trace(let id) = query, id.isEmpty { return }
    do {
      let parsed = try QueryParser.parse(query.text, nowUnixNano: 0)
      let meant = records.indices.filter { query.means(records[$0]) }
        .sorted { (records[$0].time, $0) > (records[$1].time, $1) }
      let newest = try view.search(parsed, .newestFirst, limit: records.count)
      #expect(newest.records.map { Int($0.ordinal) } == meant, "\(query.text)")
      #expect(newest.report.matches == meant.count && newest.report.damagedBlocks == 0)
      let some = try view.search(parsed, .newestFirst, limit: limit).records.map { Int($0.ordinal) }
      #expect(some == Array(meant.prefix(limit)), "\(query.text)")
      let oldest = try view.search(parsed, .oldestFirst, limit: limit).records.map { Int($0.ordinal) }
      #expect(oldest == Array(meant.reversed().prefix(limit)), "\(query.text)")
    } catch {
      Issue.record("\(query.text): \(error)")
    }
  }

  @Test func recordsComeBackAsTheyWere() throws {
    var maker = SampleMaker(seed: 9)
    let records = maker.records(500)
    let store = try StoreFixture { $0.blockRecords = 100 }.openInMemory()
    for start in stride(from: 0, to: 500, by: 70) {
      try store.append(Array(records[start..<min(start + 70, 500)]), at: 5)
    }
    let found = try store.view.search(.all, .newestFirst, limit: 1000).records.sorted { $0.ordinal < $1.ordinal }
    #expect(found.count == 500)
    for (record, stored) in zip(records, found) {
      var expected = record
      if record.time == 0 && record.observed == 0 { expected.observed = 5 }
      #expect(Self.fields(stored.message) == Self.fields(expected.message))
      #expect(stored.stream.parts.resource == record.stream.resource)
      #expect(stored.stream.parts.scope == record.stream.scopeMessage)
      #expect(stored.stream.parts.scopeURL == Array(record.stream.url.utf8))
    }
  }

  /// The fields of a message, in an order of their own.
  private static func fields(_ message: [UInt8]) -> [[UInt8]] {
    message.withUnsafeBytes { bytes in
      var list: [[UInt8]] = []
      var fields = WireFields(bytes)
      while let field = fields.next() { list.append(Array(bytes[field.start..<fields.index])) }
      return fields.isMalformed ? [] : list.enumerated().sorted { ($0.1[0], $0.0) < ($1.1[0], $1.0) }.map(\.1)
    }
  }

  private func filled(_ times: [UInt64]) throws -> LogStore {
    let store = try StoreFixture { $0.blockRecords = 4 }.openInMemory()
    for (index, time) in times.enumerated() { try store.append([SampleRecord("record \(index)", time: time)]) }
    return store
  }

  @Test func lateRecordsComeInTheOrderOfTheirTime() throws {
    let store = try filled([50, 10, 40, 20, 30, 60, 5, 60, 1])
    #expect(
      try store.view.bodies("record") == [7, 5, 0, 2, 4, 3, 1, 6, 8].map { "record \($0)" })
    let oldest = try store.view.search(.all, .oldestFirst, limit: 3).records.map(\.bodyText)
    #expect(oldest == ["record 8", "record 6", "record 1"])
  }

  @Test func aTailGoesOnWhereItStopped() throws {
    let store = try filled([50, 10, 40, 20, 30])
    let words = Query.field(.anywhere, .words(Needle("record")))
    let first = try store.view.tail(words, fromOrdinal: 0, limit: 3)
    #expect(first.result.records.map(\.ordinal) == [0, 1, 2])
    #expect(first.nextOrdinal == 3)
    let second = try store.view.tail(words, fromOrdinal: first.nextOrdinal, limit: 3)
    #expect(second.result.records.map(\.ordinal) == [3, 4])
    #expect(second.nextOrdinal == 5)
    try store.append([SampleRecord("other", time: 1), SampleRecord("record", time: 1)])
    let third = try store.view.tail(words, fromOrdinal: second.nextOrdinal, limit: 3)
    #expect(third.result.records.map(\.ordinal) == [6])
    #expect(try store.view.tail(words, fromOrdinal: third.nextOrdinal, limit: 3).result.records.isEmpty)
  }

  /// A look that ends early goes on behind what it has seen, found or not.
  @Test func aTailGetsOnWhereTheTimeIsShort() throws {
    let store = try StoreFixture { $0.blockRecords = 2 }.openInMemory()
    for index in 0..<20 { try store.append([SampleRecord(index == 17 ? "needle" : "hay", time: 1)]) }
    var limits = SearchLimits()
    limits.readBytes = 0
    var (next, found, looks) = (UInt64(0), [UInt64](), 0)
    while next < store.view.endOrdinal, looks < 100 {
      let look = try store.view.tail(
        Query.field(.anywhere, .pattern(Pattern("needle"))), fromOrdinal: next, limit: 3, limits)
      found += look.result.records.map(\.ordinal)
      (next, looks) = (look.nextOrdinal, looks + 1)
    }
    #expect(found == [17] && looks > 3 && looks < 25)
  }

  @Test func theContextIsOfTheSameStream() throws {
    let store = try StoreFixture { $0.blockRecords = 3 }.openInMemory()
    for index in 0..<20 {
      var record = SampleRecord("line \(index)", time: 100 + UInt64(index / 2))
      record.stream = SampleStream(service: index % 4 < 2 ? "shop" : "cart")
      try store.append([record])
    }
    let found = try store.view.search(QueryParser.parse("\"line 9\"", nowUnixNano: 0), .newestFirst, limit: 1)
    let record = try #require(found.records.first)
    let context = try store.view.context(of: record, before: 3, after: 2)
    #expect(context.records.map(\.bodyText) == ["line 4", "line 5", "line 8", "line 9", "line 12", "line 13"])
    let all = try store.view.context(of: record, before: 100, after: 100)
    #expect(all.records.count == 10)
    #expect(try store.view.context(of: record, before: 0, after: 0).records.map(\.ordinal) == [9])
    var limits = SearchLimits()
    limits.resultBytes = 200
    let cut = try store.view.context(of: record, before: 100, after: 100, limits)
    #expect(cut.records.count < 8 && cut.report.stop != nil)
  }

  @Test func limitsEndASearchWithWhatWasFound() throws {
    let store = try StoreFixture { $0.blockRecords = 10 }.openInMemory()
    for index in 0..<20 { try store.append((0..<10).map { SampleRecord("record \(index) \($0)", time: 1) }) }
    var limits = SearchLimits()
    limits.readBytes = 1000
    let read = try store.view.search(.all, .newestFirst, limit: 1000, limits)
    #expect(read.report.stop == .readBytes(read.report.bytesRead, limit: 1000))
    #expect(read.records.count >= 10 && read.records.count < 200)
    limits = SearchLimits()
    limits.duration = .zero
    #expect(try store.view.search(.all, .newestFirst, limit: 10, limits).report.stop == .duration(limit: .zero))
    limits = SearchLimits()
    limits.isCancelled = { true }
    #expect(try store.view.search(.all, .newestFirst, limit: 10, limits).report.stop == .cancelled)
    limits = SearchLimits()
    limits.resultBytes = 3000
    let result = try store.view.search(.all, .newestFirst, limit: 1000, limits)
    guard case .resultBytes(let bytes, limit: 3000) = result.report.stop else {
      Issue.record("\(String(describing: result.report.stop))")
      return
    }
    #expect(bytes > 3000 && bytes < 6000)
  }

  @Test func blocksThatCannotMatchAreNotRead() throws {
    let store = try StoreFixture { $0.blockRecords = 10 }.openInMemory()
    let start = SampleMaker.base
    for index in 0..<50 {
      try store.append(
        (0..<10).map {
          let time = start + UInt64(index * 100 + $0)
          var record = SampleRecord("payment \(index) number\(index)x\($0)", time: time)
          record.trace = [UInt8](repeating: UInt8(index + 1), count: 16)
          record.severity = index == 7 ? 17 : 9
          return record
        })
    }
    func blocks(_ query: String) throws -> Int {
      try store.view.search(QueryParser.parse(query, nowUnixNano: 0), .newestFirst, limit: 1000).report.blocks
    }
    #expect(try blocks("payment") == 50)
    #expect(try blocks("number7x3") <= 4)
    #expect(try blocks("_msg:=\"payment 7 number7x3\"") <= 4)
    #expect(try blocks("trace_id:08080808080808080808080808080808") <= 3)
    #expect(try blocks("severity>=error") == 1)
    #expect(try blocks("_time:[\(start + 700), \(start + 1100))") == 4)
    #expect(try blocks("payment _time:<\(start + 105) OR severity:error") == 3)
    let first = try store.view.search(.all, .newestFirst, limit: 10)
    #expect(first.report.blocks <= 2)
  }

  @Test func onlySoManySearchesRunAtOnce() throws {
    let gate = SearchGate()
    try gate.enter(limit: 2)
    try gate.enter(limit: 2)
    #expect(throws: SearchesBusy(limit: 2)) { try gate.enter(limit: 2) }
    gate.leave()
    try gate.enter(limit: 2)
    #expect("\(SearchesBusy(limit: 2))" == "2 searches are running: the limit is 2")
  }
}
