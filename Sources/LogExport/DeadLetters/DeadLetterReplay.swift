import FrameQueues
import LogPipeline
import Logging
import NIOPosix

/// Sends the dead letters of a file again and takes out of it what is delivered; what is refused again stays as a new
/// letter, with its new reason.
///
/// Each kind of letter has an export loop of its own over a small queue, so that batches, retries and bisection are
/// those of the gateway. The file is replaced at the end; until then it is as it was. Once a destination has not taken
/// records for `giveUpAfter`, or the end is asked for, no more are sent: what is under way is waited for, and every
/// letter that is not settled by then stays as it is, to be sent the next time.
package struct DeadLetterReplay: Sendable {
  package var path: String
  /// Where letters go: path and query are their own.
  package var endpoint: String
  /// Header fields of every request, such as credentials.
  package var headers: [(name: String, value: String)] = []
  package var filter = DeadLetterFilter()
  /// Records are tried again for so long without any being taken. Default 1 min.
  package var giveUpAfter: Duration = .seconds(60)
  /// Bytes that wait to be sent for each kind of letter. Default 8 MiB.
  package var queueBytes = 8 << 20
  /// Ends the replay early.
  package var stop = StopRequest()
  /// How long an early end waits for answers to what is under way. Default 10 s.
  package var finishWithin: Duration = .seconds(10)

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
    /// Left as they are: not asked for, without a record, of a kind that cannot be sent, or not settled at an early
    /// end.
    package var untouchedLetters = 0
    /// The destination did not take records for too long, and the replay was ended early.
    package var gaveUp = false
    /// The end was asked for before all was sent.
    package var wasStopped = false
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
    var lanes: [ReplayKind: ReplayLane] = [:]
    var reader = try DeadLetterReader(path: path)
    var isOver = false
    while let line = try reader.next() {
      if !isOver, let letter = line.letter, filter.matches(letter), let body = letter.body,
        let lane = lane(for: letter, &lanes, sender, rewrite)
      {
        let wasQueued = await enqueue(body, of: letter, at: line.range, in: lane) { isEarlyEnd(lanes.values, rewrite) }
        isOver = isEarlyEnd(lanes.values, rewrite)
        if wasQueued { continue }
      }
      if !line.bytes.isEmpty { outcome.untouchedLetters += 1 }
    }
    while !isEarlyEnd(lanes.values, rewrite), lanes.values.contains(where: { !$0.isEmpty }) { await pause() }
    outcome.gaveUp = lanes.values.contains { $0.isStuck(for: giveUpAfter) }
    outcome.wasStopped = stop.isRaised
    await finish(lanes.values)
    for lane in lanes.values { lane.count(into: &outcome) }
    if rewrite.hasChanges { try rewrite.commit(from: reader.offset) }
    if let failure = rewrite.failure { throw failure }
    return outcome
  }

  /// Whether no more is to be sent.
  private func isEarlyEnd(_ lanes: some Sequence<ReplayLane>, _ rewrite: DeadLetterRewrite) -> Bool {
    stop.isRaised || rewrite.failure != nil || lanes.contains { $0.isStuck(for: giveUpAfter) }
  }

  /// Ends the loops with what is under way; at once if that is asked for.
  private func finish(_ lanes: some Sequence<ReplayLane>) async {
    let loops = lanes.map(\.loop)
    let haste = Task {
      await stop.reached(.atOnce)
      if Task.isCancelled { return }
      for loop in loops { Task { _ = await loop.stop(within: .zero) } }
    }
    await withDiscardingTaskGroup { tasks in
      for loop in loops { tasks.addTask { _ = await loop.stop(within: finishWithin, leavingFailed: true) } }
    }
    haste.cancel()
  }

  /// The lane for letters of this kind, running; nil if there can be none.
  private func lane(
    for letter: DeadLetter, _ lanes: inout [ReplayKind: ReplayLane], _ sender: HTTPSender, _ rewrite: DeadLetterRewrite
  ) -> ReplayLane? {
    let kind = ReplayKind(letter)
    if let lane = lanes[kind] { return lane }
    guard lanes.count < Self.maxKinds, let dialect = ReplayDialect(letter) else { return nil }
    let destination = Destination(id: letter.exporter, dialect: dialect, queue: MemoryQueue(capacityBytes: queueBytes))
    let lane = ReplayLane(destination, sender, rewrite)
    lanes[kind] = lane
    return lane
  }

  /// Waits for room and queues a letter; false if it never fits, or the end comes first.
  private func enqueue(
    _ body: [UInt8], of letter: DeadLetter, at range: Range<Int>, in lane: ReplayLane, until isOver: () -> Bool
  ) async -> Bool {
    while true {
      do throws(QueueRefusal) {
        try lane.enqueue(body, records: letter.records, from: range)
        return true
      } catch {
        guard case .full = error else { return false }
      }
      if isOver() { return false }
      await pause()
    }
  }

  private func pause() async { try? await Task.sleep(for: .milliseconds(5)) }
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
