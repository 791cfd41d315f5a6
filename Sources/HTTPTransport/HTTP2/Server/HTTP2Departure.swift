import NIOCore

/// How far a connection is on its way out: notice, GOAWAY, last answers, closed.
struct HTTP2Departure {
  private enum Step: Equatable {
    case staying
    /// GOAWAY is announced; new streams are still taken until the client has heard it.
    case noticed(since: NIODeadline)
    /// GOAWAY is said; streams in flight finish.
    case leaving(since: NIODeadline)
  }

  private var step = Step.staying

  /// The client has heard the notice by then, even if it does not answer the PING sent with it.
  static let noticeTime = TimeAmount.seconds(1)

  /// True for the first call only.
  mutating func begin(now: NIODeadline) -> Bool {
    guard step == .staying else { return false }
    step = .noticed(since: now)
    return true
  }

  /// True when the notice has just been answered and GOAWAY is due.
  func noticeWasHeard() -> Bool {
    if case .noticed = step { true } else { false }
  }

  /// True when the notice was given long enough ago for GOAWAY to be due.
  func noticeIsOver(now: NIODeadline) -> Bool {
    if case .noticed(let since) = step { now - since >= Self.noticeTime } else { false }
  }

  mutating func finalise(now: NIODeadline) {
    step = .leaving(since: now)
  }

  /// True when streams in flight have had their time.
  func isLate(now: NIODeadline, grace: Duration) -> Bool {
    if case .leaving(let since) = step { now - since >= TimeAmount(grace) } else { false }
  }
}
