import NIOCore

/// What all handlers of one server connection share.
struct HTTPConnectionContext {
  let service: any HTTPService
  let options: HTTPServerOptions
  let metrics: HTTPServerMetrics
  var peer: HTTPPeer

  /// How often deadlines are looked at: an eighth of the shortest, so that none is overrun by more.
  static func tickInterval(_ options: HTTPServerOptions) -> TimeAmount {
    let shortest = min(
      options.headerTimeout, options.bodyTimeout, options.idleTimeout, options.writeTimeout, options.drainTimeout,
      options.maxConnectionAge ?? .seconds(60))
    return min(max(TimeAmount(shortest / 8), .milliseconds(5)), .seconds(5))
  }

  /// Counts a failed handshake and tells of it.
  func refuse(_ kind: HTTPAbuse, detail: String, on channel: any Channel) {
    metrics.refuse(kind)
    let port = channel.localAddress?.port ?? options.port
    options.handshakeFailed?(HandshakeFailure(peer: peer.address, port: port, kind: kind, detail: detail))
  }
}
