/// How many of something may pass in a second, and how much of that at once; in whole numbers throughout.
///
/// A token bucket told as a time: what has passed keeps it busy until some moment, each unit for 1/`perSecond` of a
/// second, and there is room as long as it is busy for less than `burst`. What is larger than the whole bucket passes
/// when the bucket is full, and the bucket is busy for longer afterwards.
package struct Rate: Sendable, Equatable {
  /// The highest rate and the longest burst, so that no product of the two overflows.
  package static let maxPerSecond = 1 << 40
  package static let maxBurst = Duration.seconds(3600)

  package let perSecond: Int
  private let burstNano: UInt64

  /// A rate from 1 to `maxPerSecond`, with what it grants in a `burst` of 1 ms to `maxBurst` at once.
  package init(perSecond: Int, burst: Duration) {
    self.perSecond = min(max(perSecond, 1), Self.maxPerSecond)
    let (seconds, attoseconds) = min(max(burst, .milliseconds(1)), Self.maxBurst).components
    burstNano = UInt64(truncatingIfNeeded: seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
  }

  /// How long it is busy with this many, in nanoseconds.
  private func cost(_ count: Int) -> UInt64 {
    UInt64(min(max(count, 0), 1 << 33)) &* 1_000_000_000 / UInt64(perSecond)
  }

  private func busy(until: UInt64, now: UInt64) -> UInt64 { until > now ? until &- now : 0 }

  /// How long until this many may pass, in nanoseconds; 0 if they may now.
  func wait(for count: Int, busyUntil: UInt64, now: UInt64) -> UInt64 {
    let needed = busy(until: busyUntil, now: now).addingReportingOverflow(min(cost(count), burstNano))
    return needed.overflow ? .max : needed.partialValue > burstNano ? needed.partialValue &- burstNano : 0
  }

  /// How many may pass now; one at least if the bucket is full.
  func room(busyUntil: UInt64, now: UInt64) -> Int {
    let busy = busy(until: busyUntil, now: now)
    if busy >= burstNano { return 0 }
    let product = (burstNano &- busy).multipliedFullWidth(by: UInt64(perSecond))
    let room = Int(clamping: UInt64(1_000_000_000).dividingFullWidth(product).quotient)
    return busy == 0 ? max(room, 1) : room
  }

  /// Until when it is busy once this many have passed.
  func busyUntil(_ busyUntil: UInt64, passing count: Int, now: UInt64) -> UInt64 {
    let sum = max(busyUntil, now).addingReportingOverflow(cost(count))
    return sum.overflow ? .max : sum.partialValue
  }

  /// Until when it is busy if this many have not passed after all.
  func busyUntil(_ busyUntil: UInt64, without count: Int) -> UInt64 { busyUntil &- min(cost(count), busyUntil) }
}
