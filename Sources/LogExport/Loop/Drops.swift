package import LogPipeline
package import Logging

/// What becomes of records that were accepted and are not sent: they are said in the log and, where there are dead
/// letters, left at the desk, which those that the destination rejected go by too.
package final class Drops: DropSink {
  private let destination: String
  private let route: DialectRoute
  private let format: BodyFormat
  private let desk: RejectionDesk?
  private let time: ExportTime
  private let logger: Logger
  /// A line a minute for each reason.
  let log: RecordLog

  /// Without a desk nothing is kept.
  package init(
    of destination: String, speaking dialect: any Dialect, desk: RejectionDesk?, logger: Logger,
    time: ExportTime = .system
  ) {
    self.destination = destination
    route = dialect.route
    format = dialect.bodyFormat
    self.desk = desk
    self.time = time
    self.logger = logger
    log = RecordLog(logger: logger, fields: ["exporter": "\(destination)"], interval: .seconds(60))
  }

  package var keepsRecords: Bool { desk != nil }

  package func take(_ counts: DroppedCounts, _ kept: [DroppedRecord]) {
    let now = time.now()
    for reason in DropReason.allCases where counts[reason] > 0 {
      let message =
        reason == .queueFull
        ? "records are dropped: the queue is full"
        : "records are not sent: the destination would reject or lose them"
      log.count([(reason.label, counts[reason])], message, at: now)
    }
    if !kept.isEmpty { keep(kept, at: now) }
  }

  package func takeEvicted(_ records: Int) {
    log.count([("evicted", records)], "records are dropped for newer ones: the queue is full", at: time.now())
  }

  private func keep(_ kept: [DroppedRecord], at now: Duration) {
    guard let desk else { return }
    var groups: [Fate: [[UInt8]]] = [:]
    for record in kept { groups[Fate(reason: record.reason, fields: record.fields), default: []].append(record.bytes) }
    let letters = groups.sorted { $0.key < $1.key }.map { letter(of: $0.value, $0.key) }
    if desk.leave(dropped: letters) { return }
    log.count(
      letters.map { (loggable(reason: $0.reason), $0.body.records) },
      "records that were not sent are lost: as many wait for the dead letters as may, which is \(desk.maxWaitingBytes) "
        + "bytes or \(RejectionDesk.maxDroppedRequests) requests", at: now)
  }

  /// What records have in common that are kept as one letter.
  private struct Fate: Hashable, Comparable {
    let reason: DropReason
    /// The header fields that they would have been sent under.
    let fields: [UInt8]

    static func < (one: Fate, other: Fate) -> Bool {
      if one.reason != other.reason { return one.reason.rawValue < other.reason.rawValue }
      return one.fields.lexicographicallyPrecedes(other.fields)
    }
  }

  /// One letter for records of a fate; their bodies concatenate.
  private func letter(of bodies: [[UInt8]], _ fate: Fate) -> RejectedRecords {
    RejectedRecords(
      destination: destination, body: ExportBody(copyOf: bodies),
      reason: "\(fate.reason.label): not sent, since the destination would reject or lose it", attempts: 0,
      firstSentUnixMilliseconds: time.unixMilliseconds(), format: format, route: route.carrying(fate.fields))
  }

  /// Says how many there were since the start.
  func sayTotals(of destination: Destination) {
    log.say(at: time.now())
    var totals = DropReason.allCases.map { ($0.label, destination.droppedRecords($0)) }
    totals.append(("evicted", destination.evicted.records))
    totals.removeAll { $0.1 == 0 }
    if totals.isEmpty { return }
    let reasons = totals.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    logger.warning(
      "records were dropped since the start",
      metadata: [
        "exporter": "\(destination.id)", "records": "\(totals.reduce(0) { $0 + $1.1 })", "reasons": "\(reasons)",
      ])
  }
}
