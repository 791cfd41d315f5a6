import Glibc

/// Disk space that is set aside a segment ahead. The writer's lock is held over none of the calls to the disk here.
struct SegmentRoom: Sendable {
  let directory: QueueDirectory
  let options: DiskQueueOptions
  let directoryLock: Guarded<DirectoryLock>
  let writer: Guarded<SegmentWriter>
  let ledger: Guarded<DiskLedger>

  /// Throws unless the directory is the one whose lock the queue holds.
  func checkFolder() throws(FileError) { try directoryLock.withLock { $0 }.check() }

  /// How often a file may be taken, or removed, before it has room; one that appends take has had much appended to it.
  private static let maxAttempts = 100

  /// Sets disk space aside for all reservations.
  func prepare() throws(FileError) {
    let needed = ledger.withLock { $0.neededRoomBytes }
    defer { note() }
    // Whoever appends may take the file meanwhile.
    for _ in 0..<Self.maxAttempts {
      let spare = writer.withLock { $0.spare }
      if let spare, try !spare.handle.isInPlace() {
        writer.withLock { $0.forget(spare.sequence) }
        continue
      }
      if needed <= writer.withLock({ $0.roomBytes }) { return }
      let least = SegmentWriter.fileBytes(for: needed)
      guard let spare else {
        try makeSpare(least: least)
        continue
      }
      try spare.handle.allocate(upTo: least)
      writer.withLock { $0.enlarged(spare.sequence, to: least) }
    }
    throw FileError("set aside room in", EAGAIN, path: directory.path)
  }

  /// Makes the file that is to become the next segment.
  func makeSpare(least: Int) throws(FileError) {
    try checkFolder()
    let sequence = writer.withLock { $0.takeNumber() }
    let spare = try SegmentWriter.Spare.make(
      sequence, in: directory, room: least...max(options.usedSegmentBytes, least))
    do throws(FileError) {
      // Another directory may have taken its place meanwhile, which then has the file.
      try checkFolder()
    } catch {
      // What is thrown is the first failure; a file that stays is passed over at the next start.
      do { try remove(spare) } catch {}
      throw error
    }
    try offer(spare)
  }

  /// Gives the writer a file; if it has got one meanwhile, one of them is removed.
  func offer(_ spare: SegmentWriter.Spare) throws(FileError) {
    let unused = writer.withLock { $0.offer(spare) }
    note()
    if let unused { try remove(unused) }
  }

  /// Removes a file that is not needed, unless another has its name now, or none.
  private func remove(_ spare: SegmentWriter.Spare) throws(FileError) {
    if try spare.handle.isInPlace() { try directory.files.remove(spare.handle.path) }
  }

  /// Has reservations count on the disk space that there is now.
  private func note() {
    writer.withLock { writer in ledger.withLock { $0.hasRoom(writer.roomBytes) } }
  }

  /// Removes the file that was to become the next segment.
  func removeSpare() {
    let spare = writer.withLock { $0.takeSpare() }
    note()
    // An empty or acknowledged file is removed when the queue is opened.
    if let spare { do { try remove(spare) } catch {} }
  }
}
