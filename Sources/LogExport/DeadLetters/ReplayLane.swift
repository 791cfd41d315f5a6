import FrameQueues
import LogPipeline
import Logging
import Synchronization

/// Letters of one kind on their way: an export loop over a queue in memory. A letter is taken out of the file as soon
/// as all of it is delivered or refused again.
final class ReplayLane: Sendable {
  private struct State {
    /// Letters queued, and those among them that are settled.
    var queuedLetters = 0
    var settledLetters = 0
    /// Records that were settled when somebody last looked, and since when it has been so many.
    var seenRecords = 0
    var seenSince = ContinuousClock.now
  }

  let loop: ExportLoop
  private let rewrite: DeadLetterRewrite
  private let state = Mutex(State())

  init(_ destination: Destination, _ sender: HTTPSender, _ rewrite: DeadLetterRewrite) {
    self.rewrite = rewrite
    loop = ExportLoop(
      destination: destination, sender: sender, refusals: rewrite,
      logger: Logger(label: "replay") { _ in SwiftLogNoOpLogHandler() })
    // Not a child of whoever replays: a loop ends by being stopped, so that answers under way are heard.
    Task { [loop] in await loop.run() }
  }

  private var queue: any FrameQueue { loop.destination.queue }

  var isEmpty: Bool { queue.queued.isEmpty }

  /// Queues the body of the letter at `range` of the file.
  func enqueue(_ body: [UInt8], records: Int, from range: Range<Int>) throws(QueueRefusal) {
    try queue.reserve(body.count)
    let position = try body.span.withUnsafeBytes { bytes throws(QueueRefusal) in
      try queue.append(bytes, frames: [FrameMark(endOffset: body.count, records: records)])
    }
    state.withLock { $0.queuedLetters += 1 }
    _ = queue.whenAcknowledged(position) { [rewrite, weak self] refusal in
      guard refusal == nil else { return }
      rewrite.remove(range)
      self?.state.withLock { $0.settledLetters += 1 }
    }
  }

  /// Whether attempts have failed for so long and nothing was settled meanwhile. Ask often.
  func isStuck(for limit: Duration) -> Bool {
    let counters = loop.counters
    let records = counters.delivered.records &+ counters.refused.records
    let isFailing = !isEmpty && counters.failingSince != nil
    return state.withLock { state in
      if !isFailing || records != state.seenRecords {
        state.seenRecords = records
        state.seenSince = .now
      }
      return isFailing && .now - state.seenSince >= limit
    }
  }

  /// Adds what has become of the letters, once the loop has ended.
  func count(into outcome: inout DeadLetterReplay.Outcome) {
    let counters = loop.counters
    outcome.delivered += counters.delivered.records
    outcome.duplicates += counters.duplicates
    outcome.refused += counters.refused.records
    outcome.untouchedLetters += state.withLock { $0.queuedLetters - $0.settledLetters }
  }
}
