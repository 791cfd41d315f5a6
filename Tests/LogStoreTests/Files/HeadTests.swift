import Testing

@testable import LogStore

@Suite struct HeadTests {
  private let name = "00000000000000000001.head"

  @Test func whatACrashLeftAtTheEndIsCutOff() throws {
    let fixture = StoreFixture()
    var store = try fixture.open()
    for index in 0..<3 { try store.append([SampleRecord("record \(index)")]) }
    store.close()
    let whole = try fixture.bytes(name)
    for count in [whole.count - 1, whole.count - 30, whole.count - 60] {
      try fixture.write(Array(whole[..<count]), name)
      store = try fixture.open()
      #expect(try store.view.bodies("record").count == 2)
      try store.append([SampleRecord("more")])
      store.close()
      #expect(try StoreView.read(fixture.directory).bodies("more OR record").count == 3)
    }
  }

  @Test func anyBytesAreReadOrCutOff() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    for index in 0..<5 { try store.append([SampleRecord("record \(index)")]) }
    store.close()
    let whole = try fixture.bytes(name)
    var numbers = SeededNumbers(8)
    for _ in 0..<300 {
      var bytes = whole
      let place = Int(numbers.next() % UInt64(bytes.count))
      bytes[place] ^= 1 << UInt8(numbers.next() % 8)
      try fixture.write(bytes, name)
      do {
        let records = try StoreView.read(fixture.directory).records
        #expect(records < 5 || place < StoreFormat.fileHeaderBytes, "byte \(place)")
      } catch StoreError.newer {
        #expect(place < StoreFormat.fileHeaderBytes)
      }
    }
  }

  @Test func recordsOfAHeadAreABlockInMemory() throws {
    var head = Head(FileHeader(.head, number: 1, firstOrdinal: 7, createdUnixNano: 1))
    #expect(try head.block(zstd: Zstd()) == nil)
    for count in 1...3 {
      let records = (0..<count).map { SampleRecord("\($0)", time: 5) }
      head.append(HeadRequest(bytes: Sample.request(records), records: count, receivedUnixNano: 2))
    }
    let block = try #require(try head.block(zstd: Zstd()))
    #expect(block.entry.firstOrdinal == 7 && block.entry.records == 6 && head.endOrdinal == 13)
    #expect(try block.stored([5]).map(\.bodyText) == ["2"])
  }
}
