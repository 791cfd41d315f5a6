import NIOCore
import NIOSSL
import Synchronization

/// Takes a server's new connections in, or turns them away.
struct HTTPAcceptor: Sendable {
  let current: CurrentOptions
  let service: any HTTPService
  let metrics: HTTPServerMetrics
  let connections: HTTPConnections

  private var options: HTTPServerOptions { current.options }

  /// Makes a new connection's pipeline, on its event loop; throws to have it closed.
  func accept(_ channel: any Channel) throws {
    metrics.add(1, to: metrics.connectionsTotal)
    guard hasDescriptorToSpare(channel) else {
      turnAway(.noDescriptors)
      throw ChannelError.ioOnClosedChannel
    }
    guard connections.insert(channel) else {
      turnAway(.tooManyConnections)
      throw ChannelError.ioOnClosedChannel
    }
    metrics.add(1, to: metrics.connectionsOpen)
    channel.closeFuture.whenComplete { [metrics, connections] _ in
      connections.remove(channel)
      metrics.add(-1, to: metrics.connectionsOpen)
    }
    try addHandlers(to: channel)
  }

  /// Counts a connection that is closed on arrival or cannot be taken now, and tells of it.
  func turnAway(_ abuse: HTTPAbuse) {
    metrics.refuse(abuse)
    options.turnedAway?(abuse)
  }

  private func addHandlers(to channel: any Channel) throws {
    let options = options
    let now = channel.eventLoop.now
    let text = channel.remoteAddress?.plainDescription ?? "unknown"
    var peer = HTTPPeer(address: text, isTLS: options.tls != nil, listener: options.listener)
    let address = IPAddress(channel.remoteAddress)
    if let address { peer.trust(options.proxies, at: address) }
    let connection = HTTPConnectionContext(service: service, options: options, metrics: metrics, peer: peer)
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(HTTPConnectionMeter(metrics: metrics, options: options, now: now))
    if let address, options.proxies.sendProtocolHeader(address) {
      return try pipeline.addHandler(ProxyHeaderHandler(connection, now: now) { try Self.goOn($0, $1, since: now) })
    }
    try Self.goOn(connection, pipeline, since: now)
  }

  /// Adds the handlers that make requests of a connection's bytes.
  private static func goOn(
    _ connection: HTTPConnectionContext, _ pipeline: ChannelPipeline.SynchronousOperations, since now: NIODeadline
  ) throws {
    let handshake = connection.options.tls.map { _ in TLSHandshake(connection) }
    if let tls = connection.options.tls, let handshake {
      try pipeline.addHandlers([handshake, NIOSSLServerHandler(context: tls())])
    }
    try pipeline.addHandler(HTTPProtocolDetector(connection, handshake: handshake, now: now))
  }

  /// Whether the connection's descriptor is below `maxDescriptor`.
  private func hasDescriptorToSpare(_ channel: any Channel) -> Bool {
    if options.maxDescriptor == .max { return true }
    let descriptor = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
      of: NIOBSDSocket.Handle.self
    ) { Int($0) }
    return (descriptor ?? 0) < options.maxDescriptor
  }
}

/// The options of a server's next connection.
final class CurrentOptions: Sendable {
  private let current: Mutex<HTTPServerOptions>

  init(_ options: HTTPServerOptions) { current = Mutex(options) }

  var options: HTTPServerOptions {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }
}
