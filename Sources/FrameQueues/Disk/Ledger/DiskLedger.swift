/// What a disk queue knows of its frames, guarded by its lock. It does no I/O.
///
/// Invariants: acknowledged <= leased <= durable <= written, in frames of each segment (with `fsync: interval` and
/// `never`, written counts as durable); `queued` = frames pending, waiting and leased; `diskBytes` plus what is
/// reserved <= capacity.
struct DiskLedger {
  /// A segment with frames in it, as far as the queue has to know.
  struct Segment {
    let sequence: UInt64
    /// As in its header: it tells the file from another of that name.
    var salt: UInt32 = 0
    var firstFrame: UInt64
    /// The number after that of the last frame written.
    var endFrame: UInt64
    /// Where the last frame written ends.
    var writtenBytes: Int
    /// How far the file is known to have reached the disk: the end of a frame, and the number after it.
    var syncedBytes: Int
    var syncedFrame: UInt64
    /// True if nothing is appended to it any more.
    var isSealed: Bool
    /// True if a sync failed, so that what was not synced before may or may not reach the disk.
    var isSyncFailed = false
    /// True if its header is damaged or the disk did not give a page back: then its file is kept, set aside.
    var isUnreadable = false
    /// True if it was thrown out to make room: it counts no longer, and is to be removed.
    var isLeaving = false
    /// Of all frames written.
    var totals = FrameTotals.zero
    /// Written, but not yet durable enough to be leased.
    var pending = FrameTotals.zero
    /// Neither pending nor leased.
    var waiting = FrameTotals.zero
    /// The file to sync; nil once all of it is.
    var file: SegmentFile?

    var name: String { SegmentFormat.fileName(sequence) }
    var diskBytes: Int { writtenBytes + SegmentFormat.footerBytes }
  }

  struct Lease {
    let frames: Range<UInt64>
    let totals: FrameTotals
  }

  /// Who waits for a frame to be durable.
  struct Waiter {
    let position: FramePosition
    let done: @Sendable (QueueRefusal?) -> Void
  }

  let options: DiskQueueOptions
  var segments: [Segment] = []
  var acknowledged: AcknowledgedFrames
  var queued = FrameTotals.zero
  var waiting = FrameTotals.zero
  /// Written, but not yet durable enough to be leased.
  var pending = FrameTotals.zero
  var reservedBytes = 0
  /// Bytes of all segments, whether their frames are acknowledged or not.
  var diskBytes = 0
  /// Disk space set aside that reservations can count on.
  var roomBytes = 0
  /// True if a reservation found the queue full, so that even a segment that is only partly used is given back.
  var isRoomWanted = false
  /// True once a segment could not be written, so that there may be frames in memory only that are no longer pending.
  var hasStranded = false
  var isClosed = false
  /// Why the disk does not take writes.
  var fault: FileError?
  /// Why the oldest segment cannot be read; nil while that is tried again.
  var readFault: FileError?
  /// How often in a row that was tried, and at how many attempts up to the last the disk itself gave nothing back.
  var readAttempts = 0
  var mediumFaults = 0
  var waiters: [Waiter] = []
  /// Who waits for frames to be acknowledged.
  var acknowledgementWaiters = AcknowledgementWaiters()
  /// Who is to be told, without the lock, that a wait for acknowledgement is over, and how.
  var endedWaits: [(done: AcknowledgementWaiters.Done, refusal: QueueRefusal?)] = []
  /// What was given up, for those who come to wait afterwards.
  private(set) var lostFrames = LostFrames()
  var ages = FrameAges()
  var pacing: Pacing
  var wake: (@Sendable (FrameTotals) -> Void)?
  var counters = DiskQueueCounters()
  var trouble = DiskTrouble()
  /// Why the next process will not find what was left; known after the end.
  private(set) var endFault: FileError?
  /// True once nothing more becomes durable.
  private var hasEnded = false
  /// What the file system has free, as far as it says; asked by the committing thread.
  var freeBytes: Int?
  var isFreeAsked = false
  /// When the round of the committing thread that is under way began.
  var roundBegan: Duration?
  var events: [DiskQueueEvent] = []
  private(set) var leases: [UInt64: Lease] = [:]
  private var nextLeaseID: UInt64 = 1

  init(options: DiskQueueOptions, acknowledged: AcknowledgedFrames) {
    self.options = options
    self.acknowledged = acknowledged
    pacing = Pacing(freeBytes: options.pacedBytes)
  }

  /// True if frames are leased only once they are synced.
  var leasesOnlySynced: Bool { options.fsync == .always }
  /// What a lease could be taken of now.
  var leasable: FrameTotals { readFault == nil ? waiting : .zero }

  // MARK: Room

  mutating func reserve(_ bytes: Int) -> QueueRefusal? {
    let capacity = options.capacityBytes
    if isClosed { return .closed }
    let most = options.maxReservationBytes
    if bytes > most { return .neverFits(neededBytes: bytes, capacityBytes: most) }
    if let fault { return .unavailable(reason: fault.description) }
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

  /// Disk space that everything reserved may take.
  var neededRoomBytes: Int { reservedBytes &+ options.headerBytes(forPayload: reservedBytes) }

  /// Bytes of frames that are in memory only because their segment could not be written. Their senders were told.
  var strandedBytes: Int {
    guard hasStranded, options.writesWithSync else { return 0 }
    return segments.reduce(0) { $0 &+ ($1.isSyncFailed ? $1.waiting.bytes : 0) }
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

  /// Says that the disk did not take a write.
  mutating func failed(_ error: FileError) {
    counters.failures &+= 1
    failedAgain(error)
  }

  /// Says that the disk still does not take a write.
  mutating func failedAgain(_ error: FileError) {
    fault = error
    trouble.note(error, .writing)
  }

  /// Adds what is to be said of failures to the events; once in a round of the committing thread.
  mutating func tellTrouble(at now: Duration) {
    let isOver = fault == nil && readFault == nil && readAttempts == 0
    if let event = trouble.news(at: now, isOver: isOver) { events.append(event) }
  }

  /// For how long the disk has not answered, if that is too long.
  func hangTime(at now: Duration) -> Duration? {
    roundBegan.map { now - $0 }.flatMap { $0 > DiskQueueOptions.patience ? $0 : nil }
  }

  func index(of sequence: UInt64) -> Int? { segments.firstIndex { $0.sequence == sequence } }

  /// Segments that nobody needs any more once it is durable what is acknowledged.
  var removable: [Segment] {
    let recorded = CursorFile.recorded(acknowledged)
    return segments.filter { $0.isSealed && $0.file == nil && recorded.covers($0.firstFrame..<$0.endFrame) }
  }

  /// True if the segment that is appended to is all acknowledged, and large enough or its room wanted.
  func canGiveBack(_ segment: Segment) -> Bool {
    !segment.isSealed && reservedBytes == 0 && segment.endFrame > segment.firstFrame
      && (isRoomWanted || segment.diskBytes > options.usedSegmentBytes / 2)
      && acknowledged.covers(segment.firstFrame..<segment.endFrame)
  }

  /// True if the file of a segment can become the next: it has the usual size and was written not long ago.
  func isReusable(_ segment: Segment) -> Bool {
    !segment.isSyncFailed && !segment.isUnreadable && segments.count <= options.maxSegmentsForReuse
      && (options.usedSegmentBytes / 2...options.usedSegmentBytes).contains(segment.diskBytes)
  }

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
    acknowledged.insert(frames)
    endWaits(acknowledgementWaiters.take(after: frames, acknowledged: acknowledged), nil)
    ages.acknowledged(below: acknowledged.low, of: segments.last?.endFrame ?? 0)
  }

  /// Counts frames as done with that cannot be read; who waits for any of them is told, now or later.
  mutating func giveUp(_ frames: Range<UInt64>) {
    if acknowledged.covers(frames) { return }
    acknowledged.insert(frames)
    lostFrames.insert(frames)
    endWaits(acknowledgementWaiters.take(waitingFor: frames), Self.lost)
    ages.acknowledged(below: acknowledged.low, of: segments.last?.endFrame ?? 0)
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

  private mutating func endWaits(_ waits: [AcknowledgementWaiters.Done], _ refusal: QueueRefusal?) {
    for done in waits { endedWaits.append((done, refusal)) }
  }

  /// Refuses those who wait for acknowledgements, and all who will.
  mutating func refuseWaiters() {
    endWaits(acknowledgementWaiters.refuseAll(), .closed)
  }

  /// Refuses those who wait for the disk.
  mutating func refuseThoseWaitingForTheDisk() {
    endWaits(waiters.map(\.done), .closed)
    waiters = []
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
    let end = readableEnd(of: index).frame
    if frame < end { giveUp(frame..<end) }
  }

  /// Counts as lost what a segment was to hold and that no lease has found in it.
  private mutating func loseWaiting(of index: Int) {
    let lost = segments[index].waiting
    segments[index].waiting = .zero
    waiting -= lost
    queued -= lost
    if lost.isEmpty { return }
    counters.lost += lost
    events.append(.lost(lost))
  }

  /// How far a segment may be read: an offset, and the number of the frame that would follow.
  func readableEnd(of index: Int) -> (bytes: Int, frame: UInt64) {
    let segment = segments[index]
    return leasesOnlySynced && !segment.isSyncFailed
      ? (segment.syncedBytes, segment.syncedFrame) : (segment.writtenBytes, segment.endFrame)
  }
}
