import Testing

@testable import LogStore

@Suite struct StoredRecordTests {
  @Test func linesAreFlatJSON() throws {
    let store = try StoreFixture().openInMemory()
    var record = SampleRecord("paid", time: 1_767_225_600_000_000_000)
    record.severity = 9
    record.severityText = "INFO"
    record.attributes = [SamplePair("user", .map([SamplePair("id", .int(7))]))]
    record.trace = [UInt8](repeating: 0xAB, count: 16)
    record.span = [UInt8](repeating: 0xCD, count: 8)
    record.eventName = "payment"
    record.stream = SampleStream(service: "shop", scope: "lib")
    try store.append([record])
    let found = try store.view.search(.all, .newestFirst, limit: 1).records
    let lines: [UInt8] = try StoredRecord.lines(found)
    #expect(
      String(decoding: lines, as: UTF8.self) == """
        {"_time":"2026-01-01T00:00:00.000000000Z","_msg":"paid","severity_text":"INFO","severity_number":9,\
        "trace_id":"abababababababababababababababab","span_id":"cdcdcdcdcdcdcdcd","event_name":"payment",\
        "user.id":7,"scope.name":"lib","service.name":"shop"}

        """)
  }

  /// The request that a search gives back is one that was stored, or a part of it.
  @Test func requestsCanBeStoredAgain() throws {
    var maker = SampleMaker(seed: 3)
    let records = maker.records(200)
    let store = try StoreFixture { $0.blockRecords = 50 }.openInMemory()
    try store.append(records, at: 5)
    let found = try store.view.search(.all, .oldestFirst, limit: 1000).records
    let other = try StoreFixture().openInMemory()
    try StoredRecord.request(found).withUnsafeBytes { try other.append($0, receivedUnixNano: 99) }
    let again = try other.view.search(.all, .oldestFirst, limit: 1000).records
    #expect(again.map(\.message) == found.map(\.message))
    #expect(again.map(\.streamID) == found.map(\.streamID))
    #expect(StoredRecord.request([]).isEmpty)
  }
}
