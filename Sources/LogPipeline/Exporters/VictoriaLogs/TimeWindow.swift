/// The times of records that a destination keeps, counted from when they were received.
struct TimeWindow: Sendable, Equatable {
  /// Nanoseconds; nil when any age is kept.
  private let maxAgeNanos: UInt64?
  private let maxFutureNanos: UInt64

  init(maxAge: Duration?, maxFuture: Duration) {
    maxAgeNanos = maxAge.map(Self.nanos)
    maxFutureNanos = Self.nanos(maxFuture)
  }

  /// Why a record of this time would not be kept; nil if it is kept.
  @inline(__always)
  func problem(with unixNano: UInt64, receivedAt received: UInt64) -> DropReason? {
    if unixNano > received { return unixNano &- received > maxFutureNanos ? .tooNew : nil }
    guard let maxAgeNanos else { return nil }
    return received &- unixNano > maxAgeNanos ? .tooOld : nil
  }

  /// Whole nanoseconds, at least 0 and at most what fits.
  private static func nanos(_ duration: Duration) -> UInt64 {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (nanos, overflowed) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, passed) = nanos.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
    return overflowed || passed ? .max : sum
  }
}
