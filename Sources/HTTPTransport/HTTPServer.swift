package import NIOCore

/// A server of HTTP/1.1 and HTTP/2 on one port.
package final class HTTPServer: Sendable {
  package let boundPort: Int

  init(boundPort: Int) {
    self.boundPort = boundPort
  }

  /// Binds and serves until `drain`.
  package static func start(
    _ options: HTTPServerOptions, service: any HTTPService, group: any EventLoopGroup
  ) async throws -> HTTPServer {
    throw ChannelError.operationUnsupported
  }

  /// Stops accepting, tells clients to go (GOAWAY, `Connection: close`), lets requests in flight finish for at most
  /// `within`, then closes what is left.
  package func drain(within limit: Duration) async {}

  package var counters: HTTPServerCounters { HTTPServerCounters() }
}
