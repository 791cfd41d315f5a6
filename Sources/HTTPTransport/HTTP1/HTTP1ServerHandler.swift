import NIOCore
import NIOHTTP1

/// Serves one HTTP/1.1 connection: tells its state what happens, and does what that answers.
final class HTTP1ServerHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let connection: HTTPConnectionContext
  private var state: HTTP1ConnectionState
  private var context: ChannelHandlerContext?
  private var writer = HTTP1AnswerWriter(isHEAD: false, isHTTP10: false)
  private var answer: HTTPAnswerProgress?
  /// What is to say what the service plans.
  private var pending: HTTPPendingPlan?
  private var isReading = false
  /// The read under way has brought a whole part of a request.
  private var hasParts = false
  private var isReadHeldBack = false
  private var isServingAhead = false
  private var isUnflushed = false

  init(_ connection: HTTPConnectionContext, now: NIODeadline) {
    self.connection = connection
    state = HTTP1ConnectionState(
      options: connection.options, peer: connection.peer, now: now)
  }

  // MARK: Channel events

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    state.takesAnswers = context.channel.isWritable
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
    state.now = context.eventLoop.now
    perform(state.received(unwrapInboundIn(data)))
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if !hasParts { state.headBegan(now: context.eventLoop.now) }
    isReading = false
    hasParts = false
    flushIfNeeded()
    context.fireChannelReadComplete()
  }

  /// A client that sends ahead, does not take its answers or sends what nothing is planned for yet is not read until
  /// that has changed.
  func read(context: ChannelHandlerContext) {
    isReadHeldBack = state.holdsAhead || pending != nil || !context.channel.isWritable
    if !isReadHeldBack { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    state.takesAnswers = context.channel.isWritable
    if state.takesAnswers {
      state.now = context.eventLoop.now
      serveAhead()
    }
    if isReadHeldBack { read(context: context) }
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is ByteToMessageDecoderError, state.isDropping { return }
    guard error is HTTPParserError else { return close() }
    perform(state.failed(HTTP1Fault(error, options: connection.options)))
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard let event = event as? HTTPConnectionEvent else { return context.fireUserInboundEventTriggered(event) }
    state.now = context.eventLoop.now
    switch event {
    case .tick: perform(state.tick())
    case .tooOld: state.leave()
    case .drain: state.drain()
    case .lastCall: answer?.lastCall()
    }
  }

  // MARK: Actions

  private func perform(_ action: HTTP1ConnectionState.Action) {
    switch action {
    case .nothing: break
    case .plan(let exchange): plan(exchange)
    case .begin(let begin): awaitPlan(begin)
    case .sendContinue: sendContinue()
    case .serve: serve()
    case .refuse(let refusal, let isLast): refuse(refusal, isLast: isLast)
    case .serveAhead: serveAhead()
    case .endOutput: whenWritten { $0.close(mode: .output, promise: nil) }
    case .close(let abuse):
      if let abuse { connection.metrics.refuse(abuse) }
      close()
    case .closeWhenWritten(let abuse):
      if let abuse { connection.metrics.refuse(abuse) }
      whenWritten { $0.close(promise: nil) }
    }
  }

  private func plan(_ asked: HTTP1Exchange) {
    var exchange = asked
    exchange.head.note = connection.service.note(on: exchange.head)
    writer = HTTP1AnswerWriter(isHEAD: exchange.head.method == "HEAD", isHTTP10: exchange.isHTTP10)
    let plan = connection.service.plan(for: &exchange.head)
    perform(state.planned(plan, for: exchange))
  }

  private func awaitPlan(_ begin: (HTTPPendingPlan) -> Void) {
    guard let context else { return }
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    let pending = HTTPPendingPlan(eventLoop: context.eventLoop) { handler.value.decided($0, $1) }
    self.pending = pending
    begin(pending)
  }

  private func decided(_ decided: HTTPPendingPlan, _ decision: HTTPPendingPlan.Decision) {
    guard pending === decided, var exchange = state.undecided, let context else { return }
    pending = nil
    state.now = context.eventLoop.now
    let plan = decision(&exchange.head)
    perform(state.planned(plan, for: exchange))
    serveAhead()
  }

  private func serve() {
    guard let context, let request = state.takeRequest() else { return }
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    let responder = HTTPResponder(eventLoop: context.eventLoop) { event in handler.value.answer(event) }
    answer = responder.progress
    connection.metrics.add(1, to: connection.metrics.requestsHTTP1)
    connection.service.respond(to: consume request, through: responder)
  }

  /// Looks at what was sent ahead, until one of its requests is with the service or has to wait.
  private func serveAhead() {
    guard !isServingAhead else { return }
    isServingAhead = true
    defer { isServingAhead = false }
    while let action = state.nextAhead() { perform(action) }
    if state.isServing || pending != nil { return }
    perform(state.endAhead())
    if isReadHeldBack, let context { read(context: context) }
  }

  private func refuse(_ refusal: HTTP1ConnectionState.Refusal, isLast: Bool) {
    pending?.cancel()
    pending = nil
    write(response(to: refusal), isLast: isLast)
    if isLast { perform(.endOutput) } else { flushIfNeeded() }
    if isReadHeldBack || state.holdsAhead { serveAhead() }
  }

  private func response(to refusal: HTTP1ConnectionState.Refusal) -> HTTPResponse {
    switch refusal {
    case .planned(let response):
      return response
    case .body(let reason, let head):
      connection.metrics.refuse(reason)
      return connection.service.refusal(of: head, because: reason)
    case .fault(let fault):
      connection.metrics.refuse(fault.abuse)
      writer = HTTP1AnswerWriter(isHEAD: false, isHTTP10: false)
      return HTTPResponse(
        status: fault.status, headers: ["content-type": "text/plain"], body: ByteBuffer(string: fault.reason))
    }
  }

  // MARK: Answers

  private func answer(_ event: HTTPResponseEvent) {
    guard state.isServing, let context else { return }
    state.now = context.eventLoop.now
    let isLast = state.isLastAnswer
    switch event {
    case .whole(let response):
      write(response, isLast: isLast)
      finishAnswer()
    case .start(let status, let headers):
      write { writer, buffer in writer.writeStart(status, headers, isLast: isLast, to: &buffer) }
      if writer.framing == .untilClose { state.answerNeedsClose() }
    case .body(let bytes): writePart(bytes)
    case .end(let trailers):
      write { writer, buffer in writer.writeEnd(trailers: trailers, to: &buffer) }
      finishAnswer()
    case .abandoned:
      close()
    }
    flushIfNeeded()
  }

  private func finishAnswer() {
    answer = nil
    perform(state.answerEnded())
  }

  // MARK: Bytes out

  private func sendContinue() {
    write(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
    flushIfNeeded()
  }

  private func write(_ response: HTTPResponse, isLast: Bool) {
    var body: ByteBuffer?
    write { writer, buffer in body = writer.writeWhole(response, isLast: isLast, to: &buffer) }
    if let body { write(body) }
  }

  private func write(_ fill: (inout HTTP1AnswerWriter, inout ByteBuffer) -> Void) {
    guard let context else { return }
    var buffer = context.channel.allocator.buffer(capacity: 256)
    fill(&writer, &buffer)
    write(buffer)
  }

  /// Writes a part of the answer, which counts as unsent until the socket has it.
  private func writePart(_ bytes: ByteBuffer) {
    guard let context, let answer else { return }
    var buffer = context.channel.allocator.buffer(capacity: bytes.readableBytes &+ 16)
    writer.writePart(bytes, to: &buffer)
    let written = context.write(wrapOutboundOut(buffer))
    written.whenComplete { _ in answer.sent(bytes.readableBytes) }
    isUnflushed = true
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

  private func whenWritten(_ action: @escaping (ChannelHandlerContext) -> Void) {
    guard let context else { return }
    isUnflushed = false
    let promise = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    promise.futureResult.assumeIsolated().whenComplete { _ in
      if let context = self.context { action(context) }
    }
  }

  // MARK: Closing

  private func close() {
    abandon()
    context?.close(promise: nil)
  }

  private func abandon() {
    state.closed()
    answer?.cancel()
    pending?.cancel()
    pending = nil
  }
}
