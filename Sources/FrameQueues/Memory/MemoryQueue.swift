import Synchronization

/// A queue in memory, bounded in bytes (config `queue_size`), lost with the process.
///
/// Frames lie in segments of `segmentBytes`, which a lease never crosses; a larger frame has one of its own. A
/// segment's memory is used again once no frame of it waits and no lease of it is open; an empty queue keeps one
/// segment. One lock per call, none per record.
package final class MemoryQueue: FrameQueue {
  package let capacityBytes: Int
  private let state: Mutex<State>

  /// An empty queue. Beyond `pacedBytes` of backlog those who append are held up (`pause`).
  package init(capacityBytes: Int = 256 << 20, segmentBytes: Int = 5 << 20, pacedBytes: Int = 8 << 20) {
    self.capacityBytes = max(capacityBytes, 0)
    state = Mutex(
      State(capacityBytes: max(capacityBytes, 0), segmentBytes: max(segmentBytes, 1), pacedBytes: pacedBytes))
  }

  package var queuedBytes: Int { state.withLock { $0.queued.bytes } }
  package var queuedRecords: Int { state.withLock { $0.queued.records } }
  package var queued: FrameTotals { state.withLock { $0.queued } }
  package var waiting: FrameTotals { state.withLock { $0.waiting } }
  package var oldestAge: Duration { state.withLock { $0.ages }.oldest(at: monotonicNow()) }
  /// Bytes set aside for requests that have not appended yet.
  package var reservedBytes: Int { state.withLock { $0.reservedBytes } }

  package func reserve(_ bytes: Int) throws(QueueRefusal) {
    if let refusal = state.withLock({ $0.reserve(max(bytes, 0)) }) { throw refusal }
  }

  package func unreserve(_ bytes: Int) {
    state.withLock { $0.unreserve(max(bytes, 0)) }
  }

  @discardableResult
  package func append(_ bytes: UnsafeRawBufferPointer, frames: [FrameMark]) -> FramePosition {
    let now = monotonicNow()
    let (position, wake, waiting) = state.withLock { state in
      let position = unsafe state.append(bytes, frames: frames)
      if !position.frames.isEmpty { state.ages.appended(position.frames.lowerBound, at: now) }
      return (position, state.wake, state.waiting)
    }
    wake?(waiting)
    return position
  }

  package var pause: Duration {
    state.withLock { state in
      // Most requests need no look at the clock.
      guard state.waiting.bytes > state.pacing.freeBytes else { return .zero }
      return state.pacing.pause(waitingBytes: state.waiting.bytes, now: monotonicNow())
    }
  }

  package func trim() { state.withLock { $0.trim() } }

  /// Memory is as durable as it gets at once.
  package var isDurable: Bool { false }

  package func whenDurable(_ position: FramePosition, _ done: @escaping @Sendable (QueueRefusal?) -> Void) {
    done(nil)
  }

  package func whenAcknowledged(
    _ position: FramePosition, _ done: @escaping @Sendable (QueueRefusal?) -> Void
  ) -> UInt64? {
    let (ticket, refusal) = state.withLock { state in
      state.waiters.wait(for: position.frames, acknowledged: state.acknowledged, done)
    }
    if ticket == nil { done(refusal) }
    return ticket
  }

  package func forget(_ ticket: UInt64) { state.withLock { $0.waiters.forget(ticket) } }

  package func lease(maxBytes: Int) -> FrameLease? {
    state.withLock { $0.lease(maxBytes: maxBytes) }
  }

  package func acknowledge(_ lease: FrameLease) {
    let now = monotonicNow()
    for done in state.withLock({ $0.acknowledge(lease.id, at: now) }) { done(nil) }
  }

  package func onAppend(_ wake: @escaping @Sendable (_ waiting: FrameTotals) -> Void) {
    state.withLock { $0.wake = wake }
  }

  package func close() {
    state.withLock { $0.isClosed = true }
    refuseWaiters()
  }

  package func refuseWaiters() {
    for done in state.withLock({ $0.waiters.refuseAll() }) { done(.closed) }
  }
}

/// What a memory queue's lock guards.
///
/// Invariants: `waiting <= queued`; `queued.bytes + reservedBytes <= capacityBytes` as long as nothing is appended
/// without a reservation; every segment but the last has a frame that waits; frames are leased in the order of their
/// numbers: acknowledged < `nextLeased` <= `nextFrame`.
private struct State {
  let capacityBytes: Int
  let spares: SpareSegments
  var queued = FrameTotals.zero
  var waiting = FrameTotals.zero
  var reservedBytes = 0
  var isClosed = false
  var wake: (@Sendable (FrameTotals) -> Void)?

  var waiters = AcknowledgementWaiters()
  var ages = FrameAges()
  private(set) var pacing: Pacing
  private(set) var acknowledged = AcknowledgedFrames(low: 1)

  private var segments: [Segment] = []
  private var openLeases: [UInt64: (frames: Range<UInt64>, totals: FrameTotals)] = [:]
  private var nextLeaseID: UInt64 = 1
  /// The number of the next frame to be appended.
  private var nextFrame: UInt64 = 1
  /// The number of the next frame to be leased.
  private var nextLeased: UInt64 = 1
  /// The number of the first frame after the last `trim`.
  private var firstSinceTrim: UInt64 = 1

  init(capacityBytes: Int, segmentBytes: Int, pacedBytes: Int) {
    self.capacityBytes = capacityBytes
    pacing = Pacing(freeBytes: pacedBytes)
    spares = SpareSegments(segmentBytes: segmentBytes)
  }

  mutating func reserve(_ bytes: Int) -> QueueRefusal? {
    if isClosed { return .closed }
    if bytes > capacityBytes { return .neverFits(neededBytes: bytes, capacityBytes: capacityBytes) }
    let freeBytes = max(capacityBytes &- queued.bytes &- reservedBytes, 0)
    if bytes > freeBytes { return .full(neededBytes: bytes, freeBytes: freeBytes, capacityBytes: capacityBytes) }
    reservedBytes &+= bytes
    return nil
  }

  mutating func unreserve(_ bytes: Int) {
    reservedBytes = max(reservedBytes &- bytes, 0)
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer, frames: [FrameMark]) -> FramePosition {
    unreserve(bytes.count)
    if waiting.isEmpty { rewindLast() }
    var start = 0
    var first = nextFrame
    for mark in frames {
      let end = min(max(mark.endOffset, start), bytes.count)
      let isNew = unsafe append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), records: max(mark.records, 0))
      // A frame that joins an earlier one is delivered with it.
      if isNew { nextFrame &+= 1 } else { first = min(first, nextFrame &- 1) }
      start = end
    }
    return FramePosition(frames: first..<nextFrame)
  }

  /// Appends a frame; false if it joined the one before it.
  private mutating func append(_ frame: UnsafeRawBufferPointer, records: Int) -> Bool {
    if segments.isEmpty || segments[segments.count - 1].memory.free < frame.count { openSegment(for: frame.count) }
    let totals = FrameTotals(bytes: frame.count, records: records)
    queued += totals
    waiting += totals
    return unsafe segments[segments.count - 1].append(frame, records: records)
  }

  /// Starts the last segment anew if it holds nothing that anybody needs.
  private mutating func rewindLast() {
    if let last = segments.indices.last { segments[last].rewindIfUnused() }
  }

  private mutating func openSegment(for bytes: Int) {
    if let last = segments.last, !last.hasWaitingFrames { segments.removeLast() }
    let isOrdinary = bytes <= spares.segmentBytes
    segments.append(Segment(memory: isOrdinary ? FrameSegment(from: spares) : FrameSegment(capacity: bytes)))
  }

  /// Gives spare memory back that was not used since the last time, and with it that of an empty queue.
  mutating func trim() {
    if queued.isEmpty, nextFrame == firstSinceTrim { segments = [] }
    firstSinceTrim = nextFrame
    spares.trim()
  }

  mutating func lease(maxBytes: Int) -> FrameLease? {
    guard !segments.isEmpty, segments[0].hasWaitingFrames else { return nil }
    let id = nextLeaseID
    nextLeaseID &+= 1
    var lease = segments[0].lease(id: id, maxBytes: maxBytes)
    lease.appended = ages.time(of: nextLeased)
    let end = nextLeased &+ UInt64(lease.frames)
    openLeases[id] = (nextLeased..<end, lease.totals)
    nextLeased = end
    waiting -= lease.totals
    // Leases keep the memory that they name.
    if !segments[0].hasWaitingFrames, segments.count > 1 || segments[0].memory.free == 0 { segments.removeFirst() }
    return lease
  }

  /// Ends a lease and returns who need not wait any longer.
  mutating func acknowledge(_ id: UInt64, at now: Duration) -> [AcknowledgementWaiters.Done] {
    guard let lease = openLeases.removeValue(forKey: id) else { return [] }
    pacing.delivered(at: now)
    queued -= lease.totals
    acknowledged.insert(lease.frames)
    ages.acknowledged(below: acknowledged.low, of: nextFrame)
    return waiters.take(after: lease.frames, acknowledged: acknowledged)
  }
}

/// A segment with the frames in it that wait for a lease.
private struct Segment {
  private(set) var memory: FrameSegment
  private var frames: [FrameMark] = []
  private var nextFrame = 0
  private var leasedEnd = 0

  init(memory: FrameSegment) { self.memory = memory }

  var hasWaitingFrames: Bool { nextFrame < frames.count }

  /// Adds a frame that fits. One without bytes joins the frame before it, so that such frames take no memory; false
  /// says that it did.
  mutating func append(_ frame: UnsafeRawBufferPointer, records: Int) -> Bool {
    guard let range = unsafe memory.append(frame) else { return false }
    if range.isEmpty, hasWaitingFrames {
      frames[frames.count - 1].records &+= records
      return false
    }
    frames.append(FrameMark(endOffset: range.upperBound, records: records))
    return true
  }

  /// Starts anew if no frame waits and no lease, nor a body of one, has the memory.
  mutating func rewindIfUnused() {
    guard !hasWaitingFrames, isKnownUniquelyReferenced(&memory) else { return }
    memory.rewind()
    leasedEnd = 0
  }

  /// Hands out as many waiting frames as fit `maxBytes`, but at least one.
  mutating func lease(id: UInt64, maxBytes: Int) -> FrameLease {
    let start = leasedEnd
    let firstFrame = nextFrame
    var records = 0
    while nextFrame < frames.count {
      let frame = frames[nextFrame]
      if nextFrame > firstFrame, frame.endOffset &- start > maxBytes { break }
      records &+= frame.records
      leasedEnd = frame.endOffset
      nextFrame &+= 1
    }
    let count = nextFrame &- firstFrame
    if !hasWaitingFrames { forgetFrames() }
    return FrameLease(id: id, segment: memory, range: start..<leasedEnd, records: records, frames: count)
  }

  private mutating func forgetFrames() {
    frames.removeAll(keepingCapacity: true)
    nextFrame = 0
  }
}
