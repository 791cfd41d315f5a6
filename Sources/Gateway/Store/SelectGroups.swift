import LogPipeline
import LogStore

/// Counted groups, in the forms of VictoriaLogs.
extension SelectQuestion {
  /// Lines or a table of `query`, a vector of `stats_query`, a matrix of `stats_query_range`.
  func json(_ groups: [RecordGroup], _ stats: StatsPipe) throws(SelectRefusal) -> [UInt8] {
    switch kind {
    case .statsQuery: return try vector(groups, stats)
    case .statsQueryRange: return matrix(groups, stats)
    default: break
    }
    let rows = page(rows(groups, stats))
    return format == .csv ? table(rows, stats) : lines(rows, stats)
  }

  /// The fields and the count of each group and step; steps in their order, else the most frequent first.
  private func rows(_ groups: [RecordGroup], _ stats: StatsPipe) -> [[String]] {
    var rows: [(start: UInt64, cells: [String])] = []
    for group in groups {
      for step in group.steps {
        var values = group.values[...]
        let cells = stats.fields.map { $0 == "_time" ? Self.time(step.start) : values.popFirst() ?? "" }
        rows.append((step.start, cells + ["\(step.hits)"]))
      }
    }
    if stats.step != nil {
      let order = rows.indices.sorted { (rows[$0].start, $0) < (rows[$1].start, $1) }
      rows = order.map { rows[$0] }
    }
    return rows.map(\.cells)
  }

  private func page(_ rows: [[String]]) -> [[String]] {
    Array(rows.dropFirst(pipes.offset ?? 0).prefix(pipes.limit ?? .max))
  }

  private func lines(_ rows: [[String]], _ stats: StatsPipe) -> [UInt8] {
    var writer = ByteWriter(capacityBytes: 4096)
    for row in rows {
      writer.append("{")
      for (index, (name, value)) in zip(stats.fields + [stats.name], row).enumerated() {
        if index > 0 { writer.append(",") }
        Self.append(name, value, to: &writer)
      }
      writer.append("}\n")
    }
    return writer.array
  }

  private func table(_ rows: [[String]], _ stats: StatsPipe) -> [UInt8] {
    var writer = CSVWriter(disarmsFormulas: isForSpreadsheet)
    writer.append(stats.fields + [stats.name])
    for row in rows { writer.append(row) }
    return writer.array
  }

  // MARK: In the way of Prometheus

  private func vector(_ groups: [RecordGroup], _ stats: StatsPipe) throws(SelectRefusal) -> [UInt8] {
    let time = try time(nowUnixNano: WallClock.unixNano)
    return Self.data("vector", groups) { group, writer in
      appendMetric(group, stats, to: &writer)
      writer.append(",\"value\":")
      Self.append(time, group.hits, to: &writer)
    }
  }

  private func matrix(_ groups: [RecordGroup], _ stats: StatsPipe) -> [UInt8] {
    Self.data("matrix", groups) { group, writer in
      appendMetric(group, stats, to: &writer)
      writer.append(",\"values\":[")
      for (index, step) in group.steps.enumerated() {
        if index > 0 { writer.append(",") }
        Self.append(step.start, step.hits, to: &writer)
      }
      writer.append("]")
    }
  }

  private static func data(
    _ type: String, _ groups: [RecordGroup], _ append: (RecordGroup, inout ByteWriter) -> Void
  ) -> [UInt8] {
    var writer = ByteWriter(capacityBytes: 4096)
    writer.append(text: "{\"status\":\"success\",\"data\":{\"resultType\":\"\(type)\",\"result\":[")
    for (index, group) in groups.enumerated() {
      writer.append(index == 0 ? "{" : ",{")
      append(group, &writer)
      writer.append("}")
    }
    writer.append("]}}\n")
    return writer.array
  }

  private func appendMetric(_ group: RecordGroup, _ stats: StatsPipe, to writer: inout ByteWriter) {
    writer.append("\"metric\":{")
    Self.append("__name__", stats.name, to: &writer)
    for (name, value) in zip(stats.fields.filter { $0 != "_time" }, group.values) {
      writer.append(",")
      Self.append(name, value, to: &writer)
    }
    writer.append("}")
  }

  private static func append(_ unixNano: UInt64, _ hits: Int, to writer: inout ByteWriter) {
    writer.append("[")
    writer.appendDecimal(Int64(clamping: unixNano / 1_000_000_000))
    writer.append(text: ",\"\(hits)\"]")
  }

  private static func append(_ name: String, _ value: String, to writer: inout ByteWriter) {
    writer.appendJSON(string: name)
    writer.append(":")
    writer.appendJSON(string: value)
  }

  private static func time(_ unixNano: UInt64) -> String {
    var writer = ByteWriter(capacityBytes: 64)
    var times = TimestampWriter()
    times.appendRFC3339(unixNano, to: &writer)
    return String(decoding: writer.array, as: UTF8.self)
  }
}
