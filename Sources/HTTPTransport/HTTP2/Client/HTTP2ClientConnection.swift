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
    let state = HTTP2ClientState()
    let established = eventLoop.makePromise(of: Void.self)
    let authority = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    let bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(TimeAmount(options.connectTimeout))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.socketOption(.so_keepalive), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls {
            try pipeline.addHandler(NIOSSLClientHandler(context: tls.context, serverHostname: tls.serverName))
          }
          let handler = HTTP2ClientHandler(
            options: options, scheme: tls == nil ? "http" : "https", authority: authority, state: state,
            established: established, now: channel.eventLoop.now)
          try pipeline.addHandler(handler)
        }
      }
    return try await finish(bootstrap, host, port, options, state, established)
  }

  private static func finish(
    _ bootstrap: ClientBootstrap, _ host: String, _ port: Int, _ options: HTTP2ClientOptions,
    _ state: HTTP2ClientState, _ established: EventLoopPromise<Void>
  ) async throws(HTTP2ClientError) -> HTTP2ClientConnection {
    let channel: any Channel
    do {
      channel = try await bootstrap.connect(host: host, port: port).get()
    } catch {
      established.fail(error)
      throw .cannotConnect(reason: networkReason(of: error) ?? "\(error)")
    }
    let timer = channel.eventLoop.scheduleTask(in: TimeAmount(options.connectTimeout)) {
      established.fail(HTTP2ClientError.cannotConnect(reason: "no SETTINGS within \(options.connectTimeout)"))
    }
    defer { timer.cancel() }
    do {
      try await established.futureResult.get()
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
