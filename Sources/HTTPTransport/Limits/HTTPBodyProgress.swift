import NIOCore

/// Tells a body that keeps arriving from one that trickles, or takes longer than it may.
struct HTTPBodyProgress {
  private let start: NIODeadline
  private let within: Duration?
  private var since: NIODeadline
  private var bytes = 0

  init(now: NIODeadline, within: Duration? = nil) {
    start = now
    since = now
    self.within = within
  }

  mutating func add(_ count: Int) {
    bytes = bytes.addingReportingOverflow(count).overflow ? .max : bytes &+ count
  }

  /// Until now no bytes could come, for no fault of the client: they have the whole time again.
  mutating func waited(until now: NIODeadline) {
    since = now
    bytes = 0
  }

  /// How long the body had when its time was over: fewer than `minBytes` came in the last `timeout`, or it is not
  /// whole after all the time it has. Nil while there is time.
  mutating func timedOut(now: NIODeadline, timeout: Duration, minBytes: Int) -> Duration? {
    if let within, now - start >= TimeAmount(within) { return within }
    guard bytes < minBytes else {
      since = now
      bytes = 0
      return nil
    }
    return now - since >= TimeAmount(timeout) ? timeout : nil
  }
}
