import NIOCore
import NIOHTTP1

/// Serves one HTTP/1.1 connection: requests one after the other, each answered before the next is looked at.
final class HTTP1ServerHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Where the connection stands.
  private enum Stage {
    /// Between requests.
    case idle
    case gatheringBody
    /// The service has the request.
    case serving
    /// The answer is given and the rest of the body is dropped.
    case dropping(reusable: Bool)
    case closed
  }

  private let connection: HTTPConnectionContext
  private let isTLS: Bool
  private var context: ChannelHandlerContext?
  private var stage = Stage.idle
  private var exchange: HTTP1Exchange?
  private var collector: HTTPBodyCollector?
  private var progress: HTTPBodyProgress
  private var pieces: HTTPPieceBudget
  private var writer = HTTP1AnswerWriter(isHEAD: false, isHTTP10: false)
  private var answer: HTTPAnswerProgress?
  /// What the client sent ahead while a request was with the service.
  private var ahead = CircularBuffer<HTTPServerRequestPart>()
  private var aheadFault: HTTP1Fault?
  private var droppedBytes = 0
  private var now: NIODeadline
  /// When the stage began, and when the first bytes of the next head came, if they have.
  private var stageSince: NIODeadline
  private var headSince: NIODeadline?
  private var isReading = false
  private var hasParts = false
  private var isReadHeldBack = false
  private var isServingAhead = false
  private var isUnflushed = false
  /// The next answer is the last.
  private var isLeaving = false

  init(_ connection: HTTPConnectionContext, isTLS: Bool, now: NIODeadline) {
    self.connection = connection
    self.isTLS = isTLS
    self.now = now
    stageSince = now
    headSince = now
    progress = HTTPBodyProgress(now: now)
    pieces = HTTPPieceBudget(limits: connection.options.http2, now: now)
  }

  deinit {
    collector?.release()
  }

  // MARK: Channel events

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    abandon()
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    abandon()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isReading = true
    hasParts = true
    now = context.eventLoop.now
    let part = unwrapInboundIn(data)
    if case .serving = stage {
      ahead.append(part)
    } else if ahead.isEmpty {
      take(part)
    } else {
      ahead.append(part)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if case .idle = stage, !hasParts, headSince == nil { headSince = context.eventLoop.now }
    isReading = false
    hasParts = false
    flushIfNeeded()
    context.fireChannelReadComplete()
  }

  /// A client that sends ahead, or does not take its answers, is not read until that has changed.
  func read(context: ChannelHandlerContext) {
    isReadHeldBack = !ahead.isEmpty || !context.channel.isWritable
    if !isReadHeldBack { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if isReadHeldBack { read(context: context) }
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is ByteToMessageDecoderError, isDropping { return }
    guard error is HTTPParserError else { return close() }
    let fault = HTTP1Fault(error, options: connection.options)
    if case .serving = stage { aheadFault = fault } else { answerFault(fault) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard let event = event as? HTTPConnectionEvent else { return context.fireUserInboundEventTriggered(event) }
    now = context.eventLoop.now
    switch event {
    case .tick:
      checkDeadlines()
    case .tooOld:
      isLeaving = true
    case .drain:
      isLeaving = true
      if case .idle = stage, headSince == nil { close() }
    }
  }

  // MARK: Requests

  private func take(_ part: HTTPServerRequestPart) {
    switch part {
    case .head(let head): takeHead(head)
    case .body(let bytes): takeBody(bytes)
    case .end: takeEnd()
    }
  }

  private func takeHead(_ head: NIOHTTP1.HTTPRequestHead) {
    guard case .idle = stage else { return }
    headSince = nil
    if let fault = HTTP1Fault(head) { return answerFault(fault) }
    var exchange = HTTP1Exchange(head, remoteAddress: connection.remoteAddress, isTLS: isTLS)
    exchange.head.note = connection.service.note(on: exchange.head)
    self.exchange = exchange
    writer = HTTP1AnswerWriter(isHEAD: exchange.head.method == "HEAD", isHTTP10: exchange.isHTTP10)
    switch connection.service.plan(for: exchange.head) {
    case .refuse(let response):
      refuse(exchange, response)
    case .collect(let limitBytes, let budget, let within):
      let collector = HTTPBodyCollector(
        declaredBytes: exchange.bodyBytes, limitBytes: limitBytes, budget: budget)
      if let reason = collector.refusalOfDeclaredLength { return refuseBody(exchange, reason) }
      self.collector = collector
      progress = HTTPBodyProgress(now: now, within: within)
      move(to: .gatheringBody)
      if exchange.expectsContinue, exchange.bodyBytes != 0 { sendContinue() }
    }
  }

  private func takeBody(_ bytes: ByteBuffer) {
    switch stage {
    case .gatheringBody:
      pieces.roll(now: now)
      if let excess = pieces.charge(bytes.readableBytes) { return answerFault(HTTP1Fault(excess)) }
      progress.add(bytes.readableBytes)
      let reason = bytes.withUnsafeReadableBytes { raw in
        raw.withMemoryRebound(to: UInt8.self) { collector?.append($0) }
      }
      if let reason, let exchange { refuseBody(exchange, reason) }
    case .dropping:
      droppedBytes &+= bytes.readableBytes
      if droppedBytes > connection.options.maxDrainBytes { close() }
    case .idle, .serving, .closed:
      break
    }
  }

  private func takeEnd() {
    switch stage {
    case .gatheringBody: serve()
    case .dropping(let reusable): reusable ? becomeIdle() : closeWhenWritten()
    case .idle, .serving, .closed: break
    }
  }

  private func serve() {
    guard let context, let exchange else { return }
    let bytes = collector?.take() ?? []
    move(to: .serving)
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    let responder = HTTPResponder(eventLoop: context.eventLoop) { event in handler.value.answer(event) }
    answer = responder.progress
    connection.metrics.add(1, to: connection.metrics.requestsHTTP1)
    connection.service.respond(to: HTTPRequest(head: exchange.head, body: bytes), through: responder)
  }

  /// Looks at what was sent ahead, until one of its requests is with the service.
  private func serveAhead() {
    guard !isServingAhead else { return }
    isServingAhead = true
    defer { isServingAhead = false }
    while !ahead.isEmpty {
      if case .serving = stage { return }
      take(ahead.removeFirst())
    }
    if case .serving = stage { return }
    if let fault = aheadFault {
      aheadFault = nil
      answerFault(fault)
    }
    if isReadHeldBack, let context { read(context: context) }
  }

  // MARK: Answers

  private func answer(_ event: HTTPResponseEvent) {
    guard case .serving = stage, let context, let exchange else { return }
    now = context.eventLoop.now
    switch event {
    case .whole(let response):
      write(response, of: exchange, isLast: isLast(exchange))
      finishAnswer(exchange)
    case .start(let status, let headers):
      write { writer, buffer in
        writer.writeStart(status, headers, isLast: isLast(exchange), to: &buffer)
      }
      if writer.framing == .untilClose { isLeaving = true }
    case .body(let bytes):
      write { writer, buffer in writer.writePart(bytes, to: &buffer) }
    case .end(let trailers):
      write { writer, buffer in writer.writeEnd(trailers: trailers, to: &buffer) }
      finishAnswer(exchange)
    case .abandoned:
      close()
    }
    flushIfNeeded()
  }

  private func isLast(_ exchange: HTTP1Exchange) -> Bool { isLeaving || !exchange.keepsAlive }

  private func write(_ response: HTTPResponse, of exchange: HTTP1Exchange, isLast: Bool) {
    var body: ByteBuffer?
    write { writer, buffer in body = writer.writeWhole(response, isLast: isLast, to: &buffer) }
    if let body { write(body) }
  }

  private func finishAnswer(_ exchange: HTTP1Exchange) {
    collector?.release()
    collector = nil
    pieces.creditAnswer()
    if isLast(exchange) { return drop(reusable: false) }
    becomeIdle()
    serveAhead()
  }

  /// Answers without the body, which is then dropped as it comes so that the client can read the answer.
  private func refuse(_ exchange: HTTP1Exchange, _ response: HTTPResponse) {
    collector?.release()
    collector = nil
    let restIsSmall = exchange.bodyBytes.map { $0 <= connection.options.maxDrainBytes } ?? false
    let reusable = restIsSmall && !exchange.expectsContinue && !isLast(exchange)
    write(response, of: exchange, isLast: !reusable)
    drop(reusable: reusable)
  }

  /// Reads on for a while, so that the client's bytes do not make its kernel drop the answer: RFC 9112 section 9.6.
  private func drop(reusable: Bool) {
    droppedBytes = 0
    move(to: .dropping(reusable: reusable))
    if reusable { return flushIfNeeded() }
    ahead.removeAll()
    whenWritten { $0.close(mode: .output, promise: nil) }
  }

  private func refuseBody(_ exchange: HTTP1Exchange, _ reason: HTTPBodyRefusal) {
    connection.metrics.refuse(reason)
    refuse(exchange, connection.service.refusal(of: exchange.head, because: reason))
  }

  /// Answers what is not a request, and closes.
  private func answerFault(_ fault: HTTP1Fault) {
    if case .closed = stage { return }
    connection.metrics.refuse(fault.abuse)
    guard !isDropping else { return close() }
    writer = HTTP1AnswerWriter(isHEAD: false, isHTTP10: false)
    let response = HTTPResponse(
      status: fault.status, headers: ["content-type": "text/plain"], body: ByteBuffer(string: fault.reason))
    write { writer, buffer in _ = writer.writeWhole(response, isLast: true, to: &buffer) }
    collector?.release()
    collector = nil
    drop(reusable: false)
  }

  private var isDropping: Bool {
    if case .dropping = stage { true } else { false }
  }

  private func sendContinue() {
    write(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
    flushIfNeeded()
  }

  // MARK: Bytes out

  private func write(_ fill: (inout HTTP1AnswerWriter, inout ByteBuffer) -> Void) {
    guard let context else { return }
    var buffer = context.channel.allocator.buffer(capacity: 256)
    fill(&writer, &buffer)
    write(buffer)
  }

  private func write(_ buffer: ByteBuffer) {
    guard buffer.readableBytes > 0 else { return }
    context?.write(wrapOutboundOut(buffer), promise: nil)
    isUnflushed = true
  }

  /// Answers given during a read go out together at its end.
  private func flushIfNeeded() {
    guard isUnflushed, !isReading else { return }
    isUnflushed = false
    context?.flush()
  }

  private func becomeIdle() {
    exchange = nil
    answer = nil
    move(to: .idle)
  }

  private func move(to next: Stage) {
    stage = next
    stageSince = now
  }

  private func closeWhenWritten() {
    move(to: .closed)
    ahead.removeAll()
    whenWritten { $0.close(promise: nil) }
  }

  private func whenWritten(_ action: @escaping (ChannelHandlerContext) -> Void) {
    guard let context else { return }
    isUnflushed = false
    let promise = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    promise.futureResult.assumeIsolated().whenComplete { _ in
      if let context = self.context { action(context) }
    }
  }

  private func close() {
    abandon()
    context?.close(promise: nil)
  }

  private func abandon() {
    move(to: .closed)
    ahead.removeAll()
    collector?.release()
    collector = nil
    answer?.cancel()
  }

  // MARK: Deadlines

  private func checkDeadlines() {
    let options = connection.options
    let age = now - stageSince
    switch stage {
    case .idle:
      if let headSince, now - headSince >= TimeAmount(options.headerTimeout) {
        connection.metrics.refuse(.slowHeader)
        closeWhenWritten()
      } else if headSince == nil, age >= TimeAmount(isLeaving ? options.maxConnectionAgeGrace : options.idleTimeout) {
        close()
      }
    case .gatheringBody:
      let after = progress.timedOut(
        now: now, timeout: options.bodyTimeout, minBytes: options.minBodyProgressBytes)
      if let after, let exchange { refuseBody(exchange, .timedOut(after: after)) }
    case .dropping:
      if age >= TimeAmount(options.drainTimeout) { close() }
    case .serving, .closed:
      break
    }
  }
}
