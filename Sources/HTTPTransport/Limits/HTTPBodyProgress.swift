import NIOCore

/// Tells a body that keeps arriving from one that trickles, or takes longer than it may.
struct HTTPBodyProgress {
  private let start: NIODeadline
  private let within: Duration?
  private var since: NIODeadline
  /// When the latest bytes came.
  private var latest: NIODeadline
  private var bytes = 0

  /// How long a server that shuts down waits for a request that has come in part when nothing more of it comes: whoever
  /// sends it is gone, more likely than not, and the end of the process waits for it.
  static let standstillTime = Duration.seconds(3)

  init(now: NIODeadline, within: Duration? = nil) {
    start = now
    since = now
    latest = now
    self.within = within
  }

  mutating func add(_ count: Int, at now: NIODeadline) {
    latest = now
    bytes = bytes.addingReportingOverflow(count).overflow ? .max : bytes &+ count
  }

  /// Until now no bytes could come, for no fault of the client: they have the whole time again.
  mutating func waited(until now: NIODeadline) {
    since = now
    latest = now
    bytes = 0
  }

  /// For how long nothing came of it since the server began to shut down, once that is as long as it waits; nil while
  /// there is time.
  func stoodStill(now: NIODeadline, partingSince: NIODeadline?) -> Duration? {
    guard let partingSince, now - max(latest, partingSince) >= TimeAmount(Self.standstillTime) else { return nil }
    return Self.standstillTime
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
