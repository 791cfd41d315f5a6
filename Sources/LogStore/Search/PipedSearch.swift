extension StoreView {
  /// Records of a query whose surroundings are shown at most (`stream_context`).
  static let maxContexts = 100

  /// The records of a query as its pipes ask for them: the newest first unless they say otherwise.
  package func records(
    _ query: Query, _ pipes: QueryPipes, _ limits: SearchLimits = SearchLimits()
  ) throws(StoreError) -> SearchResult {
    let start = monotonicNanoseconds()
    let most = 1 << 40
    let offset = min(pipes.offset ?? 0, most)
    let order: Order = pipes.isOldestFirst == true ? .oldestFirst : .newestFirst
    var result = try search(query, order, limit: offset + min(pipes.limit ?? most, most), limits)
    result.records.removeFirst(min(offset, result.records.count))
    guard let context = pipes.context else { return result }
    var around: [UInt64: StoredRecord] = [:]
    var bytes = 0
    for record in result.records.prefix(Self.maxContexts) {
      if result.report.stop != nil { break }
      var rest = limits
      rest.duration -= .nanoseconds(Int64(clamping: monotonicNanoseconds() &- start))
      let found = try self.context(of: record, before: context.before, after: context.after, rest)
      for each in found.records where around.updateValue(each, forKey: each.ordinal) == nil {
        bytes += each.message.count + 64
      }
      result.report.add(found.report)
      if bytes > limits.resultBytes { result.report.stop = .resultBytes(bytes, limit: limits.resultBytes) }
    }
    result.records = around.values.sorted { StoredRecord.isLater($1, than: $0) }
    return result
  }
}
