import FrameQueues
import LogExport
import LogPipeline
import Logging

extension ExportLoop {
  /// A loop with a desk of its own.
  convenience init(
    destination: Destination, sender: any Sender, options: ExportLoopOptions = ExportLoopOptions(),
    rejections: any RejectionSink = DropRejections(), logger: Logger, time: ExportTime = .system
  ) {
    let desk = RejectionDesk(rejections, options: options, time: time)
    self.init(destination: destination, sender: sender, options: options, desk: desk, logger: logger, time: time)
  }
}

/// A loop over a memory queue with a scripted sender, running until the test has ended.
struct Rig {
  let queue = MemoryQueue(segmentBytes: 4096)
  let sender: ScriptedSender
  let rejections: KeptRejections
  let loop: ExportLoop
  let log = KeptLog()

  init(
    time: TestTime? = TestTime(), options: ExportLoopOptions = ExportLoopOptions(),
    rejections: KeptRejections = KeptRejections(),
    _ answer: @escaping @Sendable (_ numbers: [Int], _ call: Int) async -> SendResult
  ) {
    sender = ScriptedSender(answer)
    self.rejections = rejections
    loop = ExportLoop(
      destination: Destination(id: "lines", dialect: LineDialect(), queue: queue), sender: sender,
      options: options, rejections: rejections, logger: log.logger, time: time?.time ?? .system)
  }

  /// Runs the loop beside `body`, and drains it at the end.
  func run(_ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.loop.run() }
      try await body()
      group.cancelAll()
    }
  }

  var isEmpty: Bool { queue.queued.isEmpty }

  /// How many attempts ended how.
  func attempts() -> [AttemptOutcome: Int] {
    let found = loop.durations.byOutcome.filter { $0.durations.count > 0 }
    return Dictionary(uniqueKeysWithValues: found.map { ($0.outcome, $0.durations.count) })
  }
}
