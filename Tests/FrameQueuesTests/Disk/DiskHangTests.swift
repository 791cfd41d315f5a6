import Glibc
import Synchronization
import Testing

@testable import FrameQueues

/// A disk that does not answer holds up nobody but those who wait for it.
@Suite(.serialized) struct DiskHangTests {
  /// A queue with its threads: three closed segments, of which nothing is in memory, and one that is appended to.
  private func rig() throws -> DiskRig {
    var options = DiskRig.options(segmentBytes: 20_000, recentBytes: 0, maxSegmentsForReuse: 0)
    options.cursorInterval = .milliseconds(1)
    let rig = try DiskRig(options)
    for number in 1...UInt8(4) { try rig.queue.append([UInt8](repeating: number, count: 15_000)) }
    rig.commit()
    #expect(rig.queue.startThreads())
    return rig
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let began = monotonicNow()
    try body()
    let time = monotonicNow() - began
    return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
  }

  private func eventually(_ isSo: () -> Bool) async throws {
    for _ in 0..<2000 where !isSo() { try await Task.sleep(for: .milliseconds(2)) }
    #expect(isSo())
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("sync", ".frames"), ("sync", "/cursor"), ("syncDirectory", ""), ("write", "/cursor"), ("remove", ""),
      ("exists", ""), ("statvfs", ""),
    ])
  func theCommittingThreadAloneWaits(action: String, name: String) async throws {
    let rig = try rig()
    let lease = try #require(rig.queue.lease(maxBytes: 1))
    let another = try #require(rig.queue.lease(maxBytes: 1))
    rig.disk.hang(action, on: name)
    rig.queue.acknowledge(lease)
    let told = Told()
    let time = try seconds {
      // Also once the committing thread is caught.
      for _ in 0..<3 {
        let position = try rig.queue.append([9])
        rig.queue.whenDurable(position, told.done)
        usleep(20_000)
      }
      rig.queue.acknowledge(another)
      _ = rig.queue.makeRoom(1 << 19)
      _ = (rig.queue.status, rig.queue.queued, rig.queue.waiting, rig.queue.pause, rig.queue.oldestAge)
      rig.queue.trim()
    }
    #expect(time < 5 && rig.queue.queued.records >= 3)
    let isOver = await rig.queue.shutdown(within: .milliseconds(100))
    rig.disk.release()
    if !isOver { try await eventually { rig.disk.state.withLock { $0.inodes.values.allSatisfy { !$0.isLocked } } } }
    try rig.reopen(on: rig.disk.afterKill())
    #expect(rig.drain().joined().filter { $0 == 9 }.count == 3)
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["open", "read"])
  func whoAsksForALeaseDoesNotWaitForTheDisk(action: String) async throws {
    let rig = try rig()
    rig.disk.hang(action, on: ".frames")
    let leased = Mutex<[UInt8]?>(nil)
    let time = seconds {
      rig.queue.lease(maxBytes: 1) { lease in leased.withLock { $0 = lease?.bytes } }
      // Another is told that there is nothing for now.
      rig.queue.lease(maxBytes: 1) { lease in #expect(lease == nil) }
      _ = (rig.queue.status, rig.queue.queued, rig.queue.waiting)
      rig.queue.trim()
      // What is being read is not thrown out meanwhile.
      _ = rig.queue.makeRoom(rig.options.maxReservationBytes)
    }
    #expect(time < 5 && leased.withLock { $0 } == nil)
    #expect(await rig.queue.shutdown(within: .milliseconds(50)) == false)
    rig.disk.release()
    try await eventually { leased.withLock { $0 } != nil }
    #expect(leased.withLock { $0 } == [UInt8](repeating: 1, count: 15_000))
  }

  @Test(.timeLimit(.minutes(1))) func whoWaitsForADiskThatHangsIsToldWhenTheProcessEnds() async throws {
    let rig = try rig()
    rig.disk.hang("sync", on: ".frames")
    let wait = Durability(rig.queue, try rig.queue.append([1]))
    rig.queue.refuseWaiters()
    #expect(wait.outcome == .some(.closed))
    rig.disk.release()
    #expect(await rig.queue.shutdown(within: .seconds(20)))
  }

  @Test func aDiskThatHasNotAnsweredForLongIsShownAndNoRoomIsAskedOfIt() throws {
    let rig = try DiskRig()
    #expect(rig.queue.status.isWritable && rig.queue.status.isReadable)
    let longAgo = monotonicNow() - DiskQueueOptions.patience - .seconds(1)
    rig.queue.ledger.withLock { $0.roundBegins(at: longAgo) }
    rig.queue.place.withLock { $0.readBegan = longAgo }
    #expect(!rig.queue.status.isWritable && !rig.queue.status.isReadable)
    #expect { try rig.queue.reserve(100) } throws: { "\($0)".contains("has not answered for 6 s") }
    #expect(rig.queue.reservedBytes == 0)
    rig.queue.ledger.withLock { $0.roundEnds(at: .zero) }
    try rig.queue.reserve(100)
  }

  private typealias Told = AcknowledgementWaitersTests.Told
}
