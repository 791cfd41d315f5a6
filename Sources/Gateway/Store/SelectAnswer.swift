import LogStore

/// The answer of a store to a question: a body, and whether the search ended before it had seen everything.
struct SelectAnswer: Sendable {
  let body: [UInt8]
  let contentType: String
  let report: SearchReport
  /// Why it has not all that was asked for; nil if it has.
  private(set) var incomplete: String?

  /// Searches; takes as long as the limits allow.
  init(_ question: SelectQuestion, in view: StoreView, _ limits: SearchLimits) throws {
    let (query, limit) = (question.query, question.pipes.limit)
    contentType = question.contentType
    switch question.kind {
    case .query where question.pipes.stats != nil, .statsQuery, .statsQueryRange:
      let stats = question.pipes.stats ?? StatsPipe()
      let found = try Self.groups(stats, question, in: view, limits)
      (body, report) = (try question.json(found.groups, stats), found.report)
    case .query, .streamContext, .tail:
      let found = try view.records(query, question.pipes, limits)
      report = found.report
      switch question.format {
      case .otlp: body = StoredRecord.request(found.records)
      case .csv:
        let table = RecordTable(found.records, fields: question.pipes.fields)
        if table.isCut {
          incomplete = "the table has more than \(RecordTable.maxColumns) columns: the others are left out"
        }
        var writer = CSVWriter(disarmsFormulas: question.isForSpreadsheet)
        if !table.write(to: &writer, limitBytes: limits.resultBytes) {
          incomplete = "\(SearchStop.resultBytes(writer.byteCount, limit: limits.resultBytes))"
        }
        body = writer.array
      case .json:
        var lines = RecordLineWriter(fields: question.pipes.fields)
        for record in found.records { lines.append(record) }
        body = lines.array
      }
    case .patterns:
      let found = try view.patterns(
        query, limit: limit ?? 100, maxPatterns: try question.maxPatterns(), limits)
      (body, report) = (SelectJSON.patterns(found), found.report)
    case .hits:
      let found = try view.hits(query, try question.steps(), by: question.field, limits)
      let series = HitSeries.merged(found.series, above: try question.maxSeries())
      (body, report) = (SelectJSON.hits(series, by: question.field), found.report)
    case .facets:
      let counts = try question.facetCounts()
      let found = try view.facets(
        query, limit: counts.shown, maxValues: counts.values, maxValueBytes: counts.bytes, limits)
      let matches = found.report.matches
      let isKept = { (facet: Facet) in
        question.keepsConstantFields || facet.values.count != 1 || facet.values[0].hits < matches
      }
      (body, report) = (SelectJSON.facets(found.facets.filter(isKept)), found.report)
    case .fieldNames:
      let found = try view.fieldNames(query, limits)
      (body, report) = (SelectJSON.values(found.names), found.report)
    case .fieldValues:
      let found = try view.fieldValues(query, of: question.field ?? "", limit: limit ?? .max, limits)
      (body, report) = (SelectJSON.values(found.values), found.report)
    }
    incomplete = report.stop.map { "\($0)" } ?? incomplete
  }

  /// Groups as the question has them counted; `stats_query_range` in steps of time.
  private static func groups(
    _ stats: StatsPipe, _ question: SelectQuestion, in view: StoreView, _ limits: SearchLimits
  ) throws -> (groups: [RecordGroup], report: SearchReport) {
    let isRange = question.kind == .statsQueryRange
    let steps = try stats.step.map { HitSteps($0) } ?? (isRange ? question.steps() : nil)
    return try view.groups(question.query, by: stats.fields.filter { $0 != "_time" }, steps, limits)
  }
}

extension SelectQuestion {
  /// Records are lines of JSON unless OTLP is wanted; all else is one object.
  var contentType: String {
    switch kind {
    case .query where format == .otlp, .streamContext where format == .otlp: "application/x-protobuf"
    case .query where format == .csv, .streamContext where format == .csv: "text/csv; charset=utf-8"
    case .query, .streamContext, .tail: "application/stream+json"
    case .hits, .facets, .fieldNames, .fieldValues, .patterns, .statsQuery, .statsQueryRange: "application/json"
    }
  }
}
