import Synchronization

/// Lets one log line of a kind through in a while, and counts those in between. Kinds have to be few.
final class LineSampler<Kind: Hashable & Sendable>: Sendable {
  private struct Entry {
    var saidAt: ContinuousClock.Instant
    var unsaid = 0
  }

  private let now: @Sendable () -> ContinuousClock.Instant
  private let entries = Mutex<[Kind: Entry]>([:])

  init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.now = now
  }

  /// Counts an event. If the last line of its kind is `interval` old a line is due: then how many were left out since.
  func count(_ kind: Kind, interval: Duration = .seconds(10)) -> Int? {
    let now = now()
    return entries.withLock { entries in
      guard var entry = entries[kind], now - entry.saidAt < interval else {
        let unsaid = entries[kind]?.unsaid ?? 0
        entries[kind] = Entry(saidAt: now)
        return unsaid
      }
      entry.unsaid &+= 1
      entries[kind] = entry
      return nil
    }
  }
}
