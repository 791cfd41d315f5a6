/// The `_bulk` API of Elasticsearch: each record is an action line and a document line, so that bodies concatenate.
package struct ElasticsearchDialect: Dialect {
  private let options: ElasticsearchOptions
  private let targets: BulkTargetWriter
  private let names: BulkNames
  package let route: DialectRoute

  package init(_ options: ElasticsearchOptions) throws(ElasticsearchOptionError) {
    self.options = options
    targets = try BulkTargetWriter(options)
    names = BulkNames(options)
    route = .http(
      path: Self.path(options), headers: [DialectRoute.Header("Content-Type", "application/x-ndjson")])
  }

  package var needsRequestHash: Bool { options.documentID == .request }

  package func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    switch options.mappingMode {
    case .otel: try encode(batch, as: OTelEncoder.self, into: &frames)
    case .ecs, .none, .raw: try encode(batch, as: FieldEncoder.self, into: &frames)
    case .bodymap: try encode(batch, as: BodyMapEncoder.self, into: &frames)
    }
  }

  @inline(__always)
  private func encode<Encoder: BulkEncoder & ~Copyable>(
    _ batch: borrowing LogBatch, as _: Encoder.Type, into frames: inout FrameWriter
  ) throws(EncodeError) {
    let actions = BulkActions(options, targets: targets, requestHash: batch.requestHash)
    var encoder = Encoder(actions, records: batch.records.count)
    for index in batch.records.indices {
      if let reason = try encoder.append(batch.records[index], batch, to: &frames) {
        try keep(batch.records[index], of: batch, because: reason, in: &frames)
      }
    }
    try frames.finish()
  }

  /// Keeps a record that is not sent for the dead letters unless it asked for that. Its own document cannot be made, so
  /// it is the one of `otel` mode, which has all of a record and no limits.
  @inline(never)
  private func keep(
    _ record: LogRecord, of batch: borrowing LogBatch, because reason: DropReason, in frames: inout FrameWriter
  ) throws(EncodeError) {
    guard frames.keepsDropped, reason != .notIndexed else { return }
    var whole = options
    whole.mappingMode = .otel
    let actions = BulkActions(whole, targets: targets, requestHash: batch.requestHash)
    var encoder = OTelEncoder(actions, records: 1)
    var document = FrameWriter()
    _ = try encoder.append(record, batch, to: &document)
    try frames.keep(document.bytes.array, because: reason)
  }

  package func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    BulkAnswer(answer, records: records, names: names, asksForItems: options.asksForItems).verdict(on: BulkLines(body))
  }

  package func middle(of body: UnsafeRawBufferPointer) -> Split? { BulkLines(body).middle }

  package var bodyFormat: BodyFormat { .bulk }

  /// Tenants are in the names of data streams; a configuration may have kept records apart by metadata.
  package var sectionMarks: SectionMarks { .left }

  /// `/_bulk` with its query, option values percent-encoded (RFC 3986 section 2.1).
  private static func path(_ options: ElasticsearchOptions) -> String {
    var query: [(name: String, value: String)] = []
    if !options.bulkResponseFilterPath.isEmpty { query.append(("filter_path", options.bulkResponseFilterPath)) }
    if !options.pipeline.isEmpty { query.append(("pipeline", options.pipeline)) }
    if options.requireDataStream == true { query.append(("require_data_stream", "true")) }
    if let include = options.includeSourceOnError {
      query.append(("include_source_on_error", include ? "true" : "false"))
    }
    let pairs = query.map { "\($0.name)=\(percentEncoded($0.value))" }
    return pairs.isEmpty ? "/_bulk" : "/_bulk?" + pairs.joined(separator: "&")
  }

  /// The text with all but unreserved characters, and the `*` and `,` of filters, percent-encoded.
  private static func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "*"), UInt8(ascii: ","):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += byte < 16 ? "%0" + digits : "%" + digits
      }
    }
    return encoded
  }
}
