import FrameQueues
package import LogExport
import LogPipeline
package import LogStore
import NIOCore
import NIOPosix

/// Sends records that a store keeps by an exporter of a configuration: `sluice replay`.
///
/// They go through a queue in memory, whatever the exporter's own is, in the order in which they came. The same records
/// are the same requests each time, so that document ids made of requests (`document_id: request`) are the same too.
package struct StoreReplay: Sendable {
  /// What is sent.
  package var folder: String
  package var query: Query
  /// The number of the first record in the store that is looked at.
  package var firstOrdinal: UInt64 = 0
  /// Records a second at most; nil for as many as are taken.
  package var recordsPerSecond: Int?
  /// Ends it in order: what was sent is waited for, and the rest is left.
  package var stop = StopRequest()
  /// Hears how far it is, about once a second, and whenever nothing is on its way.
  package var report: @Sendable (Progress) throws -> Void = { _ in }

  package init(of folder: String, _ query: Query) {
    self.folder = folder
    self.query = query
  }

  /// How far a replay is, in numbers of records.
  package struct Progress: Sendable, Equatable {
    /// The records that were and will be looked at, by their numbers in the store.
    package fileprivate(set) var ordinals: Range<UInt64>
    /// The first that was not looked at yet.
    package fileprivate(set) var nextOrdinal: UInt64
    /// All before it that are meant have been delivered or rejected: where another replay may go on.
    package fileprivate(set) var doneOrdinal: UInt64
    /// Records that the query means, so far.
    package fileprivate(set) var found = 0
    /// Taken by the destination, and those of them that it already had.
    package fileprivate(set) var delivered = 0
    package fileprivate(set) var duplicates = 0
    /// Rejected by the destination for good, given up, or left out as it would lose them.
    package fileprivate(set) var rejected = 0
    /// Where rejected records are kept; nil if they are gone.
    package fileprivate(set) var deadLetters: String?
    /// Blocks of the store that cannot be read.
    package fileprivate(set) var damagedBlocks = 0

    /// From 0 to 1.
    package var share: Double {
      ordinals.isEmpty
        ? 1 : Double(nextOrdinal - ordinals.lowerBound) / Double(ordinals.upperBound - ordinals.lowerBound)
    }
    /// Whether all that the store could give was delivered, or is kept as dead letters.
    package var isComplete: Bool {
      doneOrdinal == ordinals.upperBound && damagedBlocks == 0 && (rejected == 0 || deadLetters != nil)
    }
  }

  /// Runs until all is sent or the end is asked for.
  package func run(by exporter: String, of configuration: Configuration) async throws -> Progress {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: EventLoops.availableCores)
    let result: Result<Progress, any Error>
    do {
      let view = try StoreView.read(folder)
      let exporter = try self.exporter(named: exporter, of: configuration, group)
      var run = Run(self, view, exporter)
      let timeout = configuration.service.shutdownTimeout
      let (left, _) = try await exporter.run(until: stop, within: timeout) { try await run.all() }
      run.end(leaving: left)
      result = .success(run.progress)
    } catch {
      result = .failure(error)
    }
    try? await group.shutdownGracefully()
    let progress = try result.get()
    try report(progress)
    return progress
  }

  /// The exporter, with a queue in memory that throws nothing out.
  private func exporter(
    named id: String, of configuration: Configuration, _ group: any EventLoopGroup
  ) throws -> Exporter {
    let all = configuration.exporters
    guard let component = all.first(where: { "\($0.id)" == id }) else {
      throw StoreReplayError.unknownExporter(id, known: all.map { "\($0.id)" })
    }
    if let store = component.options as? StoreExporterOptions, store.settings.storage.directory == folder {
      throw StoreReplayError.intoItself(folder)
    }
    var delivery = component.options.delivery
    delivery.onFull = .refuse
    delivery.queueBytes = min(delivery.queueBytes, Self.maxQueueBytes)
    let plan = ExporterPlan(
      id: id, content: component.content, delivery: delivery, directory: nil, allSendersWait: false)
    return try Exporter(
      plan, component: component.options,
      parts: try ClientCredentials(configuration, group: group).parts(for: component.options),
      logger: OwnLog.logger(configuration.service.telemetry))
  }

  /// Bytes of encoded records that wait to be sent, at most.
  private static let maxQueueBytes = 64 << 20
}

extension StoreReplay {
  /// A replay under way.
  private struct Run {
    let replay: StoreReplay
    let view: StoreView
    let exporter: Exporter
    var progress: Progress
    private let pipeline: IngestPipeline
    private let scratch = IngestScratch()
    private let began = ContinuousClock.now
    private var lastReport = ContinuousClock.now
    private var lastPause = ContinuousClock.now

    init(_ replay: StoreReplay, _ view: StoreView, _ exporter: Exporter) {
      self.replay = replay
      self.view = view
      self.exporter = exporter
      let first = min(replay.firstOrdinal, view.endOrdinal)
      progress = Progress(ordinals: first..<view.endOrdinal, nextOrdinal: first, doneOrdinal: first)
      progress.deadLetters = exporter.plan.delivery.deadLetters?.path
      pipeline = IngestPipeline(
        pipelines: [Pipeline(id: "replay", processors: [], destinations: [exporter.destination])], limits: .ownRecords)
    }

    mutating func all() async throws {
      while progress.nextOrdinal < progress.ordinals.upperBound, !replay.stop.isRaised {
        let (found, next) = try view.tail(
          replay.query, fromOrdinal: progress.nextOrdinal, limit: chunkRecords, limits)
        progress.damagedBlocks += found.report.damagedBlocks
        if found.records.isEmpty, found.report.stop != nil { break }
        if !found.records.isEmpty { try await take(found.records) }
        progress.found += found.records.count
        progress.nextOrdinal = next
        try await keepRate()
        if ContinuousClock.now - lastPause > .seconds(5) { try await settle() }
      }
      try await settle()
    }

    /// What one look into the store may take: the replay as a whole has no limit.
    private var limits: SearchLimits {
      var limits = SearchLimits()
      limits.duration = .seconds(366 * 86_400)
      limits.readBytes = .max
      limits.resultBytes = 4 << 20
      limits.isCancelled = { [stop = replay.stop] in stop.isRaised }
      return limits
    }

    /// Records of a request: few where few are wanted in a second.
    private var chunkRecords: Int { min(2000, max(1, (replay.recordsPerSecond ?? .max) / 4)) }

    private mutating func take(_ records: [StoredRecord]) async throws {
      let request = StoredRecord.request(records)
      while true {
        do throws(IngestRefusal) {
          _ = try pipeline.ingest(request, as: .protobuf, receivedUnixNano: WallClock.unixNano, with: scratch)
          return
        } catch {
          guard case .queue(let refusal, _) = error, refusal.isForLackOfRoom, !replay.stop.isRaised else {
            throw StoreReplayError.notTaken("\(error)", from: records.first?.ordinal ?? 0)
          }
        }
        try await Task.sleep(for: .milliseconds(10))
        try reportNow(and: .seconds(1))
      }
    }

    private mutating func keepRate() async throws {
      guard let rate = replay.recordsPerSecond else { return try reportNow(and: .seconds(1)) }
      let due = began + .seconds(Double(progress.found) / Double(rate))
      repeat {
        try reportNow(and: .seconds(1))
        try await Task.sleep(for: min(max(due - .now, .zero), .milliseconds(100)))
      } while ContinuousClock.now < due && !replay.stop.isRaised
    }

    /// Waits until nothing is on its way any more.
    private mutating func settle() async throws {
      while !exporter.destination.queue.queued.isEmpty {
        if replay.stop.isRaised { return }
        try await Task.sleep(for: .milliseconds(10))
        try reportNow(and: .seconds(1))
      }
      progress.doneOrdinal = progress.nextOrdinal
      lastPause = .now
      try reportNow(and: .zero)
    }

    private mutating func reportNow(and pause: Duration) throws {
      if ContinuousClock.now - lastReport < pause { return }
      lastReport = .now
      count()
      try replay.report(progress)
    }

    private mutating func count() {
      let counters = exporter.loop.counters
      progress.delivered = counters.delivered.records
      progress.duplicates = counters.duplicates
      progress.rejected = counters.rejected.records + exporter.destination.droppedRecords
    }

    /// The end, with what could not be sent any more.
    mutating func end(leaving left: FrameTotals) {
      count()
      if left.isEmpty { progress.doneOrdinal = progress.nextOrdinal }
    }
  }
}

/// Why records of a store cannot be sent.
package enum StoreReplayError: Error, Sendable, Equatable, CustomStringConvertible {
  case unknownExporter(String, known: [String])
  /// The exporter writes the store that is read.
  case intoItself(String)
  /// A record that cannot be sent as it is, or one after it.
  case notTaken(String, from: UInt64)

  package var description: String {
    switch self {
    case .unknownExporter(let name, let known):
      "the configuration has no exporter \"\(name)\"; it has \(known.joined(separator: ", "))"
    case .intoItself(let folder): "the exporter writes \(folder) itself"
    case .notTaken(let reason, let ordinal): "records from number \(ordinal) on cannot be sent: \(reason)"
    }
  }
}

extension Configuration {
  /// The folders of its stores.
  package var storeFolders: [String] {
    exporters.compactMap { ($0.options as? StoreExporterOptions)?.settings.storage.directory }
  }
}
