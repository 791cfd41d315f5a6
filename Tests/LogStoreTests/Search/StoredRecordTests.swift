import Testing

@testable import LogStore

@Suite struct StoredRecordTests {
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
