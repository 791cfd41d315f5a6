import CNGHTTP2
import NIOCore
import NIOHTTP1

/// Serves one HTTP/2 connection: bytes to and from the engine, what the engine tells to the state, and what the state
/// answers done.
final class HTTP2ServerHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let connection: HTTPConnectionContext
  var state: HTTP2ConnectionState
  private(set) var engine: HTTP2Engine?
  private var context: ChannelHandlerContext?
  /// The engine is taking bytes in: nothing may be written yet.
  private var isReceiving = false
  /// A read is going on, at whose end everything is written.
  private var isReading = false
  private var isFlushScheduled = false

  init(_ connection: HTTPConnectionContext, now: NIODeadline) {
    self.connection = connection
    state = HTTP2ConnectionState(
      options: connection.options, peer: connection.peer, now: now)
  }

  // MARK: Channel events

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    let options = connection.options
    let announcement = HTTP2Announcement(options.http2, maxHeaderBytes: options.maxHeaderBytes)
    engine = HTTP2Engine(.server(options.http2), announcing: announcement, delegate: self)
    if engine == nil { close() } else { scheduleFlush() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    abandon()
    self.context = nil
    engine = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    abandon()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !state.isClosing else { return }
    isReading = true
    state.now = context.eventLoop.now
    unsafe unwrapInboundIn(data).withUnsafeReadableBytes { raw in
      unsafe raw.withMemoryRebound(to: UInt8.self) { unsafe receive($0) }
    }
    serveReady()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    flush()
    context.fireChannelReadComplete()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard let event = event as? HTTPConnectionEvent else { return context.fireUserInboundEventTriggered(event) }
    guard !state.isClosing else { return }
    state.now = context.eventLoop.now
    switch event {
    case .tick: for action in state.tick() { perform(action) }
    case .tooOld: perform(state.depart())
    case .drain: perform(state.drain())
    case .lastCall: for stream in state.open { stream.answer?.lastCall() }
    }
    flush()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    close()
  }

  // MARK: Bytes in

  private func receive(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let engine else { return }
    if let fault = unsafe state.scan(bytes) { return end(fault) }
    isReceiving = true
    defer { isReceiving = false }
    do {
      try unsafe engine.receive(bytes)
    } catch .headersStopped {
      // The state's excess says why.
    } catch .controlQueueFull {
      let limit = connection.options.http2.maxQueuedControlFrames
      return end(.excess(HTTPExcess(abuse: .controlQueueFlood, count: engine.queuedFrames, limit: limit)))
    } catch {
      connection.metrics.refuse(.protocolError)
      return close()
    }
    if let excess = state.takeExcess() ?? state.excess(ofQueuedFrames: engine.queuedFrames) { end(.excess(excess)) }
  }

  /// Says GOAWAY and why, and closes; to what goes over a budget ENHANCE_YOUR_CALM: RFC 9113 sections 5.4.1 and 10.5.
  private func end(_ fault: HTTP2ConnectionState.Fault) {
    switch fault {
    case .excess(let excess):
      connection.metrics.refuse(excess.abuse)
      engine?.terminate(code: NGHTTP2_ENHANCE_YOUR_CALM, reason: excess.description)
    case .violation(let violation):
      engine?.terminate(code: violation.code, reason: violation.reason)
    }
    _ = state.takeExcess()
    isReceiving = false
    flush()
    close()
  }

  // MARK: Actions

  func perform(_ action: HTTP2ConnectionState.Action) {
    switch action {
    case .nothing: break
    case .plan(let stream, var head):
      let plan = connection.service.plan(for: &head)
      perform(state.planned(plan, for: stream, head))
    case .begin(let stream, let begin): awaitPlan(of: stream, begin)
    case .credit(let credit): give(credit)
    case .refuse(let stream, let refusal, let next):
      let response = response(to: refusal)
      if let next { give(next) }
      send(.whole(response), on: stream)
    case .reset(let id, let code): engine?.reset(stream: id, code: code)
    case .cancel(let stream, let next):
      if let next { give(next) }
      stream.cancel()
    case .count(let abuse): connection.metrics.refuse(abuse)
    case .announceGoAway:
      engine?.announceGoAway()
      engine?.ping()
    case .sayGoAway: engine?.goAway()
    case .close(let abuse):
      if let abuse { connection.metrics.refuse(abuse) }
      close()
    }
  }

  private func awaitPlan(of stream: HTTP2ServerStream, _ begin: (HTTPPendingPlan) -> Void) {
    guard let context else { return }
    let (handler, id) = (NIOLoopBound(self, eventLoop: context.eventLoop), stream.id)
    let pending = HTTPPendingPlan(eventLoop: context.eventLoop) { handler.value.decided(id, $0, $1) }
    stream.pending = pending
    begin(pending)
  }

  private func decided(_ id: Int32, _ decided: HTTPPendingPlan, _ decision: HTTPPendingPlan.Decision) {
    guard !state.isClosing, let stream = state.undecided(id), stream.pending === decided, let context else { return }
    guard var head = stream.head else { return }
    state.now = context.eventLoop.now
    let plan = decision(&head)
    perform(state.planned(plan, for: stream, head))
    serveReady()
    scheduleFlush()
  }

  private func give(_ credit: HTTP2Credit) {
    if let window = credit.windowBytes { engine?.setWindow(ofStream: credit.stream, bytes: window) }
    engine?.consumeStream(credit.stream, bytes: credit.bytes)
  }

  private func response(to refusal: HTTP2ConnectionState.Refusal) -> HTTPResponse {
    switch refusal {
    case .planned(let response):
      return response
    case .body(let reason, let head):
      connection.metrics.refuse(reason)
      return connection.service.refusal(of: head, because: reason)
    case .fields(let excess):
      connection.metrics.refuse(excess.abuse)
      return HTTPResponse(status: 431, body: ByteBuffer(string: excess.description))
    }
  }

  private func serveReady() {
    while !state.isClosing, let stream = state.nextReady() { serve(stream) }
  }

  private func serve(_ stream: HTTP2ServerStream) {
    guard let context, let request = state.takeRequest(of: stream) else { return }
    let responder = makeResponder(stream.id, context.eventLoop)
    stream.answer = responder.progress
    connection.metrics.add(1, to: connection.metrics.requestsHTTP2)
    connection.service.respond(to: consume request, through: responder)
  }

  private func makeResponder(_ stream: Int32, _ eventLoop: any EventLoop) -> HTTPResponder {
    let handler = NIOLoopBound(self, eventLoop: eventLoop)
    return HTTPResponder(eventLoop: eventLoop) { event in handler.value.answer(stream, event) }
  }

  // MARK: Answers

  /// Takes the next step of an answer; it goes out with the next flush.
  private func answer(_ id: Int32, _ event: HTTPResponseEvent) {
    guard let stream = state.serving(id) else { return }
    if let context { state.now = context.eventLoop.now }
    send(event, on: stream)
    scheduleFlush()
  }

  private func send(_ event: HTTPResponseEvent, on stream: HTTP2ServerStream) {
    switch stream.answered(event, now: state.now) {
    case .submit(let head):
      if engine?.submit(head, stream: stream.id) != true {
        engine?.reset(stream: stream.id, code: NGHTTP2_INTERNAL_ERROR)
      }
    case .resume: engine?.resume(stream: stream.id)
    case .abandon: engine?.reset(stream: stream.id, code: NGHTTP2_INTERNAL_ERROR)
    }
  }

  // MARK: Bytes out

  /// Gathers the answers of one turn of the event loop into one write.
  private func scheduleFlush() {
    guard !isReading, !isFlushScheduled, let context else { return }
    isFlushScheduled = true
    context.eventLoop.assumeIsolated().execute {
      self.isFlushScheduled = false
      self.flush()
    }
  }

  /// Writes what the engine has, as far as the socket takes it.
  private func flush() {
    guard !isReceiving, !state.isClosing, let context, let engine else { return }
    var isDrained = false
    while !isDrained, context.channel.isWritable {
      var buffer = context.channel.allocator.buffer(capacity: 1024)
      do {
        isDrained = try engine.drain(into: &buffer, targetBytes: HTTP2Engine.writeBytes)
      } catch {
        return close()
      }
      guard buffer.readableBytes > 0 else { break }
      context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }
    if let excess = state.takeExcess() {
      end(.excess(excess))
    } else if isDrained, engine.isOver {
      closeWhenWritten(context)
    }
  }

  private func closeWhenWritten(_ context: ChannelHandlerContext) {
    state.finish()
    let promise = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    promise.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
  }

  private func close() {
    abandon()
    context?.close(promise: nil)
  }

  private func abandon() {
    for stream in state.closed() { stream.cancel() }
  }
}
