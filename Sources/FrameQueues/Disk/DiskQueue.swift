import Glibc
import Synchronization

/// A queue in a directory, bounded in bytes on the disk, that survives the process and, as far as `fsync` promises,
/// a power cut. `SegmentFormat.swift` describes its files.
///
/// Appends are written at once, one call to the system each, and made durable by one thread for all that wait; or that
/// thread writes them too. What is leased soon is still in memory; the rest is read back and checked by another thread.
/// A cursor records what is acknowledged, out of order too, and a segment is removed once all of it is.
///
/// Locks are taken in the order writer or place, then ledger or recent; of these none is held over a sync, a read or
/// anything else that waits for the disk, but the writer's over the write of an append. The committing thread alone has
/// the cursor and removes files, the reading thread alone reads; who asks them for something does not wait for them.
package final class DiskQueue: FrameQueue {
  package let directory: String
  package let options: DiskQueueOptions
  let files: any FileSystem
  let writer: Guarded<SegmentWriter>
  let ledger: Guarded<DiskLedger>
  let place: Guarded<LeasePlace>
  let reader: Guarded<LeaseReader>
  let recent: Guarded<RecentFrames>
  let room: SegmentRoom
  let news: LedgerNews
  let committer: Mutex<Committer>
  let committing = DiskThread()
  let reading = DiskThread()

  /// Opens the queue in `directory`, which is created if need be, and starts its threads. `report` is told of damage
  /// and failures, from any thread.
  package static func open(
    _ directory: String, options: DiskQueueOptions = DiskQueueOptions(),
    report: @escaping @Sendable (DiskQueueEvent) -> Void = { _ in }
  ) throws(DiskQueueError) -> DiskQueue {
    let queue = try DiskQueue(directory, options: options, files: SystemFileSystem(), report: report)
    guard queue.startThreads() else { throw .file(FileError("start a thread for", EAGAIN, path: directory)) }
    return queue
  }

  /// Opens the queue without threads: `commit` has to be called, and leases are read where they are asked for.
  package init(
    _ directory: String, options: DiskQueueOptions, files: any FileSystem,
    report: @escaping @Sendable (DiskQueueEvent) -> Void = { _ in }
  ) throws(DiskQueueError) {
    let folder = QueueDirectory(path: directory, files: files)
    let recovered = try DiskRecovery.open(folder, options)
    self.directory = directory
    self.options = options
    self.files = files
    place = Guarded(LeasePlace(next: ReadPlace(sequence: recovered.ledger.segments.first?.sequence ?? 0)))
    reader = Guarded(LeaseReader(folder, versions: options.readVersions))
    recent = Guarded(RecentFrames(limitBytes: options.recentBytes, pieceBytes: options.recentPieceBytes))
    writer = Guarded(
      SegmentWriter(folder, options: options, next: (recovered.nextSegment, recovered.nextFrame)))
    ledger = Guarded(recovered.ledger)
    news = LedgerNews(ledger: ledger, report: report)
    room = SegmentRoom(
      directory: folder, options: options, directoryLock: Guarded(recovered.lock), writer: writer, ledger: ledger)
    committer = Mutex(
      Committer(room, recent: recent, place: place, reader: reader, news: news, cursor: recovered.cursor))
    committer.withLock { $0.askFreeBytes() }
    news.tell()
  }

  deinit {
    committing.stop()
    reading.stop()
  }

  package var capacityBytes: Int { options.capacityBytes }
  package var queuedBytes: Int { queued.bytes }
  package var queuedRecords: Int { queued.records }
  package var queued: FrameTotals { ledger.withLock { $0.queued } }
  package var waiting: FrameTotals { ledger.withLock { $0.leasable } }
  package var oldestAge: Duration { ledger.withLock { $0.ages }.oldest(at: monotonicNow()) }
  package var lost: FrameTotals { ledger.withLock { $0.counters.lost } }
  /// Bytes set aside for requests that have not appended yet.
  package var reservedBytes: Int { ledger.withLock { $0.reservedBytes } }
  /// Bytes that the segments take on the disk, without what is preallocated.
  package var diskBytes: Int { ledger.withLock { $0.diskBytes } }
  package var counters: DiskQueueCounters { ledger.withLock { $0.counters } }
  /// Why the disk does not take writes or cannot be read at the moment; nil if it does.
  package var fault: FileError? { ledger.withLock { $0.health.fault ?? $0.health.readFault } }

  /// Why the directory is not the one that was opened, as when it was removed meanwhile; nil if it is.
  package var folderFault: FileError? {
    do throws(FileError) { try room.checkFolder() } catch { return error }
    return nil
  }

  /// After the end: why the next process will not find what was left in the queue; nil if it will.
  package var endFault: FileError? { ledger.withLock { $0.endFault } }

  package func reserve(_ bytes: Int) throws(QueueRefusal) {
    let bytes = max(bytes, 0)
    let (refusal, needsRoom, wantsRoom) = ledger.withLock { ledger in
      let refusal = ledger.reserve(bytes)
      return (refusal, ledger.neededRoomBytes > ledger.roomBytes, ledger.isRoomWanted)
    }
    if wantsRoom { committing.raise() }
    if let refusal { throw refusal }
    if needsRoom { try makeRoom(for: bytes) }
  }

  /// Sets disk space aside for all reservations, the last of which was `bytes`; not while the disk hangs.
  private func makeRoom(for bytes: Int) throws(QueueRefusal) {
    if let time = ledger.withLock({ $0.health.hangTime(at: monotonicNow()) }) {
      ledger.withLock { $0.unreserve(bytes) }
      throw .unavailable(reason: "the disk has not answered for \(time.components.seconds) s")
    }
    do {
      try room.prepare()
    } catch {
      ledger.withLock { $0.unreserve(bytes) }
      throw fail(error)
    }
  }

  package func unreserve(_ bytes: Int) { ledger.withLock { $0.unreserve(max(bytes, 0)) } }

  /// Throws out the oldest segments of which nothing is leased until `bytes` can be reserved. Their files are removed
  /// by the committing thread; nothing here waits for the disk.
  package func makeRoom(_ bytes: Int) -> FrameTotals {
    let evicted = place.withLock { place in
      ledger.withLock { $0.evict(for: bytes, sparing: place.isReading ? place.next.sequence : nil) }
    }
    committing.raise()
    news.tell()
    return evicted
  }

  @discardableResult
  package func append(_ bytes: UnsafeRawBufferPointer, frames: [FrameMark]) throws(QueueRefusal) -> FramePosition {
    let append = unsafe FrameAppend(bytes, frames, minFrameBytes: options.minFrameBytes)
    let appended: (position: FramePosition, wakesCommitter: Bool)?
    do {
      appended = try writer.withLock { writer throws(FileError) in
        defer {
          ledger.withLock { ledger in
            ledger.unreserve(bytes.count)
            ledger.hasRoom(writer.roomBytes)
          }
        }
        if writer.hasEnded { return nil }
        let first = writer.nextFrame
        let wakesCommitter = append.frames.isEmpty ? false : try write(append, with: &writer)
        return (FramePosition(frames: first..<writer.nextFrame), wakesCommitter)
      }
    } catch {
      throw fail(error)
    }
    guard let appended else { throw .closed }
    if appended.wakesCommitter { committing.raise() }
    if options.fsync != .always { news.wakeExporter() }
    return appended.position
  }

  /// Writes frames, to a new segment if need be. True if the committing thread has to be told.
  private func write(_ append: FrameAppend, with writer: inout SegmentWriter) throws(FileError) -> Bool {
    let isNewSegment = !writer.fits(append.fileBytes)
    if isNewSegment {
      try room.checkFolder()
      if let full = writer.activeSequence {
        writer.endActive()
        ledger.withLock { $0.seal(full) }
      }
      let segment = try writer.begin(for: append.fileBytes)
      ledger.withLock { $0.add(segment) }
    }
    let sequence = writer.activeSequence
    do {
      let written = try writer.write(append)
      recent.withLock { recent in
        let first = writer.nextFrame - UInt64(append.frames.count)
        let offset = written - append.fileBytes
        recent.append(append, firstFrame: first, at: offset, areInFile: !options.writesWithSync)
      }
      let now = monotonicNow()
      let isFirst = ledger.withLock {
        $0.appended(append.totals, endFrame: writer.nextFrame, writtenBytes: written, at: now)
      }
      return isNewSegment || isFirst
    } catch {
      if let sequence { ledger.withLock { $0.seal(sequence) } }
      throw error
    }
  }

  package var isDurable: Bool { true }

  package func whenDurable(_ position: FramePosition, _ done: @escaping @Sendable (QueueRefusal?) -> Void) {
    let outcome = ledger.withLock { $0.whenDurable(position, done) }
    if let outcome { done(outcome) } else { committing.raise() }
  }

  package func whenAcknowledged(
    _ position: FramePosition, _ done: @escaping @Sendable (QueueRefusal?) -> Void
  ) -> UInt64? {
    let (ticket, refusal) = ledger.withLock { $0.whenAcknowledged(position.frames, done) }
    if ticket == nil { done(refusal) }
    return ticket
  }

  package func forget(_ ticket: UInt64) { ledger.withLock { $0.forget(ticket) } }

  package var pause: Duration {
    ledger.withLock { ledger in
      // Most requests need no look at the clock.
      guard ledger.leasable.bytes > ledger.pacing.freeBytes else { return .zero }
      return ledger.pacing.pause(waitingBytes: ledger.leasable.bytes, now: monotonicNow())
    }
  }

  package func acknowledge(_ lease: FrameLease) {
    let now = monotonicNow()
    guard ledger.withLock({ $0.acknowledge(lease.id, at: now) }) else { return }
    committing.raise()
    news.tell()
  }

  package func onAppend(_ wake: @escaping @Sendable (_ waiting: FrameTotals) -> Void) {
    ledger.withLock { $0.setWake(wake) }
  }

  package func close() {
    ledger.withLock { $0.close() }
    news.tell()
  }

  package func refuseWaiters() {
    ledger.withLock { ledger in
      ledger.refuseWaiters()
      ledger.refuseThoseWaitingForTheDisk()
    }
    news.tell()
  }

  /// Closes the queue, makes everything durable and ends its threads; the directory can be opened again after that. It
  /// waits for the disk, however long that takes.
  package func shutdown() {
    close()
    committing.stopAndWait()
    writer.withLock { writer in
      if let sequence = writer.activeSequence { ledger.withLock { $0.seal(sequence) } }
      writer.end()
    }
    commit(at: .seconds(Int64.max >> 1))
    room.removeSpare()
    // Last, as a read that hangs is no reason not to sync.
    reading.stopAndWait()
    readWhatIsAsked()
    let fault = committer.withLock { $0.faultAtTheEnd() }
    ledger.withLock { $0.end(fault) }
    news.tell()
    room.directoryLock.withLock { $0 }.release()
  }

  package func shutdown(within limit: Duration) async -> Bool {
    let isOver = OneTimeSignal()
    guard
      Thread.start({ [self] in
        shutdown()
        isOver.give(true)
      })
    else {
      close()
      return false
    }
    let timer = Task {
      try? await Task.sleep(for: max(limit, .zero))
      isOver.give(false)
    }
    defer { timer.cancel() }
    return await isOver.wait()
  }

  /// One round of what the committing thread does. Returns when the next is due if nothing happens before.
  @discardableResult
  package func commit(at now: Duration) -> Duration? { committer.withLock { $0.commit(at: now) } }

  /// Notes that the disk failed, and says so to whoever wanted it to take something.
  func fail(_ error: FileError) -> QueueRefusal {
    ledger.withLock { $0.failed(error) }
    news.tell()
    committing.raise()
    return .unavailable(reason: error.description)
  }
}
