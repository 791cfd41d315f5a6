package import Access
package import LogPipeline
package import Options

/// Why a request is refused. What that means on the wire is in `StatusTable.swift`.
package enum Refusal: Error, Sendable, Equatable {
  case notFound(Asked)
  /// No pipeline is of the signal.
  case otherSignal(Signal)
  case methodNotAllowed(Asked)
  case unsupportedMediaType
  case unsupportedCoding(accepted: Set<ContentCoding>)
  /// More than one compression on top of another.
  case severalCodings(accepted: Set<ContentCoding>)
  /// `challenges` are the values of `www-authenticate` (RFC 9110 section 11.6.1).
  case unauthenticated(CredentialFault, challenges: [String])
  case permissionDenied(Barrier)
  /// What would tell whether credentials are right is away or too busy.
  case authenticationUnavailable
  case tooLarge(SizeExcess)
  /// A body of more compressed members or frames than `limit`.
  case tooManyMembers(ContentCoding, limit: Int)
  /// The memory that all requests share has no `neededBytes` left.
  case overBudget(neededBytes: Int, capacityBytes: Int)
  /// A destination's queue has no room for this request.
  case queueFull(destination: String, neededBytes: Int, freeBytes: Int, capacityBytes: Int)
  /// A destination's queue cannot write to its disk now.
  case queueUnavailable(destination: String)
  /// More waits to be written to the disk for a destination than may.
  case queueBehind(destination: String, waitingBytes: Int, limitBytes: Int)
  /// Not every destination took the request's records in the time that the sender waits for it (`ack: delivered`).
  case notDelivered(after: Duration, limit: Duration)
  /// The request will never fit a destination's queue.
  case exceedsQueue(destination: String, neededBytes: Int, capacityBytes: Int)
  /// A processor refuses the request for now; `reason` quotes nothing of it.
  case limited(processor: String, reason: String, retryAfter: Duration?)
  /// A processor cannot do with the records what it is told to, now or later; `reason` quotes nothing of them.
  case unprocessable(processor: String, reason: String)
  /// The request's tenant is over a limit, or is not known.
  case tenant(TenantRefusal)
  /// The request's metadata is more than a destination keeps records apart by.
  case metadata(MetadataRefusal, destination: String)
  case undecodable(DecodeError)
  /// The compressed body is damaged or cut short.
  case corrupt(ContentCoding, StaticText)
  /// A gRPC message that breaks the framing rules of gRPC.
  case malformedFrame(StaticText)
  /// The gRPC message is shorter than its prefix declares.
  case truncatedMessage(bytes: Int, declaredBytes: Int)
  /// A unary call with no message or more than one.
  case notOneMessage
  case malformedTimeout
  case malformedHealthCheck
  /// The sender has given up waiting before the request was worked on.
  case deadlineExceeded(timeout: Duration)
  /// The body arrived too slowly.
  case slowBody(after: Duration)
  /// The server is going away.
  case draining
  /// A health check for a service that is not served here.
  case unknownService
  case tooManyWatches(limit: Int)
  case internalError

  /// Something larger than its limit.
  package struct SizeExcess: Sendable, Equatable {
    package var what: StaticText
    /// At least so many.
    package var bytes: Int
    package var limitBytes: Int
    /// The option that sets the limit.
    package var option: StaticText

    package init(_ what: StaticText, bytes: Int, limitBytes: Int, option: StaticText) {
      self.what = what
      self.bytes = bytes
      self.limitBytes = limitBytes
      self.option = option
    }
  }

  /// What is wrong with credentials. The sender is not told, since it may be guessing; the log is.
  package enum CredentialFault: Sendable, Hashable {
    case missing, wrong
    case token(TokenFault)

    init(_ verdict: AuthenticationVerdict) {
      switch verdict {
      case .absent: self = .missing
      case .deniedToken(let fault): self = .token(fault)
      case .denied, .identified, .forbidden, .unavailable: self = .wrong
      }
    }
  }

  /// What a sender who is known may not do.
  package enum Barrier: String, Sendable {
    /// Send at all: the certificate is none of those that the configuration names.
    case sender
    /// Send what this request is of.
    case signal
  }

  /// Says why a request that the pipeline did not accept is refused.
  package init(_ refusal: IngestRefusal) {
    switch refusal {
    case .undecodable(let error): self = .undecodable(error)
    case .tenant(let refusal): self = .tenant(refusal)
    case .metadata(let refusal, let destination): self = .metadata(refusal, destination: destination)
    case .processor(let refusal) where refusal.isFinal:
      self = .unprocessable(processor: refusal.processor, reason: refusal.reason)
    case .processor(let refusal):
      self = .limited(processor: refusal.processor, reason: refusal.reason, retryAfter: refusal.retryAfter)
    case .unencodable(.tooLarge(let bytes, let limit)):
      self = .tooLarge(SizeExcess("encoded request", bytes: bytes, limitBytes: limit, option: "max_encoded"))
    case .queue(.full(let needed, let free, let capacity), let destination):
      self = .queueFull(destination: destination, neededBytes: needed, freeBytes: free, capacityBytes: capacity)
    case .queue(.neverFits(let needed, let capacity), let destination):
      self = .exceedsQueue(destination: destination, neededBytes: needed, capacityBytes: capacity)
    case .queue(.behind(let waiting, let limit), let destination):
      self = .queueBehind(destination: destination, waitingBytes: waiting, limitBytes: limit)
    case .queue(.closed, _): self = .draining
    case .queue(.unavailable, let destination): self = .queueUnavailable(destination: destination)
    }
  }
}

extension Refusal {
  /// One line for the sender's developer; it quotes nothing of the request but its method and path.
  package var message: String {
    switch self {
    case .notFound(let asked):
      "nothing is served at \(asked): this takes OTLP, such as POST /v1/logs and LogsService/Export"
    case .otherSignal(let signal):
      "\(signal.rawValue) are not taken, no pipeline is of them: \(signal.remedy), or other_signals: discard here"
    case .methodNotAllowed(let asked): "\(asked) is not allowed: use POST"
    case .unsupportedMediaType:
      "unsupported content-type: use application/x-protobuf, application/json or application/grpc"
    case .unsupportedCoding(let accepted): "unsupported compression: use one of \(ContentCoding.list(accepted))"
    case .severalCodings(let accepted):
      "several compressions on one body: use one of \(ContentCoding.list(accepted))"
    case .unauthenticated: "credentials are missing or wrong"
    case .permissionDenied: "permission denied"
    case .authenticationUnavailable: "credentials cannot be checked now; try again later"
    case .tooLarge(let excess):
      "\(excess.what.text) of at least \(excess.bytes) bytes exceeds the limit of \(excess.limitBytes) bytes"
        + " (\(excess.option.text))"
    case .tooManyMembers(let coding, let limit): "more than \(limit) \(coding.rawValue) members in one body"
    case .limited(let processor, let reason, _): "\(processor): \(reason); try again later"
    case .unprocessable(let processor, let reason): "\(processor): \(reason)"
    case .tenant(let refusal): refusal.reason.isPassing ? "\(refusal.message); try again later" : refusal.message
    case .metadata(let refusal, let destination):
      "\(destination): \(refusal.message)" + (refusal.isPassing ? "; try again later" : "")
    case .undecodable(let error): "cannot decode the request: \(error.message)"
    case .corrupt(let coding, let what): "cannot decompress the \(coding.rawValue) body: \(what.text)"
    case .malformedTimeout: "malformed grpc-timeout"
    case .malformedHealthCheck: "cannot decode the HealthCheckRequest"
    case .unknownService: "no such service"
    case .internalError: "internal error"
    case .overBudget(let needed, let capacity):
      "no memory for \(needed) more bytes of requests: all requests share \(capacity) bytes; try again later"
    case .queueFull(let destination, let needed, let free, let capacity):
      "the queue of \(destination) has \(free) bytes free of \(capacity), \(needed) are needed; try again later"
    case .queueBehind(let destination, let waiting, let limit):
      "\(waiting) bytes wait to be written to the disk for \(destination), at most \(limit) may; try again later"
    case .queueUnavailable(let destination): "the queue of \(destination) cannot be written now; try again later"
    case .notDelivered(let after, let limit):
      "the records are queued, but not all are delivered after \(after); ack_timeout is \(limit); try again later"
    case .exceedsQueue(let destination, let needed, let capacity):
      "\(needed) bytes exceed the queue of \(destination), which holds \(capacity) bytes"
    case .malformedFrame(let what): "malformed gRPC message: \(what.text)"
    case .truncatedMessage(let bytes, let declared): "gRPC message of \(bytes) bytes where \(declared) were declared"
    case .notOneMessage: "a unary call takes exactly one message"
    case .deadlineExceeded(let timeout): "the call's timeout of \(timeout) has passed"
    case .slowBody(let after): "the body made too little progress for \(after)"
    case .draining: "shutting down; try again elsewhere"
    case .tooManyWatches(let limit): "\(limit) health watches are open already"
    }
  }
}
