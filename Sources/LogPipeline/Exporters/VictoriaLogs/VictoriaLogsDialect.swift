/// Speaks to VictoriaLogs (exporter `victorialogs`).
///
/// VictoriaLogs answers 200 and drops records that pass its limits; they are found here before they are sent and
/// counted with their reason. What a record holds is told by `FlatLayout` for `elasticsearch` and `jsonline`. Over
/// `otlp` the server names the fields; `OTLPRows` has what is changed before.
package struct VictoriaLogsDialect: Dialect {
  package let options: VictoriaLogsOptions
  package let route: DialectRoute
  private let layout: FlatLayout
  private let window: TimeWindow
  private let names: FieldNameWindow
  private let tenants: TenantFields?

  package init(_ options: VictoriaLogsOptions) {
    self.options = options
    layout = options.ingestProtocol == .otlp ? options.rowLayout : options.layout
    window = TimeWindow(maxAge: options.maxAge == .zero ? nil : options.maxAge, maxFuture: options.maxFuture)
    names = FieldNameWindow(limit: options.maxFieldNames)
    let type =
      switch options.ingestProtocol {
      case .jsonline: "application/stream+json"
      case .otlp: "application/x-protobuf"
      case .elasticsearch: "application/x-ndjson"
      }
    var headers: [DialectRoute.Header] = [.init("Content-Type", type)]
    headers += options.tenant?.headers ?? []
    route = .http(path: options.path, headers: headers)
    tenants = options.tenantList.map { .listed($0) }
  }

  package func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    if options.ingestProtocol == .otlp {
      try encodeOTLP(batch, into: &frames)
    } else {
      try encodeLines(batch, into: &frames)
    }
  }

  private func encodeLines(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    var lines = FlatLineWriter(layout, records: batch.records.count, names: names)
    var sections = TenantSections(tenants)
    for index in batch.records.indices {
      let record = batch.records[index]
      if sections.changes(at: record.scope, of: batch) { try sections.begin(in: &frames) }
      if let reason = timeProblem(with: record, of: batch) {
        try frames.dropRecord(reason, from: frames.bytes.count)
        try FlatLineWriter.keep(record, of: batch, because: reason, as: layout, in: &frames)
      } else if let reason = try lines.append(record, of: batch, to: &frames) {
        try FlatLineWriter.keep(record, of: batch, because: reason, as: layout, in: &frames)
      }
    }
    try lines.finish(&frames)
  }

  private func encodeOTLP(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    var rows = OTLPRows(layout, names: names)
    guard let edited = rows.edited(batch) else { return try encode(rows.problems, of: batch, into: &frames) }
    frames.count(rows.changes)
    try encode(rows.problems, of: edited, into: &frames)
  }

  /// Encodes the records that have no problem.
  private func encode(
    _ problems: [DropReason?], of batch: borrowing LogBatch, into frames: inout FrameWriter
  ) throws(EncodeError) {
    var encoder = rowEncoder
    var sections = TenantSections(tenants)
    for index in batch.records.indices {
      let record = batch.records[index]
      if sections.changes(at: record.scope, of: batch) {
        encoder.closeGroup(of: batch, in: &frames.bytes)
        try sections.begin(in: &frames)
      }
      if let reason = timeProblem(with: record, of: batch) ?? problems[index] {
        try frames.dropRecord(reason, from: frames.bytes.count)
        try keep(row: record, of: batch, because: reason, in: &frames)
      } else {
        try encoder.append(record, of: batch, to: &frames)
      }
    }
    try encoder.finish(batch, in: &frames)
  }

  private var rowEncoder: OTLPEncoder {
    OTLPEncoder(
      values: OTLPValueWriter(maxDepth: options.flattenDepth, isForRows: true),
      resourcePrefix: Array(options.resourcePrefix.utf8), attributePrefix: Array(options.attributePrefix.utf8))
  }

  /// Keeps a record that is not sent for the dead letters, as a request of its own.
  private func keep(
    row record: LogRecord, of batch: borrowing LogBatch, because reason: DropReason, in frames: inout FrameWriter
  ) throws(EncodeError) {
    guard frames.keepsDropped else { return }
    var encoder = rowEncoder
    var row = FrameWriter()
    try encoder.append(record, of: batch, to: &row)
    try encoder.finish(batch, in: &row)
    try frames.keep(row.bytes.array, because: reason)
  }

  @inline(__always)
  private func timeProblem(with record: LogRecord, of batch: borrowing LogBatch) -> DropReason? {
    window.problem(with: batch.effectiveTimeUnixNano(record), receivedAt: batch.receivedUnixNano)
  }

  package func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    VictoriaLogsAnswer(answer, records: records).verdict(over: options.ingestProtocol, to: body)
  }

  package func middle(of body: UnsafeRawBufferPointer) -> Split? {
    switch options.ingestProtocol {
    case .jsonline: LineBody(body, linesPerRecord: 1).middle
    case .elasticsearch: LineBody(body, linesPerRecord: 2).middle
    case .otlp: OTLPBody.logs.middle(of: body)
    }
  }

  package func halves(of body: UnsafeRawBufferPointer) -> Halves? {
    options.ingestProtocol == .otlp ? OTLPBody.logs.halves(of: body) : nil
  }

  package var bodyFormat: BodyFormat {
    switch options.ingestProtocol {
    case .jsonline: .jsonline
    case .elasticsearch: .bulk
    case .otlp: .otlp
    }
  }

  package var sectionMarks: SectionMarks { tenants == nil ? .left : .written }
}
