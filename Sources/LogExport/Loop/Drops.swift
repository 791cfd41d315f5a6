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
    let letters = DropReason.allCases.compactMap { letter(of: kept, because: $0) }
    if desk.leave(dropped: letters) { return }
    log.count(
      letters.map { (loggable(reason: $0.reason), $0.body.records) },
      "records that were not sent are lost: as many wait for the dead letters as may, which is \(desk.maxWaitingBytes) "
        + "bytes or \(RejectionDesk.maxDroppedRequests) requests", at: now)
  }

  /// One letter for all records of a reason; their bodies concatenate.
  private func letter(of kept: [DroppedRecord], because reason: DropReason) -> RejectedRecords? {
    let bodies = kept.filter { $0.reason == reason }.map(\.bytes)
    if bodies.isEmpty { return nil }
    return RejectedRecords(
      destination: destination, body: ExportBody(copyOf: bodies),
      reason: "\(reason.label): not sent, since the destination would reject or lose it", attempts: 0,
      firstSentUnixMilliseconds: time.unixMilliseconds(), format: format, route: route)
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
