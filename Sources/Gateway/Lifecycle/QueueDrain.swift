import FrameQueues
package import LogExport
import LogPipeline
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Sends what a queue directory holds by the exporter of a configuration, until it is empty or the end is asked for:
/// `sluice queue drain`.
package final class QueueDrain: Sendable {
  /// What became of the records, in numbers of them.
  package struct Outcome: Sendable, Equatable {
    /// The exporter that sent them.
    package var exporter: String
    /// Taken by the destination, and those of them that it already had.
    package var delivered = 0
    package var duplicates = 0
    /// Rejected by the destination for good, or given up.
    package var rejected = 0
    /// Where rejected records are kept; nil if they are gone.
    package var deadLetters: String?
    /// Lost to damage of the disk, or rejected and not taken by the dead letter file (`give_up_after`).
    package var lost = 0
    /// Bytes that failed their checksum; what they held may be more than is known to be lost.
    package var corruptBytes = 0
    /// Still in the directory.
    package var left = 0
    /// Damaged segments; they stay in the directory under another name, and nobody knows what they hold.
    package var setAsideSegments = 0
    /// Frames of records that are in no segment.
    package var missingFrames = 0
    /// The directory could not be closed in time: what was delivered last may be sent again.
    package var isUnclosed = false

    package init(exporter: String, delivered: Int = 0, duplicates: Int = 0, rejected: Int = 0, left: Int = 0) {
      self.exporter = exporter
      self.delivered = delivered
      self.duplicates = duplicates
      self.rejected = rejected
      self.left = left
    }

    /// True if every record was delivered or is kept as a dead letter.
    package var isComplete: Bool {
      left == 0 && lost == 0 && corruptBytes == 0 && setAsideSegments == 0 && missingFrames == 0 && !isUnclosed
        && (rejected == 0 || deadLetters != nil)
    }
  }

  private let directory: String
  /// Damaged segments that an earlier process has set aside.
  private let setAsideBefore: Int
  private let exporter: Exporter
  private let queue: DiskQueue
  private let deadLetters: String?
  private let stopTimeout: Duration
  private let logger: Logger
  private let stop: StopRequest
  private let end = Mutex((left: FrameTotals.zero, isUnclosed: false))

  /// Opens the directory for the exporter, which has to be one that encodes as its frames are.
  init(
    _ directory: String, exporter id: String?, of configuration: Configuration, group: any EventLoopGroup,
    logger: Logger, until stop: StopRequest
  ) throws {
    try DiskQueue.checkIsQueue(directory)
    let content = try DiskQueueContent.read(directory)
    let component = try Self.component(for: directory, content, named: id, in: configuration)
    setAsideBefore = content.unreadable.count { $0.hasSuffix(".corrupt") }
    self.directory = directory
    let plan = ExporterPlan(
      id: component.id, content: component.content, delivery: component.options.delivery, directory: directory,
      allSendersWait: false)
    let credentials = try ClientCredentials(configuration, group: group)
    exporter = try Exporter(
      plan, component: component.options, parts: credentials.parts(for: component.options), logger: logger)
    guard let queue = exporter.destination.queue as? DiskQueue else {
      throw QueueDrainError.noFittingExporter(directory: directory, known: [])
    }
    self.queue = queue
    deadLetters = component.options.delivery.deadLetters?.path
    stopTimeout = configuration.service.shutdownTimeout
    self.logger = logger
    self.stop = stop
  }

  /// Runs until the directory is empty or `stop` is raised.
  package static func run(
    _ directory: String, exporter: String?, of configuration: Configuration, until stop: StopRequest = StopRequest()
  ) async throws -> Outcome {
    let logger = OwnLog.logger(configuration.service.telemetry)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: EventLoops.availableCores)
    let outcome: Result<Outcome, any Error>
    do {
      let drain = try QueueDrain(
        directory, exporter: exporter, of: configuration, group: group, logger: logger, until: stop)
      await drain.run()
      outcome = .success(drain.outcome)
    } catch {
      outcome = .failure(error)
    }
    try? await group.shutdownGracefully()
    return try outcome.get()
  }

  private func run() async {
    let (left, isClosed) = await exporter.run(until: stop, within: stopTimeout) { await waitUntilEmpty() }
    if isClosed { FolderOwner.leaveFiles(of: directory) }
    end.withLock { $0 = (left, !isClosed) }
  }

  private func waitUntilEmpty() async {
    var nextReport = ContinuousClock.now + Self.reportInterval
    while !queue.queued.isEmpty, !stop.isRaised {
      try? await Task.sleep(for: .milliseconds(20))
      if ContinuousClock.now < nextReport { continue }
      nextReport += Self.reportInterval
      let fields: Logger.Metadata = ["exporter": "\(exporter.id)", "records": "\(queue.queuedRecords)"]
      logger.info("records are still queued", metadata: fields)
    }
  }

  private static let reportInterval = Duration.seconds(10)

  /// What became of the records, once `run` has ended.
  var outcome: Outcome {
    let counters = exporter.loop.counters
    var outcome = Outcome(
      exporter: exporter.id, delivered: counters.delivered.records, duplicates: counters.duplicates,
      rejected: counters.rejected.records, left: end.withLock { $0.left.records })
    outcome.deadLetters = deadLetters
    // What the dead letter file did not take for too long is not kept.
    let gaveUp = counters.rejectionDesk.gaveUp
    outcome.rejected -= gaveUp
    outcome.lost = queue.counters.lost.records + gaveUp
    outcome.corruptBytes = queue.counters.corruptBytes
    outcome.setAsideSegments = setAsideBefore + exporter.damage.counts.setAsideSegments
    outcome.missingFrames = exporter.damage.counts.missingFrames
    outcome.isUnclosed = end.withLock { $0.isUnclosed }
    return outcome
  }

  /// The exporter of that name or, without a name, the only one that encodes as the directory's frames are.
  private static func component(
    for directory: String, _ content: DiskQueueContent, named name: String?, in configuration: Configuration
  ) throws -> (id: String, options: any ExporterOptions, content: ComponentContent) {
    guard let fingerprint = content.fingerprint else { throw QueueDrainError.noSegments(directory: directory) }
    let exporters = configuration.exporters.map { (id: "\($0.id)", options: $0.options, content: $0.content) }
    if let name {
      guard let exporter = exporters.first(where: { $0.id == name }) else {
        throw QueueDrainError.unknownExporter(name, known: exporters.map(\.id))
      }
      return exporter
    }
    let fitting = exporters.filter { Exporter.fingerprint(of: $0.options.frameFormat) == fingerprint }
    guard let exporter = fitting.first else {
      throw QueueDrainError.noFittingExporter(directory: directory, known: exporters.map(\.id))
    }
    // Of nothing it does not matter who sends it.
    if fitting.count > 1, !content.segments.isEmpty { throw QueueDrainError.severalExporters(fitting.map(\.id)) }
    return exporter
  }
}

/// Why a queue directory cannot be drained. Nothing in it was changed.
package enum QueueDrainError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Neither a segment nor the cursor says what the directory was written for.
  case noSegments(directory: String)
  /// The configuration has no exporter of that name.
  case unknownExporter(String, known: [String])
  /// No exporter of the configuration encodes records as they are in the directory.
  case noFittingExporter(directory: String, known: [String])
  /// More than one exporter could send what is in the directory.
  case severalExporters([String])

  package var description: String {
    switch self {
    case .noSegments(let directory): "\(directory) holds no segment and no cursor that can be read"
    case .unknownExporter(let name, let known):
      "the configuration has no exporter \"\(name)\"; it has \(known.joined(separator: ", "))"
    case .noFittingExporter(let directory, let known):
      "\(directory) was written for another kind of exporter than \(known.joined(separator: ", "))"
    case .severalExporters(let known):
      "several exporters could send this, say which with --exporter: \(known.joined(separator: ", "))"
    }
  }
}
