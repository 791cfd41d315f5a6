/// `processors.log_dedup`: lets the first of identical records pass and suppresses those that follow within an
/// interval; at its end one more record says how many there were.
///
/// Differs from the Collector's, which holds the first record back until the interval ends: a record that was
/// acknowledged is never in memory alone. What a crash can lose is the count of an interval.
package struct DeduplicationProcessor: SummarizingProcessor, StatementUser {
  package let id: String
  private let options: DeduplicationOptions
  private let windows: DuplicateWindows

  package init(id: String, options: DeduplicationOptions) {
    self.id = id
    self.options = options
    windows = DuplicateWindows(
      intervalNano: options.intervalNano, maxWindows: options.maxWindows, maxBytes: options.maxBytes)
  }

  package func forAnotherPipeline() -> Self { Self(id: id, options: options) }

  package var statements: [StatementTally] { options.conditions?.tallies ?? [] }
  package var needsContext: Bool { options.conditions?.conditions.needsRequest ?? false }
  package var contextFields: [[UInt8]] { options.conditions.map { Array($0.conditions.requestNames) } ?? [] }

  package func process(
    _ batch: inout LogBatch, of request: inout RequestContext
  ) throws(ProcessorRefusal) {
    if batch.records.isEmpty { return }
    let keys = options.fields.keys(of: batch, identity: options.identity)
    var (isDuplicate, tally) = windows.sort(keys, try selected(in: batch, of: request), at: batch.receivedUnixNano)
    if tally.seen.isEmpty { return }
    keepRecords(of: &tally, from: batch)
    for index in isDuplicate.indices { isDuplicate[index].toggle() }
    batch.keepRecords(isDuplicate)
    request.whenSettled.append { [windows, tally] isAccepted in windows.settle(tally, isAccepted: isAccepted) }
  }

  /// For each record whether it is looked at; nil if all are.
  private func selected(
    in batch: borrowing LogBatch, of request: RequestContext
  ) throws(ProcessorRefusal) -> [Bool]? {
    guard let conditions = options.conditions?.conditions else { return options.selection.selected(in: batch) }
    do throws(OTTLFailure) {
      return try conditions.matches(in: batch, of: request)
    } catch {
      throw error.refusal(by: id)
    }
  }

  /// Keeps one record of each kind of which some are suppressed.
  private func keepRecords(of tally: inout DuplicateTally, from batch: borrowing LogBatch) {
    var frames = FrameWriter()
    for (key, seen) in tally.seen where seen.duplicates > 0 && seen.needsRecord {
      frames.removeAll()
      do { try batch.encode(record: seen.index, into: &frames) } catch { continue }
      tally.seen[key]?.record = frames.bytes.withUnsafeBytes { Array($0) }
      tally.seen[key]?.tenant = Array(batch.store[batch.tenant(ofRecord: seen.index).range])
    }
  }

  package func summaries(at now: UInt64, isLast: Bool) -> [Summary] {
    windows.takeEnded(at: isLast ? nil : now).compactMap { ended in
      options.summary(of: ended, at: now).map { Summary(tenant: ended.tenant, request: $0) }
    }
  }
}

extension LogBatch {
  /// The tenant whose a record is.
  fileprivate func tenant(ofRecord index: Int) -> ByteSlice {
    resources[Int(scopes[Int(records[index].scope)].resource)].tenant
  }

  /// Appends one record with its scope and resource as an `ExportLogsServiceRequest`.
  func encode(record index: Int, into frames: inout FrameWriter) throws(EncodeError) {
    var encoder = OTLPEncoder()
    try encoder.append(records[index], of: self, to: &frames)
    try encoder.finish(self, in: &frames)
  }
}
