import Testing

@testable import FrameQueues
@testable import LogStore

@Suite struct BlockWalkTests {
  private func filled() throws -> (StoreFixture, LogStore) {
    let fixture = StoreFixture { $0.blockRecords = 2 }
    let store = try fixture.open()
    for time: UInt64 in [30, 10, 20] {
      try store.append([SampleRecord("a", time: time), SampleRecord("b", time: time + 25)])
    }
    try store.append([SampleRecord("c", time: 15)])
    return (fixture, store)
  }

  private func ordinals(_ view: StoreView, _ order: BlockWalk.Order, from: UInt64 = 0) throws -> [UInt64] {
    var walk = BlockWalk(.all, in: view, SearchLimits())
    var found: [UInt64] = []
    try walk.forEach(order, fromOrdinal: from) { block, rows in
      rows.forEach { found.append(block.entry.firstOrdinal + UInt64($0)) }
      return true
    }
    return found
  }

  @Test func blocksComeInOrder() throws {
    let (fixture, store) = try filled()
    defer { withExtendedLifetime(fixture) {} }
    #expect(try ordinals(store.view, .latestFirst) == [0, 1, 4, 5, 2, 3, 6])
    #expect(try ordinals(store.view, .earliestFirst) == [2, 3, 6, 4, 5, 0, 1])
    #expect(try ordinals(store.view, .arrival) == [0, 1, 2, 3, 4, 5, 6])
    #expect(try ordinals(store.view, .arrival, from: 3) == [3, 4, 5, 6])
  }

  @Test func aBlockThatIsDamagedIsCountedAndPassedOver() throws {
    let (fixture, store) = try filled()
    let name = try #require(fixture.names.last)
    var bytes = try fixture.bytes(name)
    let block = store.view.segments[0].blocks[1]
    bytes[block.offset + 30] ^= 1
    try fixture.write(bytes, name)
    let result = try store.view.search(.all, .newestFirst, limit: 10)
    #expect(result.report.damagedBlocks == 1 && result.records.count == 5)
  }

  @Test func aSegmentThatWasRemovedMeanwhileIsLeftOut() throws {
    let (fixture, store) = try filled()
    let view = store.view
    try StoreFolder(path: fixture.directory, files: SystemFileSystem()).remove(try #require(fixture.names.last))
    let result = try view.search(.all, .newestFirst, limit: 10)
    #expect(result.report.damagedBlocks == 0 && result.records.map(\.bodyText) == ["c"])
  }

  @Test func aWalkEndsWhenNobodyWantsMore() throws {
    let (fixture, store) = try filled()
    defer { withExtendedLifetime(fixture) {} }
    var walk = BlockWalk(.all, in: store.view, SearchLimits())
    var blocks = 0
    try walk.forEach(.arrival) { _, _ in
      blocks += 1
      return blocks < 2
    }
    #expect(blocks == 2 && walk.report.blocks == 2 && walk.report.stop == nil && walk.report.matches == 4)
  }
}
