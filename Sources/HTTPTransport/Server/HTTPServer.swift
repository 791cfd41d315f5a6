import Glibc
package import NIOCore
import NIOPosix

/// A server of HTTP/1.1 and HTTP/2 on one port.
package final class HTTPServer: Sendable {
  package let boundPort: Int
  /// The addresses that it listens on, as `ip:port`.
  package let boundAddresses: [String]
  private let listeners: [any Channel]
  private let connections: HTTPConnections
  private let metrics: HTTPServerMetrics
  private let current: CurrentOptions

  private init(
    listeners: [any Channel], connections: HTTPConnections, metrics: HTTPServerMetrics, current: CurrentOptions
  ) {
    boundPort = listeners.first?.localAddress?.port ?? 0
    boundAddresses = listeners.compactMap { $0.localAddress?.plainDescription }
    self.listeners = listeners
    self.connections = connections
    self.metrics = metrics
    self.current = current
  }

  /// Binds and serves until `drain`.
  package static func start(
    _ options: HTTPServerOptions, service: any HTTPService, group: any EventLoopGroup
  ) async throws -> HTTPServer {
    let metrics = HTTPServerMetrics()
    let connections = HTTPConnections(limit: options.maxConnections)
    let current = CurrentOptions(options)
    let acceptor = HTTPAcceptor(current: current, service: service, metrics: metrics, connections: connections)
    let bootstrap = { (isDual: Bool) in
      var bootstrap = ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: Int32(clamping: options.acceptQueueLength))
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(takesPortOfAnother, value: options.isBesideAnother ? 1 : 0)
        .childChannelOption(.socketOption(.so_keepalive), value: options.tcpKeepAlive ? 1 : 0)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: options.tcpNoDelay ? 1 : 0)
        .childChannelOption(.recvAllocator, value: readSizes)
        .serverChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(AcceptRest { acceptor.turnAway($0) })
          }
        }
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try acceptor.accept(channel) }
        }
      if isDual { bootstrap = bootstrap.serverChannelOption(takesIPv6Only, value: 0) }
      return bootstrap
    }
    let listeners = try await HTTPListening(bootstrap: bootstrap, host: options.host, port: options.port).open()
    let server = HTTPServer(listeners: listeners, connections: connections, metrics: metrics, current: current)
    // Whoever starts on the port by mistake is to find it taken.
    if options.isBesideAnother { await server.makeWay(false) }
    return server
  }

  /// Lets a server that is to take its place listen on the port, or no longer.
  package func makeWay(_ isMade: Bool) async {
    for listener in listeners {
      try? await listener.setOption(Self.takesPortOfAnother, value: isMade ? 1 : 0).get()
    }
  }

  /// Takes no more connections; those that it has go on.
  package func stopListening() async {
    for listener in listeners { try? await listener.close() }
  }

  private static var takesPortOfAnother: ChannelOptions.Types.SocketOption { .init(level: .socket, name: portSharing) }
  private static var portSharing: NIOBSDSocket.Option { NIOBSDSocket.Option(rawValue: SO_REUSEPORT) }

  private static var takesIPv6Only: ChannelOptions.Types.SocketOption { .init(level: .ipv6, name: .ipv6_v6only) }

  /// Bytes that a connection reads at once: more as long as reads are full. Each read of a busy connection has the
  /// system answer the sender, whose next bytes then arrive before the call returns; few large reads cost less than
  /// many.
  private static var readSizes: AdaptiveRecvByteBufferAllocator {
    AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2048, maximum: 128 << 10)
  }

  /// Has other options hold for connections from now on, but for the address and the length of the queue of those that
  /// are not accepted yet.
  package func use(_ options: HTTPServerOptions) {
    connections.setLimit(options.maxConnections)
    current.options = options
  }

  /// Stops accepting, tells clients to go (GOAWAY, `Connection: close`), serves what is in flight and on its way for at
  /// most `within`, then closes what is left.
  package func drain(within limit: Duration) async {
    await stopListening()
    connections.drain()
    let deadline = ContinuousClock.now + limit
    await wait(until: deadline - min(Self.lastCallTime, limit / 2))
    connections.lastCall()
    await wait(until: deadline)
    connections.closeAll()
  }

  /// How long before connections are closed those who still wait for an answer get the one that there can be.
  private static let lastCallTime = Duration.milliseconds(500)

  /// Waits until no connection is left, no longer than to a point in time.
  private func wait(until deadline: ContinuousClock.Instant) async {
    while connections.count > 0, ContinuousClock.now < deadline {
      do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
    }
  }

  package var counters: HTTPServerCounters { metrics.snapshot }
}
