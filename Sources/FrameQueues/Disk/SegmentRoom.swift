/// Disk space that is set aside a segment ahead, and room that is made by throwing out the oldest. The writer's lock is
/// held over none of the calls to the disk here.
extension DiskQueue {
  /// Sets disk space aside for all reservations.
  func prepareRoom() throws(FileError) {
    let needed = ledger.withLock { $0.neededRoomBytes }
    defer { noteRoom() }
    // Whoever appends may take the file meanwhile.
    for _ in 0..<3 {
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
  }

  /// Makes the file that is to become the next segment.
  func makeSpare(least: Int) throws(FileError) {
    try checkFolder()
    let sequence = writer.withLock { $0.takeNumber() }
    try offer(
      SegmentWriter.Spare.make(
        sequence, in: directory, of: files, max(options.usedSegmentBytes, least), least: least))
  }

  /// Gives the writer a file; if it has got one meanwhile, one of them is removed.
  func offer(_ spare: SegmentWriter.Spare) throws(FileError) {
    let unused = writer.withLock { $0.offer(spare) }
    noteRoom()
    if let unused { try remove(unused) }
  }

  /// Removes a file that is not needed, unless another has its name now, or none.
  private func remove(_ spare: SegmentWriter.Spare) throws(FileError) {
    if try spare.handle.isInPlace() { try files.remove(spare.handle.path) }
  }

  func noteRoom() {
    writer.withLock { writer in ledger.withLock { $0.roomBytes = writer.roomBytes } }
  }

  /// Removes the file that was to become the next segment.
  func removeSpare() {
    let spare = writer.withLock { $0.takeSpare() }
    noteRoom()
    // An empty or acknowledged file is removed when the queue is opened.
    if let spare { do { try remove(spare) } catch {} }
  }

  /// Throws out the oldest segments of which nothing is leased until `bytes` can be reserved. Their files are removed
  /// by the committing thread; nothing here waits for the disk.
  package func makeRoom(_ bytes: Int) -> FrameTotals {
    let evicted = place.withLock { place in
      ledger.withLock { $0.evict(for: bytes, sparing: place.isReading ? place.next.sequence : nil) }
    }
    committing.raise()
    reportEvents()
    return evicted
  }
}

extension DiskLedger {
  /// Throws out whole segments, the oldest first, until `bytes` can be reserved. While the disk is behind with removing
  /// them no more are thrown out, so that the files never take more than three segments beyond the capacity.
  fileprivate mutating func evict(for bytes: Int, sparing read: UInt64?) -> FrameTotals {
    var evicted = FrameTotals.zero
    while case .full = refusal(of: bytes) {
      let leavingBytes = segments.reduce(0) { $0 &+ ($1.isLeaving ? $1.diskBytes : 0) }
      guard leavingBytes <= 2 &* options.usedSegmentBytes,
        let index = segments.firstIndex(where: { $0.sequence != read && canEvict($0) })
      else { break }
      evicted += evict(index)
    }
    return evicted
  }

  private mutating func refusal(of bytes: Int) -> QueueRefusal? {
    let refusal = reserve(bytes)
    if refusal == nil { unreserve(bytes) }
    return refusal
  }

  /// True if a segment is closed and synced, and none of its frames is on loan.
  private func canEvict(_ segment: Segment) -> Bool {
    segment.isSealed && segment.file == nil && !segment.isLeaving
      && !leases.values.contains { $0.frames.overlaps(segment.firstFrame..<segment.endFrame) }
  }

  private mutating func evict(_ index: Int) -> FrameTotals {
    let evicted = segments[index].waiting
    let frames = segments[index].firstFrame..<segments[index].endFrame
    segments[index].waiting = .zero
    segments[index].isLeaving = true
    diskBytes &-= segments[index].diskBytes
    waiting -= evicted
    queued -= evicted
    settle(frames)
    return evicted
  }
}
