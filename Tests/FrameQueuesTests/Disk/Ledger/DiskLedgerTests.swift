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
    let (_, sound) = try ledger()
    var ledger = sound
    ledger.segments[0].syncedFrame += 1
    #expect(ledger.brokenInvariant?.contains("durable") == true)
    ledger = sound
    ledger.segments[1].syncedFrame -= 1
    #expect(ledger.brokenInvariant?.contains("leased") == true)
    ledger = sound
    ledger.acknowledged.insert(2..<3)
    #expect(ledger.brokenInvariant?.contains("acknowledged and open") == true)
    ledger = sound
    ledger.acknowledged.insert(4..<5)
    #expect(ledger.brokenInvariant?.contains("acknowledged") == true)
    ledger = sound
    ledger.queued.records += 1
    #expect(ledger.brokenInvariant?.contains("queued") == true)
    ledger = sound
    ledger.waiting.bytes += 1
    #expect(ledger.brokenInvariant?.contains("waiting") == true)
  }
}

extension DiskLedger {
  /// What of the ledger's invariants does not hold: acknowledged <= leased <= durable <= written, and the sums.
  var brokenInvariant: String? {
    for (index, segment) in segments.enumerated() {
      guard (segment.firstFrame...segment.endFrame).contains(segment.syncedFrame),
        (SegmentFormat.headerBytes...segment.writtenBytes).contains(segment.syncedBytes)
      else { return "segment \(segment.sequence): more is durable than written" }
      let readable = segment.firstFrame..<readableEnd(of: index).frame
      let unreadable = readable.upperBound..<segment.endFrame
      if leases.values.contains(where: { $0.frames.overlaps(unreadable) }) {
        return "segment \(segment.sequence): frames are leased that are not durable"
      }
      if acknowledged.touches(unreadable), !unreadable.isEmpty {
        return "segment \(segment.sequence): frames are acknowledged that were never leased"
      }
    }
    // A lease may span frames that an earlier process acknowledged, but not only such.
    if leases.values.contains(where: { acknowledged.covers($0.frames) }) { return "a lease is acknowledged and open" }
    var sum = FrameTotals.zero
    var waitingSum = FrameTotals.zero
    for segment in segments {
      sum += segment.pending
      sum += segment.waiting
      waitingSum += segment.waiting
    }
    for lease in leases.values { sum += lease.totals }
    if sum != queued { return "queued is \(queued), but pending, waiting and leased are \(sum)" }
    return waitingSum == waiting ? nil : "waiting is \(waiting), of all segments \(waitingSum)"
  }
}
