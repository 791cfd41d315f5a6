import Foundation
import Testing

@testable import FrameQueues
@testable import LogStore

@Suite struct LogStoreTests {
  /// Whatever fails, is killed or loses power between: what was acknowledged is found once, in order, and of what was
  /// refused all or nothing.
  @Test func losesNothingThatWasAcknowledged() throws {
    let runs = ProcessInfo.processInfo.environment["SLUICE_MODEL_RUNS"].flatMap { Int($0) } ?? 20
    let first = ProcessInfo.processInfo.environment["SLUICE_MODEL_SEED"].flatMap { Int($0) } ?? 0
    var total = StoreModel.Tally()
    for seed in first..<first + runs {
      var model = StoreModel(seed: UInt64(seed))
      if let difference = try model.run() {
        Issue.record("seed \(seed): \(difference)")
        return
      }
      total += model.tally
    }
    guard runs >= 20 else { return }
    // Full disks are rare.
    let happened = total.powerCuts > runs / 2 && total.kills > runs / 2 && (total.refused > 0 || runs < 1000)
    #expect(happened && total.segments > runs / 6, "\(total)")
  }

  /// The model has to notice a disk that forgets what it was asked to keep.
  @Test func noticesADiskThatLies() throws {
    let noticed = try (0..<30).count { seed in
      var model = StoreModel(seed: UInt64(seed), lies: true)
      return try model.run() != nil
    }
    #expect(noticed > 5)
  }

  @Test func aSecondProcessIsRefused() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    #expect(throws: StoreError.locked(directory: fixture.directory, processID: "\(getpid())")) { try fixture.open() }
    store.close()
    #expect(throws: StoreError.closed) { try store.append([SampleRecord("late")]) }
    #expect(throws: Never.self) { try fixture.open() }
  }

  @Test func aLaterFormatIsRefusedWithBothNumbers() throws {
    let fixture = StoreFixture { $0.blockRecords = 1 }
    let store = try fixture.open()
    try store.append([SampleRecord("a")])
    store.close()
    let name = try #require(fixture.names.first)
    var bytes = try fixture.bytes(name)
    bytes[8] = 2
    let checksum = bytes.withUnsafeBytes { Checksum.of($0, 0..<60) }
    bytes.store(checksum, at: 60)
    try fixture.write(bytes, name)
    let error = StoreError.newer(path: fixture.path(name), version: 2, known: 1)
    #expect(throws: error) { try fixture.open() }
    #expect("\(error)".hasSuffix("it has format version 2, this program knows up to 1"))
    #expect(throws: error) { try StoreView.read(fixture.directory) }
  }

  @Test func recordsThatFillNoBlockAreFoundAndSurvive() throws {
    let fixture = StoreFixture { $0.blockRecords = 10 }
    var store = try fixture.open()
    for index in 0..<9 { try store.append([SampleRecord("record \(index)", time: 1)]) }
    #expect(fixture.names == ["00000000000000000001.head"])
    #expect(try store.view.bodies("record").count == 9)
    store.close()
    store = try fixture.open()
    #expect(try store.view.bodies("record").count == 9)
    try store.append([SampleRecord("record 9", time: 1)])
    #expect(fixture.names == ["00000000000000000001.seg"])
    try store.append([SampleRecord("record 10", time: 1)])
    #expect(fixture.names == ["00000000000000000001.seg", "00000000000000000002.head"])
    #expect(try store.view.bodies("record").count == 11)
    #expect(
      try StoreView.read(fixture.directory).search(.all, .newestFirst, limit: 100).records.map(\.ordinal)
        == (0...10).reversed())
  }

  @Test func aHeadThatWasMadeABlockIsNotReadTwice() throws {
    let fixture = StoreFixture { $0.blockRecords = 3 }
    let store = try fixture.open()
    try store.append([SampleRecord("a")])
    try store.append([SampleRecord("b")])
    let head = try fixture.bytes("00000000000000000001.head")
    try store.append([SampleRecord("c")])
    store.close()
    try fixture.write(head, "00000000000000000001.head")
    #expect(try StoreView.read(fixture.directory).records == 3)
    let again = try fixture.open()
    #expect(again.view.records == 3)
    #expect(fixture.names == ["00000000000000000001.seg"])
    try again.append([SampleRecord("d")])
    #expect(fixture.names.last == "00000000000000000002.head")
  }
}

/// One run: a store, and what must be in it.
struct StoreModel {
  struct Tally {
    var kills = 0
    var powerCuts = 0
    var refused = 0
    var segments = 0

    static func += (a: inout Tally, b: Tally) {
      a.kills += b.kills
      a.powerCuts += b.powerCuts
      a.refused += b.refused
      a.segments += b.segments
    }
  }

  private var numbers: SeededNumbers
  private var disk: PowerCutDisk
  private var options = StoreOptions(directory: "/store")
  private(set) var tally = Tally()
  /// Requests by number: how many records, and whether they must be there.
  private var requests: [(records: Int, isAcknowledged: Bool)] = []

  init(seed: UInt64, lies: Bool = false) {
    numbers = SeededNumbers(seed)
    disk = PowerCutDisk(lies: lies)
    options.blockRecords = 2 + Int(numbers.next() % 12)
    options.retentionBytes = 1 << 30
    options.compressionLevel = Int(numbers.next() % 2) * 3 + 1
  }

  private mutating func below(_ bound: Int) -> Int { Int(numbers.next() % UInt64(bound)) }

  /// What differs from what must be; nil if nothing does.
  mutating func run() throws -> String? {
    options.retentionBytes = 16 << 20
    var store = try LogStore(options, files: disk)
    for _ in 0..<20 + below(40) {
      switch below(10) {
      case 0:
        disk = disk.afterKill()
        tally.kills += 1
        store = try LogStore(options, files: disk)
      case 1:
        disk = disk.afterPowerCut(&numbers)
        tally.powerCuts += 1
        store = try LogStore(options, files: disk)
      case 2:
        let action = ["write", "sync", "truncate", "open", "syncDirectory", "remove"][below(6)]
        disk.fail(action, [28, 5][below(2)], after: below(4))
      default: append(to: store)
      }
      if below(4) == 0 {
        disk.repair()
        if let difference = try difference(in: store) { return difference }
      }
    }
    disk.repair()
    tally.segments += disk.paths.count { $0.hasSuffix(".seg") }
    return try difference(in: LogStore(options, files: disk.afterKill()))
  }

  private mutating func append(to store: LogStore) {
    let number = requests.count
    let count = 1 + below(below(4) == 0 ? 30 : 4)
    let records = (0..<count).map { SampleRecord("request r\(number) \($0)", time: UInt64(number + 1)) }
    do {
      try store.append(records)
      requests.append((count, true))
    } catch {
      tally.refused += 1
      requests.append((count, false))
    }
  }

  private func difference(in store: LogStore) throws -> String? {
    let found = try store.view.search(.all, .newestFirst, limit: .max / 4)
    if found.report.damagedBlocks > 0 || store.view.damaged > 0 { return "something is damaged" }
    var counts: [Int: [String]] = [:]
    for record in found.records.sorted(by: { $0.ordinal < $1.ordinal }) {
      counts[Int(record.unixNano) - 1, default: []].append(record.bodyText)
    }
    for (number, request) in requests.enumerated() {
      let bodies = counts[number] ?? []
      if bodies.isEmpty && !request.isAcknowledged { continue }
      if bodies != (0..<request.records).map({ "request r\(number) \($0)" }) {
        return "request \(number) of \(request.records) records, acknowledged: \(request.isAcknowledged): \(bodies)"
      }
    }
    return nil
  }
}
