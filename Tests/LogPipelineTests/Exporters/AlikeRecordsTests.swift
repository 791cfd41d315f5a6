import Testing

@testable import LogPipeline

/// Encoders remember keys and lines of records before; what they write must be what they write of each record alone.
@Suite("Alike records")
struct AlikeRecordsTests {
  typealias Dice = RandomDocumentTests.Dice

  /// Records of a few shapes each, so that most are like one before, with values of every kind.
  private static func batch(_ dice: inout Dice) -> BulkTestBatch {
    let shapes = (0..<4).map { _ in keys(&dice) }
    let batch = BulkTestBatch()
    for _ in 0..<2 {
      batch.resource([("service.name", "shop"), (dice.key(), 1), ("host.name", "h")])
      for _ in 0..<2 {
        let attributes: TestAttributes = [("scope.key", "s"), (dice.key(), "t")]
        batch.scope(dice.pick(["", "lib"]), dice.pick([[], attributes]))
        for _ in 0..<12 { record(dice.pick(shapes), &dice, in: batch) }
      }
    }
    // Most strings are followed by other bytes, as in a request.
    _ = batch.slice(String(repeating: " ", count: 64))
    return batch
  }

  private static func keys(_ dice: inout Dice) -> [String] {
    (0..<(dice.next() >> 16) % 9).map { _ in
      dice.pick([
        dice.key(), "http.method", "url.path", "user.id", "duration", "event.name",
        "exception.type", "trace_id",
        "message", "host.name", "geo.location.lat", "geo.location.lon", "data_stream.dataset",
        "service.name",
        "a.very.long.key.that.takes.more.than.thirty.two.bytes",
      ])
    }
  }

  private static func record(_ keys: [String], _ dice: inout Dice, in batch: BulkTestBatch) {
    let body = value(&dice)
    let attributes = keys.map { ($0, value(&dice)) }
    let isFull = dice.pick([true, true, true, false])
    let time = dice.pick([0, 5, 1_705_314_600_000_000_000 + dice.next() % 3_000_000_000])
    batch.record(body, attributes, time: time) { record, batch in
      record.index = UInt32(batch.batch.records.count)
      guard isFull else { return }
      record.observedTimeUnixNano = time
      record.traceID = TraceID(high: 1, low: dice.next())
      record.spanID = dice.next()
      record.severityNumber = dice.pick([9, 13, 0, -1])
      record.severityText = batch.slice(dice.pick(["INFO", "\"", ""]))
      record.flags = 1
      record.eventName = batch.slice(dice.pick(["", "", "login"]))
      record.droppedAttributesCount = dice.pick([0, 0, 7])
    }
  }

  private static func value(_ dice: inout Dice) -> TestValue {
    switch (dice.next() >> 16) % 24 {
    case 0: .empty
    case 1: .string("")
    case 2: .double(.nan)
    case 3: .bytes([1, 0xFF])
    case 4: .map([("m", 1), ("n.o", "p")])
    case 5: .array([1, "a", .map([("q", 2)])])
    case 6, 7: .int(Int64(bitPattern: dice.next() >> (dice.next() >> 16 & 63)))
    case 8, 9: .bool(dice.next() >> 20 & 1 == 0)
    case 10, 11: .double(dice.pick([472.64, 1, -0.5, 1e300, 0.1 + 0.2, 123_456_789.25]))
    case 12: .string(String(repeating: "x", count: Int(dice.next() >> 16 & 127)))
    case 13:
      .string(
        "line\nwith \"quotes\" and \\ and \u{1}"
          + String(repeating: "é", count: Int(dice.next() >> 16 & 31)))
    default: .string(dice.pick(["GET", "/api/v1/orders/619870", "u-42604685", "worker-4"]))
    }
  }

  /// Each record's bytes when it is the only one of its batch.
  private static func alone(_ batch: BulkTestBatch, as dialect: any Dialect) throws -> [UInt8] {
    let all = batch.batch.records
    defer { batch.batch.records = all }
    var bytes: [UInt8] = []
    for record in all {
      batch.batch.records = [record]
      bytes += try Encoded(batch.batch, as: dialect).bytes
    }
    return bytes
  }

  private static func check(_ dialect: any Dialect, seeds: Range<UInt64>) throws {
    for seed in seeds {
      var dice = Dice(state: seed)
      let batch = batch(&dice)
      batch.batch.requestHash = RequestHash(high: seed, low: 3)
      let together = try Encoded(batch.batch, as: dialect).bytes
      let alone = try alone(batch, as: dialect)
      #expect(together == alone, "seed \(seed): \(String(decoding: together, as: UTF8.self))")
      if together != alone { return }
    }
  }

  @Test(
    arguments: ElasticsearchOptions.MappingMode.allCases,
    ElasticsearchOptions.DocumentIDSource.allCases)
  func elasticsearchWritesThemAsEachAlone(
    _ mode: ElasticsearchOptions.MappingMode, _ source: ElasticsearchOptions.DocumentIDSource
  ) throws {
    var options = ElasticsearchOptions()
    options.mappingMode = mode
    options.documentID = source
    try Self.check(ElasticsearchDialect(options), seeds: 0..<60)
  }

  @Test(arguments: ["", "p."]) func flatLinesAreThoseOfEachAlone(_ prefix: String) throws {
    try Self.check(FileDialect(format: .flat), seeds: 0..<60)
    var options = VictoriaLogsOptions()
    options.attributePrefix = prefix
    options.maxLineBytes = 400
    options.maxFields = 14
    options.maxFieldNameBytes = 40
    try Self.check(VictoriaLogsDialect(options), seeds: 60..<160)
  }

  @Test func linesOfOneShapeAreJudgedByTheirOwnLength() throws {
    let batch = BulkTestBatch()
    for count in 0...120 {
      batch.record("m", [("key", .string(String(repeating: "\"", count: count)))])
    }
    let longest = try Encoded(batch.batch, as: FileDialect(format: .flat)).lines.map(\.utf8.count)
    for maxLineBytes in [80, 150, longest[100], longest[100] - 1] {
      let dialect = FileDialect(format: .flat, maxLineBytes: maxLineBytes)
      let encoded = try Encoded(batch.batch, as: dialect)
      #expect(encoded.lines.map(\.utf8.count) == longest.filter { $0 <= maxLineBytes })
      #expect(encoded.dropped[.lineTooLong] == longest.count { $0 > maxLineBytes })
    }
  }
}
