import Testing

@testable import LogPipeline

@Suite struct RateTableTests {
  private let second: UInt64 = 1_000_000_000

  @Test func everyKeyHasItsBucketUntilTheTableIsFull() {
    var table = RateTable(maxKeys: 2)
    let (a, b) = (table.places(of: [[1]], now: 0)[0], table.places(of: [[2]], now: 0)[0])
    #expect(a == 1 && b == 2 && table.places(of: [[1]], now: 0)[0] == 1)
    table.buckets[a].records = 100 * second
    table.buckets[b].bytes = 100 * second
    #expect(table.places(of: [[3]], now: 5 * second)[0] == 0 && table.places(of: [[4]], now: 9 * second)[0] == 0)
    #expect(table.keyCount == 2 && table.buckets.count == 3)
  }

  @Test func bucketsThatAreNotBusyMakeRoomAndComeBackEmpty() {
    var table = RateTable(maxKeys: 2)
    let (a, b) = (table.places(of: [[1]], now: 0)[0], table.places(of: [[2]], now: 0)[0])
    table.buckets[a].records = 3 * second
    table.buckets[b].records = 9 * second
    #expect(table.places(of: [[3]], now: 2 * second)[0] == 0)
    #expect(table.places(of: [[3]], now: 3 * second)[0] == a)
    #expect(table.buckets[a].records == 0 && table.keyCount == 2)
    #expect(table.places(of: [[1]], now: 3 * second)[0] == 0)
  }

  @Test func itLooksForRoomOnceASecondAtMost() {
    var table = RateTable(maxKeys: 1)
    let a = table.places(of: [[1]], now: 0)[0]
    table.buckets[a].records = 10 * second + 1
    #expect(table.places(of: [[2]], now: 10 * second)[0] == 0)
    #expect(table.places(of: [[2]], now: 10 * second + 2)[0] == 0)
    #expect(table.places(of: [[2]], now: 11 * second)[0] == a)
  }

  @Test func memoryIsBoundedWhateverKeysCome() {
    var table = RateTable(maxKeys: 100)
    for index in 0..<100_000 {
      let key = withUnsafeBytes(of: index) { Array($0) }
      let place = table.places(of: [key], now: UInt64(index) * 1_000_000)[0]
      table.buckets[place].records = UInt64(index) * 1_000_000 + second / 2
    }
    #expect(table.keyCount <= 100 && table.buckets.count <= 101)
  }

  @Test func whatIsThrownOutIsThrownOutBeforeAnyGetsABucket() {
    var table = RateTable(maxKeys: 2)
    let first = table.places(of: [[1], [2]], now: 0)
    #expect(Set(first) == [1, 2])
    // Neither bucket is busy: both make room, and of three keys two get one of their own.
    let later = table.places(of: [[1], [3], [4]], now: 5 * second)
    #expect(later[0] != later[1] && later.filter { $0 == RateTable.sharedPlace }.count == 1)
    // Keys that come again keep what they have, though nothing was charged yet.
    #expect(table.places(of: [[4], [1], [3]], now: 5 * second) == [later[2], later[0], later[1]])
  }
}
