import Glibc

/// What time it is.
package enum WallClock {
  /// Nanoseconds since 1970.
  package static var unixNano: UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return UInt64(max(now.tv_sec, 0)) &* 1_000_000_000 &+ UInt64(max(now.tv_nsec, 0))
  }
}
