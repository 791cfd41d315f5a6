// decision: docs/decisions/0301-memory-under-load.md
// decision: docs/decisions/0304-writes-with-the-sync.md

/// How long those who append to a queue are to be held up, so that they do not outrun a destination that keeps up.
///
/// A backlog beyond what sending needs helps nobody: it takes memory, and every record waits behind it. So senders are
/// answered later, the more the longer the backlog is. While nothing is delivered nobody is held up: then it is the
/// queue's purpose to fill.
struct Pacing {
  /// Backlog that is left alone.
  let freeBytes: Int
  /// When something was last delivered.
  private var delivered: Duration?

  /// The pause for each `freeBytes` of backlog beyond the first.
  static let step: Duration = .milliseconds(20)
  static let longest: Duration = .milliseconds(250)
  /// A destination that has taken nothing for so long does not keep up.
  static let patience: Duration = .seconds(2)

  init(freeBytes: Int) { self.freeBytes = max(freeBytes, 1) }

  mutating func delivered(at now: Duration) { delivered = now }

  /// The pause of one who appends now, with so many bytes waiting.
  func pause(waitingBytes: Int, now: Duration) -> Duration {
    guard waitingBytes > freeBytes, let delivered, now - delivered < Self.patience else { return .zero }
    return min(Self.step * (Double(waitingBytes - freeBytes) / Double(freeBytes)), Self.longest)
  }
}
