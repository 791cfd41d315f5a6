import NIOCore

/// First handler of every connection: counts its bytes, wakes the others, and cuts off a client that does not read.
final class HTTPConnectionMeter: ChannelDuplexHandler, NIOScheduledCallbackHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let metrics: HTTPServerMetrics
  private let options: HTTPServerOptions
  private let interval: TimeAmount
  private var context: ChannelHandlerContext?
  private var tick: NIOScheduledCallback?
  private var endOfAge: NIODeadline?
  private var bufferedBytes = 0
  private var writtenSinceTick = 0
  private var writeProgress: NIODeadline

  init(metrics: HTTPServerMetrics, options: HTTPServerOptions, now: NIODeadline) {
    self.metrics = metrics
    self.options = options
    interval = HTTPConnectionContext.tickInterval(options)
    writeProgress = now
    endOfAge = options.maxConnectionAge.map { now + TimeAmount($0 * Double.random(in: 0.9...1.1)) }
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    schedule()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    tick?.cancel()
    self.context = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    metrics.add(unwrapInboundIn(data).readableBytes, to: metrics.bytesRead)
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let count = unwrapOutboundIn(data).readableBytes
    metrics.add(count, to: metrics.bytesWritten)
    writtenSinceTick &+= count
    context.write(data, promise: promise)
  }

  func handleScheduledCallback(eventLoop: some EventLoop) {
    guard let context else { return }
    let now = eventLoop.now
    if isStalled(context, now: now) {
      metrics.refuse(.slowReader)
      context.close(promise: nil)
      return
    }
    context.fireUserInboundEventTriggered(HTTPConnectionEvent.tick)
    if let endOfAge, now >= endOfAge {
      self.endOfAge = nil
      context.fireUserInboundEventTriggered(HTTPConnectionEvent.tooOld)
    }
    schedule()
  }

  private func schedule() {
    guard let context else { return }
    tick = try? context.eventLoop.assumeIsolated().scheduleCallback(in: interval, handler: self)
  }

  /// True when bytes wait to be written and the client has taken none for the whole write timeout.
  private func isStalled(_ context: ChannelHandlerContext, now: NIODeadline) -> Bool {
    let buffered = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    let tookSome = buffered < bufferedBytes &+ writtenSinceTick
    if buffered == 0 || tookSome { writeProgress = now }
    bufferedBytes = buffered
    writtenSinceTick = 0
    return now - writeProgress >= TimeAmount(options.writeTimeout)
  }
}
