package import Logging
import Synchronization

/// Logs what keeps failing: the first time at once, then at most one line in ten seconds with how many were left out.
package final class FailureLog: Sendable {
  private struct State {
    var lastLine: Duration?
    var leftOut = 0
    var failures = 0
  }

  private let logger: Logger
  private let interval: Duration
  private let state = Mutex(State())

  package init(logger: Logger, interval: Duration = .seconds(10)) {
    self.logger = logger
    self.interval = interval
  }

  /// Counts a failure and logs it if it is time to. `fields` must hold no record content and no secret.
  package func failed(_ message: @autoclosure () -> Logger.Message, _ fields: Logger.Metadata, at now: Duration) {
    let leftOut = state.withLock { state -> Int? in
      state.failures += 1
      if let last = state.lastLine, now - last < interval {
        state.leftOut += 1
        return nil
      }
      defer { state.leftOut = 0 }
      state.lastLine = now
      return state.leftOut
    }
    guard let leftOut else { return }
    var fields = fields
    if leftOut > 0 { fields["similar"] = "\(leftOut)" }
    logger.warning(message(), metadata: fields)
  }

  /// Says once that it works again after failures.
  package func recovered(_ message: @autoclosure () -> Logger.Message, _ fields: Logger.Metadata) {
    let failures = state.withLock { state -> Int in
      defer { state = State() }
      return state.failures
    }
    guard failures > 0 else { return }
    var fields = fields
    fields["failures"] = "\(failures)"
    logger.info(message(), metadata: fields)
  }
}
