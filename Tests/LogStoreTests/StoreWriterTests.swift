import Testing

@testable import FrameQueues
@testable import LogStore

@Suite struct StoreWriterTests {
  @Test func blocksOfARequestAreOfAboutTheSameSize() throws {
    let store = try StoreFixture { $0.blockRecords = 100 }.openInMemory()
    try store.append((0..<201).map { SampleRecord("\($0)") })
    #expect(store.view.segments.flatMap(\.blocks).map(\.records) == [67, 67, 67])
    let other = try StoreFixture {
      $0.blockRecords = 100
      $0.blockBytes = 1000
    }.openInMemory()
    try other.append((0..<40).map { _ in SampleRecord(String(repeating: "x", count: 200)) })
    #expect(other.view.segments.flatMap(\.blocks).allSatisfy { $0.records == 5 })
    #expect(other.view.records == 40)
  }

  @Test func theOldestSegmentsGoWhenThereIsTooMuch() throws {
    let fixture = StoreFixture {
      $0.blockRecords = 10
      $0.retentionBytes = 1 << 20
    }
    let store = try fixture.open()
    var numbers = SeededNumbers(1)
    for index in 0..<300 {
      try store.append(
        (0..<10).map { _ in SampleRecord("\(index) " + (0..<60).map { _ in "\(numbers.next())" }.joined(), time: 1) })
    }
    #expect(store.view.byteCount <= 1 << 20 && store.view.byteCount > 600 << 10)
    #expect(try store.view.bodies("299").count == 10)
    #expect(try store.view.bodies("0").isEmpty)
    #expect(store.view.endOrdinal == 3000)
    let view = store.view
    store.close()
    #expect(try fixture.open().view.records == view.records)
  }

  @Test func segmentsGoWhenTheirRecordsAreTooOld() throws {
    let fixture = StoreFixture {
      $0.blockRecords = 2
      $0.retentionAge = .seconds(100)
    }
    let store = try fixture.open()
    let second: UInt64 = 1_000_000_000
    try store.append([SampleRecord("a"), SampleRecord("b")], at: 1000 * second)
    try store.append([SampleRecord("c"), SampleRecord("d")], at: 1050 * second)
    try store.append([SampleRecord("e")], at: 1050 * second)
    try store.maintain(nowUnixNano: 1100 * second)
    #expect(store.view.records == 5)
    try store.maintain(nowUnixNano: 1101 * second)
    #expect(try store.view.bodies("*").sorted() == ["c", "d", "e"])
    try store.maintain(nowUnixNano: 1151 * second)
    #expect(store.view.records == 0)
    try store.append([SampleRecord("f"), SampleRecord("g")], at: 1151 * second)
    #expect(try store.view.search(.all, .oldestFirst, limit: 9).records.map(\.ordinal) == [5, 6])
  }

  @Test func aFullDiskRefusesAndTheRestGoesOn() throws {
    let disk = PowerCutDisk()
    var options = StoreOptions(directory: "/store")
    options.blockRecords = 4
    let store = try LogStore(options, files: disk)
    try store.append((0..<5).map { SampleRecord("before \($0)") })
    disk.setCapacity(disk.usedBytes + 40)
    for _ in 0..<3 {
      #expect(throws: StoreError.self) { try store.append((0..<5).map { SampleRecord("full \($0)") }) }
      #expect(throws: StoreError.self) { try store.append([SampleRecord("full")]) }
    }
    #expect(try store.view.bodies("before").count == 5)
    #expect(try store.view.bodies("full").isEmpty)
    disk.setCapacity(.max)
    try store.append((0..<5).map { SampleRecord("after \($0)") })
    try store.append([SampleRecord("after")])
    #expect(try store.view.bodies("before OR after").count == 11)
    #expect(try LogStore(options, files: disk.afterKill()).view.bodies("before OR after").count == 11)
  }

  @Test func aRequestThatMakesNoSenseIsRefusedWhole() throws {
    let store = try StoreFixture { $0.blockRecords = 2 }.openInMemory()
    var request = Sample.request([SampleRecord("a"), SampleRecord("b")])
    // The length of the last record's body.
    request[request.count - 4] = 0xFF
    for bytes in [request, Array(request.dropLast()), [0x0A, 0x05, 0x01]] {
      #expect(throws: StoreError.self) { try bytes.withUnsafeBytes { try store.append($0, receivedUnixNano: 1) } }
    }
    #expect(store.view.records == 0)
    try store.append([SampleRecord("c"), SampleRecord("d")])
    #expect(try store.view.bodies("*").count == 2)
  }

  @Test func aRecordAtTheLimitIsTakenAndOnePastItIsRefused() throws {
    let store = try StoreFixture().openInMemory()
    let frame = SampleRecord("").message.count + 8
    let text = String(repeating: "x", count: StoreFormat.maxRecordBytes - frame)
    let message = SampleRecord(text).message.count
    try store.append([SampleRecord(text + String(repeating: "y", count: StoreFormat.maxRecordBytes - message))])
    #expect(store.view.records == 1)
    let past = SampleRecord(text + String(repeating: "y", count: StoreFormat.maxRecordBytes - message + 1))
    #expect(throws: StoreError.recordTooLarge(bytes: (32 << 20) + 1, limit: 32 << 20)) { try store.append([past]) }
  }

  @Test func aRecordWithoutATimeWasObservedWhenItCame() throws {
    let store = try StoreFixture { $0.blockRecords = 3 }.openInMemory()
    var observed = SampleRecord("observed")
    observed.observed = 40
    try store.append([SampleRecord("none"), observed, SampleRecord("own", time: 60)], at: 50)
    let found = try store.view.search(.all, .newestFirst, limit: 9).records
    #expect(found.map(\.unixNano) == [60, 50, 40])
  }
}
