/// Times of senders that write seconds, milliseconds or microseconds where nanoseconds belong.
///
/// Read as nanoseconds such a time lies in the first weeks of 1970. It is mended if in one of those units it lies
/// between a year before and a day after the request was received; any other time is kept as it is, so that records
/// that are really from 1970 stay there but for 32 milliseconds, 32 seconds and 9 hours of it.
struct TimeUnit: Sendable {
  /// Times from here on are nanoseconds; 0 if none is to be mended.
  let floor: UInt64
  /// What times in nanoseconds have above `floor` at most, so that backends can represent them.
  let span: UInt64
  private let earliest: UInt64
  private let latest: UInt64

  private static let year: UInt64 = 366 * 86_400_000_000_000
  private static let day: UInt64 = 86_400_000_000_000
  /// Nanoseconds of the units, the shortest first.
  private static let units: [UInt64] = [1000, 1_000_000, 1_000_000_000]

  /// For a request that was received then; times of one whose time is not known are not mended.
  init(receivedUnixNano received: UInt64, isMended: Bool) {
    let isUsed = isMended && received > Self.year && received < UInt64(Int64.max) - Self.day
    earliest = isUsed ? received - Self.year : 0
    latest = isUsed ? received + Self.day : 0
    floor = isUsed ? latest / 1000 + 1 : 0
    span = UInt64(Int64.max) - floor
  }

  /// Whether a time is in nanoseconds and can be represented, so that it is taken as it is.
  @inline(__always)
  func isNanoseconds(_ time: UInt64) -> Bool { time &- floor <= span }

  /// The nanoseconds of a time in another unit; nil if it is in none.
  func mended(_ time: UInt64) -> UInt64? {
    guard time > 0, time < floor else { return nil }
    for unit in Self.units where time >= earliest / unit && time <= latest / unit { return time * unit }
    return nil
  }

  /// What a time counts as that is not taken as it is, with what is odd about it counted: 0 if it cannot be.
  @inline(never)
  func judge(_ time: UInt64, _ oddities: inout Oddities) -> UInt64 {
    guard time <= UInt64(Int64.max) else {
      oddities.ignoredTimes &+= 1
      return 0
    }
    guard let mended = mended(time) else { return time }
    oddities.mendedTimes &+= 1
    return mended
  }
}
