import Glibc
import Synchronization
import Testing

@testable import FrameQueues

/// What threads of a queue do at the same time, in orders that are rare: one comes between what another has found out
/// and what it does about that.
@Suite(.serialized) struct DiskQueueRaceTests {
  private func frame(_ number: UInt8, _ bytes: Int = 5000) -> [UInt8] { [UInt8](repeating: number, count: bytes) }

  /// Runs something on a thread of its own; the signal is given when it has ended.
  private func thread(_ body: @escaping @Sendable () -> Void) -> OneTimeSignal {
    let isOver = OneTimeSignal()
    #expect(
      Thread.start {
        body()
        isOver.give(true)
      })
    return isOver
  }

  /// A lease would read frames from the file that are in memory only, and give them up as damaged.
  @Test(.timeLimit(.minutes(1))) func framesOfASegmentThatFailsAreKeptBeforeTheyCanBeLeased() async throws {
    var options = DiskRig.options(recentBytes: 0)
    options.leavesWritingToSync = true
    let rig = try DiskRig(options)
    try rig.queue.append(frame(1))
    rig.commit()
    try rig.queue.append(frame(2))
    let queue = rig.queue
    let isLeasable = Mutex(false)
    let other = Mutex<OneTimeSignal?>(nil)
    rig.disk.fail("sync", EIO, on: ".frames")
    rig.disk.before("sync", on: ".frames") { [self] in
      let isHeld = Atomic(false)
      other.withLock {
        $0 = thread {
          queue.recent.withLock { _ in
            isHeld.store(true, ordering: .releasing)
            for _ in 0..<300 where !isLeasable.withLock({ $0 }) {
              if queue.waiting.records == 2 { isLeasable.withLock { $0 = true } }
              usleep(1000)
            }
          }
        }
      }
      while !isHeld.load(ordering: .acquiring) { usleep(100) }
    }
    rig.commit()
    _ = await other.withLock { $0 }?.wait()
    #expect(!isLeasable.withLock { $0 })
    #expect(rig.drain() == [frame(1), frame(2)] && rig.queue.counters.lost == .zero)
  }
}
