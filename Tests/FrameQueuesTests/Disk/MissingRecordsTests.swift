import Testing

@testable import FrameQueues

/// What a queue says of records that it had when the cursor was written and finds no more when it is opened.
@Suite struct MissingRecordsTests {
  private static let step = SegmentFormat.frameHeaderBytes + 100

  /// A queue of 20 frames of three records and 100 bytes each in one segment, the cursor of which is written.
  private func filled(_ options: DiskQueueOptions = DiskRig.options(minFrameBytes: 1)) throws -> DiskRig {
    let rig = try DiskRig(options)
    for number in 0..<UInt8(20) { try rig.queue.append([UInt8](repeating: number, count: 100), records: 3) }
    rig.commit()
    return rig
  }

  private func lost(_ frames: Int) -> FrameTotals { FrameTotals(bytes: 100 * frames, records: 3 * frames) }

  private func short(_ bytes: Int?, frames: Int = 20) -> ShortSegment {
    ShortSegment(
      file: SegmentFormat.fileName(1), bytes: bytes, expectedBytes: SegmentFormat.headerBytes + frames * Self.step)
  }

  @Test(arguments: [true, false])
  func theOnlySegmentIsGone(isCleanEnd: Bool) throws {
    let rig = try filled()
    if isCleanEnd { rig.queue.shutdown() }
    try rig.disk.remove(rig.path(1))
    try rig.kill()
    #expect(rig.events == [.framesMissing(count: 20), .recordsMissing(lost(20), short: short(nil))])
    #expect(rig.queue.counters.lost == lost(20) && rig.queue.queued == .zero)
    // It is said once, and the numbers of the frames are not given again.
    #expect(try rig.queue.append([1]).frames == 21..<22)
    rig.commit()
    try rig.kill()
    #expect(rig.events.count == 2 && rig.queue.counters.lost == .zero && rig.drain() == [[1]])
  }

  @Test func theLastSegmentIsEmptyOrCutAtAnyByte() throws {
    let rig = try filled()
    rig.queue.shutdown()
    let whole = try #require(rig.disk.content(rig.path(1)))
    for cut in stride(from: 0, to: SegmentFormat.headerBytes + 20 * Self.step, by: 7) {
      let disk = rig.disk.afterKill()
      disk.setContent(rig.path(1), Array(whole.prefix(cut)))
      let copy = try DiskRig(rig.options)
      try copy.reopen(on: disk)
      let kept = max(cut - SegmentFormat.headerBytes, 0) / Self.step
      #expect(copy.queue.counters.lost == lost(20 - kept) && copy.queue.queued == lost(kept), "\(cut)")
      #expect(copy.events.last == .recordsMissing(lost(20 - kept), short: short(cut)), "\(cut)")
      #expect(copy.events.contains(.framesMissing(count: UInt64(20 - kept))), "\(cut)")
      // What had been written fully is no torn tail.
      #expect(copy.queue.counters.tornTails == 0, "\(cut)")
    }
  }

  @Test func whatWasAcknowledgedIsNotMissed() throws {
    let rig = try filled()
    let lease = try #require(rig.queue.lease(maxBytes: 500))
    rig.queue.acknowledge(lease)
    rig.queue.shutdown()
    try rig.disk.remove(rig.path(1))
    try rig.kill()
    #expect(rig.queue.counters.lost == lost(15) && rig.events.contains(.framesMissing(count: 15)))
  }

  @Test func aFlippedBitInASegmentThatWasNotClosedIsCountedAtTheStart() throws {
    let rig = try filled()
    rig.disk.flipBit(rig.path(1), at: SegmentFormat.headerBytes + 3 * Self.step + 50)
    try rig.kill()
    #expect(rig.queue.counters.lost == lost(1) && rig.queue.queued == lost(19))
    #expect(rig.drain().joined().count == 1900 && rig.queue.counters.lost == lost(1))
  }

  @Test func whatCameAfterTheCursorDoesNotStandInForWhatIsMissing() throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 10_000))
    for number in 1...UInt8(2) { try rig.queue.append([UInt8](repeating: number, count: 5000)) }
    rig.commit()
    let cursor = try #require(rig.disk.content(DiskRig.directory + "/cursor"))
    for number in 3...UInt8(4) { try rig.queue.append([UInt8](repeating: number, count: 5000)) }
    rig.commit()
    rig.disk.setContent(DiskRig.directory + "/cursor", cursor)
    try rig.disk.remove(rig.path(2))
    try rig.kill()
    #expect(rig.queue.counters.lost == FrameTotals(bytes: 5000, records: 1) && rig.queue.queuedRecords == 3)
  }

  @Test func aSegmentWithFramesFromBeforeAndAfterTheCursorIsToldApart() throws {
    for isClosed in [true, false] {
      let rig = try filled()
      let cursor = try #require(rig.disk.content(DiskRig.directory + "/cursor"))
      for number in 20..<UInt8(30) { try rig.queue.append([UInt8](repeating: number, count: 100), records: 3) }
      if isClosed { rig.queue.shutdown() } else { rig.commit() }
      rig.disk.setContent(DiskRig.directory + "/cursor", cursor)
      try rig.kill()
      #expect(rig.queue.counters.lost == .zero && rig.queue.queued == lost(30) && rig.events == [])
    }
  }

  /// A sender whose records could not be made durable has been told so: they are not missed.
  @Test(arguments: [true, false])
  func whatCouldNotBeSyncedIsNotMissed(leavesWritingToSync: Bool) throws {
    var options = DiskRig.options(minFrameBytes: 1)
    options.leavesWritingToSync = leavesWritingToSync
    let rig = try filled(options)
    for number in 20..<UInt8(30) { try rig.queue.append([UInt8](repeating: number, count: 100), records: 3) }
    rig.disk.fail("sync", 5, on: ".frames")
    rig.commit()
    rig.commit()
    for seed in 0..<UInt64(20) {
      let copy = try DiskRig(rig.options)
      try copy.reopen(on: rig.disk.afterPowerCut(seed))
      #expect(copy.queue.counters.lost == .zero && copy.queue.queuedRecords >= 60)
    }
  }

  /// As when it is removed while the queue is open.
  @Test(arguments: [DiskQueueOptions.Fsync.always, .interval(.zero)])
  func whatWasSyncedBeforeASyncThatFailedIsMissed(fsync: DiskQueueOptions.Fsync) throws {
    let rig = try filled(DiskRig.options(fsync: fsync, minFrameBytes: 1))
    for number in 20..<UInt8(30) { try rig.queue.append([UInt8](repeating: number, count: 100), records: 3) }
    try rig.disk.remove(rig.path(1))
    rig.queue.shutdown()
    try rig.kill()
    #expect(rig.queue.counters.lost == lost(20) && rig.queue.queued == .zero)
    #expect(rig.events.suffix(2) == [.framesMissing(count: 30), .recordsMissing(lost(20), short: short(nil))])
  }

  /// Of what is held of such a segment, what was not synced may be all that is left.
  @Test func whatWasSyncedAndDeliveredIsNotMissed() throws {
    let rig = try filled()
    for number in 20..<UInt8(30) { try rig.queue.append([UInt8](repeating: number, count: 100), records: 3) }
    rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 1500)))
    try rig.disk.remove(rig.path(1))
    rig.queue.shutdown()
    try rig.kill()
    #expect(rig.queue.counters.lost == lost(5) && rig.events.contains(.framesMissing(count: 15)))
  }

  @Test func acrossAPowerCutWhatTheModePromisesIsCounted() throws {
    let rig = try filled(DiskRig.options(fsync: .interval(.seconds(1000)), minFrameBytes: 1))
    for number in 20..<UInt8(30) { try rig.queue.append([UInt8](repeating: number, count: 100), records: 3) }
    rig.commit()
    for seed in 0..<UInt64(20) {
      let copy = try DiskRig(rig.options)
      try copy.reopen(on: rig.disk.afterPowerCut(seed))
      let all = copy.queue.queuedRecords + copy.queue.counters.lost.records
      #expect(copy.queue.queuedRecords >= 60 && all <= 90)
    }
  }

  @Test func aCursorOfALaterVersionIsRefusedAndNothingIsTouched() throws {
    let rig = try filled()
    rig.queue.shutdown()
    let path = DiskRig.directory + "/cursor"
    var bytes = try #require(rig.disk.content(path))
    bytes.withUnsafeMutableBytes { $0.store(UInt32(3), at: 8) }
    bytes.withUnsafeMutableBytes { $0.seal(0..<4096, salt: 0) }
    let disk = rig.disk.afterKill()
    disk.setContent(path, bytes)
    let before = [path, rig.path(1)].map { disk.content($0) }
    let error = DiskQueueError.newerFormat(file: path, version: 3, supportedVersion: 2)
    #expect(throws: error) { _ = try DiskQueue(DiskRig.directory, options: rig.options, files: disk) }
    #expect(throws: error) { _ = try DiskQueueContent.read(DiskRig.directory, of: disk) }
    #expect(throws: error) { try DiskQueue.check(DiskRig.directory, fingerprint: rig.options.fingerprint, of: disk) }
    #expect("\(error)".contains("version 3") && "\(error)".contains("up to 2"))
    #expect([path, rig.path(1)].map { disk.content($0) } == before)
  }
}
