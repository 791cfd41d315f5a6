/// Records that a search found.
package struct SearchResult: Sendable {
  package var records: [StoredRecord] = []
  package var report = SearchReport()
}

extension StoreView {
  /// Which records come first.
  package enum Order: Sendable {
    case newestFirst
    case oldestFirst
  }

  /// The first records that a query means, at most `limit`.
  package func search(
    _ query: Query, _ order: Order, limit: Int, _ limits: SearchLimits = SearchLimits()
  ) throws(StoreError) -> SearchResult {
    var best = BestRecords(order, limit: limit)
    var walk = BlockWalk(query, in: self, limits)
    var tooLarge = 0
    try walk.forEach(order == .newestFirst ? .latestFirst : .earliestFirst, isEnough: { best.isComplete(before: $0) }) {
      block, rows in
      try best.add(rows, of: block)
      if best.byteCount > limits.resultBytes { tooLarge = best.byteCount }
      return tooLarge == 0
    }
    if tooLarge > 0 { _ = walk.isTooLarge(tooLarge) }
    return SearchResult(records: best.finished(), report: walk.report)
  }

  /// The records from an ordinal on that a query means, as they came, at most `limit`; and where to go on.
  package func tail(
    _ query: Query, fromOrdinal: UInt64, limit: Int, _ limits: SearchLimits = SearchLimits()
  ) throws(StoreError) -> (result: SearchResult, nextOrdinal: UInt64) {
    var result = SearchResult()
    var next = max(fromOrdinal, endOrdinal)
    var walk = BlockWalk(query, in: self, limits)
    var (bytes, isFull) = (0, false)
    try walk.forEach(.arrival, fromOrdinal: fromOrdinal) { block, rows in
      var list: [Int] = []
      rows.forEach { list.append($0) }
      let taken = list.prefix(limit - result.records.count)
      result.records += try block.stored(Array(taken))
      bytes += result.records.suffix(taken.count).reduce(0) { $0 + $1.message.count }
      isFull = result.records.count >= limit || bytes > limits.resultBytes
      if isFull || taken.count < list.count { next = (result.records.last?.ordinal ?? block.entry.firstOrdinal) + 1 }
      return !isFull
    }
    if walk.report.stop != nil, !isFull { next = max(fromOrdinal, walk.reachedOrdinal) }
    result.report = walk.report
    return (result, next)
  }

  /// What the same stream wrote before and after a record, that included, in the order of time.
  package func context(
    of record: StoredRecord, before: Int, after: Int, _ limits: SearchLimits = SearchLimits()
  ) throws(StoreError) -> SearchResult {
    let stream = Query.stream(record.streamID)
    // Records of the same moment are told apart by when they came.
    let isBefore = Query.time(0...record.unixNano)
    var earlier = BestRecords(.newestFirst, limit: before)
    var walk = BlockWalk(.and([stream, isBefore]), in: self, limits)
    try walk.forEach(.latestFirst, isEnough: { earlier.isComplete(before: $0) }) { block, rows in
      try earlier.add(rows, of: block) { ($0, $1) < (record.unixNano, record.ordinal) }
      return earlier.byteCount <= limits.resultBytes
    }
    _ = walk.isTooLarge(earlier.byteCount)
    var later = BestRecords(.oldestFirst, limit: after)
    var second = BlockWalk(.and([stream, .time(record.unixNano...UInt64.max)]), in: self, limits)
    try second.forEach(.earliestFirst, isEnough: { later.isComplete(before: $0) }) { block, rows in
      try later.add(rows, of: block) { ($0, $1) > (record.unixNano, record.ordinal) }
      return earlier.byteCount + later.byteCount <= limits.resultBytes
    }
    _ = second.isTooLarge(earlier.byteCount + later.byteCount)
    var report = walk.report
    report.add(second.report)
    return SearchResult(records: earlier.finished().reversed() + [record] + later.finished(), report: report)
  }
}

/// The first of many records, in one order or the other.
struct BestRecords {
  private let order: StoreView.Order
  private let limit: Int
  private var records: [StoredRecord] = []
  private(set) var byteCount = 0
  /// The time of the last record that is kept once there are enough; what comes after it is not.
  private var last: UInt64?

  init(_ order: StoreView.Order, limit: Int) {
    self.order = order
    self.limit = limit
  }

  /// Whether no record of a block, or of those after it, can be among them.
  func isComplete(before entry: BlockEntry) -> Bool {
    if limit <= 0 { return true }
    guard let last else { return false }
    return order == .newestFirst ? entry.latest < last : entry.earliest > last
  }

  /// Adds those of a block's records that `isMeant` by time and ordinal.
  mutating func add(
    _ rows: Rows, of block: Block, isMeant: (UInt64, UInt64) -> Bool = { _, _ in true }
  ) throws {
    let times = try block.effectiveTimes()
    var list: [(unixNano: UInt64, row: Int)] = []
    rows.forEach { row in
      let time = times[row]
      if let last, order == .newestFirst ? time < last : time > last { return }
      if isMeant(time, block.entry.firstOrdinal &+ UInt64(row)) { list.append((time, row)) }
    }
    list.sort {
      order == .newestFirst
        ? ($0.unixNano, $0.row) > ($1.unixNano, $1.row) : ($0.unixNano, $0.row) < ($1.unixNano, $1.row)
    }
    let added = try block.stored(list.prefix(limit).map(\.row))
    byteCount += added.reduce(0) { $0 + $1.message.count + 64 }
    records += added
    if records.count > limit &* 2 || records.count >= limit && last == nil { prune() }
  }

  private mutating func prune() {
    records.sort { order == .newestFirst ? StoredRecord.isLater($0, than: $1) : StoredRecord.isLater($1, than: $0) }
    if records.count > limit { records.removeLast(records.count - limit) }
    if records.count == limit { last = records.last?.unixNano }
    byteCount = records.reduce(0) { $0 + $1.message.count + 64 }
  }

  /// The records in order.
  mutating func finished() -> [StoredRecord] {
    prune()
    return records
  }
}
