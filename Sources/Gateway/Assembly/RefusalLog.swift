import HTTPTransport
import Logging
import OTLPReceiver
import Synchronization

/// Says in the log which requests and TLS handshakes are refused and why, at most once in ten seconds for each kind.
final class RefusalLog: Sendable {
  private struct Key: Hashable {
    var receiver: String
    var kind: String
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
    guard let unsaid = count(Key(receiver: receiver, kind: "\(refusal.kind)")) else { return }
    logger.warning(
      "request refused",
      metadata: ["receiver": "\(receiver)", "reason": "\(refusal.message)", "more_since_last_line": "\(unsaid)"])
  }

  /// Counts a failed handshake likewise.
  func count(_ failure: TLSFailure, receiver: String) {
    guard let unsaid = count(Key(receiver: receiver, kind: failure.kind.rawValue)) else { return }
    logger.warning(
      "TLS handshake failed",
      metadata: [
        "receiver": "\(receiver)", "peer": "\(failure.peer)", "reason": "\(failure.kind.rawValue)",
        "detail": "\(failure.detail)", "more_since_last_line": "\(unsaid)",
      ])
  }

  /// How many were left out since the last line, if it is time for another.
  private func count(_ key: Key) -> Int? {
    let now = now()
    return entries.withLock { entries in
      guard var entry = entries[key], now - entry.saidAt < Self.interval else {
        let before = entries[key]?.unsaid ?? 0
        entries[key] = Entry(saidAt: now)
        return before
      }
      entry.unsaid += 1
      entries[key] = entry
      return nil
    }
  }
}
