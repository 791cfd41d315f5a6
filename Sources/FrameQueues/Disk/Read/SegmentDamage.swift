/// A part of a segment that fails its checksums, and what is lost with it.
package struct SegmentDamage: Sendable, Equatable {
  /// Where in the file it lies.
  package var offsets: Range<Int>
  /// The numbers of the frames that lay there.
  package var frames: Range<UInt64>
  /// Of the frames that are not acknowledged. Where a frame's header is damaged nobody knows what it held: it counts as
  /// one record.
  package var lost: FrameTotals

  /// Frames whose headers are damaged.
  init(at offsets: Range<Int>, frames: Range<UInt64>, skipping acknowledged: AcknowledgedFrames) {
    self.offsets = offsets
    self.frames = frames
    lost = .frames(frames, skipping: acknowledged)
  }

  /// A frame whose header is whole.
  init(at offsets: Range<Int>, frame: UInt64, lost: FrameTotals) {
    self.offsets = offsets
    frames = frame..<(frame &+ 1)
    self.lost = lost
  }
}

extension [SegmentDamage] {
  /// Adds a part that comes after the others, joined to the last if nothing lies between the two.
  mutating func add(_ damage: SegmentDamage) {
    guard let last, last.frames.upperBound == damage.frames.lowerBound,
      last.offsets.upperBound == damage.offsets.lowerBound
    else { return append(damage) }
    self[count - 1].offsets = last.offsets.lowerBound..<damage.offsets.upperBound
    self[count - 1].frames = last.frames.lowerBound..<damage.frames.upperBound
    self[count - 1].lost += damage.lost
  }
}

extension FrameTotals {
  /// The most frames that count one by one: more numbers than that are no count but damage themselves.
  private static let maxCountedFrames: UInt64 = 1 << 32

  /// One record for each frame that is not acknowledged.
  static func frames(_ frames: Range<UInt64>, skipping acknowledged: AcknowledgedFrames) -> FrameTotals {
    let end = frames.lowerBound &+ min(frames.upperBound &- frames.lowerBound, maxCountedFrames)
    return FrameTotals(bytes: 0, records: Int(clamping: acknowledged.countMissing(in: frames.lowerBound..<end)))
  }
}
