import CNGHTTP2
import NIOCore
import NIOHTTP1

/// The client's side of one HTTP/2 connection: calls to the engine, bytes to and from the socket, results back.
final class HTTP2ClientHandler: ChannelInboundHandler, NIOScheduledCallbackHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let options: HTTP2ClientOptions
  private let origin: HTTP2Origin
  private let state: HTTP2ClientState
  private var context: ChannelHandlerContext?
  var engine: HTTP2Engine?
  var streams: [Int32: HTTP2ClientStream] = [:]
  var unsentRequests = 0
  private var isReceiving = false
  private var isFlushScheduled = false
  private var isClosed = false
  private var isEstablished = false
  private var closeReason = "closed by the server"
  private var now: NIODeadline
  private var lastReceived: NIODeadline
  private var pingSince: NIODeadline?
  private var tick: NIOScheduledCallback?

  /// A handler of a channel on the event loop of `state`.
  init(options: HTTP2ClientOptions, origin: HTTP2Origin, state: HTTP2ClientState) {
    self.options = options
    self.origin = origin
    self.state = state
    now = state.established.futureResult.eventLoop.now
    lastReceived = now
  }

  // MARK: Channel events

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    engine = HTTP2Engine(.client, announcing: HTTP2Announcement(options), delegate: self)
    if context.channel.isActive { begin() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    fail(closeReason)
    tick?.cancel()
    self.context = nil
    engine = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    begin()
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(closeReason)
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosed, let engine else { return }
    now = context.eventLoop.now
    lastReceived = now
    pingSince = nil
    isReceiving = true
    let failure: HTTP2EngineFailure? = unsafe unwrapInboundIn(data).withUnsafeReadableBytes { raw in
      unsafe raw.withMemoryRebound(to: UInt8.self) { bytes in
        do throws(HTTP2EngineFailure) { try unsafe engine.receive(bytes) } catch { return error }
        return nil
      }
    }
    isReceiving = false
    switch failure {
    case nil: break
    case .headersStopped: close("the server's header fields are far too large")
    case .controlQueueFull, .failed: close("the server does not speak HTTP/2")
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    flush()
    context.fireChannelReadComplete()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    close(networkReason(of: error) ?? "\(error)")
  }

  func handleScheduledCallback(eventLoop: some EventLoop) {
    now = eventLoop.now
    checkKeepAlive()
    scheduleTick()
  }

  // MARK: Calls

  /// Sends a call's request; its result comes by `finish`.
  func send(_ call: HTTP2ClientCall) {
    guard !call.isCancelled.load(ordering: .acquiring) else { return call.finish(.failure(.cancelled)) }
    guard state.isOpen, let context, let engine else {
      return call.finish(.failure(.notProcessed(reason: "the connection is closing")))
    }
    guard unsentRequests < options.maxWaitingRequests else {
      let reason = "\(unsentRequests) requests wait to be sent, the limit is \(options.maxWaitingRequests)"
      return call.finish(.failure(.notProcessed(reason: reason)))
    }
    now = context.eventLoop.now
    guard let id = engine.submitRequest(call.request, to: origin) else {
      state.close()
      return call.finish(.failure(.notProcessed(reason: "the connection has no streams left")))
    }
    unsentRequests &+= 1
    start(id, call, context)
    scheduleFlush()
  }

  private func start(_ id: Int32, _ call: HTTP2ClientCall, _ context: ChannelHandlerContext) {
    let stream = HTTP2ClientStream(id: id, call: call, fields: freshFields(), now: now)
    streams[id] = stream
    stream.timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(call.timeout)) {
      self.timeOut(id)
    }
  }

  func freshFields() -> HTTP2HeaderFields {
    HTTP2HeaderFields(maxBytes: options.maxHeaderBytes, maxCount: .max)
  }

  /// A call's task was cancelled: the server is told to stop.
  func cancel(_ call: HTTP2ClientCall) {
    guard let stream = streams.values.first(where: { $0.call === call }) else { return }
    end(stream, .failure(.cancelled), reset: NGHTTP2_CANCEL)
    scheduleFlush()
  }

  /// A server that has said nothing since the request went out may be gone: no more requests are sent to it.
  private func timeOut(_ id: Int32) {
    guard let stream = streams[id] else { return }
    if lastReceived <= stream.sentAt { state.close() }
    end(stream, .failure(.timedOut(after: stream.call.timeout)), reset: NGHTTP2_CANCEL)
    scheduleFlush()
  }

  /// Finishes a call, and resets its stream where the server is not done with it.
  func end(_ stream: HTTP2ClientStream, _ outcome: HTTP2ClientCall.Outcome, reset code: nghttp2_error_code?) {
    guard streams.removeValue(forKey: stream.id) != nil else { return }
    if !stream.isSent { unsentRequests &-= 1 }
    stream.timer?.cancel()
    if let code { engine?.reset(stream: stream.id, code: code) }
    stream.call.finish(outcome)
  }

  func serverIsEstablished() {
    isEstablished = true
    state.established.succeed()
  }

  /// The engine has found a fault in what the server sends, and is about to close.
  func serverBrokeRules(_ code: UInt32) {
    state.close()
    closeReason =
      isEstablished ? "the server broke the rules of HTTP/2: error code \(code)" : "the server does not speak HTTP/2"
  }

  func serverSaidGoAway() {
    state.close()
    closeReason = "the server said GOAWAY"
  }

  // MARK: Bytes out

  private func begin() {
    guard tick == nil else { return }
    scheduleTick()
    flush()
  }

  func scheduleFlush() {
    guard !isReceiving, !isFlushScheduled, let context else { return }
    isFlushScheduled = true
    context.eventLoop.assumeIsolated().execute {
      self.isFlushScheduled = false
      self.flush()
    }
  }

  private func flush() {
    guard !isReceiving, !isClosed, let context, let engine else { return }
    var isDrained = false
    while !isDrained, context.channel.isWritable {
      var buffer = context.channel.allocator.buffer(capacity: 1024)
      do {
        isDrained = try engine.drain(into: &buffer, targetBytes: HTTP2Engine.writeBytes)
      } catch {
        return close("the HTTP/2 engine failed")
      }
      guard buffer.readableBytes > 0 else { break }
      context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }
    if isDrained, engine.isOver { close(closeReason) }
  }

  // MARK: Closing

  /// Says GOAWAY and closes; calls in flight fail.
  func shutDown() {
    engine?.goAway()
    flush()
    close("closed by the client")
  }

  private func close(_ reason: String) {
    fail(reason)
    context?.close(promise: nil)
  }

  private func fail(_ reason: String) {
    guard !isClosed else { return }
    isClosed = true
    state.close()
    state.established.fail(HTTP2ClientError.cannotConnect(reason: reason))
    for stream in Array(streams.values) {
      end(
        stream, .failure(stream.isSent ? .connectionClosed(reason: reason) : .notProcessed(reason: reason)),
        reset: nil)
    }
  }

  // MARK: Keep-alive

  private func scheduleTick() {
    guard let context, let interval = options.keepAliveInterval, !isClosed else { return }
    let wait = TimeAmount(min(interval, options.keepAliveTimeout) / 2)
    tick = try? context.eventLoop.assumeIsolated().scheduleCallback(in: wait, handler: self)
  }

  private func checkKeepAlive() {
    guard !streams.isEmpty, let interval = options.keepAliveInterval else { return }
    if let pingSince {
      if now - pingSince >= TimeAmount(options.keepAliveTimeout) {
        close("no answer to PING within \(options.keepAliveTimeout)")
      }
    } else if now - lastReceived >= TimeAmount(interval) {
      pingSince = now
      engine?.ping()
      flush()
    }
  }
}
