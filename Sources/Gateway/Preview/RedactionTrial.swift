import LogPipeline

/// Shows what a redaction processor takes of a text or of records that somebody has at hand, rule by rule. Nothing of
/// it is kept, written to the log or counted.
struct RedactionTrial {
  /// What the input was taken for.
  enum Form: String, Sendable, CaseIterable {
    /// The body of a record.
    case text
    /// One record in OTLP's JSON.
    case record
    /// A request in OTLP's JSON.
    case request
  }

  let form: Form
  /// How often each rule that is on took something.
  let rules: [RedactionProcessor.RuleCount]
  let values: [RedactedValue]
  /// The input with all that taken: a text, or OTLP's JSON with a line for each resource.
  let after: String

  /// The longest input, in bytes.
  static let maxInputBytes = 256 << 10

  /// Redacts an input by a processor that nothing else uses.
  init(_ input: [UInt8], by processor: RedactionProcessor) {
    var batch = LogBatch()
    var request = RequestContext()
    form = Self.read(input, into: &batch)
    values = processor.trace(&batch, of: &request)
    rules = processor.redactions
    after = form == .text ? Self.body(of: batch) : Self.lines(of: batch)
  }

  /// Reads the input; what is no record and no request in JSON is the body of a record.
  private static func read(_ input: [UInt8], into batch: inout LogBatch) -> Form {
    let start = String(decoding: input.prefix(64), as: UTF8.self)
    if let first = input.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") {
      let isRequest = start.contains("\"resourceLogs\"")
      let json = isRequest ? input : StatementPreview.request(of: input[...])
      let isRead = (try? batch.decode(json: json, limits: DecodeLimits())) != nil
      if isRead, isRequest || StatementPreview.isRecord(input[...]) { return isRequest ? .request : .record }
    }
    batch.reset()
    // Invalid UTF-8 becomes U+FFFD, as in requests.
    batch.store = Array(String(decoding: input, as: UTF8.self).utf8)
    batch.resources = [Resource()]
    batch.scopes = [Scope()]
    var record = LogRecord()
    record.body = .string(ByteSlice(0..<batch.store.count))
    batch.records = [record]
    return .text
  }

  private static func body(of batch: borrowing LogBatch) -> String {
    guard let body = batch.records.first?.body, body.kind == .string else { return "" }
    return String(decoding: batch.store[body.slice.range], as: UTF8.self)
  }

  private static func lines(of batch: borrowing LogBatch) -> String {
    var frames = FrameWriter(maxBytes: .max)
    guard (try? FileDialect().encode(batch, into: &frames)) != nil else { return "" }
    return String(decoding: frames.bytes.array, as: UTF8.self)
  }
}
