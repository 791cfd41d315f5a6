import Glibc
import Testing

@testable import FrameQueues

/// The disk queue against a set of numbered frames that does the same in the plainest way, with crashes, power cuts and
/// failing calls between.
@Suite struct DiskQueueModelTests {
  /// `SLUICE_MODEL_RUNS=100000` for the long run; `SLUICE_MODEL_SEED` to repeat one.
  @Test func losesNothingDurableAndBringsBackNothingAcknowledged() throws {
    let runs = Self.number("SLUICE_MODEL_RUNS") ?? 2000
    let first = Self.number("SLUICE_MODEL_SEED") ?? 0
    var total = DiskQueueModel.Tally()
    for seed in first..<(first + runs) {
      var model = try DiskQueueModel(seed: UInt64(seed))
      do {
        try model.run()
      } catch let difference as DiskQueueModel.Difference {
        Issue.record("seed \(seed): \(difference.text)")
        return
      }
      total += model.tally
    }
    // Runs that never crash, fail or lease would prove nothing.
    guard runs >= 2000 else { return }
    #expect(total.kills > runs / 2 && total.powerCuts > runs / 2)
    #expect(total.acknowledged > runs && total.redelivered > 0 && total.refusedAppends > 0 && total.failedSyncs > 0)
    #expect(total.reusedFiles > runs / 10 && total.pageWrites > runs / 2 && total.evicted > 0)
    #expect(total.missed > runs / 10 && total.replacedFolders > runs / 10 && total.lostWithFolders > runs / 100)
    print("model: \(runs) runs, \(total)")
  }

  /// The model has to notice a disk that loses what it was asked to sync, or nothing here proves anything.
  @Test func noticesADiskThatLies() throws {
    var noticed = 0
    for seed in 0..<300 {
      var model = try DiskQueueModel(seed: UInt64(seed), diskLies: true)
      do { try model.run() } catch is DiskQueueModel.Difference { noticed += 1 }
    }
    #expect(noticed > 50)
  }

  private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
}

/// One run: a queue, and what must hold of it.
struct DiskQueueModel {
  struct Difference: Error {
    let text: String
  }

  /// How much happened in a run.
  struct Tally {
    var appended = 0
    var acknowledged = 0
    var kills = 0
    var powerCuts = 0
    var redelivered = 0
    var refusedAppends = 0
    var failedSyncs = 0
    var reusedFiles = 0
    var pageWrites = 0
    var evicted = 0
    /// Frames that somebody took away and that were reported as lost.
    var missed = 0
    var replacedFolders = 0
    var lostWithFolders = 0

    static func += (tally: inout Tally, more: Tally) {
      tally.appended += more.appended
      tally.acknowledged += more.acknowledged
      tally.kills += more.kills
      tally.powerCuts += more.powerCuts
      tally.redelivered += more.redelivered
      tally.refusedAppends += more.refusedAppends
      tally.failedSyncs += more.failedSyncs
      tally.reusedFiles += more.reusedFiles
      tally.pageWrites += more.pageWrites
      tally.evicted += more.evicted
      tally.missed += more.missed
      tally.replacedFolders += more.replacedFolders
      tally.lostWithFolders += more.lostWithFolders
    }
  }

  private struct Frame {
    let bytes: [UInt8]
    let records: Int
    var totals: FrameTotals { FrameTotals(bytes: bytes.count, records: records) }
  }

  private let rig: DiskRig
  private var random: SplitMix
  private(set) var tally = Tally()
  /// Every frame ever appended, by number.
  private var frames: [Int: Frame] = [:]
  /// In the queue as far as is known: appended and not acknowledged.
  private var held: Set<Int> = []
  /// Appends that were refused; what was written of them may come back after a crash.
  private var refused: Set<Int> = []
  private var acknowledged: Set<Int> = []
  /// Acknowledged before the cursor was last written, and before it was last synced.
  private var recordedAcknowledged: Set<Int> = []
  private var durablyAcknowledged: Set<Int> = []
  /// Held and durable when the cursor was last written.
  private var recordedHeld: Set<Int> = []
  /// Our numbers by those that the queue gives.
  private var numbers: [UInt64: Int] = [:]
  private var leases: [(lease: FrameLease, frames: [Int])] = []
  /// The highest frame leased since the queue was opened.
  private var lastLeased = -1
  private var waits: [(frames: [Int], wait: Durability)] = []
  /// Who waits for their frames to be acknowledged.
  private var deliveries: [(frames: [Int], told: AcknowledgementWaitersTests.Told)] = []
  private var hadFault = false
  /// Lost since the process started, with a folder that was replaced; and what was on loan then: it may be in no file.
  private var lostWithFolder = FrameTotals.zero
  private var onLoanOnly: Set<Int> = []

  init(seed: UInt64, diskLies: Bool = false) throws {
    random = SplitMix(seed: seed)
    let fsync: [DiskQueueOptions.Fsync] = [.always, .always, .interval(.seconds(1)), .never]
    var options = DiskRig.options(
      capacityBytes: (40 + random.below(100)) << 10, segmentBytes: (9 + random.below(20)) << 10,
      fsync: fsync[random.below(4)], minFrameBytes: 32)
    options.retryInterval = .milliseconds(500)
    // Leases from memory, from the file, or by turns.
    options.recentPieceBytes = 500 + random.below(6000)
    options.recentBytes = options.recentPieceBytes * [0, 1, 2, 3, 100][random.below(5)]
    options.maxSegmentsForReuse = [0, 3, 4, 100][random.below(4)]
    options.leavesWritingToSync = random.below(2) == 0
    let writesPages = random.below(4) > 0
    rig = try DiskRig(options)
    rig.disk.state.withLock { ($0.lies, $0.writesPages) = (diskLies, writesPages) }
  }

  mutating func run() throws {
    for _ in 0..<(10 + random.below(40)) {
      if random.below(12) == 0 { try deliverAll() }
      switch random.below(20) {
      case 0..<7: try append()
      case 7..<10: try commit()
      case 10..<13: try lease()
      case 13..<16: acknowledge()
      case 16: if random.below(2) == 0 { acknowledge() } else { try makeRoom() }
      case 17: if random.below(8) == 0 { try replaceFolder() } else { disturb() }
      case 18: if random.below(4) == 0 { try loseTheLastSegment() } else { try crash(cutsPower: false) }
      // Without syncs a power cut may take anything.
      default: try crash(cutsPower: rig.options.fsync != .never)
      }
      try checkTotals()
      try checkDeliveries()
      if let broken = rig.queue.ledger.withLock({ $0.brokenInvariant }) { throw Difference(text: broken) }
    }
    try crash(cutsPower: random.below(2) == 0 && rig.options.fsync != .never)
  }

  private var present: FrameTotals {
    held.reduce(into: .zero) { totals, number in
      if let frame = frames[number] { totals += frame.totals }
    }
  }

  private func checkTotals() throws {
    let queue = rig.queue
    guard queue.queued == present else {
      throw Difference(text: "queued \(queue.queued), expected \(present) of \(held.sorted())")
    }
    guard queue.counters.lost == lostWithFolder else { throw Difference(text: "lost \(queue.counters.lost)") }
    guard queue.diskBytes <= queue.capacityBytes else {
      throw Difference(text: "\(queue.diskBytes) bytes on disk, capacity \(queue.capacityBytes)")
    }
    let leased = leases.reduce(into: FrameTotals.zero) { $0 += $1.lease.totals }
    guard queue.waiting.bytes + leased.bytes <= queue.queuedBytes, queue.reservedBytes == 0 else {
      throw Difference(text: "waiting \(queue.waiting), leased \(leased), reserved \(queue.reservedBytes)")
    }
  }

  /// Whoever waits is told once, when the last of its frames has been acknowledged.
  private func checkDeliveries() throws {
    for (frames, told) in deliveries {
      let isOver = held.isDisjoint(with: frames)
      guard told.times == (isOver ? 1 : 0), !isOver || told.isAccepted else {
        throw Difference(text: "the sender of \(frames) was told \(told.times) times, held \(held.sorted())")
      }
    }
  }

  // MARK: Operations

  private mutating func append() throws {
    let count = 1 + random.below(4)
    let numbers = Array(frames.count..<(frames.count + count))
    var bytes: [UInt8] = []
    var marks: [FrameMark] = []
    for number in numbers {
      let frame = Frame(
        bytes: Self.payload(number, filler: 28 + random.below(1 << random.below(13))), records: random.below(9))
      frames[number] = frame
      bytes += frame.bytes
      marks.append(FrameMark(endOffset: bytes.count, records: frame.records))
    }
    do {
      try rig.queue.reserve(bytes.count)
    } catch {
      if case .full(let needed, let free, _) = error, needed <= free { throw Difference(text: "\(error)") }
      return
    }
    do {
      let position = try rig.queue.append(bytes, marks: marks)
      tally.appended += count
      held.formUnion(numbers)
      for (frame, number) in zip(position.frames, numbers) { self.numbers[frame] = number }
      waits.append((numbers, Durability(rig.queue, position)))
      let told = AcknowledgementWaitersTests.Told()
      _ = rig.queue.whenAcknowledged(position, told.done)
      deliveries.append((numbers, told))
    } catch {
      tally.refusedAppends += 1
      refused.formUnion(numbers)
    }
  }

  private mutating func commit() throws {
    let cursor = DiskRig.directory + "/cursor"
    let (syncs, writes) = (rig.disk.syncs(of: cursor), rig.disk.writes(of: cursor))
    rig.commit(after: .milliseconds(random.below(1500)))
    if rig.disk.writes(of: cursor) > writes { (recordedAcknowledged, recordedHeld) = (acknowledged, durablyHeld) }
    if rig.disk.syncs(of: cursor) > syncs { durablyAcknowledged = recordedAcknowledged }
    if rig.queue.counters.failures > 0 { hadFault = true }
  }

  private mutating func lease() throws {
    guard let lease = rig.queue.lease(maxBytes: random.below(20_000)) else {
      if !rig.queue.waiting.isEmpty { throw Difference(text: "leased nothing of \(rig.queue.waiting)") }
      return
    }
    let numbers = try self.numbers(in: lease)
    if rig.options.fsync == .always, !hadFault {
      let open = waits.filter { !$0.wait.isDurable }.flatMap(\.frames)
      if !Set(open).isDisjoint(with: numbers) { throw Difference(text: "leased \(numbers) before they were durable") }
    }
    guard held.isSuperset(of: numbers), (numbers.first ?? 0) > lastLeased else {
      throw Difference(text: "leased \(numbers) after \(lastLeased), held \(held.sorted())")
    }
    lastLeased = numbers.last ?? lastLeased
    leases.append((lease, numbers))
  }

  /// What a destination that keeps up does: leases and acknowledges all there is.
  private mutating func deliverAll() throws {
    try append()
    try commit()
    while !rig.queue.waiting.isEmpty { try lease() }
    while !leases.isEmpty { acknowledge() }
    try commit()
  }

  /// The frames in a lease, which must be whole, in order and as many as it says.
  private func numbers(in lease: FrameLease) throws -> [Int] {
    var rest = lease.bytes[...]
    var numbers: [Int] = []
    var totals = FrameTotals.zero
    while rest.count >= 4 {
      let number = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard let frame = frames[number], rest.starts(with: frame.bytes) else {
        throw Difference(text: "leased bytes that were never appended")
      }
      numbers.append(number)
      totals += frame.totals
      rest = rest.dropFirst(frame.bytes.count)
    }
    guard rest.isEmpty, totals == lease.totals, numbers.count == lease.frames, numbers == numbers.sorted() else {
      throw Difference(text: "leased \(lease.totals) in \(lease.frames) frames, read \(totals) of \(numbers)")
    }
    return numbers
  }

  private mutating func acknowledge() {
    guard !leases.isEmpty else { return }
    let (lease, numbers) = leases.remove(at: random.below(leases.count))
    rig.queue.acknowledge(lease)
    held.subtract(numbers)
    acknowledged.formUnion(numbers)
    tally.acknowledged += numbers.count
  }

  /// Throws out the oldest for room, which must be frames that are not on loan, each of which the queue accounts for.
  private mutating func makeRoom() throws {
    let before = rig.queue.ledger.withLock { $0.acknowledged }
    let evicted = rig.queue.makeRoom(1000 + random.below(rig.queue.capacityBytes / 3))
    let after = rig.queue.ledger.withLock { $0.acknowledged }
    let gone = Set(numbers.filter { !before.contains($0.key) && after.contains($0.key) }.values).intersection(held)
    let totals = gone.reduce(into: FrameTotals.zero) { totals, number in
      if let frame = frames[number] { totals += frame.totals }
    }
    guard totals == evicted else { throw Difference(text: "threw out \(gone.sorted()): \(totals), said \(evicted)") }
    guard gone.isDisjoint(with: leases.flatMap(\.frames)) else { throw Difference(text: "threw out what is on loan") }
    held.subtract(gone)
    acknowledged.formUnion(gone)
    tally.evicted += gone.count
  }

  /// Has somebody remove the folder and make it again: what the queue cannot write into the new one it counts.
  private mutating func replaceFolder() throws {
    rig.disk.repair()
    for _ in 0..<2 { rig.commit(after: .seconds(1)) }
    let before = rig.queue.ledger.withLock { $0.acknowledged }
    rig.disk.replaceDirectory(DiskRig.directory)
    if random.below(2) == 0 {
      // The new one fails too, at first.
      let action = ["open", "write", "sync", "syncDirectory", "truncate"][random.below(5)]
      rig.disk.fail(action, EIO, after: random.below(10), times: 1 + random.below(2))
      rig.commit(after: .seconds(1))
      rig.disk.repair()
      hadFault = true
    }
    for _ in 0..<2 { rig.commit(after: .seconds(1)) }
    let after = rig.queue.ledger.withLock { $0.acknowledged }
    let gone = Set(numbers.filter { !before.contains($0.key) && after.contains($0.key) }.values).intersection(held)
    let onLoan = Set(leases.flatMap(\.frames))
    var lost = rig.queue.counters.lost
    lost -= lostWithFolder
    guard rig.queue.fault == nil, totals(of: gone) == lost, gone.isDisjoint(with: onLoan) else {
      throw Difference(text: "the folder went with \(totals(of: gone)), said \(lost), \(rig.queue.fault as Any)")
    }
    for (frames, told) in deliveries where !gone.isDisjoint(with: frames) {
      guard told.times == 1, !told.isAccepted else { throw Difference(text: "\(frames) are lost, \(told.times) told") }
    }
    deliveries.removeAll { !gone.isDisjoint(with: $0.frames) }
    lostWithFolder += lost
    onLoanOnly.formUnion(onLoan)
    held.subtract(gone)
    acknowledged.formUnion(gone)
    (recordedAcknowledged, durablyAcknowledged, recordedHeld) = (acknowledged, acknowledged, durablyHeld)
    tally.replacedFolders += 1
    tally.lostWithFolders += gone.count
  }

  /// Breaks something, or mends it all.
  private mutating func disturb() {
    switch random.below(9) {
    case 6:
      // Of one file at a time, and for longer than a page may be unreadable before it is given up.
      rig.disk.fail("open", [EMFILE, EACCES, ESTALE, EIO][random.below(4)], on: ".frames", times: 200)
    case 7: rig.disk.fail("sync", EIO, on: "/cursor", after: random.below(2), times: 1 + random.below(2))
    case 8:
      let paths = rig.segments
      if !paths.isEmpty {
        let path = paths[random.below(paths.count)]
        rig.disk.breakPage(path, at: SegmentFormat.headerBytes + random.below(20_000))
      }
    case 0: rig.disk.fail("write", EIO, after: random.below(3))
    case 1:
      rig.disk.fail("sync", EIO, after: random.below(3))
      tally.failedSyncs += 1
    case 2: rig.disk.fail("allocate", ENOSPC, after: random.below(2), times: 1 + random.below(6))
    case 3: rig.disk.fail("syncDirectory", EIO, after: random.below(2))
    case 4: rig.disk.fail("open", EMFILE, after: random.below(3), times: 1 + random.below(3))
    default: rig.disk.repair()
    }
    hadFault = true
  }

  // MARK: Crashes

  /// What is held and counts as durable.
  private var durablyHeld: Set<Int> {
    rig.options.fsync == .always ? held.subtracting(waits.filter { !$0.wait.isDurable }.flatMap(\.frames)) : held
  }

  private func totals(of numbers: Set<Int>) -> FrameTotals {
    numbers.reduce(into: .zero) { totals, number in
      if let frame = frames[number] { totals += frame.totals }
    }
  }

  /// Ends the process, in order or not, and takes the last segment or a part of it away: what the cursor had is
  /// reported as lost, all of it and no more.
  private mutating func loseTheLastSegment() throws {
    if random.below(2) == 0 {
      rig.queue.shutdown()
      recordedHeld = rig.queue.counters.failures == 0 ? durablyHeld : recordedHeld.union(durablyHeld)
    }
    if rig.queue.counters.failures > 0 { hadFault = true }
    let disk = rig.disk.afterKill()
    if let path = disk.paths.last(where: { $0.hasSuffix(".frames") && disk.content($0)?.isEmpty == false }),
      let content = disk.content(path)
    {
      if random.below(2) == 0 {
        try disk.remove(path)
      } else {
        disk.setContent(path, Array(content.prefix(random.below(content.count))))
      }
    }
    try rig.reopen(on: disk)
    let lost = rig.queue.counters.lost
    let found = try look()
    let missed = totals(of: recordedHeld.subtracting(found))
    // After a sync that failed it is not known what was in the file.
    guard lost == missed || hadFault && lost.bytes <= missed.bytes && lost.records <= missed.records else {
      throw Difference(text: "missed \(missed), reported \(lost)")
    }
    tally.missed += lost.records
    held = found
    acknowledged.subtract(found)
    restart()
  }

  /// What the model knows of a process just started.
  private mutating func restart() {
    refused.subtract(held)
    (recordedAcknowledged, durablyAcknowledged, recordedHeld) = (acknowledged, acknowledged, held)
    leases = []
    waits = []
    deliveries = []
    lastLeased = -1
    hadFault = false
    (lostWithFolder, onLoanOnly) = (.zero, [])
  }

  private mutating func crash(cutsPower: Bool) throws {
    let durable = Set(waits.filter { $0.wait.isDurable }.flatMap(\.frames)).union(
      held.subtracting(waits.flatMap(\.frames)))
    tally.reusedFiles += rig.disk.calls("rename")
    tally.pageWrites += rig.disk.calls("writePages")
    let losesUnsynced = cutsPower || rig.options.writesWithSync
    if cutsPower { tally.powerCuts += 1 } else { tally.kills += 1 }
    let reports = rig.events.count
    if cutsPower { try rig.cutPower(seed: random.next()) } else { try rig.kill() }
    if !cutsPower, !hadFault, onLoanOnly.isEmpty, rig.events.count > reports {
      throw Difference(text: "reported \(rig.events.dropFirst(reports)) of a sound disk")
    }
    let lost = rig.queue.counters.lost
    let found = try look()
    try check(lost, found, cutsPower: cutsPower)
    let mustHave =
      losesUnsynced && rig.options.fsync == .always
      ? durable.intersection(held).subtracting(onLoanOnly)
      : cutsPower ? [] : held.subtracting(onLoanOnly)
    let mayHave = held.union(refused).union(
      acknowledged.subtracting(cutsPower ? durablyAcknowledged : recordedAcknowledged))
    guard found.isSuperset(of: mustHave) else {
      throw Difference(text: "lost \(mustHave.subtracting(found).sorted()) in a \(cutsPower ? "power cut" : "kill")")
    }
    guard found.isSubset(of: mayHave) else {
      throw Difference(
        text: "brought back \(found.subtracting(mayHave).sorted()) in a \(cutsPower ? "power cut" : "kill")")
    }
    tally.redelivered += found.intersection(acknowledged).count
    acknowledged.subtract(found)
    held = found
    restart()
  }

  /// What a crash may take and the next process report is what was on loan when a folder was replaced, as far as it is
  /// in no file and the cursor does not say that it was acknowledged. After a kill that is reported, all of it and no
  /// more.
  private func check(_ lost: FrameTotals, _ found: Set<Int>, cutsPower: Bool) throws {
    // What came between two syncs a power cut may take.
    if cutsPower, rig.options.fsync != .always { return }
    let recorded = cutsPower ? durablyAcknowledged : recordedAcknowledged
    let missing = totals(of: onLoanOnly.subtracting(recorded).subtracting(found))
    let isNoMore = lost.records <= missing.records && lost.bytes <= missing.bytes
    // A power cut may leave a later cursor, and after a sync that failed it is not known what was in the file.
    guard lost == missing || isNoMore && (cutsPower || hadFault) else {
      throw Difference(
        text: "reported \(lost) as lost in a \(cutsPower ? "power cut" : "kill"), missing \(missing)")
    }
  }

  /// Leases everything in the queue, then has the process killed again, so that it is all there to be leased.
  private func look() throws -> Set<Int> {
    var found: Set<Int> = []
    var totals = FrameTotals.zero
    let queued = rig.queue.queued
    while let lease = rig.queue.lease(maxBytes: 5000) {
      let numbers = try numbers(in: lease)
      guard found.isDisjoint(with: numbers) else { throw Difference(text: "leased \(numbers) twice") }
      found.formUnion(numbers)
      totals += lease.totals
    }
    guard totals == queued, rig.queue.waiting.isEmpty, rig.queue.queued == queued else {
      throw Difference(text: "\(queued) queued after the crash, \(totals) leased")
    }
    try rig.kill()
    guard rig.queue.queued == queued else {
      throw Difference(text: "\(queued) queued after the crash, \(rig.queue.queued) when opened again")
    }
    return found
  }

  /// Bytes that say which frame they are; the filler is full of what frame headers start with.
  private static func payload(_ number: Int, filler: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
      + (0..<filler).map { Array("SLFR".utf8)[$0 % 4] }
  }
}
