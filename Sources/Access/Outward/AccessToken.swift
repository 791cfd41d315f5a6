import Glibc
package import Options

/// A token as it was obtained.
package struct AccessToken: Sendable, Equatable {
  package let value: Secret
  /// For how long it is good from now on; nil if that is not known.
  package let lifetime: Duration?

  package init(_ value: Secret, lifetime: Duration?) {
    self.value = value
    self.lifetime = lifetime
  }
}

/// The clocks that tokens depend on, so that tests can bring their own.
package struct TokenClock: Sendable {
  /// Time since some fixed moment; never goes back.
  package var now: @Sendable () -> Duration
  /// Seconds since 1970.
  package var unixSeconds: @Sendable () -> Int

  package init(now: @escaping @Sendable () -> Duration, unixSeconds: @escaping @Sendable () -> Int) {
    self.now = now
    self.unixSeconds = unixSeconds
  }

  /// The system's clocks.
  package static let system: TokenClock = {
    let start = ContinuousClock.now
    return TokenClock(now: { ContinuousClock.now - start }, unixSeconds: { time(nil) })
  }()
}
