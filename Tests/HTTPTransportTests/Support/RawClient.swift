import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A TCP client that sends what it is told and keeps what it gets.
final class RawClient: Sendable {
  private struct State {
    var received: [UInt8] = []
    var isClosed = false
  }

  private final class Collector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let state: Mutex<State>

    init() { state = Mutex(State()) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let bytes = unwrapInboundIn(data)
      state.withLock { $0.received += Array(bytes.readableBytesView) }
    }

    func channelInactive(context: ChannelHandlerContext) { state.withLock { $0.isClosed = true } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    var now: State { state.withLock { $0 } }
  }

  let channel: any Channel
  private let collector: Collector

  private init(channel: any Channel, collector: Collector) {
    self.channel = channel
    self.collector = collector
  }

  static func connect(
    _ port: Int, tls: NIOSSLContext? = nil, reads: Bool = true, receiveBufferBytes: Int? = nil
  ) async throws -> RawClient {
    let collector = Collector()
    var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: reads)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
          }
          try channel.pipeline.syncOperations.addHandler(collector)
        }
      }
    if let receiveBufferBytes {
      bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: receiveBufferBytes)
    }
    let channel = try await bootstrap.connect(host: "127.0.0.1", port: port).get()
    return RawClient(channel: channel, collector: collector)
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

  var text: String { String(decoding: collector.now.received, as: UTF8.self) }
  var receivedBytes: Int { collector.now.received.count }
  var isClosed: Bool { collector.now.isClosed }

  /// Waits until `condition` holds, for at most `limit`; answers whether it does.
  func wait(_ limit: Duration = .seconds(60), until condition: (RawClient) -> Bool) async throws -> Bool {
    try await eventually(limit) { condition(self) }
  }

  func close() { channel.close(promise: nil) }
}

/// Waits until `condition` holds, for at most `limit`; answers whether it does.
func eventually(_ limit: Duration = .seconds(60), _ condition: () -> Bool) async throws -> Bool {
  let clock = ContinuousClock()
  let deadline = clock.now + limit
  while !condition() {
    guard clock.now < deadline else { return false }
    try await Task.sleep(for: .milliseconds(2))
  }
  return true
}
