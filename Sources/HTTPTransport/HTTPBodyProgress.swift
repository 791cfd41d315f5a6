import NIOCore

/// Tells a body that keeps arriving from one that trickles.
struct HTTPBodyProgress {
  private var since: NIODeadline
  private var bytes = 0

  init(now: NIODeadline) {
    since = now
  }

  mutating func add(_ count: Int) {
    bytes = bytes.addingReportingOverflow(count).overflow ? .max : bytes &+ count
  }

  /// True when fewer than `minBytes` came in the last `timeout`.
  mutating func isStalled(now: NIODeadline, timeout: Duration, minBytes: Int) -> Bool {
    guard bytes < minBytes else {
      since = now
      bytes = 0
      return false
    }
    return now - since >= TimeAmount(timeout)
  }
}
