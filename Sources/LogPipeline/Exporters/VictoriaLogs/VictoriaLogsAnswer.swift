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

  /// Judges the answer to a `_bulk` body as Elasticsearch's if it accounts for every record.
  ///
  /// VictoriaLogs 1.26 answers 200 with an empty body when it stopped reading, so what is not a whole answer is no
  /// evidence that anything was stored. It leaves lines that it skipped out of the items, so fewer items than records
  /// do not tell which are missing, and the body is halved to find them.
  private static func bulk(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    var items = BulkItems(maxItems: records)
    guard items.read(answer.body), items.hasItems || items.errors == false else {
      let reason = "HTTP \(answer.status): answer of \(answer.body.count) bytes is no evidence of success"
      return .retry(after: answer.retryAfter, reason: reason)
    }
    if items.hasItems, items.count < records {
      return .tooLarge(reason: "HTTP \(answer.status): answer has \(items.count) items for \(records) records")
    }
    return BulkAnswer(answer, records: records).verdict(on: BulkLines(body))
  }
}
