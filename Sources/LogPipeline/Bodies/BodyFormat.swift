/// How the records of a body lie in it, so that each can be kept by itself and sent again later.
package enum BodyFormat: String, Sendable, CaseIterable {
  /// An action line and a document line for each record, as `_bulk` takes them.
  case bulk
  /// A line with one JSON object for each record.
  case jsonline
  /// An `ExportLogsServiceRequest`: `ResourceLogs`, each with one or more records.
  case otlp
  /// An `ExportTraceServiceRequest`, likewise; its records are spans.
  case otlpTraces = "otlp traces"
  /// An `ExportMetricsServiceRequest`, likewise; its records are data points.
  case otlpMetrics = "otlp metrics"
  /// Text that is kept as a whole.
  case text

  /// Whether bodies are requests of OTLP.
  package var isOTLP: Bool { otlpBody != nil }

  /// How a body of OTLP is cut; nil for other formats.
  var otlpBody: OTLPBody? {
    switch self {
    case .otlp: .logs
    case .otlpTraces: .traces
    case .otlpMetrics: .metrics
    case .bulk, .jsonline, .text: nil
    }
  }

  /// A part of a body that can be sent by itself.
  package struct Piece: Sendable, Equatable {
    package var range: Range<Int>
    package var records: Int

    package init(range: Range<Int>, records: Int) {
      self.range = range
      self.records = records
    }
  }

  /// The smallest parts of a body that holds `records` records, in order. A body that does not lie as the format says
  /// is one piece; so is one without bytes.
  package func pieces(of body: UnsafeRawBufferPointer, records: Int) -> [Piece] {
    let pieces =
      switch self {
      case .bulk: BulkLines(body).map { Piece(range: $0, records: 1) }
      case .jsonline: LineBody(body, linesPerRecord: 1).pieces
      case .otlp, .otlpTraces, .otlpMetrics: otlpBody?.pieces(of: body) ?? []
      case .text: [Piece]()
      }
    let counted = pieces.reduce(0) { $0 &+ $1.records }
    let isWhole = counted == records && pieces.last?.range.upperBound == body.count
    return isWhole ? pieces : [Piece(range: 0..<body.count, records: records)]
  }
}
