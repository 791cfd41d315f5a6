import HTTPTransport
import Logging

/// Says in the log that connections are turned away, and why: at once, then at most once in ten seconds for each port
/// and reason.
final class TurnedAwayLog: Sendable {
  private struct Kind: Hashable {
    var port: String
    var reason: HTTPAbuse
  }

  private let logger: Logger
  private let sampler: LineSampler<Kind>

  init(logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.logger = logger
    sampler = LineSampler(now: now)
  }

  func count(_ reason: HTTPAbuse, port: String) {
    guard let unsaid = sampler.count(Kind(port: port, reason: reason)) else { return }
    let cause =
      switch reason {
      case .noDescriptors: "the process may open no more files; raise its limit (ulimit -n) or add replicas"
      case .tooManyConnections: "as many are open as max_connections allows"
      default: reason.rawValue
      }
    logger.warning(
      "connections are turned away",
      metadata: [
        "for": "\(port)", "reason": "\(reason.rawValue)", "cause": "\(cause)", "more_since_last_line": "\(unsaid)",
      ])
  }
}
