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
    let address = channel.remoteAddress?.plainDescription ?? "unknown"
    let connection = HTTPConnectionContext(
      service: service, options: options, metrics: metrics,
      peer: HTTPPeer(address: address, isTLS: options.tls != nil, listener: options.listener))
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(HTTPConnectionMeter(metrics: metrics, options: options, now: now))
    let handshake = options.tls.map { _ in TLSHandshake(connection) }
    if let tls = options.tls, let handshake {
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
