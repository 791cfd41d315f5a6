import Glibc

/// The clocks and the chance that an export loop depends on, so that tests can bring their own.
package struct ExportTime: Sendable {
  /// Time since some fixed moment; never goes back.
  package var now: @Sendable () -> Duration
  /// Waits until `now()` reaches the deadline; throws if the task is cancelled.
  package var sleep: @Sendable (_ deadline: Duration) async throws -> Void
  /// Seconds since 1970.
  package var unixSeconds: @Sendable () -> Int
  /// A number in 0..<1.
  package var random: @Sendable () -> Double

  package init(
    now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void,
    unixSeconds: @escaping @Sendable () -> Int, random: @escaping @Sendable () -> Double
  ) {
    self.now = now
    self.sleep = sleep
    self.unixSeconds = unixSeconds
    self.random = random
  }

  /// The system's clocks and random numbers.
  package static let system: ExportTime = {
    let start = ContinuousClock.now
    return ExportTime(
      now: { ContinuousClock.now - start },
      sleep: { try await Task.sleep(until: start + $0, tolerance: .milliseconds(1), clock: .continuous) },
      unixSeconds: { Glibc.time(nil) },
      random: { .random(in: 0..<1) })
  }()
}
