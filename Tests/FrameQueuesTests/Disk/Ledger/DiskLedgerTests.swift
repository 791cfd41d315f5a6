import Testing

@testable import FrameQueues

@Suite struct DiskLedgerTests {
  /// A queue of three segments: one acknowledged in part, one leased, one not yet durable.
  private func ledger() throws -> (DiskRig, DiskLedger) {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 10_000, minFrameBytes: 1))
    try rig.queue.append([UInt8](repeating: 1, count: 5000), frames: [2000, 5000])
    try rig.queue.append([UInt8](repeating: 2, count: 5000))
    rig.commit()
    rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 2000)))
    for _ in 0..<2 { _ = try #require(rig.queue.lease(maxBytes: 5000)) }
    try rig.queue.append([UInt8](repeating: 3, count: 5000))
    return (rig, rig.queue.ledger.withLock { $0 })
  }

  @Test func acknowledgedLeasedDurableAndWrittenFramesAreInThisOrder() throws {
    #expect(try ledger().1.brokenInvariant == nil)
  }

  /// What the check of the other tests says when it is not so.
  @Test func aBrokenOrderIsNoticed() throws {
    let sound = DiskLedgerCheck(try ledger().1)
    var check = sound
    check.segments[0].syncedFrame += 1
    #expect(check.brokenInvariant?.contains("durable") == true)
    check = sound
    check.segments[1].syncedFrame -= 1
    #expect(check.brokenInvariant?.contains("leased") == true)
    check = sound
    check.acknowledged.insert(2..<3)
    #expect(check.brokenInvariant?.contains("acknowledged and open") == true)
    check = sound
    check.acknowledged.insert(4..<5)
    #expect(check.brokenInvariant?.contains("acknowledged") == true)
    check = sound
    check.queued.records += 1
    #expect(check.brokenInvariant?.contains("queued") == true)
    check = sound
    check.waiting.bytes += 1
    #expect(check.brokenInvariant?.contains("waiting") == true)
  }
}

extension DiskLedger {
  /// What of the ledger's invariants does not hold.
  var brokenInvariant: String? { DiskLedgerCheck(self).brokenInvariant }
}

/// What a ledger says, to be held against its invariants: acknowledged <= leased <= durable <= written, and the sums.
private struct DiskLedgerCheck {
  var segments: [DiskLedger.Segment]
  var acknowledged: AcknowledgedFrames
  var queued: FrameTotals
  var waiting: FrameTotals
  private let ledger: DiskLedger

  init(_ ledger: DiskLedger) {
    self.ledger = ledger
    (segments, acknowledged) = (ledger.segments, ledger.acknowledged)
    (queued, waiting) = (ledger.queued, ledger.waiting)
  }

  var brokenInvariant: String? {
    for segment in segments {
      guard (segment.firstFrame...segment.endFrame).contains(segment.syncedFrame),
        (SegmentFormat.headerBytes...segment.writtenBytes).contains(segment.syncedBytes)
      else { return "segment \(segment.sequence): more is durable than written" }
      let readable = segment.firstFrame..<ledger.readableEnd(of: segment).frame
      let unreadable = readable.upperBound..<segment.endFrame
      if ledger.leases.values.contains(where: { $0.frames.overlaps(unreadable) }) {
        return "segment \(segment.sequence): frames are leased that are not durable"
      }
      if acknowledged.touches(unreadable), !unreadable.isEmpty {
        return "segment \(segment.sequence): frames are acknowledged that were never leased"
      }
    }
    // A lease may span frames that an earlier process acknowledged, but not only such.
    if ledger.leases.values.contains(where: { acknowledged.covers($0.frames) }) {
      return "a lease is acknowledged and open"
    }
    var sum = FrameTotals.zero
    var waitingSum = FrameTotals.zero
    for segment in segments {
      sum += segment.pending
      sum += segment.waiting
      waitingSum += segment.waiting
    }
    for lease in ledger.leases.values { sum += lease.totals }
    if sum != queued { return "queued is \(queued), but pending, waiting and leased are \(sum)" }
    return waitingSum == waiting ? nil : "waiting is \(waiting), of all segments \(waitingSum)"
  }
}
