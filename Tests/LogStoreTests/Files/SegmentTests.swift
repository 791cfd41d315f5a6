import Testing

@testable import FrameQueues
@testable import LogStore

@Suite struct SegmentTests {
  private let name = "00000000000000000001.seg"

  /// A closed store of five blocks of two records in one segment.
  private func filled() throws -> StoreFixture {
    let fixture = StoreFixture { $0.blockRecords = 2 }
    let store = try fixture.open()
    for block in 0..<5 { try store.append((0..<2).map { SampleRecord("record \(block) \($0)", time: 1) }) }
    store.close()
    return fixture
  }

  @Test func whatACrashLeftAtTheEndIsCutOff() throws {
    let fixture = try filled()
    let whole = try fixture.bytes(name)
    let last = try #require(StoreView.read(fixture.directory).segments[0].blocks.last)
    for count in [last.offset + 1, last.offset + 100, last.offset + last.bytes - 64] {
      try fixture.write(Array(whole[..<count]), name)
      #expect(try StoreView.read(fixture.directory).records == 8)
      let store = try fixture.open()
      #expect(store.view.records == 8 && store.view.damaged == 0)
      #expect(try fixture.bytes(name).count == last.offset)
      try store.append([SampleRecord("more"), SampleRecord("more")])
      #expect(try store.view.bodies("more").count == 2)
      store.close()
    }
    try fixture.write(whole + [UInt8](repeating: 0, count: 1000), name)
    #expect(try fixture.open().view.records == 10)
    #expect(try fixture.bytes(name).count == whole.count)
  }

  @Test func aFlippedBitIsCountedAndTheRestIsFound() throws {
    let fixture = try filled()
    let whole = try fixture.bytes(name)
    let blocks = try StoreView.read(fixture.directory).segments[0].blocks
    for offset in [3, 20, 100, 190, blocks[1].bytes - 80] {
      var bytes = whole
      bytes[blocks[1].offset + offset] ^= 4
      try fixture.write(bytes, name)
      let view = try fixture.open().view
      #expect(view.damaged == 1, "byte \(offset)")
      #expect(try view.bodies("record").count == 8)
      #expect(try view.bodies("\"record 1\"").isEmpty)
      #expect(view.endOrdinal == 10)
      #expect(try fixture.bytes(name).count == whole.count)
    }
  }

  @Test func aClosedSegmentIsKnownByItsDirectory() throws {
    let fixture = StoreFixture {
      $0.blockRecords = 2
      $0.retentionAge = .seconds(80)
    }
    var store = try fixture.open()
    let second: UInt64 = 1_000_000_000
    for time in 0..<5 { try store.append((0..<2).map { _ in SampleRecord("a") }, at: UInt64(1000 + time) * second) }
    // Past an eighth of what is kept, another segment begins.
    try store.append((0..<2).map { _ in SampleRecord("b") }, at: 1012 * second)
    #expect(store.view.segments.map(\.isClosed) == [true, false])
    #expect(store.view.segments.map(\.records) == [10, 2])
    store.close()
    let view = try StoreView.read(fixture.directory)
    #expect(view.segments.map(\.isClosed) == [true, false])
    #expect(view.segments[0].blocks == store.view.segments[0].blocks)
    // Without it the segment is read block by block.
    var bytes = try fixture.bytes(name)
    for offset in [bytes.count - 1, bytes.count - 60, bytes.count - 100] {
      bytes[offset] ^= 1
      try fixture.write(bytes, name)
      let again = try StoreView.read(fixture.directory)
      #expect(again.segments[0].isClosed == false)
      #expect(again.segments[0].blocks == view.segments[0].blocks)
      bytes[offset] ^= 1
    }
    store = try fixture.open()
    #expect(try store.view.bodies("a").count == 10)
  }

  @Test func aDirectoryOfAnyBytesIsReadOrLeft() throws {
    let fixture = try filled()
    let known = try StoreView.read(fixture.directory).segments[0]
    let blocks = try fixture.bytes(name)
    var numbers = SeededNumbers(2)
    for _ in 0..<200 {
      var directory = known.directory()
      for _ in 0..<1 + numbers.next() % 3 {
        directory[Int(numbers.next() % UInt64(directory.count))] = UInt8(truncatingIfNeeded: numbers.next())
      }
      try fixture.write(blocks + directory, name)
      let view = try StoreView.read(fixture.directory)
      #expect(view.segments[0].blocks == known.blocks || view.segments[0].isClosed)
      #expect(view.segments[0].records == 10)
    }
  }

  @Test func aFileThatIsNoSegmentIsCounted() throws {
    let fixture = try filled()
    try fixture.write([UInt8](repeating: 7, count: 500), "00000000000000000002.seg")
    try fixture.write([UInt8](repeating: 0, count: 10), "00000000000000000003.seg")
    try fixture.write([1], "other.seg")
    let store = try fixture.open()
    #expect(store.view.damaged == 1)
    #expect(store.view.records == 10)
    try store.append([SampleRecord("a"), SampleRecord("b")])
    #expect(fixture.names == [name, "00000000000000000002.seg", "00000000000000000004.seg", "other.seg"])
  }

  @Test func aReaderGoesOnWhereItWas() throws {
    let fixture = StoreFixture { $0.blockRecords = 2 }
    let store = try fixture.open()
    var view = try StoreView.read(fixture.directory)
    #expect(view.records == 0)
    for count in 1...7 {
      try store.append([SampleRecord("a")])
      view = try StoreView.read(fixture.directory, known: view)
      #expect(view.records == count)
      #expect(view.endOrdinal == UInt64(count))
    }
  }
}
