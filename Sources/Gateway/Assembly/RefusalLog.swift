import Logging
import OTLPReceiver
import Synchronization

/// Says in the log which requests are refused and why, at most once in ten seconds for each kind of refusal.
final class RefusalLog: Sendable {
  private struct Key: Hashable {
    var receiver: String
    var kind: RefusalKind
  }

  private struct Entry {
    var saidAt: ContinuousClock.Instant
    var unsaid = 0
  }

  private let logger: Logger
  private let now: @Sendable () -> ContinuousClock.Instant
  private let entries = Mutex<[Key: Entry]>([:])
  private static let interval: Duration = .seconds(10)

  init(logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.logger = logger
    self.now = now
  }

  /// Counts a refusal; writes a line if the last one of its kind is old enough.
  func count(_ refusal: Refusal, receiver: String) {
    let now = now()
    let key = Key(receiver: receiver, kind: refusal.kind)
    let unsaid: Int? = entries.withLock { entries in
      guard var entry = entries[key], now - entry.saidAt < Self.interval else {
        let before = entries[key]?.unsaid ?? 0
        entries[key] = Entry(saidAt: now)
        return before
      }
      entry.unsaid += 1
      entries[key] = entry
      return nil
    }
    guard let unsaid else { return }
    logger.warning(
      "request refused",
      metadata: ["receiver": "\(receiver)", "reason": "\(refusal.message)", "more_since_last_line": "\(unsaid)"])
  }
}
