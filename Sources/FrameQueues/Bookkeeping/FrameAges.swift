/// When frames were appended, to about a hundredth of their age: some moments, each with the first frame of then.
///
/// Invariant: at most `maxMoments`; frames and times ascend.
struct FrameAges {
  static let maxMoments = 256
  private static let leastSpacing = Duration.milliseconds(10)
  private var moments: [(frame: UInt64, time: Duration)] = []
  /// How far moments are apart; frames in between count as appended at the moment before them.
  private var spacing = leastSpacing

  /// Notes that `frame` is the first of an append at `now`.
  mutating func appended(_ frame: UInt64, at now: Duration) {
    if let last = moments.last, now - last.time < spacing { return }
    moments.append((frame, now))
    if moments.count > Self.maxMoments { thinOut() }
  }

  /// Moves moments apart until there are fewer. Frames of one that goes count as appended at the one before it.
  private mutating func thinOut() {
    repeat {
      spacing *= 2
      var kept: Duration?
      moments.removeAll { moment in
        if let kept, moment.time - kept < spacing { return true }
        kept = moment.time
        return false
      }
    } while moments.count > Self.maxMoments
  }

  /// Forgets what is older than the oldest frame still held; `end` is the number after that of the newest.
  mutating func acknowledged(below low: UInt64, of end: UInt64) {
    if low >= end {
      moments.removeAll(keepingCapacity: true)
      spacing = Self.leastSpacing
    } else {
      let later = moments.firstIndex { $0.frame > low } ?? moments.count
      moments.removeFirst(max(later - 1, 0))
      if moments.count < Self.maxMoments / 4 { spacing = max(spacing / 2, Self.leastSpacing) }
    }
  }

  /// When a frame that is held was appended; nil if it is not held.
  func time(of frame: UInt64) -> Duration? { moments.last { $0.frame <= frame }?.time }

  /// How long the oldest frame has been held; zero if there is none.
  func oldest(at now: Duration) -> Duration {
    moments.first.map { max(now - $0.time, .zero) } ?? .zero
  }
}
