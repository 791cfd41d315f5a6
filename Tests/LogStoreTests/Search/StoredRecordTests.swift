import LogPipeline
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

  /// Records of a request that nothing has stored are told as stored ones are.
  @Test func aRequestIsReadAsItWouldBeStored() throws {
    var maker = SampleMaker(seed: 5)
    let store = try StoreFixture().openInMemory()
    try store.append(maker.records(100), at: 5)
    let stored = try store.view.search(.all, .oldestFirst, limit: 1000).records
    let request = StoredRecord.request(stored)
    let read = try StoredRecord.records(ofRequest: request, receivedUnixNano: 77)
    #expect(read.map(\.message) == stored.map(\.message) && read.map(\.streamID) == stored.map(\.streamID))
    #expect(read.map(\.unixNano) == stored.map(\.unixNano))
    #expect(StoredRecord.request(read) == request)
    let timeless = try StoredRecord.records(ofRequest: [0x0A, 4, 0x12, 2, 0x12, 0], receivedUnixNano: 77)
    #expect(timeless.map(\.unixNano) == [77])
    #expect(throws: StoreError.self) { try StoredRecord.records(ofRequest: [0x0A, 9], receivedUnixNano: 77) }
  }

  @Test func aScopeSaysOfEachRecordOfARequestWhetherItIsSeen() throws {
    let requests = ["shop", "bank", "cart"].map { name in
      StoredRecord.request([
        StoredRecord(
          unixNano: 0, ordinal: 0, streamID: 0,
          stream: SharedStream(
            BlockStream(resource: SampleStream(service: name).resource, resourceURL: [], scope: [], scopeURL: [])),
          message: [])
      ])
    }
    let conditions = try ["shop", "cart"].map {
      try RecordCondition("resource.attributes[\"service.name\"] == \"\($0)\"")
    }
    let body = Array(requests.joined())
    #expect(RecordScope(anyOf: conditions).sees(inRequest: body) == [true, false, true])
    #expect(RecordScope(anyOf: [conditions[1]]).sees(inRequest: body) == [false, false, true])
    #expect(RecordScope(anyOf: conditions).sees(inRequest: [0x0A, 9]) == nil)
    #expect(RecordScope(anyOf: []).sees(inRequest: body) == nil)
  }
}
