/// A set of frame numbers.
///
/// Invariant: `ranges` are in order, not empty, and do not touch each other.
struct FrameRanges: Equatable {
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
  }

  mutating func removeFirstRange() { if !ranges.isEmpty { ranges.removeFirst() } }
  mutating func removeLastRanges(_ count: Int) { ranges.removeLast(min(max(count, 0), ranges.count)) }

  func contains(_ frame: UInt64) -> Bool { ranges.contains { $0.contains(frame) } }
  /// True if any of `frames` is in the set.
  func touches(_ frames: Range<UInt64>) -> Bool { ranges.contains { $0.overlaps(frames) } }
}
