import Glibc

/// The queue's directory may be replaced while the queue is open: removed and made again, or its volume mounted empty.
/// The lock that is held is then worth nothing, since it is on a file that nobody else finds.
extension Committer {
  /// How often it is looked whether the directory is still the same, if nothing else happens.
  static let folderInterval = Duration.seconds(60)

  /// Sees to it that the queue has the lock of its directory, so that the files in it may be touched; if it was
  /// replaced, the queue goes on in the new one. False if that cannot be done, and then is tried again.
  mutating func keepFolder(at now: Duration) -> Bool {
    do throws(FileError) {
      try room.checkFolder()
      return true
    } catch {
      if let last = retry, now - last < options.retryInterval { return false }
      retry = now
      do throws(FileError) {
        guard error.number == ESTALE, try files.identity(at: directory) != nil else { throw error }
        try moveToNewFolder()
        ledger.withLock { $0.takesWrites() }
        return true
      } catch {
        refuseUntilThereIsAFolder(error)
        return false
      }
    }
  }

  private func refuseUntilThereIsAFolder(_ error: FileError) {
    let waiters = ledger.withLock { ledger in
      ledger.failedAgain(error)
      return ledger.takeWaiters()
    }
    for waiter in waiters { waiter.done(.unavailable(reason: error.description)) }
  }

  /// Takes the lock of the directory that is there now and writes into it what the queue still has: segments whose
  /// files are open, and frames in memory. What was in other files is lost. Nothing is read meanwhile.
  private mutating func moveToNewFolder() throws(FileError) {
    let isFree = place.withLock { place in
      defer { place.isReading = true }
      return !place.isReading
    }
    guard isFree else { throw FileError("leave", EAGAIN, path: "\(directory), whose files are being read") }
    defer {
      place.withLock { $0.isReading = false }
      news.wakeExporter()
    }
    writer.withLock { writer in
      if let sequence = writer.activeSequence { ledger.withLock { $0.seal(sequence) } }
      writer.endActive()
    }
    try files.makeDirectories(directory)
    let lock = try takeNewLock()
    room.removeSpare()
    let present = try ownSegments()
    var cursor = try newCursor()
    try writeWhatIsThere(except: present)
    reader.withLock { $0.forgetFile() }
    try cursor.writeBoth(ledger.withLock { $0.cursorRecord })
    try files.syncDirectory(directory)
    self.cursor = cursor
    pages = PageWriter()
    // The old one is closed without the lock, as that may wait for its disk.
    _ = room.directoryLock.withLock { held in
      defer { held = lock }
      return held
    }
    let lost = lostWithFolder
    ledger.withLock { $0.note(.folderReplaced(kept: $0.queued, lost: lost)) }
    lostWithFolder = .zero
  }

  private func takeNewLock() throws(FileError) -> DirectoryLock {
    do {
      return try DirectoryLock.take(in: directory, of: files)
    } catch {
      switch error {
      case .file(let error): throw error
      case .locked(_, let processID):
        throw FileError("lock", EBUSY, path: "\(directory), which process \(processID) has open")
      default: throw FileError("lock", EBUSY, path: directory)
      }
    }
  }

  /// The segments of this queue that the new directory has, as when its volume comes back. With any others in it the
  /// queue does not go on there: the next process will send those.
  private func ownSegments() throws(FileError) -> Set<UInt64> {
    let salts = ledger.withLock { ledger in
      Dictionary(ledger.segments.map { ($0.sequence, $0.salt) }, uniquingKeysWith: { $1 })
    }
    var present: Set<UInt64> = []
    for name in try files.names(in: directory) {
      guard let sequence = SegmentFormat.sequence(ofFile: name) else { continue }
      let header: SegmentHeader?
      do throws(FileError) {
        header = try SegmentFile.open(try room.directory.open(name, .read), options.readVersions)?.header
        if header == nil, try removeIfEmpty(directory + "/" + name) { continue }
      } catch {
        // Whoever made it for the next segment has found that it is not needed.
        if error.number == ENOENT { continue }
        throw error
      }
      guard let header, header.sequence == sequence, header.salt == salts[sequence] else {
        throw FileError("go on in", ENOTEMPTY, path: "\(directory), which has \(name) of another queue")
      }
      present.insert(sequence)
    }
    return present
  }

  /// Removes a segment that nobody came to begin. False if it is none.
  private func removeIfEmpty(_ path: String) throws(FileError) -> Bool {
    guard try FileHandle(path, of: files, .read).size() <= SegmentFormat.headerBytes else { return false }
    try files.remove(path)
    return true
  }

  private func newCursor() throws(FileError) -> CursorFile {
    let (cursor, content) = try CursorFile.open(in: directory, of: files, fingerprint: options.fingerprint)
    if case .newer(let version) = content {
      throw FileError("go on in", ENOTEMPTY, path: "\(directory), whose cursor has format version \(version)")
    }
    return cursor
  }

  /// Writes the segments that are not in the new directory as far as they are still there, and counts what is lost.
  private mutating func writeWhatIsThere(except present: Set<UInt64>) throws(FileError) {
    for segment in ledger.withLock({ $0.segments }) where !segment.isLeaving {
      let isPresent = present.contains(segment.sequence)
      do throws(FileError) {
        if let file = segment.file {
          try write(segment, from: file)
        } else if !isPresent, let file = reader.withLock({ $0.file(of: segment) }) {
          _ = try file.copy(try file.size(), to: room.directory, writesPages: false)
        } else if !isPresent {
          lostWithFolder += try writeFromMemory(segment)
        }
      } catch {
        // Half a segment would pass for all of it when this is tried again.
        if !isPresent { do { try files.remove(directory + "/" + segment.name) } catch {} }
        throw error
      }
    }
  }

  /// Writes a segment whose file is open, unless that is in the new directory itself, and has it synced there.
  private func write(_ segment: DiskLedger.Segment, from file: SegmentFile) throws(FileError) {
    if try file.isInPlace() { return }
    let bytes = options.writesWithSync ? segment.syncedBytes : segment.writtenBytes
    let copy = try file.copy(bytes, to: room.directory, writesPages: options.writesWithSync)
    ledger.withLock { $0.replaceFile(of: segment.sequence, by: copy) }
  }

  /// Writes what of a segment is in memory, and gives up the rest.
  private func writeFromMemory(_ segment: DiskLedger.Segment) throws(FileError) -> FrameTotals {
    let frames = segment.firstFrame..<segment.endFrame
    if ledger.withLock({ $0.acknowledged.covers(frames) }) { return .zero }
    // Frames may still be in memory that were leased from the file.
    let next = place.withLock { $0.next }
    let begun = next.sequence < segment.sequence ? frames.lowerBound : next.frame
    let open = min(max(begun, frames.lowerBound), frames.upperBound)..<frames.upperBound
    guard next.sequence <= segment.sequence, let run = recent.withLock({ $0.unbroken(open) }) else {
      return ledger.withLock { $0.giveUp(segment.sequence, but: nil) }
    }
    let header = SegmentHeader(
      salt: UInt32.random(in: .min ... .max), sequence: segment.sequence, firstFrame: run.frames.lowerBound,
      fingerprint: options.fingerprint)
    let handle = try FileHandle(directory + "/" + segment.name, of: files, .readWriteOrCreate)
    let file = try SegmentFile.begin(handle, header, writesPages: false)
    var pages = PageWriter()
    try pages.write(run.kept, to: file, at: SegmentFormat.headerBytes)
    try file.close(at: run.endInNewFile, endFrame: run.frames.upperBound, totals: run.totals)
    try file.sync()
    recent.withLock { $0.move(run.frames, by: SegmentFormat.headerBytes - run.offsets.lowerBound) }
    return place.withLock { place in
      if place.next.sequence == segment.sequence { place.next.offset = SegmentFormat.headerBytes }
      let kept = DiskLedger.Rewritten(
        frames: run.frames, totals: run.totals, endOffset: run.endInNewFile, salt: header.salt)
      return ledger.withLock { $0.giveUp(segment.sequence, but: kept) }
    }
  }

  /// Why the next process will not find what is left in the queue; nil if it will.
  func faultAtTheEnd() -> FileError? {
    let (held, hasStrayLeases) = ledger.withLock { ledger in
      let segments = ledger.segments.filter { !$0.isLeaving }
      let held = segments.filter { !ledger.acknowledged.covers($0.firstFrame..<$0.endFrame) }
      let hasStrayLeases = ledger.leases.values.contains { lease in
        !segments.contains { $0.firstFrame <= lease.frames.lowerBound && lease.frames.upperBound <= $0.endFrame }
      }
      return (held, hasStrayLeases)
    }
    if held.isEmpty, !hasStrayLeases { return nil }
    do throws(FileError) {
      try room.checkFolder()
      if hasStrayLeases {
        throw FileError("use", ESTALE, path: "\(directory), which was replaced while records were being sent")
      }
      for segment in held {
        let file = try SegmentFile.open(try room.directory.open(segment.name, .read), options.readVersions)
        guard let file, file.header.salt == segment.salt, try file.size() >= segment.syncedBytes else {
          let path = room.directory.path(of: segment.name)
          throw FileError("use", ESTALE, path: "\(path), which is not what was written")
        }
      }
      return nil
    } catch {
      return error
    }
  }
}

extension DiskLedger {
  /// The frames of a range that are neither on loan nor in another.
  func gaps(in frames: Range<UInt64>, but kept: Range<UInt64>?) -> [Range<UInt64>] {
    let others = leases.values.map(\.frames) + (kept.map { [$0] } ?? [])
    var gaps: [Range<UInt64>] = []
    var next = frames.lowerBound
    for other in others.filter({ $0.overlaps(frames) }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if next < other.lowerBound { gaps.append(next..<other.lowerBound) }
      next = max(next, other.upperBound)
    }
    if next < frames.upperBound { gaps.append(next..<frames.upperBound) }
    return gaps
  }
}

extension KeptRun {
  /// Where they end in a file that begins with them.
  var endInNewFile: Int { SegmentFormat.headerBytes + offsets.count }
}
