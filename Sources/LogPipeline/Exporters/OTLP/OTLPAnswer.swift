/// What an OTLP server's answers mean (OTLP specification: Partial Success, Failures, Retryable Response Codes).
///
/// An error is the server's own if its body is a `google.rpc.Status`, a success if its body is an
/// `ExportLogsServiceResponse`; what else comes is a proxy's and proves nothing.
enum OTLPAnswer {
  /// Judges an answer by what it came over.
  static func judge(_ answer: Answer, records: Int) -> Verdict {
    switch answer.status {
    case .http(let status): judge(answer, http: status, records: records)
    case .grpc(let code): judge(answer, grpc: code, records: records)
    case .local: .unproven(after: nil, reason: Reason.foreign(answer.status, "OTLP"))
    }
  }

  /// Judges an HTTP answer. Credentials that are rejected can be mended without touching the records, so 401, 403
  /// and 407 are retried although the specification lets a client give up; so are redirects, which are not followed,
  /// and 408, which proxies give. 400 may come from one bad record, so the body is halved until that is alone.
  private static func judge(_ answer: Answer, http code: Int, records: Int) -> Verdict {
    if (200..<300).contains(code) { return success(answer, records: records, from: "OTLP") }
    let status = OTLPStatus(answer)
    let reason = Reason.joined("\(answer.status)", status?.message ?? "")
    switch code {
    case 413: return .tooLarge(reason: "HTTP 413: body too large")
    case 300..<400:
      return .retry(after: answer.retryAfter, reason: "\(answer.status), redirects are not followed")
    case 401, 407: return .retry(after: answer.retryAfter, reason: credentials(answer, status))
    case 403 where status != nil: return .retry(after: answer.retryAfter, reason: credentials(answer, status))
    case 408, 429, 502, 503, 504:
      let told = status == nil ? Reason.foreign(answer.status, "OTLP") : reason
      return .retry(after: answer.retryAfter, reason: told)
    case _ where status == nil:
      return .unproven(after: answer.retryAfter, reason: Reason.foreign(answer.status, "OTLP"))
    case 400: return .tooLarge(reason: reason)
    default: return .rejected(reason: reason)
    }
  }

  private static func credentials(_ answer: Answer, _ status: OTLPStatus?) -> String {
    Reason.joined("\(answer.status), credentials were rejected", status?.message ?? "")
  }

  /// Judges a gRPC answer by its `grpc-status` (OTLP specification, Failures table); `RESOURCE_EXHAUSTED` means
  /// overload if it tells when to retry, else that the message is too large. `INVALID_ARGUMENT` may come from one bad
  /// record. Without a `grpc-status` something else than a gRPC server has answered.
  private static func judge(_ answer: Answer, grpc code: Int, records: Int) -> Verdict {
    let reason = grpc(answer)
    guard answer.isOfProtocol else {
      let isOverload = code == 14
      let told = Reason.text(answer.message.utf8) + ", not an answer of gRPC"
      return isOverload
        ? .retry(after: answer.retryAfter, reason: told) : .unproven(after: answer.retryAfter, reason: told)
    }
    switch code {
    case 0: return success(answer, records: records, from: "OTLP")
    case 1, 4, 10, 11, 14, 15: return .retry(after: answer.retryAfter, reason: reason)
    case 3: return .tooLarge(reason: reason)
    case 7, 16: return .retry(after: answer.retryAfter, reason: "credentials were rejected: \(reason)")
    case 8:
      return answer.retryAfter == nil ? .tooLarge(reason: reason) : .retry(after: answer.retryAfter, reason: reason)
    default: return .rejected(reason: reason)
    }
  }

  /// The verdict on a success of `server`, if its body is an `ExportLogsServiceResponse`; records that it says were
  /// rejected are not sent again (Partial Success).
  static func success(_ answer: Answer, records: Int, from server: String) -> Verdict {
    guard let partial = PartialSuccess(answer) else {
      let status = Reason.foreign(answer.status, server)
      let size = "\(answer.body.count) bytes of \(Reason.text(answer.mediaType.utf8))"
      return .unproven(after: answer.retryAfter, reason: "\(status): \(size)")
    }
    guard partial.rejected > 0 else { return .delivered(duplicates: 0) }
    var outcomes = Verdict.Outcomes()
    outcomes.rejectedUnnamed = Int(clamping: min(partial.rejected, Int64(clamping: records)))
    outcomes.delivered = records - outcomes.rejectedUnnamed
    outcomes.rejectedUnnamedReason = Reason.joined("rejected by the server", partial.message)
    return .mixed(outcomes)
  }

  private static func grpc(_ answer: Answer) -> String {
    let message =
      answer.message.isEmpty ? OTLPStatus(answer)?.message ?? "" : Reason.text(answer.message.utf8)
    return Reason.joined("\(answer.status)", message)
  }
}
