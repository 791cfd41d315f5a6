/// Which frames have been acknowledged: all below `low`, and some ranges above it.
///
/// Invariant: `ranges` are in order, not empty, and neither touch each other nor `low`.
struct AcknowledgedFrames: Equatable {
  /// The lowest frame that is not acknowledged.
  private(set) var low: UInt64
  /// Acknowledged frames above `low`; about as many ranges as there are open leases.
  var ranges: [Range<UInt64>] { above.ranges }
  private var above = FrameRanges()

  init(low: UInt64) { self.low = low }

  /// The number after the highest acknowledged frame.
  var end: UInt64 { ranges.last?.upperBound ?? low }

  func contains(_ frame: UInt64) -> Bool {
    frame < low || above.contains(frame)
  }

  /// True if every frame of `frames` is acknowledged.
  func covers(_ frames: Range<UInt64>) -> Bool {
    let open = max(frames.lowerBound, low)
    return open >= frames.upperBound
      || ranges.contains { $0.lowerBound <= open && frames.upperBound <= $0.upperBound }
  }

  /// True if any frame of `frames` is acknowledged.
  func touches(_ frames: Range<UInt64>) -> Bool {
    frames.lowerBound < min(low, frames.upperBound) || above.touches(frames)
  }

  /// How many of `frames` are not acknowledged.
  func countMissing(in frames: Range<UInt64>) -> UInt64 {
    let open = max(frames.lowerBound, min(low, frames.upperBound))..<frames.upperBound
    return ranges.reduce(UInt64(open.count)) { $0 - UInt64($1.clamped(to: open).count) }
  }

  /// The same with no more than so many ranges, the lowest.
  func limited(toRanges most: Int) -> AcknowledgedFrames {
    if ranges.count <= most { return self }
    var limited = self
    limited.above.removeLastRanges(ranges.count - max(most, 0))
    return limited
  }

  mutating func insert(_ frames: Range<UInt64>) {
    guard frames.upperBound > low else { return }
    above.insert(frames)
    guard let first = ranges.first, first.lowerBound <= low else { return }
    low = first.upperBound
    above.removeFirstRange()
  }
}
