import Glibc

/// The clocks and the chance that an export loop depends on, so that tests can bring their own.
package struct ExportTime: Sendable {
  /// Time since some fixed moment; never goes back.
  package var now: @Sendable () -> Duration
  /// Waits until `now()` reaches the deadline; throws if the task is cancelled.
  package var sleep: @Sendable (_ deadline: Duration) async throws -> Void
  /// Milliseconds since 1970.
  package var unixMilliseconds: @Sendable () -> Int
  /// A number in 0..<1.
  package var random: @Sendable () -> Double

  package init(
    now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void,
    unixMilliseconds: @escaping @Sendable () -> Int, random: @escaping @Sendable () -> Double
  ) {
    self.now = now
    self.sleep = sleep
    self.unixMilliseconds = unixMilliseconds
    self.random = random
  }

  /// Seconds since 1970.
  package func unixSeconds() -> Int { unixMilliseconds() / 1000 }

  /// What the clock would have shown at a moment of `now`, in milliseconds since 1970, had it always gone as it does
  /// now: a clock that was set back puts nothing into the future.
  func clockTime(of moment: Duration) -> Int {
    let (seconds, attoseconds) = (now() - moment).components
    let age = Int(clamping: seconds) &* 1000 &+ Int(clamping: attoseconds / 1_000_000_000_000_000)
    return unixMilliseconds() &- age
  }

  /// The system's clocks and random numbers.
  package static let system: ExportTime = {
    let start = ContinuousClock.now
    return ExportTime(
      now: { ContinuousClock.now - start },
      sleep: { try await Task.sleep(until: start + $0, tolerance: .milliseconds(1), clock: .continuous) },
      unixMilliseconds: {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
      },
      random: { .random(in: 0..<1) })
  }()
}
