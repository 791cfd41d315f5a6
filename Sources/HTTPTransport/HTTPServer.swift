package import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server of HTTP/1.1 and HTTP/2 on one port.
package final class HTTPServer: Sendable {
  package let boundPort: Int
  private let listener: any Channel
  private let connections: HTTPConnections
  private let metrics: HTTPServerMetrics

  private init(boundPort: Int, listener: any Channel, connections: HTTPConnections, metrics: HTTPServerMetrics) {
    self.boundPort = boundPort
    self.listener = listener
    self.connections = connections
    self.metrics = metrics
  }

  /// Binds and serves until `drain`.
  package static func start(
    _ options: HTTPServerOptions, service: any HTTPService, group: any EventLoopGroup
  ) async throws -> HTTPServer {
    let metrics = HTTPServerMetrics()
    let connections = HTTPConnections(limit: options.maxConnections)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: Int32(clamping: options.acceptQueueLength))
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.so_keepalive), value: options.tcpKeepAlive ? 1 : 0)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: options.tcpNoDelay ? 1 : 0)
      .childChannelOption(.recvAllocator, value: readSizes)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try begin(channel, options: options, service: service, metrics: metrics, connections: connections)
        }
      }
    let listener = try await bootstrap.bind(host: options.host, port: options.port).get()
    return HTTPServer(
      boundPort: listener.localAddress?.port ?? options.port, listener: listener, connections: connections,
      metrics: metrics)
  }

  /// Bytes that a connection reads at once: more as long as reads are full. Each read of a busy connection has the system
  /// answer the sender, whose next bytes then arrive before the call returns; few large reads cost less than many.
  private static var readSizes: AdaptiveRecvByteBufferAllocator {
    AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2048, maximum: 128 << 10)
  }

  /// Stops accepting, tells clients to go (GOAWAY, `Connection: close`), lets requests in flight finish for at most
  /// `within`, then closes what is left.
  package func drain(within limit: Duration) async {
    try? await listener.close()
    connections.drain()
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while connections.count > 0, clock.now < deadline {
      do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
    }
    connections.closeAll()
  }

  package var counters: HTTPServerCounters { metrics.snapshot }

  /// Makes a new connection's pipeline, on its event loop.
  private static func begin(
    _ channel: any Channel, options: HTTPServerOptions, service: any HTTPService, metrics: HTTPServerMetrics,
    connections: HTTPConnections
  ) throws {
    metrics.add(1, to: metrics.connectionsTotal)
    guard connections.insert(channel) else {
      metrics.refuse(.tooManyConnections)
      throw ChannelError.ioOnClosedChannel
    }
    metrics.add(1, to: metrics.connectionsOpen)
    channel.closeFuture.whenComplete { _ in
      connections.remove(channel)
      metrics.add(-1, to: metrics.connectionsOpen)
    }
    let now = channel.eventLoop.now
    let connection = HTTPConnectionContext(
      service: service, options: options, metrics: metrics,
      remoteAddress: HTTPConnectionContext.describe(channel.remoteAddress))
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(HTTPConnectionMeter(metrics: metrics, options: options, now: now))
    let handshake = options.tls.map { _ in TLSHandshake(connection) }
    if let tls = options.tls, let handshake {
      try pipeline.addHandlers([handshake, NIOSSLServerHandler(context: tls)])
    }
    try pipeline.addHandler(HTTPProtocolDetector(connection, handshake: handshake, now: now))
  }
}
