import CNGHTTP2
import NIOCore
import NIOHTTP1

/// A server's HTTP/2 connection without its socket and its engine: each event answers what is to be done about it.
struct HTTP2ConnectionState: ~Copyable {
  /// What is to be done about an event.
  enum Action {
    case nothing
    /// Ask the service what it plans for the stream, and tell `planned`.
    case plan(HTTP2ServerStream, HTTPRequestHead)
    /// Begin what makes the plan, and tell `planned` once it is made.
    case begin(HTTP2ServerStream, @Sendable (HTTPPendingPlan) -> Void)
    /// Let the client send more of a body.
    case credit(HTTP2Credit)
    /// Answer in the service's stead, after giving credit to the body whose turn it is now.
    case refuse(HTTP2ServerStream, Refusal, HTTP2Credit?)
    case reset(Int32, nghttp2_error_code)
    /// Tell the service that the stream is gone, after giving credit to the body whose turn it is now.
    case cancel(HTTP2ServerStream, HTTP2Credit?)
    case count(HTTPAbuse)
    /// Announce GOAWAY, so that the client begins no more streams: RFC 9113 section 6.8.
    case announceGoAway
    case sayGoAway
    /// Close, and count why if it is an abuse.
    case close(HTTPAbuse?)
  }

  /// Why the transport answers.
  enum Refusal {
    /// The service's answer to the head.
    case planned(HTTPResponse)
    case body(HTTPBodyRefusal, of: HTTPRequestHead)
    case fields(HTTPExcess)
  }

  /// Why the connection is to end with a GOAWAY that says so.
  enum Fault: Equatable {
    case excess(HTTPExcess)
    case violation(HTTP2Violation)
  }

  /// When the event under way came.
  var now: NIODeadline
  private let options: HTTPServerOptions
  private let peer: HTTPPeer
  private(set) var streams: [Int32: HTTP2ServerStream] = [:]
  private var budgets: HTTP2AbuseBudgets
  /// What became of the client's latest streams.
  private var history: HTTP2StreamHistory
  /// The block of header fields being received.
  private var fields: HTTP2RequestFields
  /// Which of several large bodies gets credit.
  private var turns: HTTP2BodyTurns
  private var scanner = HTTP2FrameScanner()
  private var departure = HTTP2Departure()
  /// When the server began to shut down.
  private var partingSince: NIODeadline?
  /// Requests that became whole while the engine was taking bytes in.
  private var ready = CircularBuffer<HTTP2ServerStream>()
  private var idleSince: NIODeadline
  /// When the block of header fields that is still open began.
  private var openHeadersSince: NIODeadline?
  /// A budget found exceeded while frames were being written or taken in.
  private var excess: HTTPExcess?
  /// Nothing that comes is looked at any more.
  private(set) var isClosing = false

  init(options: HTTPServerOptions, peer: HTTPPeer, now: NIODeadline) {
    self.options = options
    self.peer = peer
    self.now = now
    idleSince = now
    budgets = HTTP2AbuseBudgets(limits: options.http2, now: now)
    turns = HTTP2BodyTurns(windowBytes: options.http2.streamWindowBytes)
    history = HTTP2StreamHistory(maxConcurrentStreams: options.http2.maxConcurrentStreams)
    fields = HTTP2RequestFields(maxBytes: options.maxHeaderBytes, maxCount: options.maxHeaderCount)
  }

  // MARK: Bytes, before the engine has them

  /// Looks at the frames that begin in what the client sent; answers the first fault.
  mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> Fault? {
    budgets.roll(now: now)
    var scanner = scanner
    defer { self.scanner = scanner }
    return unsafe scanner.scan(bytes) { inspect($0) }
  }

  private mutating func inspect(_ frame: HTTP2Frame) -> Fault? {
    if frame.type == HTTP2Frame.headers || frame.type == HTTP2Frame.continuation {
      // RFC 9113 section 4.3: between the frames of a block nothing else may come.
      openHeadersSince = frame.has(HTTP2Frame.endHeaders) ? nil : openHeadersSince ?? now
    }
    if !isReset(ofAnswered: frame), let excess = budgets.charge(frame) { return .excess(excess) }
    let streams = streams
    return history.judge(frame) { streams[Int32(truncatingIfNeeded: $0)] != nil }.map { .violation($0) }
  }

  /// The end of a request that has its answer already costs the client nothing.
  private func isReset(ofAnswered frame: HTTP2Frame) -> Bool {
    guard frame.type == HTTP2Frame.resetStream else { return false }
    return streams[Int32(truncatingIfNeeded: frame.streamID)]?.endAwaitedSince != nil
  }

  /// The budget that was exceeded since this was asked last.
  mutating func takeExcess() -> HTTPExcess? {
    guard excess != nil else { return nil }
    defer { excess = nil }
    return excess
  }

  /// That more answers to the client's control frames wait than may.
  func excess(ofQueuedFrames count: Int) -> HTTPExcess? {
    let limit = options.http2.maxQueuedControlFrames &+ options.http2.maxConcurrentStreams &* 2
    return count > limit ? HTTPExcess(abuse: .controlQueueFlood, count: count, limit: limit) : nil
  }

  // MARK: Heads

  mutating func headersBegan(stream id: Int32, isTrailer: Bool) {
    fields.begin(isTrailer: isTrailer)
    if !isTrailer { streams[id] = HTTP2ServerStream(id: id, now: now) }
  }

  /// False if no more of the block is to be decoded.
  mutating func headerReceived(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool {
    unsafe fields.add(name: name, value: value)
    if excess == nil { excess = fields.bombExcess }
    return excess == nil
  }

  /// A frame is complete, and its fields or data have been taken. `note` is what the service keeps of a new head.
  mutating func frameReceived(_ frame: HTTP2Frame, note: (HTTPRequestHead) -> HTTPNote?) -> Action {
    switch frame.type {
    case HTTP2Frame.ping where frame.has(HTTP2Frame.ack):
      return departure.noticeWasHeard() ? sayGoAway() : .nothing
    case HTTP2Frame.headers, HTTP2Frame.data:
      guard let stream = streams[Int32(truncatingIfNeeded: frame.streamID)] else { return .nothing }
      stream.isRequestEnded = frame.has(HTTP2Frame.endStream)
      return frame.type == HTTP2Frame.headers ? headersEnded(stream, note) : endRequestIfWhole(stream)
    default:
      return .nothing
    }
  }

  /// The head is whole, or the trailers, which are dropped: RFC 9113 section 8.1.
  private mutating func headersEnded(_ stream: HTTP2ServerStream, _ note: (HTTPRequestHead) -> HTTPNote?) -> Action {
    excess = excess ?? budgets.chargeHeaders(fields.bytes)
    if let excess = fields.excess, stream.isBeforePlan || stream.stage == .gatheringBody {
      return refuse(stream, .fields(excess))
    }
    guard stream.stage == .gatheringHead else { return endRequestIfWhole(stream) }
    let peer = peer
    let head = fields.end(now: now) { fields in
      var head = fields.requestHead(from: peer)
      head.note = note(head)
      return head
    }
    stream.headerBytes = fields.bytes
    return .plan(stream, head)
  }

  /// The service has said what it plans for the request that it was asked about.
  mutating func planned(_ plan: HTTPBodyPlan, for stream: HTTP2ServerStream, _ head: HTTPRequestHead) -> Action {
    stream.head = head
    switch plan {
    case .refuse(let response):
      return refuse(stream, .planned(response))
    case .collect(let limitBytes, let budget, let within):
      var collector = HTTPBodyCollector(
        declaredBytes: HTTPFieldRules.contentLength(head.headers), limitBytes: limitBytes, budget: budget)
      let held = stream.takeHeld()
      if let reason = collector.refusalOfDeclaredLength ?? collector.append(held) {
        return refuse(stream, .body(reason, of: head))
      }
      stream.collector = collector
      stream.progress = HTTPBodyProgress(now: now, within: within)
      stream.stage = .gatheringBody
      guard !held.isEmpty, !stream.isRequestEnded else { return endRequestIfWhole(stream) }
      return turns.received(held.count, of: stream.id, bodyBytes: held.count) ? .credit(credit(stream)) : .nothing
    case .later(let within, let budget, let begin):
      // The client has no credit beyond the window that it began with: RFC 9113 section 6.9.2.
      let windowBytes = max(options.http2.streamWindowBytes, 65_535)
      stream.awaitPlan(
        HTTPPlanWait(now: now, within: within, budget: nil),
        holding: HTTPBodyCollector(declaredBytes: nil, limitBytes: windowBytes, budget: budget))
      return .begin(stream, begin)
    }
  }

  /// A stream whose plan is awaited.
  func undecided(_ id: Int32) -> HTTP2ServerStream? {
    guard let stream = streams[id], stream.stage == .awaitingPlan else { return nil }
    return stream
  }

  // MARK: Bodies

  mutating func dataReceived(stream id: Int32, bytes: UnsafeBufferPointer<UInt8>) -> Action {
    guard let stream = streams[id], stream.isTakingBody, let head = stream.head else { return .nothing }
    if let reason = unsafe stream.collector?.append(bytes) { return refuse(stream, .body(reason, of: head)) }
    stream.progress.add(bytes.count, at: now)
    stream.uncreditedBytes &+= bytes.count
    if stream.stage == .awaitingPlan { return .nothing }
    let bodyBytes = stream.collector?.bytes.count ?? 0
    return turns.received(bytes.count, of: id, bodyBytes: bodyBytes) ? .credit(credit(stream)) : .nothing
  }

  /// With END_STREAM the request is whole: RFC 9113 section 8.1.
  private mutating func endRequestIfWhole(_ stream: HTTP2ServerStream) -> Action {
    guard stream.isRequestEnded, stream.stage == .gatheringBody else { return .nothing }
    stream.stage = .ready
    ready.append(stream)
    return endTurn(of: stream).map { .credit($0) } ?? .nothing
  }

  /// The next whole request that waits for the service, which has it from now on.
  mutating func nextReady() -> HTTP2ServerStream? {
    while let stream = ready.popFirst() {
      guard stream.stage == .ready else { continue }
      stream.stage = .serving
      return stream
    }
    return nil
  }

  /// The request of a stream that is ready; its body is handed over, and held nowhere else.
  mutating func takeRequest(of stream: HTTP2ServerStream) -> HTTPRequest? {
    guard let head = stream.head else { return nil }
    return HTTPRequest(head: head, taking: &stream.collector, isOneOfSeveral: streams.count > 1)
  }

  /// Lets the client send more of a body; one that is large may fill the window of the connection.
  private func credit(_ stream: HTTP2ServerStream) -> HTTP2Credit {
    let window = max(options.http2.streamWindowBytes, options.http2.connectionWindowBytes)
    let credit = HTTP2Credit(
      stream: stream.id, bytes: stream.uncreditedBytes, windowBytes: stream.hasWideWindow ? nil : window)
    stream.hasWideWindow = true
    stream.uncreditedBytes = 0
    return credit
  }

  /// A body of which nothing more is wanted gives its turn to the next.
  private mutating func endTurn(of stream: HTTP2ServerStream) -> HTTP2Credit? {
    turns.ended(stream.id).flatMap { streams[$0] }.map { takeUp($0) }
  }

  /// Goes on with a body that had no credit, and counts its time anew.
  private func takeUp(_ stream: HTTP2ServerStream) -> HTTP2Credit {
    stream.progress.waited(until: now)
    return credit(stream)
  }

  /// Answers in the service's stead; what the client still sends is dropped.
  private mutating func refuse(_ stream: HTTP2ServerStream, _ refusal: Refusal) -> Action {
    stream.stage = .refused
    stream.endWait()
    stream.releaseBody()
    return .refuse(stream, refusal, endTurn(of: stream))
  }

  // MARK: Answers

  /// A stream whose request is with the service.
  func serving(_ id: Int32) -> HTTP2ServerStream? {
    guard let stream = streams[id], stream.stage == .serving else { return nil }
    return stream
  }

  mutating func bodyWanted(stream id: Int32, into target: UnsafeMutableRawBufferPointer) -> HTTP2Outbound.Step {
    guard let stream = streams[id] else { return .bytes(0, isLast: true) }
    let step = unsafe stream.outbound.read(into: target)
    if case .bytes(let count, _) = step { stream.sent(count, now) }
    return step
  }

  /// After the last frame of an answer to a request not read to its end, the client is told to stop (RFC 9113
  /// section 8.1), unless the rest is short: some take the reset for a failure and never look at the answer.
  mutating func frameSent(_ frame: HTTP2Frame, errorCode: UInt32) -> Action {
    switch frame.type {
    case HTTP2Frame.headers, HTTP2Frame.data:
      budgets.creditAnswerFrame()
      guard frame.has(HTTP2Frame.endStream) else { return .nothing }
      let stream = streams[Int32(truncatingIfNeeded: frame.streamID)]
      budgets.creditAnswer(headerBytes: stream?.headerBytes ?? 0)
      guard let stream, !stream.isRequestEnded, !stream.awaitsEnd(options.http2, now) else { return .nothing }
      return .reset(stream.id, NGHTTP2_NO_ERROR)
    case HTTP2Frame.resetStream:
      history.resetByServer(frame.streamID)
      // RFC 9113 section 5.1.2: a stream past the announced limit is the client's fault too.
      let isRefused = errorCode == NGHTTP2_REFUSED_STREAM.rawValue
      if isRefused || Self.isFaultOfClient(errorCode) { excess = excess ?? budgets.chargeInducedReset() }
      return .nothing
    case HTTP2Frame.goAway where Self.isFaultOfClient(errorCode):
      return .count(.protocolError)
    default:
      return .nothing
    }
  }

  /// The error codes that say what a peer did wrong: RFC 9113 section 7.
  private static func isFaultOfClient(_ code: UInt32) -> Bool {
    let faults = [
      NGHTTP2_PROTOCOL_ERROR, NGHTTP2_FLOW_CONTROL_ERROR, NGHTTP2_STREAM_CLOSED, NGHTTP2_FRAME_SIZE_ERROR,
      NGHTTP2_COMPRESSION_ERROR,
    ]
    return faults.contains { $0.rawValue == code }
  }

  // MARK: The end

  mutating func streamClosed(_ id: Int32) -> Action {
    guard let stream = streams.removeValue(forKey: id) else { return .nothing }
    let next = endTurn(of: stream)
    stream.releaseBody()
    stream.stage = .refused
    if streams.isEmpty { idleSince = now }
    return .cancel(stream, next)
  }

  /// The connection is old or idle.
  mutating func depart() -> Action {
    departure.begin(now: now) ? .announceGoAway : .nothing
  }

  /// The server shuts down: as `depart`, and requests of which nothing more comes are given up soon.
  mutating func drain() -> Action {
    partingSince = partingSince ?? now
    return depart()
  }

  private mutating func sayGoAway() -> Action {
    departure.finalise(now: now)
    return .sayGoAway
  }

  /// The connection closes once all is written.
  mutating func finish() { isClosing = true }

  /// The connection is gone or is to go; answers its streams, whose bodies are released.
  mutating func closed() -> [HTTP2ServerStream] {
    isClosing = true
    let open = Array(streams.values)
    streams = [:]
    for stream in open { stream.releaseBody() }
    return open
  }

  /// The streams that there are.
  var open: [HTTP2ServerStream] { Array(streams.values) }

  // MARK: Deadlines

  /// Time has passed.
  mutating func tick() -> [Action] {
    budgets.roll(now: now)
    if let openHeadersSince, isLate(headersSince: openHeadersSince) { return [.close(.slowHeader)] }
    var actions: [Action] = turns.look().compactMap { streams[$0] }.map { .credit(takeUp($0)) }
    for stream in Array(streams.values) { actions += tick(stream) }
    if streams.isEmpty, now - idleSince >= TimeAmount(options.idleTimeout) { actions.append(depart()) }
    if departure.noticeIsOver(now: now) { actions.append(sayGoAway()) }
    if departure.isLate(now: now, grace: options.maxConnectionAgeGrace) { actions.append(.close(nil)) }
    return actions
  }

  private func isLate(headersSince: NIODeadline) -> Bool {
    if now - headersSince >= TimeAmount(options.headerTimeout) { return true }
    return partingSince.map { now - max($0, headersSince) >= TimeAmount(HTTPBodyProgress.standstillTime) } ?? false
  }

  private mutating func tick(_ stream: HTTP2ServerStream) -> [Action] {
    if stream.isStalled(now: now, timeout: options.writeTimeout) {
      stream.outbound.discard()
      return [.count(.slowReader), .reset(stream.id, NGHTTP2_CANCEL)]
    }
    if let since = stream.endAwaitedSince, now - since >= TimeAmount(options.drainTimeout) {
      return [.reset(stream.id, NGHTTP2_NO_ERROR)]
    }
    guard stream.isTakingBody, let head = stream.head else { return [] }
    if let wait = stream.wait {
      return wait.refusal(now: now).map { [refuse(stream, .body($0, of: head))] } ?? []
    }
    if turns.isWaiting(stream.id) { stream.progress.waited(until: now) }
    let after =
      stream.progress.timedOut(now: now, timeout: options.bodyTimeout, minBytes: options.minBodyProgressBytes)
      ?? stream.progress.stoodStill(now: now, partingSince: partingSince)
    return after.map { [refuse(stream, .body(.timedOut(after: $0), of: head))] } ?? []
  }
}

/// Flow-control credit for one stream: RFC 9113 section 5.2.
struct HTTP2Credit: Equatable {
  let stream: Int32
  /// Bytes of the body that were taken.
  let bytes: Int
  /// What its receive window is to be from now on; nil if it stays.
  let windowBytes: Int?
}
