import LogPipeline

/// Conditions of streams are asked once for each stream of a block; others have its records decoded.
extension RecordScope {
  /// Records that are decoded at once.
  private static let recordsAtOnce = 512

  /// Those of a block's records.
  func rows(in block: Block) throws -> Rows {
    var rows = Rows(none: block.records)
    var rest = Rows(all: block.records)
    for condition in conditions where condition.isOfStreams {
      rows.add(try Self.rows(in: block, whoseStreamsMatch: condition))
    }
    rest.remove(rows)
    for condition in conditions where !condition.isOfStreams && !rest.isEmpty {
      let more = try Self.rows(in: block, among: rest, thatMatch: condition)
      rows.add(more)
      rest.remove(more)
    }
    return rows
  }

  private static func rows(in block: Block, whoseStreamsMatch condition: RecordCondition) throws -> Rows {
    let (streams, streamOf) = try block.streams()
    let samples = streams.map { StoredRecord(of: SharedStream($0)) }
    let isSeen = try answers(of: condition, to: samples)
    return Rows(Rows(all: block.records)) { isSeen[Int(streamOf[$0])] }
  }

  private static func rows(
    in block: Block, among candidates: Rows, thatMatch condition: RecordCondition
  ) throws -> Rows {
    var list: [Int] = []
    candidates.forEach { list.append($0) }
    var rows = Rows(none: block.records)
    for start in stride(from: 0, to: list.count, by: recordsAtOnce) {
      let part = Array(list[start..<min(start + recordsAtOnce, list.count)])
      for (row, isSeen) in zip(part, try answers(of: condition, to: try block.stored(part))) where isSeen {
        rows.insert(row)
      }
    }
    return rows
  }

  /// What cannot be decoded is damage, which nobody sees.
  private static func answers(of condition: RecordCondition, to records: [StoredRecord]) throws -> [Bool] {
    guard let answers = condition.matches(inRequest: StoredRecord.request(records)), answers.count == records.count
    else { throw Damage() }
    return answers
  }
}

extension StoreView {
  /// The same for somebody who may see some of the records only; nil for all.
  package func seen(through scope: RecordScope?) -> StoreView {
    var view = self
    view.scope = scope
    return view
  }

  /// How many records there are from an ordinal on, as far as limits allow to count those of a scope.
  package func records(fromOrdinal ordinal: UInt64, _ limits: SearchLimits) throws(StoreError) -> Int {
    if scope == nil { return Int(clamping: endOrdinal - min(ordinal, endOrdinal)) }
    var walk = BlockWalk(.all, in: self, limits)
    try walk.forEach(.arrival, fromOrdinal: ordinal) { _, _ in true }
    return walk.report.matches
  }
}

extension StoredRecord {
  /// A record of a stream with nothing of its own.
  fileprivate init(of stream: SharedStream) {
    self.init(unixNano: 0, ordinal: 0, streamID: stream.id, stream: stream, message: [])
  }
}
