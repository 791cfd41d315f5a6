/// The waits of a destination's leases before repetitions, and since when it has been failing. It reads no clock.
struct Backoffs {
  private struct Wait {
    let signal = WakeSignal()
    /// The destination asked not to be tried again before.
    let notBefore: Duration
  }

  private var waits: [UInt64: Wait] = [:]
  private var failingSince: Duration?

  /// Begins the wait of a lease, which ends early when the signal is given.
  mutating func begin(_ lease: UInt64, notBefore: Duration) -> WakeSignal {
    let wait = Wait(notBefore: notBefore)
    waits[lease] = wait
    return wait.signal
  }

  mutating func end(_ lease: UInt64) { waits[lease] = nil }

  /// The signals of those of some leases that wait.
  func signals(of leases: Set<UInt64>) -> [WakeSignal] { leases.compactMap { waits[$0]?.signal } }

  /// The signals of all that wait.
  var signals: [WakeSignal] { waits.values.map(\.signal) }

  /// Takes note of an attempt that delivered nothing and will be repeated.
  mutating func failed(at now: Duration) { failingSince = failingSince ?? now }

  /// True if leases wait and nothing has been delivered for `outage` or longer.
  func isOutage(at now: Duration, of outage: Duration) -> Bool {
    guard let failingSince, !waits.isEmpty else { return false }
    return now - failingSince >= outage
  }

  /// Takes note of an attempt that delivered something. If it is the first after an outage of at least `outage`, it
  /// returns whom to wake, for they would wait far longer than the outage lasts; a lease that fails while others pass
  /// keeps waiting.
  mutating func delivered(at now: Duration, afterOutageOf outage: Duration) -> [WakeSignal] {
    defer { failingSince = nil }
    guard isOutage(at: now, of: outage) else { return [] }
    return waits.values.filter { $0.notBefore <= now }.map(\.signal)
  }
}
