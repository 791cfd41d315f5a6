import FrameQueues

/// The writing side of a store: the last segment, the head, and what is removed.
final class StoreWriter {
  private var options: StoreOptions
  private(set) var view: StoreView
  private var lock: StoreFile?
  private let zstd = Zstd()
  private var builder: BlockBuilder
  /// The file of the last segment, unless that is closed or cannot be written any more.
  private var segmentFile: StoreFile?
  private var headFile: StoreFile?
  private var lastSegment: UInt64
  private var lastHead: UInt64

  /// Takes over what was found in the folder.
  init(_ options: StoreOptions, _ view: StoreView, lock: StoreFile) throws(StoreError) {
    self.options = options
    self.view = view
    self.lock = lock
    builder = BlockBuilder(zstd: zstd, level: Int32(options.compressionLevel))
    lastSegment = try view.folder.numbers(Segment.suffix).last ?? 0
    let heads = try view.folder.numbers(Head.suffix)
    lastHead = heads.last ?? 0
    for number in heads where number != view.head?.header.number {
      try view.folder.remove(StoreFormat.headName(number))
    }
    try removeUnbegun()
    try openSegment()
    if let head = view.head {
      let file = try view.folder.open(head.name, .readWrite)
      try reading { () throws(FileError) in try file.truncate(to: head.fileBytes) }
      headFile = file
    }
  }

  func use(_ options: StoreOptions) {
    self.options = options
    builder = BlockBuilder(zstd: zstd, level: Int32(options.compressionLevel))
  }

  /// Removes segments that a crash left without anything in them.
  private func removeUnbegun() throws(StoreError) {
    let known = Set(view.segments.map(\.header.number))
    for number in try view.folder.numbers(Segment.suffix) where !known.contains(number) {
      let name = StoreFormat.segmentName(number)
      guard let file = try view.folder.openIfThere(name) else { continue }
      let size = try reading { () throws(FileError) in try file.size() }
      if size <= StoreFormat.fileHeaderBytes { try view.folder.remove(name) }
    }
  }

  /// Opens the last segment for what comes, without what a crash left behind its last block.
  private func openSegment() throws(StoreError) {
    guard let last = view.segments.last, !last.isClosed, last.header.number == lastSegment else { return }
    let file = try view.folder.open(last.name, .readWrite)
    try reading { () throws(FileError) in
      try file.truncate(to: last.bytes)
      try file.sync()
    }
    segmentFile = file
  }

  private var isClosed: Bool { lock == nil }

  func close() {
    lock?.unlock()
    (lock, segmentFile, headFile) = (nil, nil, nil)
  }

  // MARK: Appending

  func append(_ body: UnsafeRawBufferPointer, receivedUnixNano: UInt64) throws(StoreError) {
    if isClosed { throw .closed }
    try retain(nowUnixNano: receivedUnixNano)
    let records = try RequestWalk.count(body)
    if records == 0 { return }
    let head = (records: view.head?.records ?? 0, bytes: view.head?.byteCount ?? 0)
    let fillsBlock = head.records + records >= options.blockRecords || head.bytes + body.count >= options.blockBytes
    if fillsBlock || view.head?.isBroken == true {
      try appendBlocks(body, records: head.records + records, receivedUnixNano: receivedUnixNano)
    } else {
      let request = HeadRequest(bytes: Array(body), records: records, receivedUnixNano: receivedUnixNano)
      try appendToHead(request)
    }
  }

  private func appendToHead(_ request: HeadRequest) throws(StoreError) {
    let isNew = view.head == nil
    let header = FileHeader(
      .head, number: lastHead + 1, firstOrdinal: view.endOrdinal, createdUnixNano: request.receivedUnixNano)
    var head = view.head ?? Head(header)
    let file: StoreFile
    if let headFile { file = headFile } else { file = try view.folder.open(head.name, .readWriteOrCreate) }
    var bytes = isNew ? head.header.bytes : []
    bytes += head.entry(request)
    do throws(StoreError) {
      try write(bytes, to: file, at: isNew ? 0 : head.fileBytes)
      if isNew && options.syncs { try view.folder.sync() }
    } catch {
      if isNew {
        // One that stays is removed at the next start, as it holds nothing that was acknowledged, or read once more.
        try? view.folder.remove(head.name)
        lastHead += 1
      } else {
        let isBroken = !hasTakenBack(file, to: head.fileBytes)
        view.head?.isBroken = isBroken
      }
      throw error
    }
    head.append(request)
    (view.head, headFile, lastHead) = (head, file, max(lastHead, head.header.number))
  }

  /// Writes the head's records and those of a request as blocks of about the same size.
  private func appendBlocks(
    _ body: UnsafeRawBufferPointer, records: Int, receivedUnixNano: UInt64
  ) throws(StoreError) {
    try beginSegment(at: receivedUnixNano)
    guard let file = segmentFile, var segment = view.segments.last else { throw .closed }
    var run = BlockRun(
      place: BlockPlace(
        firstOrdinal: view.head?.header.firstOrdinal ?? view.endOrdinal, salt: segment.header.salt))
    let blocks = (records + options.blockRecords - 1) / options.blockRecords
    run.recordsPerBlock = (records + blocks - 1) / blocks
    do throws(StoreError) {
      for request in view.head?.requests ?? [] {
        var failure: StoreError?
        request.bytes.withUnsafeBytes { body in
          do throws(StoreError) { try build(body, at: request.receivedUnixNano, &run) } catch { failure = error }
        }
        if let failure { throw failure }
      }
      try build(body, at: receivedUnixNano, &run)
    } catch {
      builder.removeAll()
      throw error
    }
    finishBlock(&run)
    let offset = segment.bytes
    do throws(StoreError) {
      try write(run.output, to: file, at: offset)
    } catch {
      // What cannot be taken back stays behind the blocks of a segment that the next one takes the place of.
      if !hasTakenBack(file, to: offset) { segmentFile = nil }
      throw error
    }
    for block in run.blocks {
      segment.blocks.append(block)
      segment.blocks[segment.blocks.count - 1].offset += offset
    }
    segment.bytes += run.output.count
    view.segments[view.segments.count - 1] = segment
    removeHead()
  }

  private func removeHead() {
    guard let head = view.head else { return }
    (view.head, headFile) = (nil, nil)
    // One that stays is not read: a block has its records.
    try? view.folder.remove(head.name)
  }

  /// Blocks being made, one after the other.
  private struct BlockRun {
    var place: BlockPlace
    var recordsPerBlock = 0
    var output: [UInt8] = []
    var blocks: [BlockEntry] = []
  }

  private func build(
    _ body: UnsafeRawBufferPointer, at receivedUnixNano: UInt64, _ run: inout BlockRun
  ) throws(StoreError) {
    try RequestWalk.forEachRecord(of: body) { stream, isNew, record throws(StoreError) in
      if builder.records >= run.recordsPerBlock || builder.byteCount >= options.blockBytes { finishBlock(&run) }
      if isNew || builder.records == 0 { builder.use(stream) }
      try builder.add(record, of: body, receivedUnixNano: receivedUnixNano)
    }
  }

  private func finishBlock(_ run: inout BlockRun) {
    if builder.records == 0 { return }
    let block = builder.finish(run.place, to: &run.output)
    run.blocks.append(block)
    run.place.firstOrdinal = block.endOrdinal
    builder.removeAll()
  }

  private func write(_ bytes: [UInt8], to file: StoreFile, at offset: Int) throws(StoreError) {
    try reading { () throws(FileError) in
      try file.write(bytes, at: offset)
      if options.syncs { try file.sync() }
    }
  }

  /// Takes a write that failed back, so that the file ends where it did.
  private func hasTakenBack(_ file: StoreFile, to bytes: Int) -> Bool {
    do throws(FileError) {
      try file.truncate(to: bytes)
      try file.sync()
      return true
    } catch {
      return false
    }
  }

  // MARK: Segments

  /// Has a segment that blocks can be appended to.
  private func beginSegment(at unixNano: UInt64, firstOrdinal: UInt64? = nil) throws(StoreError) {
    if segmentFile != nil, let last = view.segments.last {
      let isOld = options.retentionAge.map { unixNano > last.header.createdUnixNano &+ $0.unixNano / 8 } ?? false
      if last.bytes < options.segmentBytes && !(isOld && !last.blocks.isEmpty) { return }
      closeSegment()
    }
    lastSegment += 1
    let header = FileHeader(
      .segment, number: lastSegment,
      firstOrdinal: firstOrdinal ?? view.head?.header.firstOrdinal ?? view.endOrdinal, createdUnixNano: unixNano)
    let name = StoreFormat.segmentName(lastSegment)
    let file = try view.folder.open(name, .createNew)
    do throws(StoreError) {
      try write(header.bytes, to: file, at: 0)
      if options.syncs { try view.folder.sync() }
    } catch {
      // An empty one that stays does no harm.
      try? view.folder.remove(name)
      throw error
    }
    view.segments.append(Segment(header))
    segmentFile = file
  }

  /// Writes the directory of the last segment. One that has none is read block by block at the next start.
  private func closeSegment() {
    guard let file = segmentFile, var segment = view.segments.last else { return }
    segmentFile = nil
    let directory = segment.directory()
    do throws(StoreError) {
      try write(directory, to: file, at: segment.bytes)
      segment.bytes += directory.count
      segment.isClosed = true
      view.segments[view.segments.count - 1] = segment
    } catch {
      _ = hasTakenBack(file, to: segment.bytes)
    }
  }

  /// Removes the oldest segments that are too old or too much, but for the one that is written.
  func retain(nowUnixNano: UInt64) throws(StoreError) {
    if isClosed { throw .closed }
    let oldest = options.retentionAge.map { nowUnixNano < $0.unixNano ? 0 : nowUnixNano - $0.unixNano } ?? 0
    if let last = view.head?.requests.last, last.receivedUnixNano < oldest { try retireHead(at: nowUnixNano) }
    while let first = view.segments.first {
      let isTooMuch = view.byteCount > options.retentionBytes && view.segments.count > 1
      let isTooOld = !first.blocks.isEmpty && first.lastReceivedUnixNano < oldest
      if !isTooMuch && !isTooOld { return }
      if view.segments.count == 1 {
        // The next one carries the count of records on.
        closeSegment()
        try beginSegment(at: nowUnixNano)
      }
      do throws(StoreError) {
        try view.folder.remove(first.name)
      } catch {
        guard case .file(let failure) = error, failure.isAbsence else { throw error }
      }
      view.segments.removeFirst()
    }
  }
}

extension StoreWriter {
  /// Removes the head, whose records are too old. A segment that begins behind them keeps their count.
  private func retireHead(at unixNano: UInt64) throws(StoreError) {
    closeSegment()
    try beginSegment(at: unixNano, firstOrdinal: view.endOrdinal)
    removeHead()
  }
}

extension Duration {
  /// Nanoseconds; none for what is negative.
  package var unixNano: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (nanos, isTooLong) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return isTooLong ? .max / 2 : min(nanos, .max / 2) + UInt64(attoseconds / 1_000_000_000)
  }
}
