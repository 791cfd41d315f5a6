import Testing

@testable import LogPipeline

@Suite struct LogBatchTests {
  private func filled() throws -> LogBatch {
    var batch = LogBatch()
    let record = Message.record(attributes: [.pair("list", .list([.text("x")])), .pair("bad", .bytes(1, [0xFF]))])
    try batch.decode(protobuf: Message.request(records: record).bytes, limits: DecodeLimits())
    batch.receivedUnixNano = 7
    batch.requestHash = RequestHash(high: 1, low: 2)
    batch.keysMayRepeat = true
    return batch
  }

  @Test func aBatchThatWasResetHoldsNothingOfTheRequestBefore() throws {
    var batch = try filled()
    #expect(batch.records.count == 1 && batch.attributes.count == 2 && batch.nested.count == 1)
    #expect(batch.oddities.repairedStrings == 1)
    batch.reset()
    #expect(batch.store.isEmpty && batch.resources.isEmpty && batch.scopes.isEmpty && batch.records.isEmpty)
    #expect(batch.attributes.isEmpty && batch.nested.isEmpty)
    #expect(batch.receivedUnixNano == 0 && batch.requestHash == nil)
    #expect(batch.oddities.isEmpty && !batch.keysMayRepeat)
  }

  @Test func memoryOfOrdinaryRequestsIsKeptAndThatOfLargeOnesGivenBack() {
    let keptBytes = 4 << 20
    let ordinary = keptBytes / MemoryLayout<Attribute>.stride / 2
    var batch = LogBatch()
    batch.attributes.reserveCapacity(ordinary)
    batch.attributes.append(Attribute(key: .empty, value: .empty))
    batch.reset()
    #expect(batch.attributes.capacity >= ordinary)
    batch.attributes.reserveCapacity(4 * ordinary)
    batch.attributes.append(Attribute(key: .empty, value: .empty))
    batch.reset()
    #expect(batch.attributes.capacity < ordinary)
  }

  @Test func aCopyHasAllOfTheBatchAndIsEditedByItself() throws {
    var batch = try filled()
    let copy = batch.copied()
    batch.records[0].body = .int(5)
    batch.attributes[0].value = .bool(true)
    #expect(copy.readable(copy.records[0].body) == "hello")
    #expect(
      copy.readable(copy.records[0].attributes) == [.init("list", .array(["x"])), .init("bad", "\u{FFFD}")])
    #expect(copy.receivedUnixNano == 7 && copy.requestHash == RequestHash(high: 1, low: 2))
    #expect(copy.oddities == batch.oddities)
  }

  @Test func theTimeOfARecordIsItsOwnElseTheObservedElseThatOfTheRequest() {
    var batch = LogBatch()
    batch.receivedUnixNano = 3
    var record = LogRecord()
    #expect(batch.effectiveTimeUnixNano(record) == 3)
    record.observedTimeUnixNano = 2
    #expect(batch.effectiveTimeUnixNano(record) == 2)
    record.timeUnixNano = 1
    #expect(batch.effectiveTimeUnixNano(record) == 1)
  }

  @Test func aStoreGrowsNoLargerThanSlicesCanTell() {
    var batch = LogBatch()
    #expect(batch.store([1, 2, 3]) == ByteSlice(offset: 0, count: 3))
    #expect(batch.store([4]) == ByteSlice(offset: 3, count: 1))
    #expect(batch.store([]) == ByteSlice(offset: 4, count: 0))
    // Refused by its count, before a byte is copied.
    let tooMany = repeatElement(UInt8(0), count: Int(UInt32.max) - 3)
    #expect(batch.store(tooMany) == nil)
    #expect(batch.store == [1, 2, 3, 4])
  }

  @Test func anyOddityIsOne() {
    let all: [WritableKeyPath<Oddities, Int>] = [
      \.repairedStrings, \.droppedTraceIDs, \.droppedSpanIDs, \.ignoredTimes, \.mendedTimes, \.ignoredStringIndexes,
      \.repeatedKeys, \.mendedValues, \.unknownMembers, \.snakeCaseMembers,
    ]
    #expect(Oddities().isEmpty)
    for path in all {
      var oddities = Oddities()
      oddities[keyPath: path] = 1
      #expect(!oddities.isEmpty)
    }
  }
}
