import NIOCore
import NIOEmbedded
import NIOHTTP1

@testable import HTTPTransport

/// A server's connection without a socket, from the first byte on, and the text it sent.
final class HTTP1Peer {
  let channel: EmbeddedChannel
  let metrics = HTTPServerMetrics()
  let service: TestService
  private let socket = SocketStandIn()

  init(_ service: TestService = TestService(), options: HTTPServerOptions = HTTPServerOptions()) throws {
    self.service = service
    let loop = EmbeddedEventLoop()
    let connection = HTTPConnectionContext(
      service: service, options: options, metrics: metrics, peer: HTTPPeer(address: "192.0.2.1:1", isTLS: false))
    let detector = HTTPProtocolDetector(connection, now: loop.now)
    channel = EmbeddedChannel(handlers: [socket, detector], loop: loop)
    try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
  }

  deinit {
    _ = try? channel.finish(acceptAlreadyClosed: true)
  }

  /// Reads asked of the socket.
  var reads: Int { socket.reads }
  private(set) var text = ""
  var isOpen: Bool { channel.isActive }
  /// The server has said that it will send no more.
  var isHalfClosed: Bool { socket.isOutputClosed }

  /// The status codes of the answers so far.
  var statuses: [String] {
    text.split(separator: "HTTP/1.1 ").map { String($0.prefix(3)) }.filter { Int($0) != nil }
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) {
    guard channel.isActive else { return }
    _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
    takeAnswers()
  }

  func takeAnswers() {
    channel.embeddedEventLoop.run()
    while let buffer = try? channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
  }

  func pass(_ time: TimeAmount) {
    channel.embeddedEventLoop.advanceTime(by: time)
    tell(.tick)
  }

  func tell(_ event: HTTPConnectionEvent) {
    channel.pipeline.fireUserInboundEventTriggered(event)
    takeAnswers()
  }
}

/// Stands in for a socket that can be closed one way, which an embedded channel cannot, and counts the reads asked for.
private final class SocketStandIn: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer
  private(set) var isOutputClosed = false
  private(set) var reads = 0

  func read(context: ChannelHandlerContext) {
    reads += 1
    context.read()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard mode == .output else { return context.close(mode: mode, promise: promise) }
    isOutputClosed = true
    promise?.succeed()
  }
}
