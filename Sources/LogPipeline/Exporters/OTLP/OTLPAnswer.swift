/// What an OTLP server's answers mean (OTLP specification: Partial Success, Failures, Retryable Response Codes).
enum OTLPAnswer {
  /// Judges an HTTP answer. Credentials that are refused can be mended without touching the records, so 401, 403
  /// and 407 are retried although the specification lets a client give up; so are redirects, which are not followed.
  /// 400 may come from one bad record, so the body is halved until that is alone.
  static func judge(http answer: Answer, records: Int) -> Verdict {
    switch answer.status {
    case 200..<300: return success(answer.body, records: records)
    case 401, 403, 407: return .retry(after: answer.retryAfter, reason: http(answer, "credentials were refused"))
    case 400: return .tooLarge(reason: http(answer, statusMessage(answer.body)))
    case 413: return .tooLarge(reason: http(answer, "body too large"))
    case 300..<400: return .retry(after: answer.retryAfter, reason: http(answer, "redirects are not followed"))
    case 429, 502, 503, 504: return .retry(after: answer.retryAfter, reason: http(answer, statusMessage(answer.body)))
    default: return .refused(reason: http(answer, statusMessage(answer.body)))
    }
  }

  /// Judges a gRPC answer by its `grpc-status` (OTLP specification, Failures table); `RESOURCE_EXHAUSTED` means
  /// overload if it tells when to retry, else that the message is too large. `INVALID_ARGUMENT` may come from one bad
  /// record.
  static func judge(grpc answer: Answer, records: Int) -> Verdict {
    let reason = grpc(answer)
    switch answer.status {
    case 0: return success(answer.body, records: records)
    case 1, 4, 10, 11, 14, 15: return .retry(after: answer.retryAfter, reason: reason)
    case 3: return .tooLarge(reason: reason)
    case 7, 16: return .retry(after: answer.retryAfter, reason: "credentials were refused: \(reason)")
    case 8:
      return answer.retryAfter == nil ? .tooLarge(reason: reason) : .retry(after: answer.retryAfter, reason: reason)
    default: return .refused(reason: reason)
    }
  }

  /// The verdict on a success whose body is an `ExportLogsServiceResponse`; records that it says were rejected are
  /// not sent again (Partial Success).
  private static func success(_ body: [UInt8], records: Int) -> Verdict {
    let partial = body.withUnsafeBytes { partialSuccess($0) }
    guard partial.rejected > 0 else { return .delivered(duplicates: 0) }
    var outcomes = Verdict.Outcomes()
    outcomes.refusedUnnamed = Int(clamping: min(partial.rejected, Int64(clamping: records)))
    outcomes.delivered = records - outcomes.refusedUnnamed
    outcomes.refusedUnnamedReason = Reason.joined("rejected by the server", partial.message)
    return .mixed(outcomes)
  }

  /// `partial_success` (field 1): `rejected_log_records` (1) and `error_message` (2), logs_service.proto.
  private static func partialSuccess(_ body: UnsafeRawBufferPointer) -> (rejected: Int64, message: String) {
    var result: (rejected: Int64, message: String) = (0, "")
    var response = ProtobufFields(body)
    while let partial = response.next() {
      guard partial.number == 1 else { continue }
      var fields = ProtobufFields(body, in: partial.content)
      while let field = fields.next() {
        if field.number == 1 { result.rejected = Int64(bitPattern: field.varint) }
        if field.number == 2 { result.message = Reason.text(body[field.content]) }
      }
    }
    return result
  }

  /// `message` (field 2) of a `google.rpc.Status`; empty when the body is something else.
  private static func statusMessage(_ body: [UInt8]) -> String {
    body.withUnsafeBytes { body in
      var message = ""
      var fields = ProtobufFields(body)
      while let field = fields.next() {
        if field.number == 2 { message = Reason.text(body[field.content]) }
      }
      return fields.isMalformed ? "" : message
    }
  }

  private static func http(_ answer: Answer, _ text: String) -> String {
    Reason.joined("HTTP \(answer.status)", text)
  }

  private static func grpc(_ answer: Answer) -> String {
    let message = answer.message.isEmpty ? statusMessage(answer.body) : Reason.text(answer.message.utf8)
    let name = statusNames.indices.contains(answer.status) ? statusNames[answer.status] : "status \(answer.status)"
    return Reason.joined("gRPC \(name)", message)
  }

  /// The names of gRPC's status codes 0...16 (grpc.io, "Status Codes").
  private static let statusNames = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
  ]
}
