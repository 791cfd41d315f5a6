import LogStore

/// The answer of a store to a question: a body, and whether the search ended before it had seen everything.
struct SelectAnswer: Sendable {
  let body: [UInt8]
  let contentType: String
  let report: SearchReport

  /// Searches; takes as long as the limits allow.
  init(_ question: SelectQuestion, in view: StoreView, _ limits: SearchLimits) throws {
    let (query, limit) = (question.query, question.pipes.limit)
    contentType = question.contentType
    switch question.kind {
    case .query, .streamContext, .tail:
      let found = try view.records(query, question.pipes, limits)
      report = found.report
      if question.wantsOTLP {
        body = StoredRecord.request(found.records)
        return
      }
      var lines = RecordLineWriter(fields: question.pipes.fields)
      for record in found.records { lines.append(record) }
      body = lines.array
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
  }
}

extension SelectQuestion {
  /// Records are lines of JSON unless OTLP is wanted; all else is one object.
  var contentType: String {
    switch kind {
    case .query where wantsOTLP, .streamContext where wantsOTLP: "application/x-protobuf"
    case .query, .streamContext, .tail: "application/stream+json"
    case .hits, .facets, .fieldNames, .fieldValues: "application/json"
    }
  }
}
