/// What VictoriaLogs' answers mean (app/vlinsert of VictoriaLogs 1.26 and newer).
enum VictoriaLogsAnswer {
  /// Judges an answer. A refusal of the whole body names no record, so it is halved until one record is left.
  static func judge(
    _ answer: Answer, to body: UnsafeRawBufferPointer, records: Int,
    over ingestProtocol: VictoriaLogsOptions.IngestProtocol
  ) -> Verdict {
    switch answer.status {
    case 200..<300:
      return ingestProtocol == .elasticsearch
        ? bulk(answer, to: body, records: records) : .delivered(duplicates: 0)
    case 400, 404, 413: return .tooLarge(reason: reason(answer))
    case 401, 403, 407: return .retry(after: answer.retryAfter, reason: "credentials were refused: \(reason(answer))")
    case 408, 429, 500..<600, 300..<400: return .retry(after: answer.retryAfter, reason: reason(answer))
    default: return .refused(reason: reason(answer))
    }
  }

  private static func reason(_ answer: Answer) -> String {
    Reason.joined("HTTP \(answer.status)", Reason.text(answer.body))
  }

  /// Judges the answer to a `_bulk` body by its items. VictoriaLogs 1.26 answers 200 with an empty body when it has
  /// lost lines, so what does not account for every record is no evidence that any was stored.
  private static func bulk(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    guard let items = BulkItems(answer.body, limit: records), items.statuses.count == records else {
      return .retry(
        after: answer.retryAfter,
        reason: "HTTP \(answer.status): answer does not account for all \(records) records")
    }
    if items.problems.isEmpty { return .delivered(duplicates: 0) }
    let ranges = LineBody(body, linesPerRecord: 2).recordRanges
    guard ranges.count == records else {
      return .retry(after: answer.retryAfter, reason: "\(records) records expected, body holds \(ranges.count)")
    }
    var outcomes = Verdict.Outcomes()
    outcomes.delivered = records - items.problems.count
    for problem in items.problems {
      let status = items.statuses[problem.index]
      let reason = Reason.joined("status \(status)", problem.text)
      if status == 429 || status >= 500 {
        if outcomes.resend.isEmpty { outcomes.resendReason = reason }
        outcomes.resend.append(ranges[problem.index])
        outcomes.resendRecords += 1
      } else {
        outcomes.refused.append(.init(range: ranges[problem.index], reason: reason))
      }
    }
    return .mixed(outcomes)
  }
}

/// The `items` of an answer to `_bulk`, in the order of the records.
struct BulkItems {
  /// An item that was not stored.
  struct Problem: Equatable {
    var index: Int
    var text: String
  }

  /// The status of each item.
  private(set) var statuses: [Int] = []
  private(set) var problems: [Problem] = []

  /// Reads an answer; nil if it is not JSON of the shape `{"items":[{"create":{"status":201}}]}` or holds more than
  /// `limit` items.
  init?(_ answer: [UInt8], limit: Int) {
    var scanner = JSONScanner(answer)
    var items = Self()
    let complete = scanner.object { scanner, key in
      guard scanner.isName(key, "items") else { return scanner.skipValue() }
      return scanner.array { items.statuses.count < limit && items.read(&$0) }
    }
    guard complete, scanner.peek() == nil else { return nil }
    self = items
  }

  private init() {}

  /// Reads `{"create":{"status":…,"error":…}}`.
  private mutating func read(_ scanner: inout JSONScanner) -> Bool {
    var status: Int?
    var text = ""
    let complete = scanner.object { scanner, _ in
      scanner.object { scanner, key in
        if scanner.isName(key, "status") {
          status = scanner.integer()
          return status != nil
        }
        guard scanner.isName(key, "error") else { return scanner.skipValue() }
        return Self.readError(&scanner, into: &text)
      }
    }
    guard complete, let status else { return false }
    if !(200..<300).contains(status) { problems.append(Problem(index: statuses.count, text: text)) }
    statuses.append(status)
    return true
  }

  /// Reads an error: a string, or an object whose `type` and `reason` are kept.
  private static func readError(_ scanner: inout JSONScanner, into text: inout String) -> Bool {
    switch scanner.peek() {
    case UInt8(ascii: "\""):
      guard let range = scanner.string() else { return false }
      text = clean(scanner, range)
      return true
    case UInt8(ascii: "{"):
      var parts: [String] = []
      let complete = scanner.object { scanner, key in
        let isKept = scanner.isName(key, "type") || scanner.isName(key, "reason")
        guard isKept, scanner.peek() == UInt8(ascii: "\"") else { return scanner.skipValue() }
        guard let range = scanner.string() else { return false }
        if parts.count < 2 { parts.append(clean(scanner, range)) }
        return true
      }
      text = parts.joined(separator: ": ")
      return complete
    default: return scanner.skipValue()
    }
  }

  private static func clean(_ scanner: JSONScanner, _ range: Range<Int>) -> String {
    Reason.text(scanner.text(of: range, limitBytes: Reason.maxBytes).utf8)
  }
}
