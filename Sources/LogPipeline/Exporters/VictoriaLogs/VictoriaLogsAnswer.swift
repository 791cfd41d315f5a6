/// What VictoriaLogs' answers mean (app/vlinsert of VictoriaLogs 1.26 and newer).
struct VictoriaLogsAnswer {
  private let answer: Answer
  private let records: Int

  init(_ answer: Answer, records: Int) {
    self.answer = answer
    self.records = records
  }

  /// The beginnings of the texts by which VictoriaLogs says that it cannot read a body. It names no record, so the body
  /// is halved until one record is left.
  private static let bodyFaults = [
    "cannot process jsonline request", "cannot read OpenTelemetry protocol data", "cannot decode LogsData",
    "cannot decode log message", "cannot parse json-encoded log entry",
  ]

  /// Beginnings of other texts of VictoriaLogs and its proxy: a wrong path or argument, of which no record is at fault.
  private static let requestFaults = [
    "unsupported path requested", "missing route for", "invalid extra_field format", "cannot parse common params",
    "json encoding isn't supported", "cannot decode jsonline request", "requests to /insert/",
  ]

  func verdict(over ingestProtocol: VictoriaLogsOptions.IngestProtocol, to body: UnsafeRawBufferPointer) -> Verdict {
    switch answer.status {
    case .http(200..<300): return success(over: ingestProtocol, to: body)
    case .http(413): return .tooLarge(reason: Reason.joined("HTTP 413", Reason.text(answer.body)))
    case .http(400) where isFaultOfBody: return .tooLarge(reason: Reason.joined("HTTP 400", Reason.text(answer.body)))
    case .http(401), .http(407):
      return .retry(
        after: answer.retryAfter,
        reason: Reason.joined("\(answer.status), credentials were rejected", Reason.text(answer.body)))
    case .http(408), .http(429), .http(500..<600), .http(300..<400):
      return .retry(after: answer.retryAfter, reason: Reason.joined("\(answer.status)", Reason.text(answer.body)))
    default: return .unproven(after: answer.retryAfter, reason: unprovenReason)
    }
  }

  /// A success of `jsonline` has no body; one of `otlp` is OTLP's.
  private func success(
    over ingestProtocol: VictoriaLogsOptions.IngestProtocol, to body: UnsafeRawBufferPointer
  ) -> Verdict {
    switch ingestProtocol {
    case .elasticsearch: return bulk(to: body)
    case .otlp: return OTLPAnswer.success(answer, records: records, from: "VictoriaLogs")
    case .jsonline:
      let isOwn = answer.body.isEmpty && ["", "application/json"].contains(answer.mediaType)
      return isOwn ? .delivered(duplicates: 0) : .unproven(after: answer.retryAfter, reason: unprovenReason)
    }
  }

  private var isFaultOfBody: Bool {
    starts(with: Self.bodyFaults) != nil && !answer.body.contains(text: "unsupported encoding")
  }

  private var unprovenReason: String {
    guard let text = starts(with: Self.requestFaults) else { return Reason.foreign(answer.status, "VictoriaLogs") }
    return Reason.joined("\(answer.status), \(text)", Reason.text(answer.body))
  }

  /// The text of a list that the answer starts with.
  private func starts(with texts: [String]) -> String? {
    texts.first { answer.body.starts(with: $0.utf8) }
  }

  /// Judges the answer to a `_bulk` body as Elasticsearch's if it accounts for every record.
  ///
  /// VictoriaLogs 1.26 answers 200 with an empty body when it stopped reading, so what is not a whole answer is no
  /// evidence that anything was stored. It leaves lines that it skipped out of the items, so fewer items than records
  /// do not tell which are missing, and the body is halved to find them.
  private func bulk(to body: UnsafeRawBufferPointer) -> Verdict {
    var items = BulkItems(maxItems: records)
    guard items.read(answer.body), items.hasItems || items.errors == false else {
      let status = "\(answer.status), no evidence of success"
      return .unproven(after: answer.retryAfter, reason: "\(status): answer of \(answer.body.count) bytes")
    }
    if items.hasItems, items.count < records {
      return .tooLarge(reason: "\(answer.status), answer has \(items.count) items for \(records) records")
    }
    return BulkAnswer(answer, records: records).verdict(on: BulkLines(body))
  }
}

extension [UInt8] {
  /// Whether a text stands anywhere in the first kilobyte.
  fileprivate func contains(text: StaticString) -> Bool {
    let head = prefix(1024)
    let count = text.utf8CodeUnitCount
    return text.withUTF8Buffer { text in
      head.indices.dropLast(Swift.max(count &- 1, 0)).contains { head[$0..<($0 &+ count)].elementsEqual(text) }
    }
  }
}
