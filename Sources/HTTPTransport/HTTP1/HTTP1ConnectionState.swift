import NIOCore
import NIOHTTP1

/// A server's HTTP/1.1 connection without its socket: each event answers what is to be done about it.
///
/// One request is served at a time; what a client sends ahead waits for its turn, and until the client has taken the
/// answers before it: RFC 9112 section 9.3.2.
struct HTTP1ConnectionState: ~Copyable {
  /// Where the connection stands.
  private enum Stage {
    /// Between requests.
    case idle
    /// The service has not said yet what it plans.
    case awaitingPlan
    case gatheringBody
    /// The service has the request.
    case serving
    /// The answer is given and the rest of the body is dropped.
    case dropping(reusable: Bool)
    case closed
  }

  /// What is to be done about an event.
  enum Action {
    case nothing
    /// Ask the service what it plans, and tell `planned`.
    case plan(HTTP1Exchange)
    /// Begin what makes the plan; once it is made tell `planned`, and look at what was sent ahead.
    case begin(@Sendable (HTTPPendingPlan) -> Void)
    /// Say that the body may come: RFC 9110 section 15.2.1.
    case sendContinue
    /// Give the service what `takeRequest` has.
    case serve
    /// Answer in the service's stead; after the last answer do as for `endOutput`.
    case refuse(Refusal, isLast: Bool)
    /// Look at what was sent ahead (`nextAhead`).
    case serveAhead
    /// Say that nothing follows the answer, and read on.
    case endOutput
    /// Close, and count why if it is an abuse.
    case close(HTTPAbuse?)
    case closeWhenWritten(HTTPAbuse?)
  }

  /// Why the transport answers.
  enum Refusal {
    /// The service's answer to the head.
    case planned(HTTPResponse)
    case body(HTTPBodyRefusal, of: HTTPRequestHead)
    case fault(HTTP1Fault)
  }

  /// When the event under way came.
  var now: NIODeadline
  private let options: HTTPServerOptions
  private let peer: HTTPPeer
  private var stage = Stage.idle
  /// When the stage began, and when the first bytes of the next head came, if they have.
  private var stageSince: NIODeadline
  private var headSince: NIODeadline?
  private var exchange: HTTP1Exchange?
  /// While the plan is awaited.
  private var wait: HTTPPlanWait?
  private var collector: HTTPBodyCollector?
  private var progress: HTTPBodyProgress
  private var pieces: HTTPPieceBudget
  /// Whether the client takes its answers as they come; while it does not, no request is begun.
  var takesAnswers = true
  /// What the client sent ahead while a request had to wait.
  private var ahead = CircularBuffer<HTTPServerRequestPart>()
  private var aheadFault: HTTP1Fault?
  private var droppedBytes = 0
  /// The next answer is the last.
  private var isLeaving = false
  /// When the server began to shut down.
  private var partingSince: NIODeadline?

  init(options: HTTPServerOptions, peer: HTTPPeer, now: NIODeadline) {
    self.options = options
    self.peer = peer
    self.now = now
    stageSince = now
    headSince = now
    progress = HTTPBodyProgress(now: now)
    pieces = HTTPPieceBudget(limits: options.http2, now: now)
  }

  deinit {
    var unreleased = collector
    unreleased?.release()
    var unended = wait
    unended?.release()
  }

  // MARK: Requests

  /// A part of a request has come.
  mutating func received(_ part: HTTPServerRequestPart) -> Action {
    if ahead.isEmpty, !hasToWait(part) { return take(part) }
    ahead.append(part)
    guard case .body(let bytes) = part, let reason = wait?.hold(bytes.readableBytes), let exchange else {
      return .nothing
    }
    return refuse(.body(reason, of: exchange.head), exchange)
  }

  private func hasToWait(_ part: HTTPServerRequestPart) -> Bool {
    if case .idle = stage, case .head = part { return !takesAnswers }
    return isBusy
  }

  /// A read has brought bytes that are no whole part: they begin a head.
  mutating func headBegan(now: NIODeadline) {
    if case .idle = stage, headSince == nil { headSince = now }
  }

  private mutating func take(_ part: HTTPServerRequestPart) -> Action {
    switch part {
    case .head(let head): takeHead(head)
    case .body(let bytes): takeBody(bytes)
    case .end: takeEnd()
    }
  }

  private mutating func takeHead(_ head: NIOHTTP1.HTTPRequestHead) -> Action {
    guard case .idle = stage else { return .nothing }
    headSince = nil
    var head = head
    HTTPFieldRules.trim(&head.headers)
    if let fault = HTTP1Fault(head) { return refuse(fault) }
    return .plan(HTTP1Exchange(head, from: peer))
  }

  /// The service has said what it plans for the request that it was asked about.
  mutating func planned(_ plan: HTTPBodyPlan, for exchange: HTTP1Exchange) -> Action {
    self.exchange = exchange
    switch plan {
    case .later(let within, let budget, let begin):
      wait = wait ?? HTTPPlanWait(now: now, within: within, budget: budget)
      move(to: .awaitingPlan)
      return .begin(begin)
    case .refuse(let response):
      return refuse(.planned(response), exchange)
    case .collect(let limitBytes, let budget, let within):
      endWait()
      let collector = HTTPBodyCollector(
        declaredBytes: exchange.bodyBytes, limitBytes: limitBytes, budget: budget)
      if let reason = collector.refusalOfDeclaredLength { return refuse(.body(reason, of: exchange.head), exchange) }
      self.collector = collector
      progress = HTTPBodyProgress(now: now, within: within)
      move(to: .gatheringBody)
      // RFC 9110 section 10.1.1: to a request without a body there is nothing to go on with.
      return exchange.expectsContinue && exchange.bodyBytes != 0 ? .sendContinue : .nothing
    }
  }

  private mutating func takeBody(_ bytes: ByteBuffer) -> Action {
    switch stage {
    case .gatheringBody:
      pieces.roll(now: now)
      if let excess = pieces.charge(bytes.readableBytes) { return refuse(HTTP1Fault(excess)) }
      progress.add(bytes.readableBytes, at: now)
      let reason = unsafe bytes.withUnsafeReadableBytes { raw in
        unsafe raw.withMemoryRebound(to: UInt8.self) { unsafe collector?.append($0) }
      }
      guard let reason, let exchange else { return .nothing }
      return refuse(.body(reason, of: exchange.head), exchange)
    case .dropping:
      droppedBytes &+= bytes.readableBytes
      return droppedBytes > options.maxDrainBytes ? close(nil) : .nothing
    case .idle, .awaitingPlan, .serving, .closed:
      return .nothing
    }
  }

  private mutating func takeEnd() -> Action {
    switch stage {
    case .gatheringBody:
      move(to: .serving)
      return .serve
    case .dropping(let reusable):
      guard reusable else { return closeWhenWritten(nil) }
      becomeIdle()
      return .nothing
    case .idle, .awaitingPlan, .serving, .closed:
      return .nothing
    }
  }

  /// The request that the service is to have; its body is handed over, and held nowhere else.
  mutating func takeRequest() -> HTTPRequest? {
    guard isServing, let exchange else { return nil }
    return HTTPRequest(head: exchange.head, taking: &collector)
  }

  // MARK: What was sent ahead

  /// Something has been sent ahead: no more is to be read until it has been looked at.
  var holdsAhead: Bool { !ahead.isEmpty }

  /// Takes the next part of what was sent ahead; nil if there is none, or not now.
  mutating func nextAhead() -> Action? {
    guard let part = ahead.first, !hasToWait(part) else { return nil }
    ahead.removeFirst()
    return take(part)
  }

  /// Answers the fault that ended what was sent ahead, once all before it is answered.
  mutating func endAhead() -> Action {
    guard !isBusy, ahead.isEmpty, let fault = aheadFault else { return .nothing }
    aheadFault = nil
    return refuse(fault)
  }

  // MARK: Answers

  /// The service has a request and has not answered it whole.
  var isServing: Bool {
    if case .serving = stage { true } else { false }
  }

  /// The request whose plan is awaited; nil if there is none.
  var undecided: HTTP1Exchange? {
    if case .awaitingPlan = stage { exchange } else { nil }
  }

  /// What comes has to wait: for an answer or for a plan.
  private var isBusy: Bool {
    switch stage {
    case .awaitingPlan, .serving: true
    case .idle, .gatheringBody, .dropping, .closed: false
    }
  }

  /// The answer is given and the rest of what the client sends is dropped.
  var isDropping: Bool {
    if case .dropping = stage { true } else { false }
  }

  /// The answer under way is the connection's last, and is to say so: RFC 9112 section 9.6.
  var isLastAnswer: Bool { isLeaving || exchange?.keepsAlive != true }

  /// The answer's end can be told by the end of the connection alone: RFC 9112 section 6.3.
  mutating func answerNeedsClose() { isLeaving = true }

  /// The service has answered the request whole.
  mutating func answerEnded() -> Action {
    releaseBody()
    pieces.creditAnswer()
    if isLastAnswer {
      drop(reusable: false)
      return .endOutput
    }
    becomeIdle()
    return .serveAhead
  }

  /// The parser can make nothing of what has come.
  mutating func failed(_ fault: HTTP1Fault) -> Action {
    guard isBusy || holdsAhead else { return refuse(fault) }
    aheadFault = fault
    return .nothing
  }

  /// Answers what is not a request, and ends the connection: RFC 9112 section 2.2.
  private mutating func refuse(_ fault: HTTP1Fault) -> Action {
    if case .closed = stage { return .nothing }
    if isDropping { return close(fault.abuse) }
    releaseBody()
    drop(reusable: false)
    return .refuse(.fault(fault), isLast: true)
  }

  /// Answers without the body, which is then dropped as it comes so that the client can read the answer.
  private mutating func refuse(_ refusal: Refusal, _ exchange: HTTP1Exchange) -> Action {
    releaseBody()
    let restIsSmall = exchange.bodyBytes.map { $0 <= options.maxDrainBytes } ?? false
    let reusable = restIsSmall && !exchange.expectsContinue && !isLastAnswer
    drop(reusable: reusable)
    return .refuse(refusal, isLast: !reusable)
  }

  /// Reads on for a while, so that the client's bytes do not make its kernel drop the answer: RFC 9112 section 9.6.
  private mutating func drop(reusable: Bool) {
    droppedBytes = 0
    move(to: .dropping(reusable: reusable))
    if reusable { return }
    ahead.removeAll()
    aheadFault = nil
  }

  // MARK: The end

  /// The connection is old: the next answer is its last.
  mutating func leave() { isLeaving = true }

  /// The server shuts down: as `leave`, and the connection ends soon if no request comes. Closed at once, it would cut
  /// off a request that is on its way: RFC 9112 section 9.5.
  mutating func drain() {
    isLeaving = true
    partingSince = partingSince ?? now
  }

  /// The connection is gone or is to go; nothing that comes is looked at any more.
  mutating func closed() {
    move(to: .closed)
    ahead.removeAll()
    releaseBody()
  }

  private mutating func close(_ abuse: HTTPAbuse?) -> Action {
    closed()
    return .close(abuse)
  }

  private mutating func closeWhenWritten(_ abuse: HTTPAbuse?) -> Action {
    move(to: .closed)
    ahead.removeAll()
    return .closeWhenWritten(abuse)
  }

  /// Time has passed.
  mutating func tick() -> Action {
    let age = now - stageSince
    switch stage {
    case .idle:
      if let headSince {
        return isLate(headSince: headSince) ? closeWhenWritten(.slowHeader) : .nothing
      }
      if let partingSince { return now - partingSince >= HTTPConnectionEvent.partingTime ? close(nil) : .nothing }
      let limit = isLeaving ? options.maxConnectionAgeGrace : options.idleTimeout
      return age >= TimeAmount(limit) ? close(nil) : .nothing
    case .gatheringBody:
      let after =
        progress.timedOut(now: now, timeout: options.bodyTimeout, minBytes: options.minBodyProgressBytes)
        ?? progress.stoodStill(now: now, partingSince: partingSince)
      guard let after, let exchange else { return .nothing }
      return refuse(.body(.timedOut(after: after), of: exchange.head), exchange)
    case .awaitingPlan:
      guard let reason = wait?.refusal(now: now), let exchange else { return .nothing }
      return refuse(.body(reason, of: exchange.head), exchange)
    case .dropping:
      if let partingSince, now - max(stageSince, partingSince) >= HTTPConnectionEvent.partingTime { return close(nil) }
      return age >= TimeAmount(options.drainTimeout) ? close(nil) : .nothing
    case .serving, .closed:
      return .nothing
    }
  }

  private func isLate(headSince: NIODeadline) -> Bool {
    if now - headSince >= TimeAmount(options.headerTimeout) { return true }
    return partingSince.map { now - max($0, headSince) >= TimeAmount(HTTPBodyProgress.standstillTime) } ?? false
  }

  private mutating func becomeIdle() {
    exchange = nil
    move(to: .idle)
  }

  private mutating func move(to next: Stage) {
    stage = next
    stageSince = now
  }

  private mutating func releaseBody() {
    endWait()
    collector?.release()
    collector = nil
  }

  private mutating func endWait() {
    wait?.release()
    wait = nil
  }
}
