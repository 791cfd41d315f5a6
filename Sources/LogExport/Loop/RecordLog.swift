import Logging
import Synchronization

/// Says in the log what became of records, by kind: the first at once, then for each interval the sums of what came in
/// it. No record goes unsaid.
final class RecordLog: Sendable {
  /// One kind of line.
  private struct Kind: Hashable {
    var message: String
    var reason: String
  }

  private struct State {
    /// Records not said yet.
    var unsaid: [Kind: Int] = [:]
    var lastLine: Duration?
  }

  private let logger: Logger
  private let fields: Logger.Metadata
  private let interval: Duration
  private let state = Mutex(State())
  private let wake = WakeSignal()

  /// Kinds that are told apart; records of more are said as of other kinds.
  static let maxKinds = 16

  init(logger: Logger, fields: Logger.Metadata, interval: Duration = .seconds(10)) {
    self.logger = logger
    self.fields = fields
    self.interval = interval
  }

  /// Counts records. `reason` must hold no record content and no secret.
  func count(_ records: [(reason: String, records: Int)], _ message: String, at now: Duration) {
    let isDue = state.withLock { state in
      for (reason, records) in records {
        var kind = Kind(message: message, reason: reason)
        if state.unsaid[kind] == nil, state.unsaid.count >= Self.maxKinds { kind.reason = "other kinds" }
        state.unsaid[kind, default: 0] += records
      }
      return state.lastLine.map { now - $0 >= interval } ?? true
    }
    if isDue { say(at: now) } else { wake.signal() }
  }

  /// Says what has not been said yet.
  func say(at now: Duration) {
    let unsaid = state.withLock { state in
      if !state.unsaid.isEmpty { state.lastLine = now }
      defer { state.unsaid = [:] }
      return state.unsaid
    }
    for (kind, records) in unsaid.sorted(by: { ($1.value, $0.key.reason) < ($0.value, $1.key.reason) }) {
      var fields = fields
      fields["records"] = "\(records)"
      fields["reason"] = "\(kind.reason)"
      logger.warning("\(kind.message)", metadata: fields)
    }
  }

  /// Says at the end of each interval what came in it, until the task is cancelled.
  func run(by time: ExportTime) async {
    while !Task.isCancelled {
      await wake.wait()
      guard let last = state.withLock({ $0.unsaid.isEmpty ? nil : $0.lastLine }) else { continue }
      try? await time.sleep(last + interval)
      say(at: time.now())
    }
  }
}
