// decision: docs/decisions/0303-disk-queue-keeps-up.md
// decision: docs/decisions/0304-writes-with-the-sync.md

/// Frames that were appended lately, in memory too: the lease that soon follows needs no read and no checksum.
///
/// Payloads lie together in pieces, as in a queue in memory. A frame that finds no room is not taken and will be leased
/// from its file. The frames that come first keep their place, because they are leased first: so a backlog that stays
/// beyond the limit still has its share leased from memory, and nothing is copied in vain.
///
/// Frames that are not in their file yet are always taken. Once they are, the newest pieces are dropped that are beyond
/// the limit.
///
/// Invariant: pieces, leased ones included, take at most `limitBytes`, but for frames that are not in their file;
/// frames are in the order of their numbers.
struct RecentFrames {
  /// Frames of one piece, so that small ones do not take more memory for where they lie than for their bytes.
  static let maxPieceFrames = 4096
  let limitBytes: Int
  private let spares: SpareSegments
  private var pieces: [Piece] = []
  private var wasAppendedTo = false
  /// Frames whose segment could not be written: they are nowhere else.
  private var onlyHere: [Range<UInt64>] = []

  /// Pieces of `pieceBytes`, which a lease never crosses; none if not even one fits `limitBytes`.
  init(limitBytes: Int, pieceBytes: Int) {
    self.limitBytes = limitBytes
    spares = SpareSegments(segmentBytes: pieceBytes)
  }

  /// Bytes of memory in use or kept.
  var memoryBytes: Int { spares.usedBytes + spares.keptBytes }

  /// Takes an append, or if its frames are in their file, what of it there is room for. They are numbered from
  /// `firstFrame` on and lie in the file from `offset` on.
  mutating func append(_ append: FrameAppend, firstFrame: UInt64, at offset: Int, areInFile: Bool = true) {
    var (number, offset) = (firstFrame, offset)
    wasAppendedTo = true
    rewindLast()
    for frame in append.frames {
      offset += SegmentFormat.frameHeaderBytes + frame.range.count
      if makeRoom(for: frame.range.count, isLimited: areInFile) {
        let payload = unsafe UnsafeRawBufferPointer(rebasing: append.bytes[frame.range])
        unsafe pieces[pieces.count - 1].append(payload, of: frame, number: number, endInFile: offset)
      }
      number &+= 1
    }
  }

  /// Takes out the frames that a window starts with, as many as fit its bytes and their piece; nil if its first is not
  /// here. What comes before the window is forgotten: it has been leased.
  mutating func take(_ window: FrameWindow) -> FrameRun? {
    while !pieces.isEmpty {
      pieces[0].forget(below: window.frames.lowerBound)
      if let next = pieces[0].nextNumber {
        guard next == window.frames.lowerBound, next < window.frames.upperBound else { return nil }
        return pieces[0].take(window)
      }
      // The last piece is appended to again, or rewound.
      if pieces.count == 1, pieces[0].hasRoom { return nil }
      pieces.removeFirst()
    }
    return nil
  }

  /// The frames with these numbers, unless they have been leased or dropped.
  func frames(_ numbers: Range<UInt64>) -> [KeptFrames] { pieces.compactMap { $0.frames(numbers) } }

  /// Those of the frames with these numbers that are here one after the other, from the first on that is here.
  func unbroken(_ numbers: Range<UInt64>) -> KeptRun? {
    var run: KeptRun?
    for kept in frames(numbers) {
      guard let first = kept.frames.first else { continue }
      var found = run ?? KeptRun(startingWith: first, at: kept.start)
      guard found.frames.upperBound == first.number else { break }
      let isWhole = found.append(kept)
      run = found
      if !isWhole { break }
    }
    return run
  }

  /// Notes that frames lie elsewhere in their file now.
  mutating func move(_ numbers: Range<UInt64>, by bytes: Int) {
    for index in pieces.indices { pieces[index].move(numbers, by: bytes) }
  }

  /// Has frames stay until they are leased, because their segment could not be written.
  mutating func keep(_ numbers: Range<UInt64>) { if !numbers.isEmpty { onlyHere.append(numbers) } }

  /// A window without the frames that are only here, and what comes after them: what may be read from the file.
  func inFile(_ window: FrameWindow) -> FrameWindow {
    var window = window
    for numbers in onlyHere where numbers.overlaps(window.frames) {
      let wanted = numbers.clamped(to: window.frames)
      guard let (number, offset) = pieces.lazy.compactMap({ $0.first(of: wanted) }).first,
        window.offsets.contains(offset), number > window.frames.lowerBound
      else { continue }
      window.frames = window.frames.lowerBound..<number
      window.offsets = window.offsets.lowerBound..<offset
    }
    return window
  }

  /// Drops what is beyond the limit of the frames below a number, which are in their file but for those kept.
  mutating func drop(below number: UInt64) {
    if !onlyHere.isEmpty {
      let next = pieces.lazy.compactMap(\.nextNumber).first ?? .max
      onlyHere.removeAll { $0.upperBound <= next }
    }
    var index = pieces.count
    while index > 0, spares.usedBytes > limitBytes {
      index -= 1
      let piece = pieces[index]
      if piece.isAll(below: number), !onlyHere.contains(where: { piece.holdsAny(of: $0) }) { pieces.remove(at: index) }
    }
  }

  /// Gives memory back that was not used since the last time; that of the last piece only if nothing was appended.
  mutating func trim() {
    if !wasAppendedTo, pieces.allSatisfy({ $0.nextNumber == nil }) { pieces = [] }
    wasAppendedTo = false
    spares.trim()
  }

  private mutating func rewindLast() {
    if let last = pieces.indices.last { pieces[last].rewindIfUnused() }
  }

  /// Sees to it that the last piece has room for a frame.
  private mutating func makeRoom(for bytes: Int, isLimited: Bool) -> Bool {
    if let last = pieces.last, last.hasRoom, last.free >= bytes { return true }
    if let last = pieces.last, last.nextNumber == nil { pieces.removeLast() }
    let fits = bytes <= spares.segmentBytes
    guard !isLimited || fits && spares.usedBytes + spares.segmentBytes <= limitBytes else { return false }
    pieces.append(Piece(memory: fits ? FrameSegment(from: spares) : FrameSegment(capacity: bytes)))
    return true
  }
}

/// Frames that lie one after the other in memory.
struct KeptFrames {
  struct Frame {
    let number: UInt64
    let records: Int
    let checksum: UInt32
    /// Where its payload ends in memory, and where it ends in its file.
    let end: Int
    var endInFile: Int
  }

  fileprivate let memory: FrameSegment
  /// Where in the memory the first payload begins.
  fileprivate let start: Int
  fileprivate let frames: [Frame]

  /// Calls `body` with each frame's header and payload.
  func forEach(_ body: (FrameHeader, UnsafeRawBufferPointer) throws(FileError) -> Void) throws(FileError) {
    var start = start
    for frame in frames {
      let header = FrameHeader(
        payloadBytes: frame.end - start, frame: frame.number, records: frame.records, payloadChecksum: frame.checksum)
      try unsafe memory.withUnsafeBytes(in: start..<frame.end) { payload throws(FileError) in
        try unsafe body(header, payload)
      }
      start = frame.end
    }
  }
}

/// Frames in memory whose numbers and places in their file follow each other.
struct KeptRun {
  private(set) var kept: [KeptFrames] = []
  private(set) var frames: Range<UInt64>
  private(set) var offsets: Range<Int>
  private(set) var totals = FrameTotals.zero

  fileprivate init(startingWith frame: KeptFrames.Frame, at start: Int) {
    let offset = frame.endInFile - (frame.end - start) - SegmentFormat.frameHeaderBytes
    (frames, offsets) = (frame.number..<frame.number, offset..<offset)
  }

  /// Takes frames up to the first that is not the next. True if that are all.
  fileprivate mutating func append(_ more: KeptFrames) -> Bool {
    var next = frames.upperBound
    let taken = more.frames.prefix { frame in
      defer { next &+= 1 }
      return frame.number == next
    }
    guard let last = taken.last else { return false }
    kept.append(KeptFrames(memory: more.memory, start: more.start, frames: Array(taken)))
    frames = frames.lowerBound..<(last.number &+ 1)
    offsets = offsets.lowerBound..<max(last.endInFile, offsets.lowerBound)
    totals += FrameTotals(bytes: last.end - more.start, records: taken.reduce(0) { $0 &+ $1.records })
    return taken.count == more.frames.count
  }
}

/// Memory with the frames in it that have not been leased.
private struct Piece {
  private typealias Frame = KeptFrames.Frame

  private var memory: FrameSegment
  private var frames: [Frame] = []
  private var next = 0
  /// Where the payload of the next frame starts.
  private var nextStart = 0

  init(memory: FrameSegment) { self.memory = memory }

  var free: Int { memory.free }
  var hasRoom: Bool { frames.count < RecentFrames.maxPieceFrames && free > 0 }
  /// The number of the first frame that has not been leased.
  var nextNumber: UInt64? { next < frames.count ? frames[next].number : nil }

  mutating func append(
    _ payload: UnsafeRawBufferPointer, of frame: FrameAppend.Frame, number: UInt64, endInFile: Int
  ) {
    guard let range = unsafe memory.append(payload) else { return }
    frames.append(
      Frame(
        number: number, records: frame.records, checksum: frame.checksum, end: range.upperBound, endInFile: endInFile))
  }

  /// True if there are frames to lease, and all have numbers below that.
  func isAll(below number: UInt64) -> Bool {
    guard nextNumber != nil, let last = frames.last else { return false }
    return last.number < number
  }

  /// True if any of the frames to lease has one of these numbers.
  func holdsAny(of numbers: Range<UInt64>) -> Bool {
    guard let first = nextNumber, let last = frames.last else { return false }
    return numbers.overlaps(first..<(last.number &+ 1))
  }

  /// The first frame to lease with one of these numbers, and where it begins in its file.
  func first(of numbers: Range<UInt64>) -> (number: UInt64, offset: Int)? {
    var start = nextStart
    for frame in frames[next...] {
      if numbers.contains(frame.number) {
        return (frame.number, frame.endInFile - (frame.end - start) - SegmentFormat.frameHeaderBytes)
      }
      start = frame.end
    }
    return nil
  }

  /// Those of the frames to lease whose numbers are among these; nil if there are none.
  func frames(_ numbers: Range<UInt64>) -> KeptFrames? {
    let before = frames[next...].lastIndex { $0.number < numbers.lowerBound }
    let first = before.map { $0 + 1 } ?? next
    let found = Array(frames[first...].prefix { $0.number < numbers.upperBound })
    if found.isEmpty { return nil }
    return KeptFrames(memory: memory, start: first == next ? nextStart : frames[first - 1].end, frames: found)
  }

  mutating func move(_ numbers: Range<UInt64>, by bytes: Int) {
    for index in frames.indices where numbers.contains(frames[index].number) { frames[index].endInFile += bytes }
  }

  mutating func forget(below number: UInt64) {
    while next < frames.count, frames[next].number < number { advance() }
  }

  private mutating func advance() {
    nextStart = frames[next].end
    next += 1
    if next == frames.count {
      frames.removeAll(keepingCapacity: true)
      next = 0
    }
  }

  /// Takes out frames in unbroken order, up to the end of the window or as many as fit its bytes, but at least one.
  mutating func take(_ window: FrameWindow) -> FrameRun {
    var run = FrameRun(memory: memory, start: nextStart, window)
    while next < frames.count {
      let frame = frames[next]
      let bytes = frame.end - nextStart
      guard frame.number == run.endFrame, frame.number < window.frames.upperBound,
        run.frames == 0 || run.totals.bytes + bytes <= window.maxBytes
      else { break }
      run.totals += FrameTotals(bytes: bytes, records: frame.records)
      run.frames += 1
      run.endFrame = frame.number &+ 1
      run.endOffset = frame.endInFile
      advance()
    }
    run.validEndOffset = run.endOffset
    return run
  }

  /// Starts anew if no frame waits and no lease, nor a body of one, has the memory.
  mutating func rewindIfUnused() {
    guard nextNumber == nil, isKnownUniquelyReferenced(&memory) else { return }
    memory.rewind()
    nextStart = 0
  }
}
