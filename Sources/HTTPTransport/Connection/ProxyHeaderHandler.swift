import NIOCore

/// Stands before all others on a connection of a proxy that is trusted to say who the sender is: takes its header off,
/// has the rest of the pipeline made with the sender's address, and leaves.
final class ProxyHeaderHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// Adds the other handlers behind a handler.
  typealias GoOn = (HTTPConnectionContext, ChannelPipeline.SynchronousOperations) throws -> Void

  private var connection: HTTPConnectionContext
  private let since: NIODeadline
  private let goOn: GoOn
  private var received = ByteBuffer()
  /// When the server began to shut down.
  private var partingSince: NIODeadline?
  private var isOver = false

  init(_ connection: HTTPConnectionContext, now: NIODeadline, goOn: @escaping GoOn) {
    self.connection = connection
    self.goOn = goOn
    since = now
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    var bytes = unwrapInboundIn(data)
    received.writeBuffer(&bytes)
    switch ProxyHeader.read(received) {
    case .incomplete: return
    case .malformed: refuse(.badProxyHeader, context)
    case .whole(let byteCount, let source):
      isOver = true
      received.moveReaderIndex(forwardBy: byteCount)
      if let source { connection.peer.move(to: source.address, port: source.port, connection.options.proxies) }
      do {
        try goOn(connection, context.pipeline.syncOperations)
      } catch {
        return context.close(promise: nil)
      }
      if partingSince != nil { context.fireUserInboundEventTriggered(HTTPConnectionEvent.drain) }
      if received.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(received)) }
      received = ByteBuffer()
      context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    let now = context.eventLoop.now
    switch event as? HTTPConnectionEvent {
    case .tick where now - since >= TimeAmount(connection.options.headerTimeout): refuse(.slowHeader, context)
    case .tick where received.readableBytes == 0 && hasParted(now): context.close(promise: nil)
    case .drain: partingSince = partingSince ?? now
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  private func hasParted(_ now: NIODeadline) -> Bool {
    partingSince.map { now - $0 >= HTTPConnectionEvent.partingTime } ?? false
  }

  private func refuse(_ abuse: HTTPAbuse, _ context: ChannelHandlerContext) {
    isOver = true
    received = ByteBuffer()
    connection.refuse(abuse, detail: "", on: context.channel)
    context.close(promise: nil)
  }
}
