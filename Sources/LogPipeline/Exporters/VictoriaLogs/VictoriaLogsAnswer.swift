/// What VictoriaLogs' answers mean (app/vlinsert of VictoriaLogs 1.26 and newer).
enum VictoriaLogsAnswer {
  /// Judges an answer. The items of a `_bulk` answer are judged as Elasticsearch's: VictoriaLogs 1.26 answers 200 with
  /// an empty body when it has lost lines, which is no evidence that any was stored. A refusal of the whole body names no record, so it is halved until one record is left.
  static func judge(
    _ answer: Answer, to body: UnsafeRawBufferPointer, records: Int,
    over ingestProtocol: VictoriaLogsOptions.IngestProtocol
  ) -> Verdict {
    switch answer.status {
    case 200..<300:
      return ingestProtocol == .elasticsearch
        ? BulkAnswer(answer, records: records).verdict(on: BulkLines(body)) : .delivered(duplicates: 0)
    case 400, 404, 413: return .tooLarge(reason: reason(answer))
    case 401, 403, 407: return .retry(after: answer.retryAfter, reason: "credentials were refused: \(reason(answer))")
    case 408, 429, 500..<600, 300..<400: return .retry(after: answer.retryAfter, reason: reason(answer))
    default: return .refused(reason: reason(answer))
    }
  }

  private static func reason(_ answer: Answer) -> String {
    Reason.joined("HTTP \(answer.status)", Reason.text(answer.body))
  }
}
