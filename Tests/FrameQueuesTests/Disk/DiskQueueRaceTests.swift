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

  @Test func aFileThatIsMadeWhileTheFolderIsReplacedDoesNotStayInTheNewOne() throws {
    let rig = try DiskRig()
    let disk = rig.disk
    disk.before("open", on: ".frames") { disk.replaceDirectory(DiskRig.directory) }
    #expect(throws: QueueRefusal.self) { try rig.queue.reserve(5000) }
    #expect(rig.segments.isEmpty)
  }

  @Test func roomThatNeverComesToBeIsNotPromised() throws {
    let rig = try DiskRig()
    let disk = rig.disk
    @Sendable func removeEach() {
      disk.before("allocate", on: ".frames") {
        for path in disk.paths where path.hasSuffix(".frames") { _ = try? disk.remove(path) }
        removeEach()
      }
    }
    removeEach()
    #expect(throws: QueueRefusal.self) { try rig.queue.reserve(5000) }
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
    for round in 0..<150 {
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

  @Test(arguments: [false, true]) func nothingIsTakenAfterTheEnd(leavesWritingToSync: Bool) throws {
    var options = DiskRig.options()
    options.leavesWritingToSync = leavesWritingToSync
    let rig = try DiskRig(options)
    try rig.queue.reserve(5000)
    rig.queue.shutdown()
    #expect(throws: QueueRefusal.closed) { try rig.queue.append(frame(1)) }
    #expect(rig.segments == [] && rig.queue.reservedBytes == 0 && rig.queue.queued == .zero)
  }

  @Test func whoWaitsForTheDiskAtTheEndIsTold() throws {
    let rig = try DiskRig()
    let position = try rig.queue.append(frame(1))
    rig.disk.replaceDirectory(DiskRig.directory, isMade: false)
    let early = Durability(rig.queue, position)
    rig.queue.shutdown()
    let late = Durability(rig.queue, position)
    #expect(early.outcome != .none && !early.isDurable && late.outcome != .none && !late.isDurable)
  }

  /// A file for the next segment that is not needed is removed only if it is still the one that was made.
  @Test(arguments: [false, true]) func aFileThatIsNotNeededIsRemovedOnlyIfItIsStillThere(isReplaced: Bool) throws {
    let rig = try DiskRig()
    let number = rig.queue.writer.withLock { $0.takeNumber() }
    try rig.queue.append(frame(1))
    let spare = try SegmentWriter.Spare.make(number, in: rig.folder, room: (64 << 10)...(64 << 10))
    try rig.disk.remove(rig.path(number))
    let theirs = frame(9)
    if isReplaced { rig.disk.setContent(rig.path(number), theirs) }
    try rig.queue.room.offer(spare)
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

  /// Everything at once on a disk whose calls take ever other times: what was taken is delivered once or thrown out and
  /// counted, and nothing is damaged or lost.
  @Test(.timeLimit(.minutes(2)), arguments: [(false, 0), (true, 0), (false, 1 << 20), (true, 1 << 20)])
  func whateverThreadsDoAtTheSameTimeNothingIsLostOrTakenTwice(leavesWritingToSync: Bool, recentBytes: Int) async throws
  {
    var options = DiskRig.options(capacityBytes: 400_000, segmentBytes: 20_000, recentBytes: recentBytes)
    options.leavesWritingToSync = leavesWritingToSync
    options.recentPieceBytes = 16 << 10
    options.cursorInterval = .milliseconds(1)
    options.retryInterval = .milliseconds(1)
    options.gatherTime = .zero
    let rig = try DiskRig(options)
    rig.disk.beUneven()
    #expect(rig.queue.startThreads())
    let crowd = Crowd(rig.queue, rig.disk)
    var appenders: [OneTimeSignal] = []
    for number in 0..<6 { appenders.append(thread { crowd.append(seed: UInt64(number)) }) }
    var others = (0..<2).map { number in thread { crowd.deliver(seed: UInt64(number)) } }
    others.append(thread { crowd.disturb() })
    for appender in appenders { _ = await appender.wait() }
    crowd.isOver.store(true, ordering: .releasing)
    for other in others { _ = await other.wait() }
    let late = thread { crowd.append(seed: 9) }
    rig.queue.shutdown()
    _ = await late.wait()
    #expect(rig.queue.ledger.withLock { $0.brokenInvariant } == nil && rig.queue.counters.lost == .zero)
    let isQuiet = rig.events.allSatisfy { event in
      switch event {
      case .failed, .recovered: true
      case .folderReplaced(_, let lost): lost == .zero
      default: false
      }
    }
    #expect(isQuiet, "\(rig.events)")
    try rig.kill()
    while let lease = rig.queue.lease(maxBytes: 20_000) { crowd.note(lease) }
    #expect(rig.queue.counters.lost == .zero && rig.queue.counters.corruptBytes == 0)
    crowd.check()
  }
}

/// Threads that use a queue, and what became of their frames, each of which begins with its number and its length.
private final class Crowd: Sendable {
  private struct Account {
    var next: UInt32 = 1
    /// Taken by the queue, and delivered how often.
    var taken: Set<UInt32> = []
    var delivered: [UInt32: Int] = [:]
    var evicted = 0
    var untold = 0
  }

  private let queue: DiskQueue
  private let disk: SimulatedDisk
  private let account = Mutex(Account())
  let isOver = Atomic(false)

  init(_ queue: DiskQueue, _ disk: SimulatedDisk) {
    self.queue = queue
    self.disk = disk
  }

  /// Appends frames, a few of them longer than a segment, until there were many or the queue is closed.
  func append(seed: UInt64) {
    var random = SplitMix(seed: seed)
    for _ in 0..<60 {
      let size = random.below(10) == 0 ? 25_000 : 100 + random.below(9000)
      guard reserve(size) else { return }
      let number = account.withLock { account in
        defer { account.next += 1 }
        return account.next
      }
      let bytes = Self.bytes(of: number) + Self.bytes(of: UInt32(size)) + [UInt8](repeating: 7, count: size - 8)
      guard let position = try? queue.append(bytes) else { continue }
      account.withLock { account in
        account.taken.insert(number)
        account.untold += 1
      }
      queue.whenDurable(position) { [self] _ in account.withLock { $0.untold -= 1 } }
    }
  }

  private func reserve(_ bytes: Int) -> Bool {
    while true {
      do {
        try queue.reserve(bytes)
        return true
      } catch {
        if error == .closed { return false }
        usleep(200)
      }
    }
  }

  /// Leases by way of the reading thread, and acknowledges out of order.
  func deliver(seed: UInt64) {
    var random = SplitMix(seed: 100 + seed)
    var held: [FrameLease] = []
    while !isOver.load(ordering: .acquiring) {
      let lease = Mutex<FrameLease?>(nil)
      let isTold = Atomic(false)
      queue.lease(maxBytes: random.below(20_000)) { new in
        lease.withLock { $0 = new }
        isTold.store(true, ordering: .releasing)
      }
      while !isTold.load(ordering: .acquiring) { usleep(50) }
      if let lease = lease.withLock({ $0 }) { held.append(lease) } else { usleep(200) }
      while held.count > 3 || !held.isEmpty && random.below(2) == 0 { end(held.remove(at: random.below(held.count))) }
    }
    for lease in held { end(lease) }
  }

  private func end(_ lease: FrameLease) {
    note(lease)
    queue.acknowledge(lease)
  }

  /// Notes which frames a lease has.
  func note(_ lease: FrameLease) {
    var rest = lease.bytes[...]
    while rest.count >= 8 {
      let number = Self.number(rest.prefix(4))
      account.withLock { $0.delivered[number, default: 0] += 1 }
      rest = rest.dropFirst(Int(Self.number(rest.dropFirst(4).prefix(4))))
    }
  }

  private static func bytes(of number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Throws out the oldest, gives memory back, and has the queue take the lock of its folder anew.
  func disturb() {
    var random = SplitMix(seed: 500)
    while !isOver.load(ordering: .acquiring) {
      switch random.below(8) {
      case 0:
        let evicted = queue.makeRoom(50_000 + random.below(300_000))
        account.withLock { $0.evicted += evicted.records }
      case 1: _ = try? disk.remove(DiskRig.directory + "/LOCK")
      case 2: queue.trim()
      default: _ = (queue.status, queue.pause, queue.oldestAge)
      }
      usleep(2000)
    }
  }

  func check() {
    account.withLock { account in
      let unknown = Set(account.delivered.keys).subtracting(account.taken)
      let missing = account.taken.subtracting(account.delivered.keys)
      #expect(unknown.isEmpty && account.delivered.values.allSatisfy { $0 == 1 })
      #expect(missing.count == account.evicted && account.untold == 0)
      #expect(account.taken.count > 100)
    }
  }
}
