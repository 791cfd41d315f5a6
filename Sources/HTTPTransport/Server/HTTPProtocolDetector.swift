import NIOCore
import NIOHTTP1
import NIOSSL

/// Tells HTTP/2 from HTTP/1.1 by the client's first bytes, and makes way for the handler that speaks it; without TLS
/// it turns away who begins a handshake.
final class HTTPProtocolDetector: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var connection: HTTPConnectionContext
  /// Nil without TLS.
  private let handshake: TLSHandshake?
  private let since: NIODeadline
  private var received = ByteBuffer()
  /// When the server began to shut down.
  private var partingSince: NIODeadline?
  private var isOver = false

  /// What an HTTP/2 client sends first: RFC 9113 section 3.4.
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  init(_ connection: HTTPConnectionContext, handshake: TLSHandshake? = nil, now: NIODeadline) {
    self.connection = connection
    self.handshake = handshake
    since = now
  }

  /// The version that `bytes` begin, or nil when they may still become either.
  static func version(of bytes: some Sequence<UInt8>) -> HTTPVersionSpoken? {
    var matched = 0
    for (byte, expected) in zip(bytes, preface) {
      if byte != expected { return .http1 }
      matched &+= 1
    }
    return matched == preface.count ? .http2 : nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    received.writeBuffer(&bytes)
    if handshake == nil, let isTLS = TLSClientHello.isBegun(by: received.readableBytesView) {
      if isTLS { refuseTLS(context) }
      return
    }
    guard let version = Self.version(of: received.readableBytesView) else { return }
    if handshake != nil { connection.peer.certificate = certificate(context) }
    do {
      try speak(version, context)
    } catch {
      return context.close(promise: nil)
    }
    if partingSince != nil { context.fireUserInboundEventTriggered(HTTPConnectionEvent.drain) }
    context.fireChannelRead(wrapInboundOut(received))
    received = ByteBuffer()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    let now = context.eventLoop.now
    switch event as? HTTPConnectionEvent {
    case .tick where now - since >= TimeAmount(connection.options.headerTimeout):
      connection.metrics.refuse(.slowHeader)
      context.close(promise: nil)
    case .tick where hasParted(now):
      context.close(promise: nil)
    case .drain:
      partingSince = partingSince ?? now
    default:
      context.fireUserInboundEventTriggered(event)
    }
  }

  private func hasParted(_ now: NIODeadline) -> Bool {
    let time =
      received.readableBytes == 0 ? HTTPConnectionEvent.partingTime : TimeAmount(HTTPBodyProgress.standstillTime)
    return partingSince.map { now - $0 >= time } ?? false
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    handshake?.failed(error, context.channel)
    context.close(promise: nil)
  }

  /// What the client has shown in its handshake, which is over once there are bytes.
  private func certificate(_ context: ChannelHandlerContext) -> ClientCertificate? {
    (try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)).flatMap { ClientCertificate(of: $0) }
  }

  /// Says in clear text what this port speaks, by which TLS libraries know it, and closes.
  private func refuseTLS(_ context: ChannelHandlerContext) {
    received = ByteBuffer()
    guard !isOver else { return }
    isOver = true
    connection.refuse(.tlsToClearText, detail: "the client speaks TLS, the port clear text", on: context.channel)
    let text = "This port speaks clear text, not TLS.\n"
    let answer = """
      HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r
      content-length: \(text.utf8.count)\r\nconnection: close\r\n
      """
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer + "\r\n" + text)), promise: written)
    written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
  }

  private func speak(_ version: HTTPVersionSpoken, _ context: ChannelHandlerContext) throws {
    let pipeline = context.pipeline.syncOperations
    switch version {
    case .http1:
      var limits = NIOHTTPDecoderLimitConfiguration()
      limits.maxHeaderFieldSize = connection.options.maxHeaderBytes
      limits.maxHeaderListSize = connection.options.maxHeaderBytes
      limits.maxHeaderFieldCount = connection.options.maxHeaderCount
      let decoder = ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits))
      let handler = HTTP1ServerHandler(connection, now: since)
      try pipeline.addHandlers([decoder, handler], position: .after(self))
    case .http2:
      let handler = HTTP2ServerHandler(connection, now: context.eventLoop.now)
      try pipeline.addHandler(handler, position: .after(self))
    }
  }
}
