/// Frames that were given up since the queue was opened, so that whoever asks for one later is not told that it was
/// delivered.
///
/// Invariant: at most `maxRanges`, in order; beyond that, what lies between the two lowest counts as given up too: a
/// sender that is told so tries again.
struct LostFrames {
  static let maxRanges = 256
  private(set) var ranges: [Range<UInt64>] = []

  mutating func insert(_ frames: Range<UInt64>) {
    guard !frames.isEmpty else { return }
    let start = ranges.firstIndex { $0.upperBound >= frames.lowerBound } ?? ranges.count
    var end = start
    var merged = frames
    while end < ranges.count, ranges[end].lowerBound <= merged.upperBound {
      merged = min(merged.lowerBound, ranges[end].lowerBound)..<max(merged.upperBound, ranges[end].upperBound)
      end += 1
    }
    ranges.replaceSubrange(start..<end, with: [merged])
    if ranges.count > Self.maxRanges {
      ranges.replaceSubrange(0..<2, with: [ranges[0].lowerBound..<ranges[1].upperBound])
    }
  }

  /// True if any of `frames` was given up.
  func touches(_ frames: Range<UInt64>) -> Bool { ranges.contains { $0.overlaps(frames) } }
}
