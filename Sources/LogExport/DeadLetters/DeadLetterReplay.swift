import FrameQueues
import LogPipeline
import Logging
import NIOPosix

/// Sends the dead letters of a file again and leaves in it what is refused again.
///
/// Each kind of letter has an export loop of its own over a small queue, so that batches, retries and bisection are
/// those of the gateway. The file is replaced at the end; until then it is as it was. Once a destination has not
/// taken records for `giveUpAfter`, no more are sent and the rest of the file stays as it is.
package struct DeadLetterReplay: Sendable {
  package var path: String
  /// Where letters go: path and query are their own.
  package var endpoint: String
  /// Header fields of every request, such as credentials.
  package var headers: [(name: String, value: String)] = []
  package var filter = DeadLetterFilter()
  /// Records are tried again for so long. Default 1 min.
  package var giveUpAfter: Duration = .seconds(60)
  /// Bytes that wait to be sent for each kind of letter. Default 8 MiB.
  package var queueBytes = 8 << 20

  /// Kinds of letters, by exporter, format, path and headers, that one replay sends; others stay.
  package static let maxKinds = 64

  /// What a replay did, in records.
  package struct Outcome: Sendable, Equatable {
    /// Taken, duplicates included.
    package var delivered = 0
    /// Among them those that the destination had already.
    package var duplicates = 0
    /// Refused again; they stay with their new reason.
    package var refused = 0
    /// Not sent: not asked for, without a record, of a kind that cannot be sent, or after giving up.
    package var untouchedLetters = 0
    /// The destination did not take records for too long, and the replay was ended early.
    package var gaveUp = false
  }

  package init(path: String, endpoint: String) {
    self.path = path
    self.endpoint = endpoint
  }

  package func run() async throws -> Outcome {
    let sender = try HTTPSender(senderOptions, group: MultiThreadedEventLoopGroup.singleton)
    do {
      let outcome = try await run(sender)
      await sender.close()
      return outcome
    } catch {
      await sender.close()
      throw error
    }
  }

  private var senderOptions: HTTPSenderOptions {
    var options = HTTPSenderOptions()
    options.endpoints = [endpoint]
    options.headers = headers
    options.compression = .none
    return options
  }

  private func run(_ sender: HTTPSender) async throws -> Outcome {
    let rewrite = try DeadLetterRewrite(path: path)
    var outcome = Outcome()
    var loops: [ReplayKind: ExportLoop] = [:]
    let end = try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      var reader = try DeadLetterReader(path: path)
      while !loops.values.contains(where: { $0.counters.gaveUp > 0 }), let line = try reader.next() {
        guard let letter = line.letter, filter.matches(letter), let body = letter.body,
          let loop = loop(for: letter, &loops, sender, rewrite, &group),
          try await enqueue(body, records: letter.records, in: loop, rewrite)
        else {
          if !line.bytes.isEmpty { outcome.untouchedLetters += 1 }
          try rewrite.keep(line.range)
          continue
        }
      }
      for loop in loops.values { try await becomeEmpty(loop, rewrite) }
      let end = reader.offset
      while let line = try reader.next() { outcome.untouchedLetters += line.bytes.isEmpty ? 0 : 1 }
      return end
    }
    for counters in loops.values.map(\.counters) {
      outcome.delivered += counters.delivered.records
      outcome.duplicates += counters.duplicates
      outcome.refused += counters.refused.records
      outcome.gaveUp = outcome.gaveUp || counters.gaveUp > 0
    }
    if outcome.delivered + outcome.refused > 0 { try rewrite.commit(from: end) }
    return outcome
  }

  /// The loop for letters of this kind, running; nil if there can be none.
  private func loop(
    for letter: DeadLetter, _ loops: inout [ReplayKind: ExportLoop], _ sender: HTTPSender,
    _ rewrite: DeadLetterRewrite, _ group: inout ThrowingTaskGroup<Void, any Error>
  ) -> ExportLoop? {
    let kind = ReplayKind(letter)
    if let loop = loops[kind] { return loop }
    guard loops.count < Self.maxKinds, let dialect = ReplayDialect(letter) else { return nil }
    let queue = MemoryQueue(capacityBytes: queueBytes)
    var options = ExportLoopOptions()
    options.retry.maxElapsedTime = giveUpAfter
    let loop = ExportLoop(
      destination: Destination(id: letter.exporter, dialect: dialect, queue: queue), sender: sender,
      options: options, refusals: rewrite, logger: Logger(label: "replay") { _ in SwiftLogNoOpLogHandler() })
    loops[kind] = loop
    group.addTask { await loop.run() }
    return loop
  }

  /// Waits for room and queues a body; false if it never fits.
  private func enqueue(
    _ body: [UInt8], records: Int, in loop: ExportLoop, _ rewrite: DeadLetterRewrite
  ) async throws -> Bool {
    let queue = loop.destination.queue
    while true {
      do throws(QueueRefusal) {
        try queue.reserve(body.count)
        try body.span.withUnsafeBytes { bytes throws(QueueRefusal) in
          _ = try queue.append(bytes, frames: [FrameMark(endOffset: body.count, records: records)])
        }
        return true
      } catch {
        guard case .full = error else { return false }
      }
      try await pause(rewrite)
    }
  }

  private func becomeEmpty(_ loop: ExportLoop, _ rewrite: DeadLetterRewrite) async throws {
    while !loop.destination.queue.queued.isEmpty { try await pause(rewrite) }
  }

  private func pause(_ rewrite: DeadLetterRewrite) async throws {
    if let failure = rewrite.failure { throw failure }
    try await Task.sleep(for: .milliseconds(5))
  }
}

/// Letters that can go into one body.
private struct ReplayKind: Hashable {
  let exporter: String
  let format: String
  let path: String
  let headers: [String]

  init(_ letter: DeadLetter) {
    exporter = letter.exporter
    format = letter.format?.rawValue ?? ""
    path = letter.path
    headers = letter.headers.flatMap { [$0.name, $0.value] }
  }
}
