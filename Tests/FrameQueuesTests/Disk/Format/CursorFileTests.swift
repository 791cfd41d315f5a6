import Glibc
import Testing

@testable import FrameQueues

@Suite struct CursorFileTests {
  private let disk = SimulatedDisk()
  private let path = "/d/cursor"

  private func open() throws -> (cursor: CursorFile, content: CursorFile.Content) {
    try CursorFile.open(in: "/d", of: disk, fingerprint: 5)
  }

  /// A record with so many frames acknowledged and a number that tells it from others.
  private func frames(_ low: UInt64, _ ranges: [Range<UInt64>] = []) -> CursorRecord {
    let totals = FrameTotals(bytes: Int(low) * 100, records: Int(low))
    return CursorRecord(
      acknowledged: ranges.reduce(into: AcknowledgedFrames(low: low)) { $0.insert($1) },
      durable: DurableFrames(endFrame: low + 9, totals: totals, segment: 4, segmentBytes: 4200))
  }

  @Test func remembersTheLastWrite() throws {
    var (cursor, content) = try open()
    #expect(content == .nothing)
    try cursor.writeBoth(frames(3))
    for low in 4..<UInt64(9) {
      try cursor.write(frames(low, [20..<30, 40..<low + 40]))
      #expect(try open().content == .record(frames(low, [20..<30, 40..<low + 40])))
      if low == 6 { try cursor.sync() }
    }
  }

  @Test func aTornWriteLeavesWhatWasSyncedBefore() throws {
    var cursor = try open().cursor
    try cursor.writeBoth(frames(3))
    for low in UInt64(4)..<7 { try cursor.write(frames(low)) }
    let before = try #require(disk.content(path))
    try cursor.write(frames(8, (1...100).map { $0 * 10..<$0 * 10 + 3 }))
    let after = try #require(disk.content(path))
    for sectors in 1..<16 {
      disk.setContent(path, Array(after.prefix(sectors * 512) + before.dropFirst(sectors * 512)))
      let content = try open().content
      let isOneOfThem =
        content == .record(frames(6)) || content == .record(frames(3))
        || content == .record(frames(8, (1...100).map { $0 * 10..<$0 * 10 + 3 }))
      #expect(isOneOfThem, "\(sectors) sectors: \(content)")
    }
  }

  @Test func whatWasSyncedStaysInItsSlotUntilTheNextSync() throws {
    var cursor = try open().cursor
    try cursor.writeBoth(frames(3))
    for low in UInt64(4)..<7 { try cursor.write(frames(low)) }
    let contents = try (0...1).map { slot in
      disk.flipBit(path, at: slot * CursorFile.slotBytes)
      defer { disk.flipBit(path, at: slot * CursorFile.slotBytes) }
      return try open().content
    }
    #expect(contents.contains(.record(frames(3))) && contents.contains(.record(frames(6))))
  }

  @Test func anyDamageToOneSlotLeavesTheOther() throws {
    var cursor = try open().cursor
    try cursor.writeBoth(frames(3))
    for offset in [0, 9, 12, 16, 24, 32, 40, 48, 56, 64, 72, 80, 4000, 4095] {
      let intact = try #require(disk.content(path))
      disk.flipBit(path, at: offset)
      #expect(try open().content == .record(frames(3)))
      disk.flipBit(path, at: CursorFile.slotBytes + offset)
      #expect(try open().content == .damaged)
      disk.setContent(path, intact)
    }
  }

  @Test func keepsAsManyRangesAsFitAndLeavesOutTheRest() throws {
    var cursor = try open().cursor
    let many = (1...UInt64(CursorFile.maxRanges) + 1).map { $0 * 10..<$0 * 10 + 3 }
    try cursor.write(frames(2, many))
    #expect(try open().content == .record(frames(2, Array(many.dropLast()))))
  }

  // MARK: Syncs that fail

  /// What the file says after each of many power cuts.
  private func contents(of disk: SimulatedDisk) throws -> [CursorFile.Content] {
    try (0..<60).map { try CursorFile.open(in: "/d", of: disk.afterPowerCut($0), fingerprint: 5).content }
  }

  @Test func aSyncAfterOneThatFailedIsBelievedOnlyAfterAnotherWrite() throws {
    var cursor = try open().cursor
    try cursor.writeBoth(frames(3))
    try disk.syncDirectory("/d")
    try cursor.write(frames(4))
    disk.fail("sync", EIO)
    #expect(throws: FileError.self) { try cursor.sync() }
    #expect(cursor.isDirty)
    try cursor.sync()
    #expect(try contents(of: disk).allSatisfy { $0 == .record(frames(4)) })
    // The next write must not take the only slot that is on the disk.
    try cursor.write(frames(5, (1...100).map { $0 * 10..<$0 * 10 + 3 }))
    for content in try contents(of: disk) {
      guard case .record(let found) = content else { throw FileError("\(content)", 0) }
      #expect(found.acknowledged.low >= 4)
    }
  }

  @Test func aWriteThatFailedHalfwayIsNotSyncedAsIfItWereWhole() throws {
    var cursor = try open().cursor
    try cursor.writeBoth(frames(3))
    try disk.syncDirectory("/d")
    try cursor.write(frames(4))
    disk.fail("write", EIO)
    #expect(throws: FileError.self) { try cursor.write(frames(5, (1...200).map { $0 * 10..<$0 * 10 + 3 })) }
    try cursor.sync()
    try cursor.write(frames(6, (1...250).map { $0 * 10..<$0 * 10 + 3 }))
    for content in try contents(of: disk) {
      guard case .record(let found) = content else { throw FileError("\(content)", 0) }
      #expect(found.acknowledged.low >= 5)
    }
  }

  @Test func openingAfterAKillLeavesASlotOnTheDiskAtEveryMoment() throws {
    var cursor = try open().cursor
    try cursor.writeBoth(frames(3))
    try disk.syncDirectory("/d")
    try cursor.write(frames(4, (1...100).map { $0 * 10..<$0 * 10 + 3 }))
    for action in ["write", "sync"] {
      for after in 0..<4 {
        let copy = disk.afterKill()
        var (again, content) = try CursorFile.open(in: "/d", of: copy, fingerprint: 5)
        guard case .record(let found) = content else { throw FileError("\(content)", 0) }
        copy.fail(action, EIO, after: after)
        try? again.writeBoth(found)
        #expect(try contents(of: copy).allSatisfy { $0 != .damaged && $0 != .nothing }, "\(action) \(after)")
      }
    }
  }

  @Test func anotherDestinationsCursorIsNotTaken() throws {
    var cursor = try open().cursor
    try cursor.writeBoth(frames(3))
    #expect(try CursorFile.open(in: "/d", of: disk, fingerprint: 6).content == .damaged)
  }

  // MARK: Versions

  /// A slot of version 1.
  private func slotOfVersion1(_ low: UInt64, _ ranges: [Range<UInt64>]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: CursorFile.slotBytes)
    bytes.withUnsafeMutableBytes { bytes in
      bytes.copyBytes(from: Array("SLUICECU".utf8))
      bytes.store(UInt32(1), at: 8)
      bytes.store(UInt32(ranges.count), at: 12)
      bytes.store(UInt64(5), at: 16)
      bytes.store(low, at: 24)
      bytes.store(UInt64(5), at: 32)
      for (index, range) in ranges.enumerated() {
        bytes.store(range.lowerBound, at: 40 + 16 * index)
        bytes.store(range.upperBound, at: 48 + 16 * index)
      }
      bytes.seal(0..<(44 + 16 * ranges.count), salt: 0)
    }
    return bytes
  }

  @Test(arguments: [0, 3, 253])
  func whatVersion1WroteIsReadAndReplaced(count: Int) throws {
    let ranges = (0..<UInt64(count)).map { 20 + $0 * 10..<23 + $0 * 10 }
    let slot = slotOfVersion1(3, ranges)
    disk.setContent(path, slot + slot)
    var (cursor, content) = try open()
    let old = CursorRecord(acknowledged: frames(3, ranges).acknowledged, durable: nil)
    #expect(content == .record(old))
    try cursor.writeBoth(frames(4, ranges))
    guard case .record(let new) = try open().content else { throw FileError("\(content)", 0) }
    #expect(new.acknowledged.low == 4 && new.durable == frames(4).durable)
  }

  @Test func aLaterVersionIsToldFromDamage() throws {
    var cursor = try open().cursor
    try cursor.writeBoth(frames(3))
    var bytes = try #require(disk.content(path))
    bytes.withUnsafeMutableBytes { $0.store(UInt32(3), at: 8) }
    disk.setContent(path, bytes)
    #expect(try open().content == .record(frames(3)))
    bytes.withUnsafeMutableBytes { $0.seal(0..<4096, salt: 0) }
    disk.setContent(path, bytes)
    #expect(try open().content == .newer(version: 3))
  }
}
