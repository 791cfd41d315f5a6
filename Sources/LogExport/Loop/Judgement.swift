import HTTPTransport
import LogPipeline

/// What an attempt says of the records of its body: a value, made of what came back by what the dialect makes of it.
///
/// What that comes to, with what was tried before, is for those to say who send: `LeaseWork`, and in a replay
/// `ReplayLane`.
struct Judgement {
  /// What becomes of the records of a body.
  enum Fate: Equatable {
    /// All are delivered; `duplicates` of them had been before.
    case delivered(duplicates: Int)
    /// Each has its own outcome. The outcomes account for every record and settle at least one.
    case mixed(Verdict.Outcomes)
    /// None is settled: all have to be sent again.
    case again(Repetition)
    /// They are too many for one body, which is to be halved; one that cannot be is rejected.
    case halved(reason: String)
    /// The destination will never take them.
    case rejected(reason: String)
  }

  /// Why, and after which wait at least, all records of a body are sent again.
  struct Repetition: Equatable {
    /// What tells so.
    enum Cause {
      /// There is no answer, or one to the body as a whole.
      case attempt
      /// What is said of each record.
      case items
      /// That not every record is accounted for, so that the answer proves nothing.
      case count
    }

    /// The wait that the destination asked for.
    var asked: Duration?
    var reason: String
    var cause = Cause.attempt
    /// Records that could not even be stored as faulty.
    var failureStoreFailed = 0
  }

  let fate: Fate
  /// What the body may be suspected for if it has to be sent again.
  let suspicion: Suspicion.Kind?
  /// The HTTP status of the answer, or the one that says the same; nil without an answer.
  private let status: Int?
  private let isRetryable: Bool

  init(of attempt: Attempt, speaking dialect: any Dialect) {
    let records = attempt.body.records
    switch attempt.result {
    case .answered(let answer, _):
      let verdict = attempt.body.withUnsafeBytes { dialect.judge(answer, to: $0, records: records) }
      let status = answer.status.httpStatus
      fate = Fate(verdict, records: records)
      suspicion = Self.suspicion(verdict, status)
      self.status = status
      isRetryable = true
    case .failed(let reason, let retryable):
      fate = retryable ? .again(Repetition(reason: reason)) : .rejected(reason: reason)
      suspicion = nil
      status = nil
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

  /// Whether there was an answer.
  var isAnswered: Bool { status != nil }

  /// The reason as the log and the readiness may hold it. One without an answer quotes nothing.
  func shown(_ reason: String) -> String { status == nil ? reason : loggable(reason: reason) }

  /// What the attempt says of the destination's load; `isRepeated` if some of its records are sent again.
  func load(isRepeated: Bool) -> AdaptiveLimit.Ending {
    switch status {
    case nil: isRetryable ? .overloaded : .other
    case 408, 429, 503, 504: .overloaded
    case .some(200..<300): !isRepeated ? .answered : suspicion == nil ? .overloaded : .other
    default: .other
    }
  }

  /// Why a body is taken to be at fault itself for being sent again, after so many attempts.
  static func faultReason(_ reason: String, attempts: Int) -> String {
    "not taken in \(attempts) attempts while others were: \(reason)"
  }
}

extension Judgement.Fate {
  /// What a verdict on a body comes to that holds so many records. Outcomes that do not account for every record prove
  /// nothing: all are sent again.
  init(_ verdict: Verdict, records: Int) {
    switch verdict {
    case .delivered(let duplicates): self = .delivered(duplicates: min(max(duplicates, 0), records))
    case .retry(let after, let reason), .unproven(let after, let reason):
      self = .again(Judgement.Repetition(asked: after, reason: reason))
    case .tooLarge(let reason): self = .halved(reason: reason)
    case .rejected(let reason): self = .rejected(reason: reason)
    case .mixed(var outcomes):
      let accounted = outcomes.accountedRecords
      outcomes.duplicates = min(max(outcomes.duplicates, 0), max(outcomes.delivered, 0))
      if accounted != records {
        let reason = "the answer accounts for \(accounted) of \(records) records"
        self = .again(Judgement.Repetition(reason: reason, cause: .count))
      } else if outcomes.resendRecords == records {
        self = .again(
          Judgement.Repetition(
            reason: outcomes.resendReason, cause: .items, failureStoreFailed: outcomes.failureStoreFailed))
      } else {
        self = .mixed(outcomes)
      }
    }
  }
}

extension Verdict.Outcomes {
  /// Records that the outcomes speak of; -1 if a count is negative.
  fileprivate var accountedRecords: Int {
    guard delivered >= 0, resendRecords >= 0, rejectedUnnamed >= 0 else { return -1 }
    return delivered &+ resendRecords &+ rejected.count &+ rejectedUnnamed
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
