import Synchronization
import Testing

@testable import FrameQueues

@Suite struct AcknowledgementWaitersTests {
  /// What a waiter was told: nil while it waits.
  final class Told: Sendable {
    private let state = Mutex<[QueueRefusal?]>([])
    var times: Int { state.withLock { $0.count } }
    var isAccepted: Bool { state.withLock { $0 } == [nil] }
    var refusal: QueueRefusal? { state.withLock { $0.first ?? nil } }
    var done: AcknowledgementWaiters.Done { { refusal in self.state.withLock { $0.append(refusal) } } }
  }

  @Test func aWaiterIsTakenOutOnceAllOfItsFramesAreAcknowledged() {
    var waiters = AcknowledgementWaiters()
    var acknowledged = AcknowledgedFrames(low: 1)
    _ = waiters.add(1..<4) { _ in }
    _ = waiters.add(4..<5) { _ in }
    for (frames, taken) in [(3..<5 as Range<UInt64>, 1), (2..<3, 0), (1..<2, 1), (5..<9, 0)] {
      acknowledged.insert(frames)
      #expect(waiters.take(after: frames, acknowledged: acknowledged).count == taken)
    }
    #expect(waiters.count == 0)
  }

  @Test func aForgottenWaiterIsNeverTakenOut() {
    var waiters = AcknowledgementWaiters()
    let ticket = waiters.add(1..<2) { _ in }
    _ = waiters.add(1..<2) { _ in }
    waiters.forget(ticket)
    #expect(waiters.take(waitingFor: 1..<2).count == 1 && waiters.takeAll().isEmpty)
  }

  // MARK: Both queues

  @Test func aRequestInMemoryIsDoneWhenItsOwnFramesAreWhateverIsBeforeThem() throws {
    let queue = MemoryQueue(capacityBytes: 100)
    let told = [Told(), Told()]
    for (value, told) in zip([1, 2] as [UInt8], told) {
      let position = [value, value].withUnsafeBytes {
        queue.append($0, frames: [FrameMark(endOffset: 1, records: 1), FrameMark(endOffset: 2, records: 1)])
      }
      #expect(queue.whenAcknowledged(position, told.done) != nil)
    }
    let leases = (0..<4).compactMap { _ in queue.lease(maxBytes: 1) }
    queue.acknowledge(leases[3])
    #expect(told[1].times == 0)
    queue.acknowledge(leases[2])
    #expect(told[1].isAccepted && told[0].times == 0)
    queue.acknowledge(leases[0])
    queue.acknowledge(leases[1])
    queue.acknowledge(leases[1])
    #expect(told[0].isAccepted && told[1].isAccepted)
  }

  @Test func recordsWithoutBytesAreWaitedForWithTheFrameTheyJoined() throws {
    let queue = MemoryQueue(capacityBytes: 100)
    let told = Told()
    queue.append([1])
    let position = [UInt8]().withUnsafeBytes { queue.append($0, frames: [FrameMark(endOffset: 0, records: 5)]) }
    #expect(queue.whenAcknowledged(position, told.done) != nil)
    queue.acknowledge(try #require(queue.lease(maxBytes: 10)))
    #expect(told.isAccepted)
  }

  @Test func nothingAppendedIsDoneAtOnce() throws {
    let told = [Told(), Told()]
    let memory = MemoryQueue(capacityBytes: 100)
    #expect(memory.whenAcknowledged([UInt8]().withUnsafeBytes { memory.append($0, frames: []) }, told[0].done) == nil)
    let disk = try DiskRig().queue
    #expect(disk.whenAcknowledged(try disk.append([], marks: []), told[1].done) == nil)
    #expect(told[0].isAccepted && told[1].isAccepted)
  }

  @Test func whoWaitsCanBeRefusedWithoutClosing() throws {
    let rig = try DiskRig()
    let queues: [any FrameQueue] = [MemoryQueue(capacityBytes: 100), rig.queue]
    for queue in queues {
      let told = [Told(), Told()]
      _ = queue.whenAcknowledged(try queue.appendOne([1]), told[0].done)
      queue.refuseWaiters()
      try queue.reserve(1)
      _ = queue.whenAcknowledged(try queue.appendOne([2]), told[1].done)
      #expect(told.allSatisfy { $0.times == 1 && $0.refusal == .closed } && queue.queuedRecords == 2)
    }
  }

  @Test func closingRefusesWhoWaitsAndWhoComesAfterwards() throws {
    let rig = try DiskRig()
    let queues: [any FrameQueue] = [MemoryQueue(capacityBytes: 100), rig.queue]
    for queue in queues {
      let told = [Told(), Told()]
      let position = try queue.appendOne([1])
      _ = queue.whenAcknowledged(position, told[0].done)
      queue.close()
      #expect(told[0].times == 1 && told[0].refusal == .closed)
      #expect(queue.whenAcknowledged(position, told[1].done) == nil && told[1].refusal == .closed)
      rig.commit()
      queue.acknowledge(try #require(queue.lease(maxBytes: 10)))
      #expect(told[0].times == 1)
    }
  }

  @Test func aRequestOnDiskIsDoneWhenItsFramesAreAndNotWhenItIsForgotten() throws {
    let rig = try DiskRig()
    let told = [Told(), Told()]
    let first = rig.queue.whenAcknowledged(try rig.queue.append([1]), told[0].done)
    _ = rig.queue.whenAcknowledged(try rig.queue.append([2]), told[1].done)
    rig.commit()
    #expect(told[0].times == 0)
    rig.queue.forget(try #require(first))
    while let lease = rig.queue.lease(maxBytes: 1) { rig.queue.acknowledge(lease) }
    #expect(told[0].times == 0 && told[1].isAccepted)
  }

  /// Random appends, leases and acknowledgements: each waiter is told exactly when the last of its bytes has been
  /// acknowledged, and those forgotten never.
  @Test func everyWaiterIsToldInTheMomentOfItsLastAcknowledgement() throws {
    for seed in 0..<20 as Range<UInt64> {
      let rig = try DiskRig(DiskRig.options(minFrameBytes: 1))
      for queue in [MemoryQueue(capacityBytes: 1 << 20, segmentBytes: 256), rig.queue] as [any FrameQueue] {
        var random = SplitMix(seed: seed)
        var waits: [(told: Told, number: UInt8, isForgotten: Bool)] = []
        var held = [Int](repeating: 0, count: 256)
        var leases: [FrameLease] = []
        for _ in 0..<600 {
          switch random.below(4) {
          case 0 where waits.count < 250:
            let number = UInt8(waits.count)
            let marks = (1...(1 + random.below(4))).map { FrameMark(endOffset: $0 * 3, records: 1) }
            let bytes = [UInt8](repeating: number, count: marks.count * 3)
            let position = try bytes.withUnsafeBufferPointer { bytes throws(QueueRefusal) in
              try queue.append(UnsafeRawBufferPointer(bytes), frames: marks)
            }
            held[Int(number)] = bytes.count
            let told = Told()
            let ticket = try #require(queue.whenAcknowledged(position, told.done))
            let isForgotten = random.below(5) == 0
            if isForgotten { queue.forget(ticket) }
            waits.append((told, number, isForgotten))
          case 1:
            rig.commit()
            if let lease = queue.lease(maxBytes: random.below(30)) { leases.append(lease) }
          default:
            guard !leases.isEmpty else { continue }
            let lease = leases.remove(at: random.below(leases.count))
            for byte in lease.bytes { held[Int(byte)] -= 1 }
            queue.acknowledge(lease)
          }
          for wait in waits {
            #expect(wait.told.times == (held[Int(wait.number)] == 0 && !wait.isForgotten ? 1 : 0))
          }
        }
      }
    }
  }

  @Test func whoComesToWaitForWhatWasGivenUpIsRefusedToo() throws {
    for isOfTheHeader in [true, false] {
      let rig = try DiskRig(DiskRig.options(minFrameBytes: 1, recentBytes: 0))
      let positions = try (1...3 as ClosedRange<UInt8>).map { try rig.queue.append([$0, $0]) }
      rig.commit()
      let start = SegmentFormat.headerBytes + 2 + SegmentFormat.frameHeaderBytes
      rig.disk.flipBit(rig.path(1), at: start + (isOfTheHeader ? 8 : SegmentFormat.frameHeaderBytes))
      while let lease = rig.queue.lease(maxBytes: 100) { rig.queue.acknowledge(lease) }
      let told = positions.map { position in
        let told = Told()
        #expect(rig.queue.whenAcknowledged(position, told.done) == nil)
        return told
      }
      #expect(told.map(\.isAccepted) == [true, false, true] && told[1].refusal == DiskLedger.lost)
      #expect(positions.map { Durability(rig.queue, $0).isDurable } == [true, false, true])
    }
  }

  /// Damage to any header or payload, read in runs of any length: those whose records are lost are refused, and nobody
  /// else.
  @Test(arguments: [1, 150, 250, 450, 1 << 20])
  func exactlyThoseAreRefusedWhoseFramesAreDamaged(maxBytes: Int) throws {
    let step = SegmentFormat.frameHeaderBytes + 100
    for damaged in [[0], [3], [3, 4], [2, 7, 8], [11], [0, 11]] {
      for offset in [8, SegmentFormat.frameHeaderBytes + 50] {
        let rig = try DiskRig(DiskRig.options(minFrameBytes: 1, recentBytes: 0))
        let told = (0..<12).map { _ in Told() }
        for (number, told) in told.enumerated() {
          _ = rig.queue.whenAcknowledged(try rig.queue.append([UInt8](repeating: UInt8(number), count: 100)), told.done)
        }
        rig.commit()
        for number in damaged { rig.disk.flipBit(rig.path(1), at: SegmentFormat.headerBytes + number * step + offset) }
        while let lease = rig.queue.lease(maxBytes: maxBytes) { rig.queue.acknowledge(lease) }
        #expect(told.allSatisfy { $0.times == 1 })
        #expect(told.indices.filter { !told[$0].isAccepted } == damaged, "\(maxBytes) bytes, offset \(offset)")
        #expect(rig.queue.counters.lost.records == damaged.count)
      }
    }
  }

  @Test func whatTheDiskLostIsNotSaidToBeDelivered() throws {
    let rig = try DiskRig(DiskRig.options(minFrameBytes: 1, recentBytes: 0))
    let told = [Told(), Told()]
    _ = rig.queue.whenAcknowledged(try rig.queue.append([1, 1, 1, 1]), told[0].done)
    rig.commit()
    rig.disk.flipBit(rig.path(1), at: SegmentFormat.headerBytes + SegmentFormat.frameHeaderBytes)
    #expect(rig.queue.lease(maxBytes: 100) == nil)
    guard case .unavailable = told[0].refusal else { throw try #require(told[0].refusal) }
    _ = rig.queue.whenAcknowledged(try rig.queue.append([2]), told[1].done)
    rig.commit()
    rig.queue.acknowledge(try #require(rig.queue.lease(maxBytes: 100)))
    #expect(told[0].times == 1 && told[1].isAccepted)
  }
}

extension FrameQueue {
  /// Appends one frame of one record.
  @discardableResult
  func appendOne(_ bytes: [UInt8]) throws(QueueRefusal) -> FramePosition {
    try bytes.withUnsafeBufferPointer { bytes throws(QueueRefusal) in
      try append(UnsafeRawBufferPointer(bytes), frames: [FrameMark(endOffset: bytes.count, records: 1)])
    }
  }
}
