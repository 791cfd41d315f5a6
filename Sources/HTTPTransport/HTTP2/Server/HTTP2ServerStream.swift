import NIOCore
import NIOHTTP1

/// One request of an HTTP/2 connection and its answer.
final class HTTP2ServerStream {
  /// Where the stream stands; it moves downwards only.
  enum Stage {
    case gatheringHead
    /// The service has not said yet what it plans.
    case awaitingPlan
    case gatheringBody
    /// The request is whole and waits for the service.
    case ready
    /// With the service.
    case serving
    /// The transport answered instead; what still arrives is dropped.
    case refused
  }

  let id: Int32
  var stage = Stage.gatheringHead
  var head: HTTPRequestHead?
  /// While the plan is awaited.
  var wait: HTTPPlanWait?
  /// What is to say what the service plans.
  var pending: HTTPPendingPlan?
  /// What has come of the body; while the plan is awaited no more than the window the stream began with.
  var collector: HTTPBodyCollector?
  var progress: HTTPBodyProgress
  /// Bytes of the body for which the client has no credit yet.
  var uncreditedBytes = 0
  /// Its window is as large as the connection's.
  var hasWideWindow = false
  var outbound = HTTP2Outbound()
  /// When the last bytes of the answer went out; nil before there is an answer.
  var answerProgress: NIODeadline?
  /// The client has said END_STREAM.
  var isRequestEnded = false
  /// Since when the answer is out and the rest of the request is awaited, only to be dropped.
  private(set) var endAwaitedSince: NIODeadline?
  /// What its header fields count as unanswered.
  var headerBytes = 0
  /// Of the answer, once the service has the request.
  var answer: HTTPAnswerProgress?

  init(id: Int32, now: NIODeadline) {
    self.id = id
    progress = HTTPBodyProgress(now: now)
  }

  deinit {
    collector?.release()
  }

  /// Nothing is planned for the body yet.
  var isBeforePlan: Bool { stage == .gatheringHead || stage == .awaitingPlan }
  /// What comes of the body is kept.
  var isTakingBody: Bool { stage == .awaitingPlan || stage == .gatheringBody }

  /// Waits for the plan, and holds what comes of the body meanwhile.
  func awaitPlan(_ wait: HTTPPlanWait, holding held: @autoclosure () -> HTTPBodyCollector) {
    guard stage == .gatheringHead else { return }
    stage = .awaitingPlan
    self.wait = wait
    collector = held()
  }

  /// Waits no more; what came of the body meanwhile, held by nobody else then.
  func takeHeld() -> [UInt8] {
    guard stage == .awaitingPlan else { return [] }
    endWait()
    let held = collector?.take() ?? []
    releaseBody()
    return held
  }

  /// Tells whoever is at work on the request that nobody waits any more.
  func cancel() {
    answer?.cancel()
    endWait()
  }

  /// No plan is awaited any more.
  func endWait() {
    pending?.cancel()
    pending = nil
    wait = nil
  }

  /// Drops what has come of the body, and gives its reservation back.
  func releaseBody() {
    collector?.release()
    collector = nil
  }

  /// What the engine is to do about a step of the answer.
  enum AnswerStep {
    case submit(HTTP2ResponseHead)
    /// Ask for the body again.
    case resume
    /// The answer will not be whole.
    case abandon
  }

  /// Takes the next step of the answer.
  func answered(_ event: HTTPResponseEvent, now: NIODeadline) -> AnswerStep {
    answerProgress = now
    switch event {
    case .whole(let response):
      let hasBody = response.body.readableBytes > 0 && head?.method != "HEAD"
      if hasBody { outbound.append(response.body) }
      outbound.end(trailers: response.trailers)
      return .submit(
        HTTP2ResponseHead(
          status: response.status, headers: response.headers, hasBody: hasBody || response.trailers != nil))
    case .start(let status, let headers):
      if head?.method == "HEAD" { outbound.end(trailers: nil) }
      return .submit(HTTP2ResponseHead(status: status, headers: headers, hasBody: true))
    case .body(let bytes):
      outbound.append(bytes)
      return .resume
    case .end(let trailers):
      outbound.end(trailers: trailers)
      return .resume
    case .abandoned:
      return .abandon
    }
  }

  /// Takes note of bytes of the answer's body that go out.
  func sent(_ bytes: Int, _ now: NIODeadline) {
    answerProgress = now
    answer?.sent(bytes)
  }

  /// Whether the rest of a request that has its answer is let come: its length is declared, and the client may send
  /// all of it without more credit.
  func awaitsEnd(_ limits: HTTP2Limits, _ now: NIODeadline) -> Bool {
    guard let head, let length = HTTPFieldRules.contentLength(head.headers), length <= limits.streamWindowBytes
    else { return false }
    endAwaitedSince = endAwaitedSince ?? now
    return true
  }

  /// True when the client, by its flow control, keeps bytes of an answer from going out.
  func isStalled(now: NIODeadline, timeout: Duration) -> Bool {
    guard let answerProgress, outbound.pending.readableBytes > 0 else { return false }
    return now - answerProgress >= TimeAmount(timeout)
  }
}
