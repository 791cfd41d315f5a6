package import LogPipeline
import Synchronization

/// Keeps records that were not sent, because their destination would lose them, as dead letters.
///
/// Requests hand them over without waiting, and they are written soon after. At most `maxWaitingBytes` wait, as when
/// the file cannot be written; what comes beyond is not kept, and counted.
package final class DroppedLetters: DropSink {
  package static let maxWaitingBytes = 64 << 20

  private struct State {
    var waiting: [RefusedRecords] = []
    var waitingBytes = 0
    var isWriting = false
    var unkept = 0
  }

  private let state = Mutex(State())
  private let file: any RefusalSink
  private let destination: String
  private let route: DialectRoute
  private let format: BodyFormat
  private let time: ExportTime

  package init(
    _ file: any RefusalSink, of destination: String, speaking dialect: any Dialect, time: ExportTime = .system
  ) {
    self.file = file
    self.destination = destination
    route = dialect.route
    format = dialect.bodyFormat
    self.time = time
  }

  /// Records that were not kept, for lack of room.
  package var unkept: Int { state.withLock { $0.unkept } }

  package func take(_ dropped: [DroppedRecord]) {
    if dropped.isEmpty { return }
    let letters = DropReason.allCases.compactMap { letter(of: dropped, because: $0) }
    let isFirst = state.withLock { state in
      for letter in letters {
        guard state.waitingBytes + letter.body.byteCount <= Self.maxWaitingBytes else {
          state.unkept += letter.body.records
          continue
        }
        state.waiting.append(letter)
        state.waitingBytes += letter.body.byteCount
      }
      defer { state.isWriting = !state.waiting.isEmpty }
      return !state.isWriting && !state.waiting.isEmpty
    }
    if isFirst { Task { await write() } }
  }

  /// Waits until everything is written, or for so long.
  package func finish(within limit: Duration) async {
    let end = time.now() + limit
    while state.withLock({ $0.isWriting }) && time.now() < end { try? await time.sleep(time.now() + .milliseconds(10)) }
  }

  /// One letter for all records of a reason; their bodies concatenate.
  private func letter(of dropped: [DroppedRecord], because reason: DropReason) -> RefusedRecords? {
    let bodies = dropped.filter { $0.reason == reason }.map(\.bytes)
    if bodies.isEmpty { return nil }
    return RefusedRecords(
      destination: destination, body: ExportBody(copyOf: bodies),
      reason: "\(reason.label): not sent, since the destination would lose it", attempts: 0,
      firstSentUnixMilliseconds: time.unixMilliseconds(), format: format, route: route)
  }

  private func write() async {
    while true {
      let letters = state.withLock { $0.waiting }
      do {
        try await file.take(letters)
      } catch {
        try? await time.sleep(time.now() + .seconds(1))
        continue
      }
      let isDone = state.withLock { state in
        state.waiting.removeFirst(letters.count)
        state.waitingBytes = state.waiting.reduce(0) { $0 + $1.body.byteCount }
        state.isWriting = !state.waiting.isEmpty
        return !state.isWriting
      }
      if isDone { return }
    }
  }
}
