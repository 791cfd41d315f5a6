/// A value with how many records have it.
package struct ValueCount: Sendable, Equatable {
  package let value: String
  package let hits: Int
}

/// The values that a field has most.
package struct Facet: Sendable, Equatable {
  package let field: String
  package let values: [ValueCount]
}

/// How many records there are in each step of time.
package struct HitSeries: Sendable, Equatable {
  /// The value of the field that the hits were asked by; nil for records without it, and if none was.
  package let value: String?
  /// When each step starts, in nanoseconds since 1970, in order; steps without a record are left out.
  package let steps: [(start: UInt64, hits: Int)]

  package var total: Int { steps.reduce(0) { $0 + $1.hits } }

  package static func == (a: HitSeries, b: HitSeries) -> Bool {
    a.value == b.value && a.steps.elementsEqual(b.steps) { $0 == $1 }
  }
}

extension HitSeries {
  /// Series beyond a count, those with the fewest hits, as one.
  package static func merged(_ series: [HitSeries], above limit: Int?) -> [HitSeries] {
    guard let limit, series.count > limit else { return series }
    var hits: [UInt64: Int] = [:]
    for step in series[limit...].flatMap(\.steps) { hits[step.start, default: 0] += step.hits }
    let steps = hits.map { (start: $0.key, hits: $0.value) }.sorted { $0.start < $1.start }
    return series[..<limit] + [HitSeries(value: nil, steps: steps)]
  }
}

/// Steps of time that hits are counted in.
package struct HitSteps: Sendable {
  /// How long one is, in nanoseconds.
  package let nanoseconds: UInt64
  /// Where one starts.
  package let offset: UInt64

  package init(_ step: Duration, offset: Duration = .zero) {
    nanoseconds = max(step.unixNano, 1)
    self.offset = offset.unixNano % nanoseconds
  }

  @inline(__always)
  func start(of unixNano: UInt64) -> UInt64 {
    let shifted = unixNano &- offset
    return unixNano < offset ? 0 : unixNano &- shifted % nanoseconds
  }
}

extension StoreView {
  /// How many of the records that a query means there are in each step of time, for each value of a field.
  package func hits(
    _ query: Query, _ steps: HitSteps, by field: String? = nil, _ limits: SearchLimits = SearchLimits()
  ) throws(StoreError) -> (series: [HitSeries], report: SearchReport) {
    var counts: [String?: [UInt64: Int]] = [:]
    var bytes = 0
    let report = try count(query, limits, bytes: { bytes }) { block, rows in
      let times = try block.effectiveTimes()
      var reader = try field.map { try FieldReader($0, of: block) }
      var failure: (any Error)?
      rows.forEach { row in
        do {
          let value = try reader?.value(row)
          let start = steps.start(of: times[row])
          if counts[value, default: [:]][start] == nil { bytes += 48 + (value?.utf8.count ?? 0) }
          counts[value, default: [:]][start, default: 0] += 1
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
    }
    let series = counts.map { value, steps in
      HitSeries(value: value, steps: steps.map { (start: $0.key, hits: $0.value) }.sorted { $0.start < $1.start })
    }
    return (series.sorted { ($0.total, $1.value ?? "") > ($1.total, $0.value ?? "") }, report)
  }

  /// The fields of the records that a query means, with how many have each.
  package func fieldNames(
    _ query: Query, _ limits: SearchLimits = SearchLimits()
  ) throws(StoreError) -> (names: [ValueCount], report: SearchReport) {
    var counts = CountedValues()
    let report = try count(query, limits, bytes: { counts.byteCount }) { block, rows in
      let fields = try FieldWalk(block)
      var failure: (any Error)?
      rows.forEach { row in
        do {
          for name in try block.specialFields(row) { counts.add(name) }
          try fields.forEach(row) { name, _ in counts.add(name) }
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
    }
    return (counts.sorted(limit: .max), report)
  }

  /// The values of a field in the records that a query means, the most frequent first.
  package func fieldValues(
    _ query: Query, of field: String, limit: Int, _ limits: SearchLimits = SearchLimits()
  ) throws(StoreError) -> (values: [ValueCount], report: SearchReport) {
    var counts = CountedValues()
    let report = try count(query, limits, bytes: { counts.byteCount }) { block, rows in
      var reader = try FieldReader(field, of: block)
      var failure: (any Error)?
      rows.forEach { row in
        do {
          if let value = try reader.value(row) { counts.add(value) }
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
    }
    return (counts.sorted(limit: limit), report)
  }

  /// The most frequent values of each field in the records that a query means. Fields with more values than
  /// `maxValues`, and those with longer ones than `maxValueBytes`, are left out: they tell records apart, not groups.
  package func facets(
    _ query: Query, limit: Int, maxValues: Int = 1000, maxValueBytes: Int = 128,
    _ limits: SearchLimits = SearchLimits()
  ) throws(StoreError) -> (facets: [Facet], report: SearchReport) {
    var fields: [String: CountedValues?] = [:]
    var bytes = 0
    let report = try countFields(query, limits, bytes: { bytes }) { name, value in
      if fields[name] == nil { bytes += name.utf8.count + 64 }
      guard var counts = fields[name, default: CountedValues()] else { return }
      // Taken out while it changes, so that it is not copied.
      fields[name] = .some(nil)
      bytes -= counts.byteCount
      counts.add(value)
      if counts.count > maxValues || value.utf8.count > maxValueBytes { return }
      bytes += counts.byteCount
      fields[name] = counts
    }
    let facets = fields.compactMap { name, counts in
      counts.map { Facet(field: name, values: $0.sorted(limit: limit)) }
    }
    return (facets.sorted { $0.field < $1.field }, report)
  }

  /// Looks at all records that a query means, block by block, until the counts become too large.
  func count(
    _ query: Query, _ limits: SearchLimits, bytes: () -> Int, _ visit: (Block, Rows) throws -> Void
  ) throws(StoreError) -> SearchReport {
    var walk = BlockWalk(query, in: self, limits)
    try walk.forEach(.latestFirst) { block, rows in
      try visit(block, rows)
      return bytes() <= limits.resultBytes
    }
    if walk.report.stop == nil { _ = walk.isTooLarge(bytes()) }
    return walk.report
  }

  private func countFields(
    _ query: Query, _ limits: SearchLimits, bytes: () -> Int, _ found: (String, String) -> Void
  ) throws(StoreError) -> SearchReport {
    try count(query, limits, bytes: bytes) { block, rows in
      let fields = try FieldWalk(block)
      var failure: (any Error)?
      rows.forEach { row in
        do { try fields.forEach(row, found) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }
}

extension Block {
  /// The names of what a record has beside what `FieldWalk` finds.
  fileprivate func specialFields(_ row: Int) throws -> [String] {
    var names = ["_time", "_stream", "_stream_id"]
    let (kinds, texts) = try bodies()
    if kinds[row] == BodyKind.text.rawValue, !texts.range(row).isEmpty { names.append("_msg") }
    let ids = try ids()
    if ids.isEmpty { return names }
    if ids[row * 16..<row * 16 + 16].contains(where: { $0 != 0 }) { names.append("trace_id") }
    let span = 16 * records + row * 8
    if ids[span..<span + 8].contains(where: { $0 != 0 }) { names.append("span_id") }
    return names
  }
}

/// Values with their counts.
private struct CountedValues {
  private var hits: [String: Int] = [:]
  private(set) var byteCount = 0

  var count: Int { hits.count }

  mutating func add(_ value: String) {
    if let known = hits[value] {
      hits[value] = known + 1
    } else {
      hits[value] = 1
      byteCount += value.utf8.count + 32
    }
  }

  /// The most frequent, those of the same count by name.
  func sorted(limit: Int) -> [ValueCount] {
    let sorted = hits.map { ValueCount(value: $0.key, hits: $0.value) }
      .sorted { ($0.hits, $1.value) > ($1.hits, $0.value) }
    return Array(sorted.prefix(limit))
  }
}
