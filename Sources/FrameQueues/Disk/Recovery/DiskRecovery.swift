/// What a queue directory held when it was opened, put in order.
///
/// Closed segments are taken at their footers' word, so that opening reads no frame of them; a segment without a footer
/// was being written when the process or the power ended: it is read, what does not verify at its end is cut off, and
/// it is closed. What verifies is kept, whether anybody was told that it was or not.
struct DiskRecovery {
  let lock: DirectoryLock
  var ledger: DiskLedger
  var cursor: CursorFile
  var nextSegment: UInt64 = 1
  var nextFrame: UInt64 = 1
  fileprivate let opened: QueueDirectory
  /// What there is to be according to the cursor, and what of it was found.
  fileprivate var expected = DurableFrames(endFrame: 0)
  fileprivate var found = FrameTotals.zero
  /// The segment that was written last, if it is shorter than it was.
  fileprivate var short: ShortSegment?

  private var directory: String { opened.path }
  private var files: any FileSystem { opened.files }

  /// Takes the directory's lock and reads what is there. An error leaves the segments as they are.
  static func open(_ directory: QueueDirectory, _ options: DiskQueueOptions) throws(DiskQueueError) -> DiskRecovery {
    do { try directory.files.makeDirectories(directory.path) } catch { throw .file(error) }
    let lock = try DirectoryLock.take(in: directory.path, of: directory.files)
    let found = try check(directory, options)
    let (cursor, content) = try cursor(in: directory, options)
    do {
      let ledger = DiskLedger(options: options, acknowledged: AcknowledgedFrames(low: 1))
      var recovery = DiskRecovery(lock: lock, ledger: ledger, cursor: cursor, opened: directory)
      try recovery.recover(found, content)
      return recovery
    } catch {
      throw .file(error)
    }
  }

  private static func cursor(
    in directory: QueueDirectory, _ options: DiskQueueOptions
  ) throws(DiskQueueError) -> (CursorFile, CursorFile.Content) {
    let opened: (CursorFile, CursorFile.Content)
    do {
      opened = try CursorFile.open(
        in: directory.path, of: directory.files, fingerprint: options.fingerprint)
    } catch {
      throw .file(error)
    }
    try opened.1.checkVersion(in: directory.path)
    return opened
  }

  /// A segment file of the directory; without a header if that is damaged.
  private struct Found {
    /// The number in its name.
    let sequence: UInt64
    let header: SegmentHeader?

    /// The number in its header, if that is another.
    var otherSequence: UInt64? { header?.sequence == sequence ? nil : header?.sequence }
  }

  /// All segments in order, none of which is of a later format or for another destination.
  private static func check(
    _ directory: QueueDirectory, _ options: DiskQueueOptions
  ) throws(DiskQueueError) -> [Found] {
    do {
      var found: [Found] = []
      let names = try directory.files.names(in: directory.path)
      for sequence in names.compactMap({ SegmentFormat.sequence(ofFile: $0) }).sorted() {
        let handle = try directory.open(SegmentFormat.fileName(sequence), .read)
        let header = try SegmentFile.open(handle, options.readVersions)?.header
        found.append(Found(sequence: sequence, header: header))
        guard let header else { continue }
        try header.checkVersion(of: handle.path)
        if header.fingerprint != options.fingerprint { throw DiskQueueError.otherDestination(file: handle.path) }
      }
      return found
    } catch let error as DiskQueueError {
      throw error
    } catch let error as FileError {
      throw .file(error)
    } catch {
      throw .file(FileError("list", 0, path: directory.path))
    }
  }

  private mutating func recover(_ found: [Found], _ content: CursorFile.Content) throws(FileError) {
    if case .record(let record) = content, let durable = record.durable { expected = durable }
    short = try shortSegment
    var headers: [SegmentHeader] = []
    let found = try disentangled(found)
    for segment in found {
      if let header = try nameByHeader(segment) { headers.append(header) } else { try setAside(segment.sequence) }
    }
    headers.sort { $0.sequence < $1.sequence }
    takeCursor(content, first: headers.first?.firstFrame, isNew: found.isEmpty)
    for (index, header) in headers.enumerated() {
      try add(header, nextFirstFrame: index + 1 < headers.count ? headers[index + 1].firstFrame : .max)
    }
    nextSegment = max(found.last?.sequence ?? 0, headers.last?.sequence ?? 0, try lastSetAside) &+ 1
    nextFrame = max(ledger.segments.last?.endFrame ?? 1, ledger.acknowledged.end, expected.endFrame)
    noteMissingFrames()
    noteMissingRecords()
    ledger.restored(at: monotonicNow())
    try cursor.writeBoth(ledger.cursorRecord)
    try files.syncDirectory(directory)
  }

  /// Moves segments that stand in each other's places to names that none has, so that each can get its own.
  private func disentangled(_ found: [Found]) throws(FileError) -> [Found] {
    let misplaced = Set(found.filter { $0.otherSequence != nil }.map(\.sequence))
    var free = found.reduce(try lastSetAside) { max($0, $1.sequence, $1.otherSequence ?? 0) }
    var (kept, moved): ([Found], [Found]) = ([], [])
    for segment in found {
      guard let other = segment.otherSequence, misplaced.contains(other) else {
        kept.append(segment)
        continue
      }
      free &+= 1
      let (name, newName) = (SegmentFormat.fileName(segment.sequence), SegmentFormat.fileName(free))
      try files.rename(directory + "/" + name, to: directory + "/" + newName)
      moved.append(Found(sequence: free, header: segment.header))
    }
    return kept + moved
  }

  /// Gives a segment the name that its header says, unless another has it. They differ if a file was about to be used
  /// again: then it has its next name and still its last header, or a power cut took the new name and not the header.
  private func nameByHeader(_ segment: Found) throws(FileError) -> SegmentHeader? {
    guard let header = segment.header, header.sequence != segment.sequence else { return segment.header }
    let path = directory + "/" + SegmentFormat.fileName(header.sequence)
    if try files.exists(path) { return nil }
    try files.rename(directory + "/" + SegmentFormat.fileName(segment.sequence), to: path)
    return header
  }

  /// Removes a segment without a header if it holds nothing, else gives it another name.
  private mutating func setAside(_ sequence: UInt64) throws(FileError) {
    let name = SegmentFormat.fileName(sequence)
    let path = directory + "/" + name
    if try FileHandle(path, of: files, .read).size() <= SegmentFormat.headerBytes { return try files.remove(path) }
    ledger.note(.quarantined(file: try SegmentFormat.setAside(name, in: directory, of: files)))
  }

  /// The highest number that a file set aside has: it is not given again.
  private var lastSetAside: UInt64 {
    get throws(FileError) {
      try files.names(in: directory).compactMap { SegmentFormat.sequence(ofSetAside: $0) }.max() ?? 0
    }
  }

  /// Takes what the cursor says; without one, that all below the `first` frame that is there is acknowledged.
  private mutating func takeCursor(_ content: CursorFile.Content, first: UInt64?, isNew: Bool) {
    switch content {
    case .record(let record): return ledger.restore(record.acknowledged)
    case .nothing where isNew: ledger.note(.began)
    case .nothing where first != nil: ledger.note(.cursorMissing)
    case .nothing, .newer: break
    case .damaged: ledger.note(.cursorDamaged)
    }
    ledger.restore(AcknowledgedFrames(low: first ?? 1))
  }

  /// Counts a segment's frames, unless all are acknowledged: then the file is removed.
  private mutating func add(_ header: SegmentHeader, nextFirstFrame: UInt64) throws(FileError) {
    let handle = try opened.open(SegmentFormat.fileName(header.sequence), .readWrite)
    guard let file = try SegmentFile.open(handle, ledger.options.readVersions) else { return }
    var end: (frame: UInt64, offset: Int, totals: FrameTotals)
    if let footer = try file.footer(), footer.endFrame <= nextFirstFrame {
      end = (footer.endFrame, footer.offset, footer.totals)
    } else {
      end = try closeTorn(file, nextFirstFrame: nextFirstFrame)
    }
    let frames = header.firstFrame..<max(end.frame, header.firstFrame)
    if ledger.acknowledged.covers(frames) { return try files.remove(handle.path) }
    if ledger.acknowledged.touches(frames) {
      end.totals = try SegmentScan.read(file, .all(before: end.offset, frames, skipping: ledger.acknowledged)).totals
    }
    ledger.restore(
      DiskLedger.Segment(
        sequence: header.sequence, salt: header.salt, firstFrame: frames.lowerBound, endFrame: frames.upperBound,
        writtenBytes: end.offset, syncedBytes: end.offset, syncedFrame: frames.upperBound, isSealed: true,
        waiting: end.totals))
    try countFound(file, frames, end)
  }

  /// Counts what a segment has of the frames that are expected; one that has others too is read.
  private mutating func countFound(
    _ file: SegmentFile, _ frames: Range<UInt64>, _ end: (frame: UInt64, offset: Int, totals: FrameTotals)
  ) throws(FileError) {
    guard frames.lowerBound < expected.endFrame else { return }
    found += end.totals
    guard frames.upperBound > expected.endFrame else { return }
    var others = ledger.acknowledged
    others.insert(0..<expected.endFrame)
    found -= try SegmentScan.read(file, .all(before: end.offset, frames, skipping: others)).totals
  }

  /// Reads a segment that was not closed, cuts off what is torn and closes it.
  private mutating func closeTorn(_ file: SegmentFile, nextFirstFrame: UInt64) throws(FileError)
    -> (frame: UInt64, offset: Int, totals: FrameTotals)
  {
    let fileBytes = try file.size()
    let first = file.header.firstFrame
    let frames = first..<max(nextFirstFrame, first)
    let scan = try SegmentScan.read(file, .all(before: fileBytes, frames, skipping: AcknowledgedFrames(low: 0)))
    let torn = try scan.tornBytes(of: file, before: fileBytes)
    if file.header.sequence == expected.segment, scan.validEnd < expected.segmentBytes {
      // It had been written fully, and nobody reads it again.
      if torn > 0 { ledger.note(.corrupt(file: file.name, bytes: torn)) }
    } else if torn > 0 {
      ledger.note(.tornTail(file: file.name, bytes: torn))
    }
    // What fails its checksum before the end is counted when it is read to be leased.
    try file.close(at: scan.validEnd, endFrame: scan.endFrame, totals: scan.totals)
    try file.sync()
    return (scan.endFrame, scan.validEnd, scan.totals)
  }

  /// Notes frames below the newest that are neither acknowledged nor in any segment.
  private mutating func noteMissingFrames() {
    var missing: UInt64 = 0
    var next = ledger.acknowledged.low
    for range in ledger.segments.map({ $0.firstFrame..<$0.endFrame }) + [nextFrame..<nextFrame] {
      if next < range.lowerBound {
        missing += ledger.restoreWithout(next..<range.lowerBound)
      }
      next = max(next, range.upperBound)
    }
    if missing > 0 { ledger.note(.framesMissing(count: missing)) }
  }

  /// Counts as lost what the cursor says there was and no segment has.
  private mutating func noteMissingRecords() {
    let missing = FrameTotals(
      bytes: max(expected.totals.bytes &- found.bytes, 0), records: max(expected.totals.records &- found.records, 0))
    if missing.isEmpty { return }
    ledger.note(.recordsMissing(missing, short: short))
  }

  /// The segment that was written last, if it is shorter than the cursor says.
  private var shortSegment: ShortSegment? {
    get throws(FileError) {
      if expected.totals.isEmpty || expected.segment == 0 { return nil }
      let name = SegmentFormat.fileName(expected.segment)
      let path = directory + "/" + name
      let bytes = try files.exists(path) ? try FileHandle(path, of: files, .read).size() : nil
      if let bytes, bytes >= expected.segmentBytes { return nil }
      return ShortSegment(file: name, bytes: bytes, expectedBytes: expected.segmentBytes)
    }
  }
}
