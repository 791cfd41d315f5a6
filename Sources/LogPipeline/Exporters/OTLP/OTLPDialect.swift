package import Options

/// Speaks OTLP to another server (exporters `otlp` over gRPC and `otlphttp`): bodies are
/// `ExportLogsServiceRequest` messages, or those of another signal.
package struct OTLPDialect: Dialect {
  /// How requests travel.
  package enum Transport: Sendable, Equatable {
    /// `LogsService/Export`, or that of another signal (OTLP/gRPC Request).
    case grpc
    /// `POST` of binary protobuf to `path`, by default `/v1/logs` (OTLP/HTTP Request).
    case http(path: String)

    /// OTLP/HTTP at the path that the specification gives it.
    package static let http = Transport.http(path: Signal.logs.httpPath)
  }

  package let transport: Transport
  package let signal: Signal
  private let tenants: TenantFields?

  /// With `tenantHeader` the records of a tenant go in requests that name it in a header field.
  package init(transport: Transport, signal: Signal = .logs, tenantHeader: TenantHeader? = nil) {
    self.transport = transport
    self.signal = signal
    tenants = tenantHeader.map { .named($0) }
  }

  package func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    var encoder = OTLPEncoder()
    var sections = TenantSections(tenants)
    for index in batch.records.indices {
      if sections.changes(at: batch.records[index].scope, of: batch) {
        encoder.closeGroup(of: batch, in: &frames.bytes)
        try sections.begin(in: &frames)
      }
      try encoder.append(batch.records[index], of: batch, to: &frames)
    }
    try encoder.finish(batch, in: &frames)
  }

  package func encode(_ request: SignalRequest, into frames: inout FrameWriter) throws(EncodeError) {
    if let tenants {
      var fields: [UInt8] = []
      tenants.append(request.tenant.span.bytes, to: &fields)
      try frames.beginSection(fields.span.bytes)
    }
    try request.appendPieces(to: &frames)
  }

  package var route: DialectRoute {
    switch transport {
    case .grpc: .grpc(path: signal.grpcPath, headers: [])
    case .http(let path): .http(path: path, headers: [.init("Content-Type", "application/x-protobuf")])
    }
  }

  package func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    OTLPAnswer.judge(answer, records: records)
  }

  /// The end of the `ResourceLogs` nearest the middle; nil if there is only one, which `halves` cuts.
  package func middle(of body: UnsafeRawBufferPointer) -> Split? { bodyFormat.otlpBody?.middle(of: body) }

  package func halves(of body: UnsafeRawBufferPointer) -> Halves? { bodyFormat.otlpBody?.halves(of: body) }

  package var bodyFormat: BodyFormat {
    switch signal {
    case .logs: .otlp
    case .traces: .otlpTraces
    case .metrics: .otlpMetrics
    case .profiles: .text
    }
  }

  package var sectionMarks: SectionMarks { tenants == nil ? .left : .written }
}
