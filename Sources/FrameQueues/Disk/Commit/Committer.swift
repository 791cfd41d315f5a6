// decision: docs/decisions/0303-disk-queue-keeps-up.md

import Glibc

/// What the committing thread does, and what it keeps from round to round; times since any fixed point. It alone has
/// the cursor and removes files.
struct Committer {
  let directory: String
  let options: DiskQueueOptions
  let files: any FileSystem
  let room: SegmentRoom
  let ledger: Guarded<DiskLedger>
  let recent: Guarded<RecentFrames>
  let place: Guarded<LeasePlace>
  let reader: Guarded<LeaseReader>
  let news: LedgerNews
  /// Which frames are acknowledged, as the next process will know it.
  var cursor: CursorFile
  /// When frames were last synced, when the cursor was, and when a disk that failed was last tried.
  private var frames: Duration?
  private var cursorSync: Duration?
  var retry: Duration?
  /// Appends until the last sync of frames, and those that shared it.
  private var syncedAppends = 0
  private var sharedAppends = 0
  var pages = PageWriter()
  /// What went with a directory that was replaced, until it has been said.
  var lostWithFolder = FrameTotals.zero

  var writer: Guarded<SegmentWriter> { room.writer }

  /// The committer of a queue of which nobody has asked anything yet.
  init(
    _ room: SegmentRoom, recent: Guarded<RecentFrames>, place: Guarded<LeasePlace>, reader: Guarded<LeaseReader>,
    news: LedgerNews, cursor: CursorFile
  ) {
    (directory, options, files) = (room.directory.path, room.options, room.directory.files)
    (self.room, ledger) = (room, room.ledger)
    (self.recent, self.place, self.reader) = (recent, place, reader)
    (self.news, self.cursor) = (news, cursor)
  }

  /// One round: sync what was appended, tell those who wait, record and remove what is acknowledged, and try a disk
  /// that failed. Returns when the next round is due if nothing happens before.
  mutating func commit(at now: Duration) -> Duration? {
    ledger.withLock { $0.roundBegins(at: monotonicNow()) }
    let isOurs = keepFolder(at: now)
    if isOurs { useDisk(at: now) }
    if ledger.withLock({ $0.isFreeAsked }) { askFreeBytes() }
    ledger.withLock { $0.roundEnds(at: now) }
    news.tell()
    return isOurs ? nextRound(after: now) : (retry ?? now) + options.retryInterval
  }

  private mutating func useDisk(at now: Duration) {
    // Before and after the syncs, so that a killed process sends little again.
    writeCursor()
    retryDisk(at: now)
    syncFrames(at: now)
    giveBackActive()
    writeCursor()
    removeAcknowledged()
    syncCursor(at: now)
  }

  /// How long the committing thread is to rest after a round, to gather appends for the next.
  var gatherPause: Duration {
    let isBusy = sharedAppends >= options.gatherAppends
    return isBusy && options.fsync == .always ? options.gatherTime : .zero
  }

  private mutating func syncFrames(at now: Duration) {
    if case .interval(let interval) = options.fsync, let last = frames, now - last < interval { return }
    frames = now
    let (unsynced, appends) = ledger.withLock { ($0.unsynced, $0.counters.appends) }
    sharedAppends = appends - syncedAppends
    syncedAppends = appends
    guard !unsynced.isEmpty else { return }
    for sync in unsynced {
      do throws(FileError) {
        let begin = monotonicNow()
        if options.writesWithSync { try write(sync) }
        if options.fsync != .never { try self.sync(sync) }
        let time = monotonicNow() - begin
        if sync.isSealed { finish(sync) }
        ledger.withLock { $0.synced(sync, in: time) }
        if options.writesWithSync { recent.withLock { $0.drop(below: sync.frames.upperBound) } }
      } catch {
        abandon(sync.sequence, error)
      }
    }
    let settled = ledger.withLock { $0.takeSettledWaiters() }
    for (waiter, refusal) in settled { waiter.done(refusal) }
    if ledger.withLock({ $0.leasesOnlySynced }) { news.wakeExporter() }
  }

  /// Writes what is to be synced and is in memory only.
  private mutating func write(_ sync: DiskLedger.Sync) throws(FileError) {
    let kept = recent.withLock { $0.frames(sync.frames) }
    try pages.write(kept, to: sync.file, at: sync.offsets.lowerBound)
  }

  /// Syncs a segment, and the directory when the segment is new in it.
  private func sync(_ sync: DiskLedger.Sync) throws(FileError) {
    if try !sync.file.isInPlace() { throw FileError("sync", ENOENT, path: sync.file.path) }
    try sync.file.sync()
    let isNew = ledger.withLock { ledger in
      ledger.index(of: sync.sequence).map { ledger.segments[$0].syncedBytes == SegmentFormat.headerBytes } ?? false
    }
    if isNew { try files.syncDirectory(directory) }
  }

  /// Writes the footer of a segment, only now that the frames it vouches for are durable. One that cannot be written,
  /// or does not survive a power cut, is made up for by reading the segment when the queue is opened.
  private func finish(_ sync: DiskLedger.Sync) {
    do { try sync.file.close(at: sync.offsets.upperBound, endFrame: sync.frames.upperBound, totals: sync.totals) } catch
    {}
  }

  /// Ends a segment that could not be written or synced. Frames of it that may be in memory only are kept there before
  /// they can be leased, so that no lease looks for them in the file.
  private func abandon(_ sequence: UInt64, _ error: FileError) {
    writer.withLock { writer in
      if writer.activeSequence == sequence { writer.endActive() }
      if options.writesWithSync, let unsynced = ledger.withLock({ $0.unsyncedFrames(of: sequence) }) {
        recent.withLock { $0.keep(unsynced) }
      }
      ledger.withLock { ledger in
        ledger.syncFailed(sequence, error)
        ledger.hasRoom(writer.roomBytes)
      }
    }
  }

  /// Ends a segment that is appended to, if all of it is acknowledged and its bytes are better given back.
  private func giveBackActive() {
    // Most rounds find nothing to give back, and need not wait for whoever is writing.
    guard ledger.withLock({ ledger in ledger.segments.last.map { ledger.canGiveBack($0) } ?? false }) else { return }
    writer.withLock { writer in
      guard let sequence = writer.activeSequence else { return }
      if ledger.withLock({ $0.giveBack(sequence) }) { writer.endActive() }
      ledger.withLock { $0.hasRoom(writer.roomBytes) }
    }
  }

  /// Records what is acknowledged and what is held, if that is not what the cursor says. If it fails it is tried again.
  private mutating func writeCursor() {
    let record = ledger.withLock { $0.cursorRecord }
    if cursor.says(record) { return }
    do throws(FileError) { try cursor.write(record) } catch { ledger.withLock { $0.failed(error) } }
  }

  /// Removes segments all of which is acknowledged, after the cursor that says so is durable, or uses their files
  /// again.
  private mutating func removeAcknowledged() {
    let (removable, record) = ledger.withLock { ($0.removable, $0.cursorRecord) }
    guard !removable.isEmpty else { return }
    do throws(FileError) {
      if !cursor.says(record) { try cursor.write(record) }
      try cursor.sync()
      for segment in removable {
        let path = directory + "/" + segment.name
        if try files.exists(path) { try remove(segment, path) }
        ledger.withLock { $0.remove(segment.sequence) }
      }
    } catch {
      ledger.withLock { $0.failed(error) }
    }
  }

  private func remove(_ segment: DiskLedger.Segment, _ path: String) throws(FileError) {
    if segment.isUnreadable {
      let name = try SegmentFormat.setAside(segment.name, in: directory, of: files)
      return ledger.withLock { $0.note(.quarantined(file: name)) }
    }
    let spare = writer.withLock { $0.spare }
    if let spare, try spare.handle.isInPlace() { return try files.remove(path) }
    guard ledger.withLock({ $0.isReusable(segment) }) else { return try files.remove(path) }
    if let spare { writer.withLock { $0.forget(spare.sequence) } }
    try reuse(path)
  }

  /// Takes the file of a segment that nobody needs any more, to overwrite it: that costs half of what new pages and
  /// blocks do. If it cannot be used it is removed.
  private func reuse(_ path: String) throws(FileError) {
    let sequence = writer.withLock { $0.takeNumber() }
    let newPath = directory + "/" + SegmentFormat.fileName(sequence)
    try files.rename(path, to: newPath)
    let spare: SegmentWriter.Spare
    do {
      let handle = try FileHandle(newPath, of: files, .readWrite)
      try handle.allocate(upTo: options.usedSegmentBytes)
      spare = SegmentWriter.Spare(
        handle: handle, sequence: sequence, limitBytes: options.usedSegmentBytes, reusedBytes: try handle.size())
    } catch {
      return try files.remove(newPath)
    }
    try room.offer(spare)
  }

  private mutating func syncCursor(at now: Duration) {
    if options.fsync == .never { return }
    if let last = cursorSync, now - last < options.cursorInterval { return }
    cursorSync = now
    do throws(FileError) { try cursor.sync() } catch { ledger.withLock { $0.failed(error) } }
  }

  /// Asks the file system what it has free.
  func askFreeBytes() {
    let freeBytes: Int?
    do throws(FileError) { freeBytes = try files.freeBytes(in: directory) } catch { freeBytes = nil }
    ledger.withLock { $0.noteFreeBytes(freeBytes) }
  }

  /// Tries the disk again after a failure.
  private mutating func retryDisk(at now: Duration) {
    let (fault, readFault) = ledger.withLock { ($0.health.fault, $0.health.readFault) }
    guard fault != nil || readFault != nil else { return retry = nil }
    guard let last = retry else { return retry = now }
    guard now - last >= options.retryInterval else { return }
    retry = now
    if readFault != nil {
      ledger.withLock { $0.triesReading() }
      news.wakeExporter()
    }
    if fault != nil { probe() }
  }

  /// Finds out whether the disk takes writes again: of a file that is there, as a sync without a write proves nothing,
  /// and of one that is new.
  private mutating func probe() {
    do throws(FileError) {
      try cursor.write(ledger.withLock { $0.cursorRecord })
      try cursor.sync()
      try room.prepare()
      if writer.withLock({ $0.spare == nil }) { try room.makeSpare(least: SegmentWriter.fileBytes(for: 1)) }
      try writer.withLock { $0.spare }?.handle.sync()
      try files.syncDirectory(directory)
    } catch {
      return ledger.withLock { $0.failedAgain(error) }
    }
    ledger.withLock { $0.takesWrites() }
  }

  private mutating func nextRound(after now: Duration) -> Duration? {
    var due = [now + Self.folderInterval]
    let (hasFault, hasUnsynced, calm) = ledger.withLock {
      ($0.health.fault != nil || $0.health.readFault != nil, !$0.unsynced.isEmpty, $0.health.due)
    }
    if let calm { due.append(calm) }
    if hasFault {
      let since = retry ?? now
      retry = since
      due.append(since + options.retryInterval)
    }
    if hasUnsynced, case .interval(let interval) = options.fsync { due.append((frames ?? now) + interval) }
    if options.fsync != .never, cursor.isDirty {
      due.append((cursorSync ?? now) + options.cursorInterval)
    }
    return due.min()
  }
}
