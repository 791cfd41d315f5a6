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

  /// Frames that an earlier process acknowledged are at the end of a segment. Nothing may be read there any more once
  /// the rest is acknowledged too, as its file is used again.
  @Test(.timeLimit(.minutes(1))) func aSegmentIsNotReadWhileItsFileIsUsedAgain() async throws {
    let rig = try DiskRig(DiskRig.options(segmentBytes: 250_000))
    for number in 1...40 as ClosedRange<UInt8> { try rig.queue.append(frame(number)) }
    rig.commit()
    _ = try #require(rig.queue.lease(maxBytes: 1))
    while let lease = rig.queue.lease(maxBytes: 1) { rig.queue.acknowledge(lease) }
    rig.commit()
    try rig.kill()
    let first = try #require(rig.queue.lease(maxBytes: 1))
    #expect(rig.queue.queued.records == 1)
    rig.disk.hang("read", on: ".frames")
    let queue = rig.queue
    let reader = thread { #expect(queue.lease(maxBytes: 1) == nil) }
    for _ in 0..<50 where !queue.place.withLock({ $0.isReading }) { usleep(1000) }
    rig.queue.acknowledge(first)
    rig.commit()
    for number in 1...40 as ClosedRange<UInt8> { try rig.queue.append(frame(100 + number)) }
    #expect(rig.disk.calls("rename") > 0)
    rig.disk.release()
    _ = await reader.wait()
    rig.commit()
    #expect(rig.events == [] && rig.queue.counters.corruptBytes == 0 && rig.queue.status.isReadable)
    #expect(rig.drain(maxBytes: 1).map(\.first) == (101...140).map { $0 })
  }

  /// Who asks for a lease is told, whether the reading thread has ended or is about to.
  @Test(.timeLimit(.minutes(1))) func whoAsksForALeaseAtTheEndIsTold() async throws {
    for round in 0..<400 {
      let rig = try DiskRig(DiskRig.options(recentBytes: 0))
      try rig.queue.append(frame(1))
      rig.commit()
      #expect(rig.queue.startThreads())
      let queue = rig.queue
      let told = Atomic(0)
      let asker = thread {
        for _ in 0..<(round % 20) { sched_yield() }
        queue.lease(maxBytes: 1) { _ in told.add(1, ordering: .relaxed) }
      }
      queue.shutdown()
      _ = await asker.wait()
      #expect(told.load(ordering: .relaxed) == 1, "round \(round)")
    }
  }

  /// A file for the next segment that is not needed is removed only if it is still the one that was made.
  @Test(arguments: [false, true]) func aFileThatIsNotNeededIsRemovedOnlyIfItIsStillThere(isReplaced: Bool) throws {
    let rig = try DiskRig()
    let number = rig.queue.writer.withLock { $0.takeNumber() }
    try rig.queue.append(frame(1))
    let spare = try SegmentWriter.Spare.make(number, in: DiskRig.directory, of: rig.disk, 64 << 10, least: 64 << 10)
    try rig.disk.remove(rig.path(number))
    let theirs = frame(9)
    if isReplaced { rig.disk.setContent(rig.path(number), theirs) }
    try rig.queue.offer(spare)
    #expect(rig.disk.content(rig.path(number)) == (isReplaced ? theirs : nil))
  }

  /// Whoever made a file for the next segment may remove it while the queue looks what a new folder has.
  @Test(arguments: ["open", "read", "stat", "remove"])
  func aFileThatGoesWhileTheFolderIsLookedAtIsNone(action: String) throws {
    let rig = try DiskRig()
    try rig.queue.append(frame(1))
    rig.commit()
    let path = rig.path(9)
    rig.disk.setContent(path, [])
    try rig.disk.remove(DiskRig.directory + "/LOCK")
    let disk = rig.disk
    disk.before(action, on: path) { _ = try? disk.remove(path) }
    for _ in 0..<2 { rig.commit(after: .seconds(1)) }
    #expect(rig.events == [.folderReplaced(kept: FrameTotals(bytes: 5000, records: 1), lost: .zero)])
    #expect(!rig.segments.contains(path) && rig.queue.fault == nil)
  }
}
