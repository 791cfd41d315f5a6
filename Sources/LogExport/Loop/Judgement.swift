import HTTPTransport
import LogPipeline

/// What came of an attempt, judged by the destination's dialect.
struct Judgement {
  let verdict: Verdict
  /// What the body may be suspected for if it has to be sent again.
  let suspicion: Suspicion.Kind?
  /// The HTTP status of the answer, or what corresponds to a gRPC status; nil without an answer.
  private let status: Int?
  private let isFailure: Bool
  private let isRetryable: Bool

  init(of result: SendResult, to body: ExportBody, speaking dialect: any Dialect) {
    switch result {
    case .answered(let answer, _):
      let verdict = body.withUnsafeBytes { dialect.judge(answer, to: $0, records: body.records) }
      let status = answer.status.httpStatus
      self.verdict = verdict
      self.status = status
      suspicion = Self.suspicion(verdict, status)
      isFailure = false
      isRetryable = true
    case .failed(let reason, let retryable):
      verdict = retryable ? .retry(after: nil, reason: reason) : .refused(reason: reason)
      status = nil
      suspicion = nil
      isFailure = true
      isRetryable = retryable
    }
  }

  private static func suspicion(_ verdict: Verdict, _ status: Int) -> Suspicion.Kind? {
    switch verdict {
    case .unproven: (200...299).contains(status) ? .emptySuccess : .foreign
    // 503 and 504 come from overload.
    case .retry: (500...599).contains(status) && status != 503 && status != 504 ? .serverError : nil
    default: nil
    }
  }

  /// The reason as the log and the readiness may hold it.
  func shown(_ reason: String) -> String { isFailure ? reason : loggable(reason: reason) }

  /// What the attempt says of the destination's load.
  func ending(_ outcome: LeaseWork.Outcome) -> AdaptiveLimit.Ending {
    switch status {
    case nil: isRetryable ? .overloaded : .other
    case 408, 429, 503, 504: .overloaded
    case .some(200..<300): outcome.pause == nil ? .answered : suspicion == nil ? .overloaded : .other
    default: .other
    }
  }
}

extension Answer.Status {
  /// The HTTP status that says the same.
  var httpStatus: Int {
    switch self {
    case .http(let status): status
    case .grpc(let code): GRPCCode.httpStatus(ofNumber: code)
    case .local: 200
    }
  }
}

/// The part of a destination's reason that names the kind of error: what stands before the first colon, at most
/// 100 characters of printable ASCII. What follows a colon may quote a record.
func loggable(reason: String) -> String {
  let kind = reason.utf8.prefix(100).prefix { $0 != UInt8(ascii: ":") && $0 >= 0x20 && $0 < 0x7f }
  return String(decoding: Array(kind), as: UTF8.self)
}
