/// Speaks to VictoriaLogs (exporter `victorialogs`).
///
/// VictoriaLogs answers 200 and drops records that pass its limits; they are found here before they are sent and
/// counted with their reason. What a record holds is told by `FlatLayout` for `jsonline` and `elasticsearch`. Over
/// `otlp` the server names the fields, and a resource attribute with the name of a record attribute is kept beside it.
package struct VictoriaLogsDialect: Dialect {
  /// Levels of nesting that are sent over `otlp`; what is deeper becomes JSON text.
  static let maxDepth = FlatLayout.maxDepth

  package let options: VictoriaLogsOptions
  package let route: DialectRoute
  private let layout: FlatLayout
  private let window: TimeWindow

  package init(_ options: VictoriaLogsOptions) {
    self.options = options
    layout = options.layout
    window = TimeWindow(maxAge: options.maxAge, maxFuture: options.maxFuture)
    let type =
      switch options.ingestProtocol {
      case .jsonline: "application/stream+json"
      case .otlp: "application/x-protobuf"
      case .elasticsearch: "application/x-ndjson"
      }
    var headers: [DialectRoute.Header] = [.init("Content-Type", type)]
    if let tenant = options.tenant {
      headers.append(.init("AccountID", "\(tenant.accountID)"))
      headers.append(.init("ProjectID", "\(tenant.projectID)"))
    }
    route = .http(path: options.path, headers: headers)
  }

  package func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    if options.ingestProtocol == .otlp {
      try encodeOTLP(batch, into: &frames)
    } else {
      try encodeLines(batch, into: &frames)
    }
  }

  private func encodeLines(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    let store = batch.store.span.bytes
    var lines = FlatLineWriter(layout, records: batch.records.count)
    for index in batch.records.indices {
      let record = batch.records[index]
      if let reason = timeProblem(with: record, of: batch) {
        try frames.dropRecord(reason, from: frames.bytes.count)
      } else {
        try lines.append(record, of: batch, store, to: &frames)
      }
    }
    try frames.finish()
  }

  private func encodeOTLP(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    let store = batch.store.span.bytes
    var meter = RowMeter(options)
    var encoder = OTLPEncoder(
      values: OTLPValueWriter(maxDepth: Self.maxDepth, leavesOutEmpty: true),
      resourcePrefix: Array(options.resourcePrefix.utf8), attributePrefix: Array(options.attributePrefix.utf8))
    for index in batch.records.indices {
      let record = batch.records[index]
      if let reason = timeProblem(with: record, of: batch) ?? meter.problem(with: record, of: batch, store) {
        try frames.dropRecord(reason, from: frames.bytes.count)
      } else {
        try encoder.append(record, of: batch, store, to: &frames)
      }
    }
    try encoder.finish(batch, store, in: &frames)
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
    case .otlp: OTLPBody.middle(of: body)
    }
  }

  package func halves(of body: UnsafeRawBufferPointer) -> Halves? {
    options.ingestProtocol == .otlp ? OTLPBody.halves(of: body) : nil
  }

  package var bodyFormat: BodyFormat {
    switch options.ingestProtocol {
    case .jsonline: .jsonline
    case .elasticsearch: .bulk
    case .otlp: .otlp
    }
  }
}
