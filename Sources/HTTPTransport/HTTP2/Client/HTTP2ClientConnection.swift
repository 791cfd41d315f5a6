package import NIOCore
import NIOPosix
package import NIOSSL

/// A client's HTTP/2 connection: many requests at once over one socket, clear text with prior knowledge or TLS.
package final class HTTP2ClientConnection: Sendable {
  private let channel: any Channel
  private let handler: NIOLoopBound<HTTP2ClientHandler>
  private let state: HTTP2ClientState

  private init(channel: any Channel, handler: NIOLoopBound<HTTP2ClientHandler>, state: HTTP2ClientState) {
    self.channel = channel
    self.handler = handler
    self.state = state
  }

  deinit {
    channel.close(promise: nil)
  }

  /// Connects, does the TLS handshake where `tls` is given, and waits for the server's SETTINGS.
  ///
  /// A TLS context is to offer ALPN `h2`.
  package static func connect(
    host: String, port: Int, tls: (context: NIOSSLContext, serverName: String?)? = nil,
    options: HTTP2ClientOptions = HTTP2ClientOptions(), group: any EventLoopGroup
  ) async throws(HTTP2ClientError) -> HTTP2ClientConnection {
    let eventLoop = group.next()
    let state = HTTP2ClientState(on: eventLoop)
    let origin = HTTP2Origin(host: host, port: port, isTLS: tls != nil)
    let channel: any Channel
    do {
      channel = try await ClientBootstrap(group: eventLoop)
        .connectTimeout(TimeAmount(options.connectTimeout))
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelOption(.socketOption(.so_keepalive), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try speak(through: options.proxy, to: origin.authority, on: channel, state) { channel in
              let pipeline = channel.pipeline.syncOperations
              if let tls {
                try pipeline.addHandler(NIOSSLClientHandler(context: tls.context, serverHostname: tls.serverName))
                if let name = options.destination { try pipeline.addHandler(DestinationNameHandler(name)) }
              }
              try pipeline.addHandler(HTTP2ClientHandler(options: options, origin: origin, state: state))
            }
          }
        }
        .connect(host: options.proxy?.host ?? host, port: options.proxy?.port ?? port).get()
    } catch {
      state.established.fail(error)
      let proxy = options.proxy.map { "the proxy \($0.host):\($0.port): " } ?? ""
      throw .cannotConnect(reason: proxy + (networkReason(of: error) ?? "\(error)"))
    }
    return try await established(on: channel, state, within: options.connectTimeout)
  }

  /// Adds the handlers of a connection, at once or when a proxy has opened a tunnel.
  private static func speak(
    through proxy: HTTPProxy?, to target: String, on channel: any Channel, _ state: HTTP2ClientState,
    _ addHandlers: @escaping (any Channel) throws -> Void
  ) throws {
    guard let proxy else { return try addHandlers(channel) }
    try channel.pipeline.syncOperations.addHandler(
      HTTPTunnelHandler(to: target, authorization: proxy.authorization, opened: addHandlers) { error in
        state.established.fail(error)
      })
  }

  private static func established(
    on channel: any Channel, _ state: HTTP2ClientState, within limit: Duration
  ) async throws(HTTP2ClientError) -> HTTP2ClientConnection {
    let timer = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) {
      state.established.fail(HTTP2ClientError.cannotConnect(reason: "no SETTINGS within \(limit)"))
    }
    defer { timer.cancel() }
    do {
      try await state.established.futureResult.get()
      let handler = try await channel.eventLoop.submit {
        NIOLoopBound(
          try channel.pipeline.syncOperations.handler(type: HTTP2ClientHandler.self), eventLoop: channel.eventLoop)
      }.get()
      return HTTP2ClientConnection(channel: channel, handler: handler, state: state)
    } catch {
      channel.close(promise: nil)
      throw error as? HTTP2ClientError ?? .cannotConnect(reason: networkReason(of: error) ?? "\(error)")
    }
  }

  /// Sends a request and waits for its answer; cancelling the task resets the stream.
  package func send(
    _ request: HTTPClientRequest, timeout: Duration
  ) async throws(HTTP2ClientError) -> HTTPClientResponse {
    let call = HTTP2ClientCall(request, timeout: timeout)
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        call.begin(continuation)
        channel.eventLoop.execute { [handler] in handler.value.send(call) }
      }
    } onCancel: {
      call.isCancelled.store(true, ordering: .releasing)
      channel.eventLoop.execute { [handler] in handler.value.cancel(call) }
    }
    return try outcome.get()
  }

  /// False once the server has said GOAWAY or the connection is closed: make another one.
  package var isOpen: Bool { state.isOpen }

  /// Says GOAWAY and closes; requests in flight fail.
  package func close() async {
    let handler = handler
    channel.eventLoop.execute { handler.value.shutDown() }
    try? await channel.closeFuture.get()
  }
}
