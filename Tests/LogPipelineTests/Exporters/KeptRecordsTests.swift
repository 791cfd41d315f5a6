import FrameQueues
import Testing

@testable import LogPipeline

/// What every dialect keeps of records that it does not send, for the dead letters.
@Suite struct KeptRecordsTests {
  private func kept(_ batch: BulkTestBatch, _ dialect: any Dialect, isWanted: Bool = true) throws -> [DroppedRecord] {
    var frames = FrameWriter()
    frames.keepsDropped = isWanted
    try dialect.encode(batch.batch, into: &frames)
    #expect(frames.records + frames.dropped.total == batch.batch.records.count)
    return frames.kept
  }

  private func elasticsearch(_ edit: (inout ElasticsearchOptions) -> Void) throws -> ElasticsearchDialect {
    var options = ElasticsearchOptions()
    edit(&options)
    return try ElasticsearchDialect(options)
  }

  private func lines(_ record: DroppedRecord) -> [String] {
    String(decoding: record.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func aBodyThatIsNoMapIsKeptWholeForTheIndexItWasMeantFor() throws {
    let batch = BulkTestBatch().resource([("service.name", "shop")]).scope("lib")
      .record("text", [("k", "v")]).record(.map([("a", 1)])).record("second") { record, _ in record.index = 2 }
    let dialect = try elasticsearch {
      $0.mappingMode = .bodymap
      $0.logsIndex = "fixed"
      $0.documentID = .request
    }
    batch.batch.requestHash = RequestHash(high: 1, low: 2)
    let kept = try kept(batch, dialect)
    #expect(kept.map(\.reason) == [.bodyNotMap, .bodyNotMap])
    let pair = lines(kept[0])
    #expect(pair.count == 2 && pair[0].contains("\"_index\":\"fixed\"") && pair[0].contains("\"_id\":"))
    for part in [#""text":"text""#, #""attributes":{"k":"v"}"#, #""service.name":"shop""#, #""name":"lib""#] {
      #expect(pair[1].contains(part), "\(part) in \(pair[1])")
    }
    #expect(lines(kept[1])[1].contains("second") && lines(kept[1])[0] != pair[0])
    #expect(try self.kept(batch, dialect, isWanted: false).isEmpty)
  }

  @Test(arguments: [ElasticsearchOptions.MappingMode.ecs, .none, .raw])
  func namesThatAreTooLongOrTooManyAreKept(_ mode: ElasticsearchOptions.MappingMode) throws {
    let long = String(repeating: "n", count: 60)
    let own = BulkTestBatch().record("own", [(long, "v")]).record("fine")
    let shared = BulkTestBatch().resource([(long, "v")]).record("a").record("b")
    for (batch, count) in [(own, 1), (shared, 2)] {
      let tooLong = try kept(batch, try elasticsearch { ($0.mappingMode, $0.maxFieldNameBytes) = (mode, 40) })
      #expect(tooLong.map(\.reason) == Array(repeating: .fieldNameTooLong, count: count))
      #expect(tooLong.allSatisfy { lines($0)[1].contains(long) })
      let tooMany = try kept(batch, try elasticsearch { ($0.mappingMode, $0.maxFieldNamesBytes) = (mode, 10) })
      #expect(tooMany.count == 2 && tooMany.allSatisfy { $0.reason == .tooManyFields })
    }
  }

  @Test func whatAsksNotToBeIndexedIsNotKept() throws {
    let batch = BulkTestBatch()
      .record("x", [("elasticsearch.mapping.hints", .array(["_noindex"]))]).record("fine")
    var frames = FrameWriter()
    frames.keepsDropped = true
    try elasticsearch { _ in }.encode(batch.batch, into: &frames)
    #expect(frames.kept.isEmpty && frames.dropped == DroppedCounts(1, for: .notIndexed))
  }

  @Test func aLineThatIsTooLongForAFileIsKeptWhole() throws {
    let text = String(repeating: "x", count: 500)
    let batch = BulkTestBatch().record(.string(text), [("k", "v")]).record("fine")
    let dialect = FileDialect(format: .flat, maxLineBytes: 300)
    let kept = try kept(batch, dialect)
    #expect(kept.map(\.reason) == [.lineTooLong])
    #expect(lines(kept[0]).count == 1 && lines(kept[0])[0].contains(text) && lines(kept[0])[0].contains(#""k":"v""#))
    #expect(try self.kept(batch, dialect, isWanted: false).isEmpty)
  }

  /// Deep maps under long names, of which flattened names would be many times the record.
  @Test func whatIsKeptGrowsNoFasterThanTheRecord() throws {
    var value = TestValue.map((0..<50).map { ("leaf\($0)", 1) })
    for _ in 0..<8 { value = .map([(String(repeating: "n", count: 2000), value)]) }
    let batch = BulkTestBatch().record("x", [("key", value)])
    let bytes = try kept(batch, try elasticsearch { ($0.mappingMode, $0.maxFieldNameBytes) = (.ecs, 100) })
      .map(\.bytes.count)
    #expect(bytes.count == 1 && bytes.allSatisfy { $0 < 40_000 })
  }
}
