/// Frames that were given up since the queue was opened, so that whoever asks for one later is not told that it was
/// delivered.
///
/// Invariant: at most `maxRanges`, in order; beyond that, what lies between the two lowest counts as given up too: a
/// sender that is told so tries again.
struct LostFrames {
  static let maxRanges = 256
  private var frames = FrameRanges()

  var ranges: [Range<UInt64>] { frames.ranges }

  mutating func insert(_ lost: Range<UInt64>) {
    frames.insert(lost)
    if ranges.count > Self.maxRanges { frames.insert(ranges[0].lowerBound..<ranges[1].upperBound) }
  }

  /// True if any of `frames` was given up.
  func touches(_ frames: Range<UInt64>) -> Bool { self.frames.touches(frames) }
}
