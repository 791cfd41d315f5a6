/// What holds a destination's frames between the request that brought them and the backend that takes them.
///
/// Counts are in bytes and records; `queuedBytes + reservedBytes <= capacityBytes` at every moment.
/// Bytes stay counted as queued while they are leased, until the lease is acknowledged.
/// All methods may be called from any thread.
package protocol FrameQueue: AnyObject, Sendable {
  var capacityBytes: Int { get }
  /// Bytes held, leased ones included.
  var queuedBytes: Int { get }
  /// Records held, leased ones included.
  var queuedRecords: Int { get }
  /// What no lease has been given for yet.
  var waiting: FrameTotals { get }
  /// How long the oldest frame held has been there, to about a hundredth and at least 10 ms; zero if none is held.
  /// What an earlier process left counts from the start of this one.
  var oldestAge: Duration { get }
  /// How long whoever has just appended is to be held up before it appends more; zero as long as what is delivered
  /// makes up for what is appended, and while nothing is delivered.
  var pause: Duration { get }
  /// What was held and then lost to damage of the disk, since the queue was opened.
  var lost: FrameTotals { get }

  /// Sets `bytes` of room aside, so that a request either fits every destination or none.
  func reserve(_ bytes: Int) throws(QueueRefusal)
  /// Throws out the oldest frames that are not handed out until `bytes` can be reserved or none is left, and returns
  /// what was thrown out. It does not wait for a disk. Others may take the room; what can never fit throws nothing out.
  func makeRoom(_ bytes: Int) -> FrameTotals
  /// Gives back room that `reserve` set aside and `append` did not use.
  func unreserve(_ bytes: Int)
  /// Takes frames for which room was reserved; `bytes.count` of the reservation is used up, even if this throws. They
  /// are all taken or none.
  @discardableResult
  func append(_ bytes: UnsafeRawBufferPointer, frames: [FrameMark]) throws(QueueRefusal) -> FramePosition
  /// Gives memory back that was kept and not used since the last time. Call it now and then.
  func trim()
  /// Whether frames survive the process: false for a queue in memory, whose frames are never more durable.
  var isDurable: Bool { get }
  /// Calls `done` once, from any thread and perhaps before this returns, as soon as what was appended up to `position`
  /// is as durable as the queue makes it; with the reason if that failed. After a failure the frames may still be
  /// delivered, so a sender that tries again may cause duplicates but no loss.
  func whenDurable(_ position: FramePosition, _ done: @escaping @Sendable (QueueRefusal?) -> Void)
  /// Calls `done` once, from any thread and perhaps before this returns, when all frames of an append have been
  /// acknowledged; with the reason if some were lost, or the queue was closed before. Returns a ticket for `forget`,
  /// nil if `done` has been called.
  func whenAcknowledged(_ position: FramePosition, _ done: @escaping @Sendable (QueueRefusal?) -> Void) -> UInt64?
  /// Has nobody wait any longer by the name of a ticket; its `done` may just be being called.
  func forget(_ ticket: UInt64)
  /// Refuses those who wait, and all who will wait for acknowledgements, because the process is about to end.
  func refuseWaiters()

  /// Hands out the oldest frames not handed out yet: as many whole frames as fit `maxBytes`, but at least one.
  /// Nil when there is none.
  /// It may read from a disk, and wait for that: not for event loops and Swift's own threads.
  func lease(maxBytes: Int) -> FrameLease?
  /// Calls `done` once with what `lease` gives: before this returns if that is in memory, else from a thread of the
  /// queue, however long its disk takes. One call at a time; others get nil meanwhile.
  func lease(maxBytes: Int, _ done: @escaping @Sendable (FrameLease?) -> Void)
  /// Ends a lease for good: its bytes were delivered, dead-lettered or dropped on purpose, and are freed.
  func acknowledge(_ lease: FrameLease)
  /// Sets what is called whenever more frames wait for a lease, with all that then waits. It runs on the appending
  /// thread or one of the queue's own: it must be quick and not call the queue.
  func onAppend(_ wake: @escaping @Sendable (_ waiting: FrameTotals) -> Void)
  /// Refuses all further reservations and those who wait for acknowledgements; what was reserved may still be
  /// appended, what is held may still be leased.
  func close()
  /// Closes the queue and ends its work; what it holds on disk is made durable and stays for the next process.
  func shutdown()
  /// The same for at most `limit`, without holding up a thread. False if the disk did not answer until then: what was
  /// not durable may be lost with the process, and who waits for that has not been told that it is.
  func shutdown(within limit: Duration) async -> Bool
}

extension FrameQueue {
  package func shutdown() { close() }
  package func trim() {}
  package func lease(maxBytes: Int, _ done: @escaping @Sendable (FrameLease?) -> Void) {
    done(lease(maxBytes: maxBytes))
  }
  package func shutdown(within limit: Duration) async -> Bool {
    shutdown()
    return true
  }
  package var pause: Duration { .zero }
  package var lost: FrameTotals { .zero }

  /// What the queue holds, leased frames included.
  package var queued: FrameTotals { FrameTotals(bytes: queuedBytes, records: queuedRecords) }

  package func makeRoom(_ bytes: Int) -> FrameTotals {
    var evicted = FrameTotals.zero
    while case .full(let needed, let free, _) = refusal(of: bytes), let lease = lease(maxBytes: needed &- free) {
      acknowledge(lease)
      evicted += lease.totals
    }
    return evicted
  }

  /// Why `bytes` cannot be reserved now; nil if they can.
  func refusal(of bytes: Int) -> QueueRefusal? {
    do { try reserve(bytes) } catch { return error }
    unreserve(bytes)
    return nil
  }
}

/// Frames on loan to one send, as one contiguous run of bytes; valid until it is acknowledged.
package struct FrameLease: Sendable {
  /// Names the lease to its queue.
  package let id: UInt64
  /// The memory that holds the frames; kept alive by the lease.
  package let segment: FrameSegment
  /// Where the frames lie in the segment.
  package let range: Range<Int>
  package let records: Int
  package let frames: Int
  /// When the first of the frames was appended, as `monotonicNow` has it, with the error of `FrameQueue.oldestAge`.
  var appended: Duration?

  package init(id: UInt64, segment: FrameSegment, range: Range<Int>, records: Int, frames: Int) {
    self.id = id
    self.segment = segment
    self.range = range
    self.records = records
    self.frames = frames
  }

  package var byteCount: Int { range.count }
  package var totals: FrameTotals { FrameTotals(bytes: range.count, records: records) }
  /// How long the first of the frames has been held; what an earlier process left counts from the start of this one.
  package var age: Duration { appended.map { max(monotonicNow() - $0, .zero) } ?? .zero }

  /// The same lease, to be acknowledged, without the memory that held its frames.
  package var withoutBytes: FrameLease {
    var lease = FrameLease(
      id: id, segment: FrameSegment(capacity: 0), range: range, records: records, frames: frames)
    lease.appended = appended
    return lease
  }

  /// Calls `body` with the leased bytes.
  package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try unsafe segment.withUnsafeBytes(in: range, body)
  }
}
