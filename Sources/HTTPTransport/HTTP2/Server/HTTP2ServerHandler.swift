import CNGHTTP2
import NIOCore
import NIOHTTP1

/// Serves one HTTP/2 connection: bytes to and from the engine, requests to the service, answers back.
final class HTTP2ServerHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let connection: HTTPConnectionContext
  let isTLS: Bool
  var streams: [Int32: HTTP2ServerStream] = [:]
  var engine: HTTP2Engine?
  var budgets: HTTP2AbuseBudgets
  /// What became of the client's latest streams.
  var history: HTTP2StreamHistory
  /// The block of header fields being received.
  var fields: HTTP2RequestFields
  var now: NIODeadline
  /// Which of several large bodies gets credit.
  var turns: HTTP2BodyTurns
  private var scanner = HTTP2FrameScanner()
  private var context: ChannelHandlerContext?
  /// Requests that became whole while the engine was taking bytes in.
  private var ready: [HTTP2ServerStream] = []
  /// The engine is taking bytes in: nothing may be written yet.
  private var isReceiving = false
  /// A read is going on, at whose end everything is written.
  private var isReading = false
  private var isFlushScheduled = false
  private var isClosing = false
  private var idleSince: NIODeadline
  /// When the block of header fields that is still open began.
  private var openHeadersSince: NIODeadline?
  private var departure = HTTP2Departure()
  /// A budget found exceeded while frames were being written or taken in.
  var excess: HTTPExcess?

  init(_ connection: HTTPConnectionContext, isTLS: Bool, now: NIODeadline) {
    self.connection = connection
    self.isTLS = isTLS
    self.now = now
    idleSince = now
    budgets = HTTP2AbuseBudgets(limits: connection.options.http2, now: now)
    turns = HTTP2BodyTurns(windowBytes: connection.options.http2.streamWindowBytes)
    history = HTTP2StreamHistory(maxConcurrentStreams: connection.options.http2.maxConcurrentStreams)
    fields = HTTP2RequestFields(
      maxBytes: connection.options.maxHeaderBytes, maxCount: connection.options.maxHeaderCount)
  }

  var limits: HTTP2Limits { connection.options.http2 }

  // MARK: Channel events

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    let announcement = HTTP2Announcement(limits, maxHeaderBytes: connection.options.maxHeaderBytes)
    engine = HTTP2Engine(.server(limits), announcing: announcement, delegate: self)
    if engine == nil { close() } else { scheduleFlush() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    cancelStreams()
    self.context = nil
    engine = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    isClosing = true
    cancelStreams()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    isReading = true
    now = context.eventLoop.now
    unwrapInboundIn(data).withUnsafeReadableBytes { raw in
      raw.withMemoryRebound(to: UInt8.self) { receive($0) }
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
    guard !isClosing else { return }
    now = context.eventLoop.now
    switch event {
    case .tick: checkDeadlines()
    case .tooOld, .drain: depart()
    }
    flush()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    close()
  }

  // MARK: Bytes in

  private func receive(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let engine else { return }
    budgets.roll(now: now)
    if let fault = scanner.scan(bytes, { self.inspect($0) }) { return end(fault) }
    isReceiving = true
    defer { isReceiving = false }
    do {
      try engine.receive(bytes)
    } catch .headersStopped {
      // `excess` says why.
    } catch .controlQueueFull {
      return refuseConnection(
        HTTPExcess(abuse: .controlQueueFlood, count: engine.queuedFrames, limit: limits.maxQueuedControlFrames))
    } catch {
      connection.metrics.refuse(.protocolError)
      return close()
    }
    if let excess { return refuseConnection(excess) }
    let limit = limits.maxQueuedControlFrames &+ limits.maxConcurrentStreams &* 2
    if engine.queuedFrames > limit {
      refuseConnection(HTTPExcess(abuse: .controlQueueFlood, count: engine.queuedFrames, limit: limit))
    }
  }

  /// Why the connection is to end with a frame.
  private enum Fault {
    case excess(HTTPExcess)
    case violation(HTTP2Violation)
  }

  private func inspect(_ frame: HTTP2Frame) -> Fault? {
    if frame.type == HTTP2Frame.headers || frame.type == HTTP2Frame.continuation {
      openHeadersSince = frame.has(HTTP2Frame.endHeaders) ? nil : openHeadersSince ?? now
    }
    if let excess = budgets.charge(frame) { return .excess(excess) }
    return history.judge(frame) { streams[Int32(truncatingIfNeeded: $0)] != nil }.map { .violation($0) }
  }

  private func end(_ fault: Fault) {
    switch fault {
    case .excess(let excess): refuseConnection(excess)
    case .violation(let violation): endConnection(violation.code, violation.reason)
    }
  }

  /// Says ENHANCE_YOUR_CALM and why, and closes: RFC 9113 section 10.5.
  private func refuseConnection(_ excess: HTTPExcess) {
    connection.metrics.refuse(excess.abuse)
    endConnection(NGHTTP2_ENHANCE_YOUR_CALM, excess.description)
  }

  private func endConnection(_ code: nghttp2_error_code, _ reason: String) {
    excess = nil
    engine?.terminate(code: code, reason: reason)
    isReceiving = false
    flush()
    close()
  }

  func requestIsWhole(_ stream: HTTP2ServerStream) {
    stream.stage = .ready
    ready.append(stream)
    endTurn(stream)
  }

  /// Lets the client send more of a body.
  func giveCredit(_ stream: HTTP2ServerStream) {
    if !stream.hasWideWindow {
      stream.hasWideWindow = true
      engine?.setWindow(ofStream: stream.id, bytes: max(limits.streamWindowBytes, limits.connectionWindowBytes))
    }
    engine?.consumeStream(stream.id, bytes: stream.uncreditedBytes)
    stream.uncreditedBytes = 0
  }

  /// A body of which nothing more is wanted gives its turn to the next.
  func endTurn(_ stream: HTTP2ServerStream) {
    if let next = turns.ended(stream.id).flatMap({ streams[$0] }) { takeUp(next) }
  }

  /// Goes on with a body that had no credit, and counts its time anew.
  private func takeUp(_ stream: HTTP2ServerStream) {
    stream.progress.waited(until: now)
    giveCredit(stream)
  }

  private func serveReady() {
    while !ready.isEmpty, !isClosing {
      let requests = ready
      ready.removeAll(keepingCapacity: true)
      for stream in requests where stream.stage == .ready { serve(stream) }
    }
  }

  private func serve(_ stream: HTTP2ServerStream) {
    guard let context, let head = stream.head else { return }
    stream.stage = .serving
    let bytes = stream.collector?.take() ?? []
    let responder = makeResponder(stream.id, context.eventLoop)
    stream.answer = responder.progress
    connection.metrics.add(1, to: connection.metrics.requestsHTTP2)
    let request = HTTPRequest(head: head, body: bytes, isOneOfSeveral: streams.count > 1)
    connection.service.respond(to: request, through: responder)
  }

  private func makeResponder(_ stream: Int32, _ eventLoop: any EventLoop) -> HTTPResponder {
    let handler = NIOLoopBound(self, eventLoop: eventLoop)
    return HTTPResponder(eventLoop: eventLoop) { event in handler.value.answer(stream, event) }
  }

  // MARK: Answers

  /// Takes the next step of an answer; it goes out with the next flush.
  private func answer(_ id: Int32, _ event: HTTPResponseEvent) {
    guard let stream = streams[id], stream.stage == .serving else { return }
    now = context?.eventLoop.now ?? now
    send(event, on: stream)
    scheduleFlush()
  }

  /// Answers in the service's stead; what the client still sends is dropped.
  func refuse(_ stream: HTTP2ServerStream, _ response: HTTPResponse) {
    stream.stage = .refused
    stream.collector?.release()
    stream.collector = nil
    endTurn(stream)
    send(.whole(response), on: stream)
  }

  private func send(_ event: HTTPResponseEvent, on stream: HTTP2ServerStream) {
    stream.answerProgress = now
    switch event {
    case .whole(let response):
      let hasBody = response.body.readableBytes > 0 && stream.head?.method != "HEAD"
      if hasBody { stream.outbound.append(response.body) }
      stream.outbound.end(trailers: response.trailers)
      submit(stream, response.status, response.headers, hasBody: hasBody || response.trailers != nil)
    case .start(let status, let headers):
      if stream.head?.method == "HEAD" { stream.outbound.end(trailers: nil) }
      submit(stream, status, headers, hasBody: true)
    case .body(let bytes):
      stream.outbound.append(bytes)
      engine?.resume(stream: stream.id)
    case .end(let trailers):
      stream.outbound.end(trailers: trailers)
      engine?.resume(stream: stream.id)
    case .abandoned:
      engine?.reset(stream: stream.id, code: NGHTTP2_INTERNAL_ERROR)
    }
  }

  private func submit(_ stream: HTTP2ServerStream, _ status: Int, _ headers: HTTPHeaders, hasBody: Bool) {
    if engine?.submitResponse(stream: stream.id, status: status, headers: headers, hasBody: hasBody) != true {
      engine?.reset(stream: stream.id, code: NGHTTP2_INTERNAL_ERROR)
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
    guard !isReceiving, !isClosing, let context, let engine else { return }
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
    if let excess {
      self.excess = nil
      refuseConnection(excess)
    } else if isDrained, engine.isOver {
      closeWhenWritten(context)
    }
  }

  private func closeWhenWritten(_ context: ChannelHandlerContext) {
    isClosing = true
    let promise = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    promise.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
  }

  private func close() {
    isClosing = true
    cancelStreams()
    context?.close(promise: nil)
  }

  private func cancelStreams() {
    let open = streams.values
    streams = [:]
    for stream in open {
      stream.collector?.release()
      stream.answer?.cancel()
    }
  }

  func streamEnded() {
    if streams.isEmpty { idleSince = now }
  }

  // MARK: Deadlines

  private func checkDeadlines() {
    let options = connection.options
    budgets.roll(now: now)
    if let openHeadersSince, now - openHeadersSince >= TimeAmount(options.headerTimeout) {
      connection.metrics.refuse(.slowHeader)
      return close()
    }
    for stream in turns.look().compactMap({ streams[$0] }) { takeUp(stream) }
    for stream in Array(streams.values) { checkDeadlines(of: stream) }
    if streams.isEmpty, now - idleSince >= TimeAmount(options.idleTimeout) { depart() }
    if departure.noticeIsOver(now: now) { sayGoAway() }
    if departure.isLate(now: now, grace: options.maxConnectionAgeGrace) { close() }
  }

  private func checkDeadlines(of stream: HTTP2ServerStream) {
    let options = connection.options
    if stream.isStalled(now: now, timeout: options.writeTimeout) {
      connection.metrics.refuse(.slowReader)
      stream.outbound.discard()
      engine?.reset(stream: stream.id, code: NGHTTP2_CANCEL)
    } else if stream.stage == .gatheringBody, let head = stream.head {
      if turns.isWaiting(stream.id) { stream.progress.waited(until: now) }
      let after = stream.progress.timedOut(
        now: now, timeout: options.bodyTimeout, minBytes: options.minBodyProgressBytes)
      if let after { refuseBody(stream, head, .timedOut(after: after)) }
    }
  }

  func refuseBody(_ stream: HTTP2ServerStream, _ head: HTTPRequestHead, _ reason: HTTPBodyRefusal) {
    connection.metrics.refuse(reason)
    refuse(stream, connection.service.refusal(of: head, because: reason))
  }

  // MARK: Going away

  /// Announces GOAWAY, and says it once the client has had time to hear: RFC 9113 section 6.8.
  private func depart() {
    guard departure.begin(now: now) else { return }
    engine?.announceGoAway()
    engine?.ping()
  }

  func pingAnswered() {
    if departure.noticeWasHeard() { sayGoAway() }
  }

  private func sayGoAway() {
    departure.finalise(now: now)
    engine?.goAway()
  }
}
