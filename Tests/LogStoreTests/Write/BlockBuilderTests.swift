import Testing

@testable import LogStore

@Suite struct BlockBuilderTests {
  private func entry(_ records: [SampleRecord]) throws -> BlockEntry {
    var builder = BlockBuilder(zstd: Zstd(), level: 1)
    try builder.add(HeadRequest(bytes: Sample.request(records), records: records.count, receivedUnixNano: 9))
    var bytes: [UInt8] = []
    return builder.finish(BlockPlace(firstOrdinal: 3, salt: 1), to: &bytes)
  }

  @Test func anEntryTellsTimesAndSeverities() throws {
    var records = [SampleRecord("a", time: 50), SampleRecord("b"), SampleRecord("c")]
    records[0].severity = 17
    records[1].observed = 70
    records[1].severityText = "warn"
    let entry = try entry(records)
    #expect(entry.earliest == 9 && entry.latest == 70 && entry.receivedUnixNano == 9)
    #expect(entry.severities == 1 << 17 | 1 << 13 | 1)
    #expect(entry.firstOrdinal == 3 && entry.endOrdinal == 6)
  }

  @Test func aBuilderIsUsedAgainAsIfNew() throws {
    var maker = SampleMaker(seed: 1)
    let first = maker.records(50)
    let second = maker.records(50)
    var builder = BlockBuilder(zstd: Zstd(), level: 1)
    var used: [UInt8] = []
    for records in [first, second] {
      builder.removeAll()
      used = []
      try builder.add(HeadRequest(bytes: Sample.request(records), records: 50, receivedUnixNano: 9))
      _ = builder.finish(BlockPlace(firstOrdinal: 0, salt: 1), to: &used)
    }
    var fresh = BlockBuilder(zstd: Zstd(), level: 1)
    var bytes: [UInt8] = []
    try fresh.add(HeadRequest(bytes: Sample.request(second), records: 50, receivedUnixNano: 9))
    _ = fresh.finish(BlockPlace(firstOrdinal: 0, salt: 1), to: &bytes)
    #expect(used == bytes)
  }

  /// Fields that no column is made for come back as they were.
  @Test func oddFieldsAreKept() throws {
    let odd: [UInt8] = [0x10, 0x80, 0x02] + Sample.field(9, [1, 2, 3]) + Sample.field(99, [4]) + [0x38, 5]
    let request = Sample.field(1, Sample.field(2, Sample.field(2, Sample.field(5, Sample.field(1, [0x61])) + odd)))
    let store = try StoreFixture { $0.blockRecords = 1 }.openInMemory()
    try request.withUnsafeBytes { try store.append($0, receivedUnixNano: 9) }
    let message = try store.view.search(.all, .newestFirst, limit: 1).records[0].message
    #expect(message == Sample.field(5, Sample.field(1, [0x61])) + odd + [11 << 3 | 1] + Sample.fixed64(9))
  }

  @Test func streamsAreKeptOnce() throws {
    var records = (0..<9).map { SampleRecord("\($0)") }
    for index in records.indices { records[index].stream = SampleStream(service: "s\(index % 3)") }
    var table = StreamTable()
    var seen: [UInt32] = []
    try Sample.request(records).withUnsafeBytes { body in
      try RequestWalk.forEachRecord(of: body) { parts, isNew, _ throws(StoreError) in
        #expect(isNew)
        let (index, isFirst) = table.index(of: parts)
        #expect(isFirst == (seen.count < 3))
        seen.append(index)
      }
    }
    #expect(seen == [0, 1, 2, 0, 1, 2, 0, 1, 2])
  }
}
