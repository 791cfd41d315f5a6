import Glibc

/// What to read from a segment.
struct FrameWindow {
  /// Where to read in the file: from the start of a frame to the end of one.
  var offsets: Range<Int>
  /// The numbers that the frames in it may have; others are left over from a write that was taken back.
  var frames: Range<UInt64>
  /// Bytes of payload to stop at, unless one frame alone has more.
  var maxBytes: Int
  /// Frames that are not wanted.
  var acknowledged = AcknowledgedFrames(low: 0)
  /// Whether pages that the disk does not give back count as damaged instead of being an error.
  var passesUnreadable = false
}

/// Frames of a segment, their payloads together in memory.
struct FrameRun {
  let memory: FrameSegment
  /// Where in the memory the payloads start.
  let start: Int
  /// Payload bytes and records of the frames.
  var totals = FrameTotals.zero
  var frames = 0
  /// Where in the file to go on.
  var endOffset: Int
  /// The number after that of the last valid frame seen, acknowledged or not.
  var endFrame: UInt64
  /// Where in the file the last valid frame ends.
  var validEndOffset: Int
  /// Bytes that were skipped because they failed their checksum.
  var corruptBytes = 0
  /// Frames that are damaged: passed over because their header is, or with a payload that fails its checksum; some may
  /// have been acknowledged before.
  private(set) var damage: [SegmentDamage] = []
  /// Bytes that the disk did not give back, in whole pages.
  var unreadableBytes = 0
  /// If not even one frame fitted the memory: how much the next one needs.
  var neededBytes: Int?

  /// A run without frames yet, at the start of a window.
  init(memory: FrameSegment, start: Int = 0, _ window: FrameWindow) {
    self.memory = memory
    self.start = start
    endOffset = window.offsets.lowerBound
    endFrame = window.frames.lowerBound
    validEndOffset = window.offsets.lowerBound
  }

  /// Where the payloads lie in the memory.
  var range: Range<Int> { start..<(start + totals.bytes) }

  /// Notes damaged frames, which come in order.
  mutating func note(_ part: SegmentDamage) {
    if !part.frames.isEmpty { damage.add(part) }
  }

  /// Memory for frames of so many bytes of payload and their headers.
  static func memoryBytes(forPayload bytes: Int) -> Int { bytes + bytes / 16 + (64 << 10) }

  /// Reads the frames of a window that are wanted, into memory of `spares` if that is large enough. It always makes
  /// progress: `endOffset` passes the window's start, unless the file could not be read.
  static func read(
    _ file: SegmentFile, _ window: FrameWindow, into spares: SpareSegments? = nil
  ) throws(FileError) -> FrameRun {
    var memoryBytes = min(window.offsets.count, memoryBytes(forPayload: window.maxBytes))
    while true {
      let spares = spares.flatMap { $0.segmentBytes >= memoryBytes ? $0 : nil }
      let memory = spares.map { FrameSegment(from: $0) } ?? FrameSegment(capacity: memoryBytes)
      var run = FrameRun(memory: memory, window)
      try run.load(memoryBytes, of: file, window)
      guard let needed = run.neededBytes else { return run }
      memoryBytes = min(window.offsets.count, needed)
    }
  }

  private mutating func load(_ memoryBytes: Int, of file: SegmentFile, _ window: FrameWindow) throws(FileError) {
    let offset = window.offsets.lowerBound
    try unsafe memory.fill { memory throws(FileError) in
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.prefix(memoryBytes))
      if window.passesUnreadable {
        unreadableBytes = try unsafe file.readPages(into: room, at: offset)
      } else {
        let count = try unsafe file.read(into: room, at: offset)
        // A file shorter than it was, cut behind our back, has lost what is missing.
        unsafe room[count...].withContiguousZeros()
      }
      var parser = unsafe FrameParser(room, of: file, window)
      parser.parse(into: &self)
      return parser.keptBytes
    }
  }
}

/// Takes frames out of a buffer that holds a part of a segment.
@safe private struct FrameParser {
  let bytes: UnsafeMutableRawBufferPointer
  let window: FrameWindow
  let version: SegmentVersion
  let salt: UInt32
  /// Where the next frame starts.
  private var position = 0
  /// Payload bytes moved to the front.
  private(set) var keptBytes = 0
  private var nextFrame: UInt64
  /// Where in the file the bytes begin that were skipped last, as long as no header has been found behind them.
  private var skippedFrom: Int?

  /// A parser of what the window starts with.
  init(_ bytes: UnsafeMutableRawBufferPointer, of file: SegmentFile, _ window: FrameWindow) {
    unsafe self.bytes = bytes
    self.window = window
    version = file.version
    salt = file.header.salt
    nextFrame = window.frames.lowerBound
  }

  /// Where in the file the bytes begin.
  private var fileOffset: Int { window.offsets.lowerBound }
  private var readable: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(bytes) }
  /// Bytes of the window that lie behind `position`, in the buffer or not.
  private var windowLeft: Int { window.offsets.upperBound - fileOffset - position }

  mutating func parse(into run: inout FrameRun) {
    while unsafe position < bytes.count {
      if let header = validHeader(at: position) {
        guard take(header, into: &run) else { break }
      } else if !skipDamage(&run) {
        break
      }
    }
    run.endOffset = fileOffset + position
    run.endFrame = nextFrame
  }

  /// The header at `start` if it is whole and belongs there.
  private func validHeader(at start: Int) -> FrameHeader? {
    guard let header = unsafe version.frame(readable, start, salt), header.frame >= nextFrame,
      header.frame < window.frames.upperBound,
      header.payloadBytes <= windowLeft - (start - position) - version.frameHeaderBytes
    else { return nil }
    return header
  }

  /// Takes the frame at `position`. False if the run ends before it.
  private mutating func take(_ header: FrameHeader, into run: inout FrameRun) -> Bool {
    let start = position + version.frameHeaderBytes
    let end = start + header.payloadBytes
    if unsafe end > bytes.count {
      if position == 0 { run.neededBytes = end }
      return false
    }
    let isWanted = !window.acknowledged.contains(header.frame)
    if isWanted, run.frames > 0, keptBytes + header.payloadBytes > window.maxBytes { return false }
    let payload = unsafe UnsafeRawBufferPointer(rebasing: readable[start..<end])
    let isWhole = unsafe CRC32C.checksum(payload) == header.payloadChecksum
    noteDamage(before: header, isWhole: isWhole, in: &run)
    if isWhole, isWanted {
      unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[keptBytes..<(keptBytes + payload.count)]).copyMemory(
        from: payload)
      keptBytes += payload.count
      run.totals += FrameTotals(bytes: payload.count, records: header.records)
      run.frames += 1
    }
    position = end
    nextFrame = header.frame &+ 1
    if isWhole { run.validEndOffset = fileOffset + end }
    return true
  }

  /// Notes the frames that lay before the one at `position`, which has been reached, and that one if it is damaged.
  private mutating func noteDamage(before header: FrameHeader, isWhole: Bool, in run: inout FrameRun) {
    let offset = fileOffset + position
    let skipped = (skippedFrom ?? offset)..<offset
    run.note(SegmentDamage(at: skipped, frames: nextFrame..<header.frame, skipping: window.acknowledged))
    skippedFrom = nil
    if isWhole { return }
    let bytes = version.frameHeaderBytes + header.payloadBytes
    let totals = FrameTotals(bytes: header.payloadBytes, records: header.records)
    let lost = window.acknowledged.contains(header.frame) ? .zero : totals
    run.corruptBytes += bytes
    run.note(SegmentDamage(at: offset..<(offset + bytes), frame: header.frame, lost: lost))
  }

  /// Goes on at the next header after `position` that is valid. False if more of the file is needed to tell.
  private mutating func skipDamage(_ run: inout FrameRun) -> Bool {
    let isLast = unsafe windowLeft <= bytes.count - position
    if !isLast, unsafe bytes.count - position < version.frameHeaderBytes { return false }
    // A header may be cut by the end of the buffer, but the end of the window cuts none.
    let end = unsafe isLast ? bytes.count : bytes.count - version.frameHeaderBytes + 1
    var next = position + 1
    while next < end, validHeader(at: next) == nil { next = nextCandidate(after: next, before: end) }
    next = min(max(next, position + 1), max(end, position + 1))
    run.corruptBytes += next - position
    skippedFrom = skippedFrom ?? (fileOffset + position)
    position = next
    return true
  }

  /// The next place after `start` with the first byte of a header, or `end`.
  private func nextCandidate(after start: Int, before end: Int) -> Int {
    guard start + 1 < end, let base = unsafe readable.baseAddress,
      let found = unsafe memchr(base + start + 1, Int32(version.firstFrameByte), end - start - 1)
    else { return end }
    return unsafe UnsafeRawPointer(found) - base
  }
}

extension Slice<UnsafeMutableRawBufferPointer> {
  /// Overwrites all of it with zeros.
  fileprivate func withContiguousZeros() {
    unsafe UnsafeMutableRawBufferPointer(rebasing: self).initializeMemory(as: UInt8.self, repeating: 0)
  }
}
