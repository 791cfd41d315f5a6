import FrameQueues
import LogExport
import LogPipeline

/// What an exporter has counted. What others of its name counted can be added, so that counters go on where a reload
/// puts another in its place; what says how things are now is that of the one it began with.
struct ExporterCounts: Sendable {
  let id: String
  private(set) var loop: ExportCounters
  private(set) var durations: ExportDurations.Snapshot
  private(set) var sizes: ExportSizes.Snapshot
  /// Records, and bytes, of the requests that were put into the queue.
  private(set) var requestRecords: Histogram.Snapshot
  private(set) var requestBytes: Histogram.Snapshot
  /// Where its records are.
  private(set) var ledger: Ledger
  private(set) var enqueuedRecords: Int
  private(set) var refusedRecords: Int
  private(set) var evictedRecords: Int
  /// Records not sent, by the raw value of the reason.
  private var dropped: [Int]
  private(set) var lostRecords: Int
  private(set) var changes: FieldChanges
  /// Nil if none has ever kept any.
  private(set) var deadLetters: DeadLetterCounts?
  /// Nil if none has ever had a queue on disk.
  private(set) var disk: DiskQueueCounters?
  private(set) var damage: QueueDamage.Counts
  /// How many combinations of metadata the records on their way have; 1 if none are told apart.
  let combinations: Int

  init(_ exporter: Exporter) {
    let destination = exporter.destination
    id = exporter.id
    loop = exporter.loop.counters
    durations = exporter.loop.durations
    sizes = exporter.loop.sizes
    requestRecords = destination.requestRecords.snapshot
    requestBytes = destination.requestBytes.snapshot
    ledger = Ledger(
      of: destination, delivered: loop.delivered, inFailureStore: loop.inFailureStore, deadLettered: loop.rejected,
      settledInQueue: loop.settledInQueue)
    enqueuedRecords = destination.appended.records
    refusedRecords = destination.refusedRecords
    evictedRecords = destination.evicted.records
    dropped = DropReason.allCases.map { destination.droppedRecords($0) }
    lostRecords = destination.queue.lost.records
    changes = destination.changes
    deadLetters = exporter.deadLetters?.counts
    disk = (exporter.destination.queue as? DiskQueue)?.counters
    damage = exporter.damage.counts
    combinations = destination.combinations
  }

  /// Records not sent for a reason.
  func droppedRecords(_ reason: DropReason) -> Int {
    dropped.indices.contains(reason.rawValue) ? dropped[reason.rawValue] : 0
  }

  /// Adds what another of the name counted.
  mutating func add(_ other: ExporterCounts) {
    loop.add(other.loop)
    durations += other.durations
    sizes += other.sizes
    requestRecords += other.requestRecords
    requestBytes += other.requestBytes
    ledger += other.ledger
    enqueuedRecords &+= other.enqueuedRecords
    refusedRecords &+= other.refusedRecords
    evictedRecords &+= other.evictedRecords
    dropped = zip(dropped, other.dropped).map { $0 &+ $1 }
    lostRecords &+= other.lostRecords
    changes += other.changes
    if let counts = other.deadLetters { deadLetters = (deadLetters ?? DeadLetterCounts()) + counts }
    if let counts = other.disk { disk = (disk ?? DiskQueueCounters()) + counts }
    damage.setAsideSegments &+= other.damage.setAsideSegments
    damage.missingFrames &+= other.damage.missingFrames
  }

  /// Leaves what is queued to the next of the name, which finds it when it opens the queue.
  mutating func handOverQueue() {
    ledger.recovered -= ledger.queued
    ledger.queued = .zero
  }
}

/// Exporters that a reload has replaced or removed.
struct FormerExporters: Sendable {
  /// Those whose queues are still being emptied.
  var leaving: [Exporter] = []
  /// What those counted that have ended, by name.
  private var ended: [String: ExporterCounts] = [:]

  /// Keeps what an exporter that has ended counted for the next of its name.
  mutating func end(_ exporter: Exporter) {
    leaving.removeAll { $0.loop === exporter.loop }
    var counts = ExporterCounts(exporter)
    counts.handOverQueue()
    if ended[exporter.id]?.add(counts) == nil { ended[exporter.id] = counts }
  }

  /// Forgets what was counted under names that neither these exporters have nor one that leaves.
  mutating func forget(allBut exporters: [Exporter]) {
    let names = Set((exporters + leaving).map(\.id))
    ended = ended.filter { names.contains($0.key) }
  }

  /// What has been counted under each name, by these exporters and by those before them.
  func counts(with exporters: [Exporter]) -> [ExporterCounts] {
    var counts: [ExporterCounts] = []
    for exporter in exporters + leaving {
      let own = ExporterCounts(exporter)
      if let index = counts.firstIndex(where: { $0.id == exporter.id }) {
        counts[index].add(own)
      } else {
        counts.append(own)
      }
    }
    for index in counts.indices {
      if let earlier = ended[counts[index].id] { counts[index].add(earlier) }
    }
    return counts
  }
}
