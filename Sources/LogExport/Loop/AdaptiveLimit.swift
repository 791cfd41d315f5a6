/// How many bodies may be under way to a destination at once: from 1 to `most`, fewer while it is overloaded.
///
/// Additive increase, multiplicative decrease. A body taken adds a share of one, so that a round of them adds one.
/// The limit is halved when a body meets overload, and when a whole round of answers took twice as long as the best
/// of late for bodies of that size. Bodies that were sent before a decrease do not cause another. It reads no clock.
package struct AdaptiveLimit: Sendable {
  /// How one attempt ended.
  package enum Ending: Sendable {
    /// Answered, and not out of overload.
    case answered
    /// Status 429 or 503, records put off for lack of room, or no answer in time.
    case overloaded
    /// Anything that says nothing of load, such as rejected credentials.
    case other
  }

  /// An attempt that has ended.
  package struct Ended: Sendable {
    package let ending: Ending
    /// Of the body.
    package let bytes: Int
    package let began: Duration

    package init(_ ending: Ending, bytes: Int, began: Duration) {
      self.ending = ending
      self.bytes = bytes
      self.began = began
    }
  }

  /// The limit before rounding; `1...most`.
  private var value: Double
  private let most: Double
  private let isEnabled: Bool
  /// Attempts begun before this do not lower the limit again.
  private var loweredAt: Duration?
  private var slowInARow = 0
  private var best = BestLatency()

  package init(most: Int, isEnabled: Bool = true) {
    self.most = Double(max(most, 1))
    self.isEnabled = isEnabled
    value = self.most
  }

  /// Bodies that may be under way now.
  package var current: Int { Int(value) }

  /// Takes the end of an attempt.
  package mutating func take(_ ended: Ended, at now: Duration) {
    guard isEnabled else { return }
    switch ended.ending {
    case .other: return
    case .overloaded: lower(ifBegunAt: ended.began, now: now)
    case .answered:
      let isSlow = best.isSlow(now - ended.began, bytes: ended.bytes, now: now)
      slowInARow = isSlow ? slowInARow &+ 1 : 0
      if !isSlow {
        value = min(value + 1 / value, most)
      } else if slowInARow >= max(current, Self.leastRound) {
        lower(ifBegunAt: ended.began, now: now)
      }
    }
  }

  /// Slow answers in a row that count as a round, however low the limit is.
  private static let leastRound = 3

  private mutating func lower(ifBegunAt began: Duration, now: Duration) {
    if let loweredAt, began < loweredAt { return }
    value = max(value / 2, 1)
    loweredAt = now
    slowInARow = 0
  }
}

/// The shortest latencies of the last one to two minutes, for each doubling of body size.
private struct BestLatency: Sendable {
  private static let period: Duration = .seconds(60)
  /// Differences below this are noise.
  private static let tolerance: Duration = .milliseconds(50)

  private var current: [Int: Duration] = [:]
  private var previous: [Int: Duration] = [:]
  private var periodStart: Duration?

  /// Takes a latency and says whether it is more than twice the best.
  mutating func isSlow(_ latency: Duration, bytes: Int, now: Duration) -> Bool {
    let start = periodStart ?? now
    periodStart = start
    if now - start >= Self.period {
      previous = current
      current = [:]
      periodStart = now
    }
    let size = Int.bitWidth - max(bytes, 0).leadingZeroBitCount
    let best = min(current[size] ?? latency, previous[size] ?? latency)
    current[size] = min(current[size] ?? latency, latency)
    return latency > best * 2 && latency > best + Self.tolerance
  }
}
