/// What a disk queue knows of its frames, guarded by its lock. It does no I/O.
///
/// Invariants: acknowledged <= leased <= durable <= written, in frames of each segment (with `fsync: interval` and
/// `never`, written counts as durable); `queued` = frames pending, waiting and leased; `diskBytes` plus what is
/// reserved <= capacity.
struct DiskLedger {
  let options: DiskQueueOptions
  private(set) var segments: [Segment] = []
  private(set) var acknowledged: AcknowledgedFrames
  private(set) var queued = FrameTotals.zero
  private(set) var waiting = FrameTotals.zero
  /// Written, but not yet durable enough to be leased.
  private(set) var pending = FrameTotals.zero
  private(set) var reservedBytes = 0
  /// Bytes of all segments, whether their frames are acknowledged or not.
  private(set) var diskBytes = 0
  /// Disk space set aside that reservations can count on.
  private(set) var roomBytes = 0
  /// True if a reservation found the queue full, so that even a segment that is only partly used is given back.
  private(set) var isRoomWanted = false
  /// True once a segment could not be written, so that there may be frames in memory only that are no longer pending.
  private(set) var hasStranded = false
  private(set) var isClosed = false
  private(set) var health = DiskHealth()
  private(set) var ages = FrameAges()
  private(set) var pacing: Pacing
  private(set) var wake: (@Sendable (FrameTotals) -> Void)?
  private(set) var counters = DiskQueueCounters()
  /// Why the next process will not find what was left; known after the end.
  private(set) var endFault: FileError?
  /// What the file system has free, as far as it says; asked by the committing thread.
  private(set) var freeBytes: Int?
  private(set) var isFreeAsked = false
  private(set) var leases: [UInt64: Lease] = [:]
  private var nextLeaseID: UInt64 = 1
  private var waiters: [Waiter] = []
  /// Who waits for frames to be acknowledged.
  private var acknowledgementWaiters = AcknowledgementWaiters()
  /// Who is to be told, without the lock, that a wait for acknowledgement is over, and how.
  private var endedWaits: [EndedWait] = []
  /// What was given up, for those who come to wait afterwards.
  private(set) var lostFrames = LostFrames()
  private var events: [DiskQueueEvent] = []
  /// True once nothing more becomes durable.
  private var hasEnded = false

  init(options: DiskQueueOptions, acknowledged: AcknowledgedFrames) {
    self.options = options
    self.acknowledged = acknowledged
    pacing = Pacing(freeBytes: options.pacedBytes)
  }

  // MARK: What was found when the queue was opened

  mutating func restore(_ acknowledged: AcknowledgedFrames) { self.acknowledged = acknowledged }

  /// Counts a segment whose frames wait.
  mutating func restore(_ segment: Segment) {
    add(segment)
    queued += segment.waiting
    waiting += segment.waiting
  }

  /// Counts frames as done with that are nowhere; returns how many of them were not acknowledged.
  mutating func restoreWithout(_ frames: Range<UInt64>) -> UInt64 {
    defer { acknowledged.insert(frames) }
    return acknowledged.countMissing(in: frames)
  }

  /// Has the age of what waits count from now on.
  mutating func restored(at now: Duration) {
    if !queued.isEmpty { ages.appended(acknowledged.low, at: now) }
  }

  // MARK: Events

  /// Adds what is to be reported, and counts what it says is damaged or lost.
  mutating func note(_ event: DiskQueueEvent) {
    events.append(event)
    counters.count(event)
  }

  /// Takes out what is to be reported, and who is to be told that a wait is over.
  mutating func takeNews() -> (events: [DiskQueueEvent], waits: [EndedWait]) {
    defer { (events, endedWaits) = ([], []) }
    return (events, endedWaits)
  }

  mutating func setWake(_ wake: @escaping @Sendable (FrameTotals) -> Void) { self.wake = wake }

  // MARK: The disk

  /// Says that the disk did not take a write.
  mutating func failed(_ error: FileError) {
    counters.failures &+= 1
    health.writeFailed(error)
  }

  /// Says that the disk still does not take a write.
  mutating func failedAgain(_ error: FileError) { health.writeFailed(error) }
  mutating func takesWrites() { health.takesWrites() }
  mutating func readFailed(_ error: FileError) { health.readFailed(error) }
  mutating func readSucceeded() { health.readSucceeded() }
  mutating func triesReading() { health.triesReading() }
  mutating func roundBegins(at now: Duration) { health.roundBegins(at: now) }

  /// Ends a round of the committing thread, with what is to be said of failures.
  mutating func roundEnds(at now: Duration) {
    health.roundEnds()
    if let event = health.news(at: now) { note(event) }
  }

  mutating func askFreeBytes() { isFreeAsked = true }
  mutating func noteFreeBytes(_ bytes: Int?) { (freeBytes, isFreeAsked) = (bytes, false) }

  // MARK: Room

  mutating func reserve(_ bytes: Int) -> QueueRefusal? {
    let capacity = options.capacityBytes
    if isClosed { return .closed }
    let most = options.maxReservationBytes
    if bytes > most { return .neverFits(neededBytes: bytes, capacityBytes: most) }
    if let fault = health.fault { return .unavailable(reason: fault.description) }
    if options.writesWithSync, pending.bytes > options.maxUnsyncedBytes {
      return .behind(waitingBytes: pending.bytes, limitBytes: options.maxUnsyncedBytes)
    }
    if strandedBytes > options.maxUnsyncedBytes {
      return .behind(waitingBytes: strandedBytes, limitBytes: options.maxUnsyncedBytes)
    }
    let reserved = reservedBytes &+ bytes
    if diskBytes &+ reserved &+ options.headerBytes(forPayload: reserved) > capacity {
      isRoomWanted = true
      let used = diskBytes &+ reservedBytes &+ options.headerBytes(forPayload: reserved)
      return .full(neededBytes: bytes, freeBytes: max(capacity &- used, 0), capacityBytes: capacity)
    }
    reservedBytes = reserved
    return nil
  }

  mutating func unreserve(_ bytes: Int) { reservedBytes = max(reservedBytes &- bytes, 0) }

  /// Says how much disk space is set aside.
  mutating func hasRoom(_ bytes: Int) { roomBytes = bytes }

  mutating func close() {
    isClosed = true
    refuseWaiters()
  }

  // MARK: Appending

  mutating func add(_ segment: Segment) {
    segments.append(segment)
    diskBytes &+= segment.diskBytes
  }

  /// Counts frames written to the last segment. True if the committing thread does not know yet that it has work.
  mutating func appended(_ totals: FrameTotals, endFrame: UInt64, writtenBytes: Int, at now: Duration) -> Bool {
    guard let last = segments.indices.last else { return false }
    ages.appended(segments[last].endFrame, at: now)
    let wasSynced = segments[last].syncedBytes == segments[last].writtenBytes
    diskBytes &+= writtenBytes &- segments[last].writtenBytes
    segments[last].endFrame = endFrame
    segments[last].writtenBytes = writtenBytes
    segments[last].totals += totals
    counters.appends &+= 1
    queued += totals
    if leasesOnlySynced {
      segments[last].pending += totals
      pending += totals
    } else {
      segments[last].waiting += totals
      waiting += totals
    }
    return leasesOnlySynced || wasSynced && options.fsync != .never
  }

  mutating func seal(_ sequence: UInt64) {
    guard let index = index(of: sequence) else { return }
    segments[index].isSealed = true
  }

  // MARK: Syncing

  /// Ends the segment that is appended to, if it is to be given back.
  mutating func giveBack(_ sequence: UInt64) -> Bool {
    guard let index = index(of: sequence), canGiveBack(segments[index]) else { return false }
    segments[index].isSealed = true
    segments[index].file = nil
    return true
  }

  /// Has a segment synced in another file.
  mutating func replaceFile(of sequence: UInt64, by file: SegmentFile) {
    if let index = index(of: sequence) { segments[index].file = file }
  }

  /// Says that a sync succeeded: what was written when it began is durable and can be leased.
  mutating func synced(_ sync: Sync, in time: Duration) {
    if options.fsync != .never {
      counters.syncs &+= 1
      counters.syncTime += time
    }
    guard let index = index(of: sync.sequence), !segments[index].isSyncFailed else { return }
    segments[index].syncedBytes = sync.offsets.upperBound
    segments[index].syncedFrame = sync.frames.upperBound
    segments[index].syncedTotals = sync.totals
    segments[index].pending -= sync.pending
    pending -= sync.pending
    segments[index].waiting += sync.pending
    waiting += sync.pending
    if sync.isSealed { segments[index].file = nil }
  }

  /// Says that a sync failed. The system may have forgotten what it could not write, so the segment is neither synced
  /// nor written again; its frames are leased as far as they can still be read, and who waits is told.
  mutating func syncFailed(_ sequence: UInt64, _ error: FileError) {
    failed(error)
    guard let index = index(of: sequence) else { return }
    hasStranded = true
    segments[index].isSyncFailed = true
    segments[index].isSealed = true
    segments[index].file = nil
    pending -= segments[index].pending
    waiting += segments[index].pending
    segments[index].waiting += segments[index].pending
    segments[index].pending = .zero
  }

  /// Forgets a segment whose file is gone.
  mutating func remove(_ sequence: UInt64) {
    guard let index = index(of: sequence) else { return }
    loseWaiting(of: index)
    if !segments[index].isLeaving { diskBytes &-= segments[index].diskBytes }
    segments.remove(at: index)
    isRoomWanted = false
  }

  // MARK: Leasing

  mutating func open(_ frames: Range<UInt64>, _ totals: FrameTotals, in sequence: UInt64) -> UInt64 {
    if let index = index(of: sequence) { segments[index].waiting -= totals }
    waiting -= totals
    let id = nextLeaseID
    nextLeaseID &+= 1
    leases[id] = Lease(frames: frames, totals: totals)
    return id
  }

  /// Has the file of a segment kept when it is removed, as it cannot be read. False if there is none of that number.
  mutating func markUnreadable(_ sequence: UInt64) -> Bool {
    guard let index = index(of: sequence) else { return false }
    segments[index].isUnreadable = true
    return true
  }

  /// Counts frames as done with of which none was found to be leased.
  mutating func pass(_ frames: Range<UInt64>) {
    acknowledged.insert(frames)
    ages.acknowledged(below: acknowledged.low, of: segments.last?.endFrame ?? 0)
  }

  /// Ends a lease. False if there is none of that name.
  mutating func acknowledge(_ id: UInt64, at now: Duration) -> Bool {
    guard let lease = leases.removeValue(forKey: id) else { return false }
    pacing.delivered(at: now)
    queued -= lease.totals
    settle(lease.frames)
    return true
  }

  /// Notes frames as acknowledged, and that who waits for the last of its own waits no longer.
  mutating func settle(_ frames: Range<UInt64>) {
    pass(frames)
    endWaits(acknowledgementWaiters.take(after: frames, acknowledged: acknowledged), nil)
  }

  /// Counts frames as done with that cannot be read; who waits for any of them is told, now or later.
  mutating func giveUp(_ frames: Range<UInt64>) {
    if acknowledged.covers(frames) { return }
    pass(frames)
    lostFrames.insert(frames)
    endWaits(acknowledgementWaiters.take(waitingFor: frames), Self.lost)
  }

  /// What those are told who wait for frames that were given up.
  static let lost = QueueRefusal.unavailable(reason: "records were lost to damage of the disk")

  /// Takes in who waits until frames are acknowledged, unless that is over; then there is no ticket.
  mutating func whenAcknowledged(
    _ frames: Range<UInt64>, _ done: @escaping AcknowledgementWaiters.Done
  ) -> (ticket: UInt64?, refusal: QueueRefusal?) {
    if lostFrames.touches(frames) { return (nil, Self.lost) }
    return acknowledgementWaiters.wait(for: frames, acknowledged: acknowledged, done)
  }

  mutating func forget(_ ticket: UInt64) { acknowledgementWaiters.forget(ticket) }

  private mutating func endWaits(_ waits: [AcknowledgementWaiters.Done], _ refusal: QueueRefusal?) {
    for done in waits { endedWaits.append(EndedWait(done: done, refusal: refusal)) }
  }

  /// Refuses those who wait for acknowledgements, and all who will.
  mutating func refuseWaiters() { endWaits(acknowledgementWaiters.refuseAll(), .closed) }

  /// Refuses those who wait for the disk.
  mutating func refuseThoseWaitingForTheDisk() { endWaits(takeWaiters().map(\.done), .closed) }

  /// Takes out those who wait for the disk.
  mutating func takeWaiters() -> [Waiter] {
    defer { waiters = [] }
    return waiters
  }

  /// Says that nothing more becomes durable: who still waits for that is told. Of what was, the next process will not
  /// find what is left if there is a `fault`.
  mutating func end(_ fault: FileError?) {
    (endFault, hasEnded) = (fault, true)
    refuseThoseWaitingForTheDisk()
  }

  /// Takes in who waits until frames are durable, unless that is known; then that is what to tell.
  mutating func whenDurable(
    _ position: FramePosition, _ done: @escaping @Sendable (QueueRefusal?) -> Void
  ) -> QueueRefusal?? {
    if let outcome = durability(of: position) { return outcome }
    if hasEnded { return .some(.closed) }
    waiters.append(Waiter(position: position, done: done))
    return .none
  }

  /// Gives up what is still counted as waiting in a segment that has been read to its end, and all frames of it from
  /// `frame` on.
  mutating func giveUpRest(of index: Int, from frame: UInt64) {
    loseWaiting(of: index)
    let end = readableEnd(of: segments[index]).frame
    if frame < end { giveUp(frame..<end) }
  }

  /// Counts as lost what a segment was to hold and that no lease has found in it.
  private mutating func loseWaiting(of index: Int) {
    let lost = segments[index].waiting
    segments[index].waiting = .zero
    waiting -= lost
    queued -= lost
    if !lost.isEmpty { note(.lost(lost)) }
  }

  /// Takes out those who need not wait any longer, with what to tell them.
  mutating func takeSettledWaiters() -> [(waiter: Waiter, refusal: QueueRefusal?)] {
    var settled: [(waiter: Waiter, refusal: QueueRefusal?)] = []
    var open: [Waiter] = []
    for waiter in waiters {
      if let outcome = durability(of: waiter.position) {
        settled.append((waiter, outcome))
      } else {
        open.append(waiter)
      }
    }
    waiters = open
    return settled
  }

  // MARK: Making room, and what a folder took with it

  /// Throws out a segment of which nothing is leased; its file is still to be removed.
  mutating func evict(_ index: Int) -> FrameTotals {
    let (evicted, frames) = (segments[index].waiting, segments[index].firstFrame..<segments[index].endFrame)
    segments[index].waiting = .zero
    segments[index].isLeaving = true
    diskBytes &-= segments[index].diskBytes
    waiting -= evicted
    queued -= evicted
    settle(frames)
    return evicted
  }

  /// Gives up what of a segment is neither on loan nor among the frames that were written anew, and returns that.
  mutating func giveUp(_ sequence: UInt64, but kept: Rewritten?) -> FrameTotals {
    // It may have been thrown out to make room meanwhile.
    guard let index = index(of: sequence), !segments[index].isLeaving else { return .zero }
    let segment = segments[index]
    var lost = segment.waiting
    lost -= kept?.totals ?? .zero
    segments[index].waiting -= lost
    waiting -= lost
    queued -= lost
    counters.lost += lost
    for frames in gaps(in: segment.firstFrame..<segment.endFrame, but: kept?.frames) { giveUp(frames) }
    diskBytes &-= segment.diskBytes
    guard let kept else {
      segments[index].isLeaving = true
      return lost
    }
    segments[index].take(kept)
    diskBytes &+= segments[index].diskBytes
    return lost
  }
}
