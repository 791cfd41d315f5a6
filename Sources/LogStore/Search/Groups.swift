/// Records counted by the values of some fields (`stats`).
package struct RecordGroup: Sendable, Equatable {
  /// In the order of the fields; empty for a record without one.
  package let values: [String]
  /// How many records there are, by when steps of time start, in nanoseconds since 1970; one step without steps.
  package let steps: [(start: UInt64, hits: Int)]

  /// Records with these values.
  package init(values: [String], steps: [(start: UInt64, hits: Int)]) {
    self.values = values
    self.steps = steps
  }

  /// How many records there are in all steps.
  package var hits: Int { steps.reduce(0) { $0 + $1.hits } }

  package static func == (a: RecordGroup, b: RecordGroup) -> Bool {
    a.values == b.values && a.steps.elementsEqual(b.steps) { $0 == $1 }
  }
}

extension StoreView {
  /// Counts the records that a query means by the values of some fields, the most frequent first.
  package func groups(
    _ query: Query, by fields: [String], _ steps: HitSteps? = nil, _ limits: SearchLimits = SearchLimits()
  ) throws(StoreError) -> (groups: [RecordGroup], report: SearchReport) {
    var counts: [[String]: [UInt64: Int]] = [:]
    var bytes = 0
    let report = try count(query, limits, bytes: { bytes }) { block, rows in
      let times = try steps == nil ? [] : block.effectiveTimes()
      var readers = try fields.map { try FieldReader($0, of: block) }
      var failure: (any Error)?
      rows.forEach { row in
        do {
          var values: [String] = []
          for index in readers.indices { values.append(try readers[index].value(row) ?? "") }
          let start = steps?.start(of: times[row]) ?? 0
          if counts[values, default: [:]][start] == nil { bytes += values.reduce(48) { $0 + $1.utf8.count + 16 } }
          counts[values, default: [:]][start, default: 0] += 1
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
    }
    let groups = counts.map { values, steps in
      RecordGroup(values: values, steps: steps.map { (start: $0.key, hits: $0.value) }.sorted { $0.start < $1.start })
    }
    let sorted = groups.sorted { a, b in
      let (ofA, ofB) = (a.hits, b.hits)
      return ofA != ofB ? ofA > ofB : a.values.lexicographicallyPrecedes(b.values)
    }
    return (sorted, report)
  }
}
