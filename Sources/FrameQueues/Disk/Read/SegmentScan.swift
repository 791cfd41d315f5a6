/// What reading all frames of a segment found.
struct SegmentScan: Equatable {
  /// Of the frames that are not acknowledged.
  var totals = FrameTotals.zero
  /// The number after that of the last valid frame, and where in the file it ends.
  var endFrame: UInt64
  var validEnd = SegmentFormat.headerBytes
  /// Bytes before there that fail their checksum.
  var corruptBytes = 0
  /// Damaged parts before there, the first of them, and what is lost with all of them.
  var damage: [SegmentDamage] = []
  var lost = FrameTotals.zero
  /// Damaged frames after there, and the number after that of the last frame whose header was found.
  var tail: [SegmentDamage] = []
  var nextFrame: UInt64
  /// So many damaged parts are told one by one.
  static let maxDamageParts = 1000

  /// Bytes after the last valid frame that were written for this segment: half of a frame, or damage. Zeros that fill
  /// the file's last page do not count, and what an earlier segment left only where a frame was begun over it.
  func tornBytes(of file: SegmentFile, before end: Int) throws(FileError) -> Int {
    if end == SegmentFormat.pageEnd(validEnd), try file.isZero(validEnd..<end) { return 0 }
    let rest = max(end - validEnd, 0)
    let stale = min(max(file.header.reusedBytes - validEnd, 0), rest)
    if stale == 0 { return rest }
    guard let begun = try file.frameHeader(at: validEnd), begun.frame == endFrame else { return rest - stale }
    return min(max(file.version.frameHeaderBytes + begun.payloadBytes, rest - stale), rest)
  }

  /// Reads all frames of a window.
  static func read(_ file: SegmentFile, _ window: FrameWindow) throws(FileError) -> SegmentScan {
    let (end, last) = (window.offsets.upperBound, window.frames.upperBound)
    var window = window
    var scan = SegmentScan(endFrame: window.frames.lowerBound, nextFrame: window.frames.lowerBound)
    var corruptBytes = 0
    var offset = window.offsets.lowerBound
    while offset < end, scan.nextFrame < last {
      window.offsets = offset..<end
      window.frames = scan.nextFrame..<last
      let run = try FrameRun.read(file, window)
      guard run.endOffset > offset else { break }
      scan.totals += run.totals
      corruptBytes += run.corruptBytes
      if run.validEndOffset > offset {
        scan.validEnd = run.validEndOffset
        scan.endFrame = run.endFrame
        scan.corruptBytes = corruptBytes - (run.endOffset - run.validEndOffset)
      }
      scan.note(run.damage)
      offset = run.endOffset
      scan.nextFrame = run.endFrame
    }
    return scan
  }

  private mutating func note(_ found: [SegmentDamage]) {
    for part in found { tail.add(part) }
    let passed = tail.prefix { $0.offsets.upperBound <= validEnd }
    for part in passed { lost += part.lost }
    damage += passed.prefix(max(Self.maxDamageParts - damage.count, 0))
    tail.removeFirst(passed.count)
  }
}

extension FrameWindow {
  /// All of a segment before the offset `end`, as far as its frames have these numbers.
  static func all(before end: Int, _ frames: Range<UInt64>, skipping acknowledged: AcknowledgedFrames) -> FrameWindow {
    let start = SegmentFormat.headerBytes
    return FrameWindow(
      offsets: start..<max(end, start), frames: frames, maxBytes: 1 << 20, acknowledged: acknowledged)
  }
}
