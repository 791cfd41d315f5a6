import NIOCore
import NIOPosix
import Synchronization

/// A server for tests that answers each HTTP/1.1 request with bytes as the test gives them, and may misbehave.
final class RawServer: Sendable {
  /// A request as it came in.
  struct Request: Sendable {
    var line: String
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]
  }

  enum Reply: Sendable {
    case bytes(String)
    case raw([UInt8])
    /// Sends the bytes and then closes.
    case close(after: String)
    /// Sends the bytes and then resets the connection.
    case reset(after: String)
    /// Sends nothing, ever.
    case hang
    /// Sends a head, and then a byte of the body every ten milliseconds.
    case drip
    /// Sends bytes, and then others again and again for as long as somebody reads.
    case endless(String, then: String)
  }

  private struct State {
    var requests: [Request] = []
    var connections = 0
  }

  private let state = Mutex(State())
  private let channel = Mutex<(any Channel)?>(nil)

  var requests: [Request] { state.withLock { $0.requests } }
  var connections: Int { state.withLock { $0.connections } }
  var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
  var address: String { "http://127.0.0.1:\(port)" }

  static func start(
    port: Int = 0, _ reply: @escaping @Sendable (Request) -> Reply
  ) async throws -> RawServer {
    let server = RawServer()
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        server.state.withLock { $0.connections += 1 }
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(RawHandler(server: server, reply: reply))
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    server.channel.withLock { $0 = channel }
    return server
  }

  func stop() async {
    let channel = channel.withLock { $0 }
    try? await channel?.close()
  }

  func keep(_ request: Request) { state.withLock { $0.requests.append(request) } }

  /// A whole answer.
  static func answer(_ status: Int, headers: [String] = [], _ body: String = "") -> Reply {
    let head = ["HTTP/1.1 \(status) X", "content-length: \(body.utf8.count)"] + headers
    return .bytes(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
  }
}

private final class RawHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let server: RawServer
  private let reply: @Sendable (RawServer.Request) -> RawServer.Reply
  private var input: [UInt8] = []

  init(server: RawServer, reply: @escaping @Sendable (RawServer.Request) -> RawServer.Reply) {
    self.server = server
    self.reply = reply
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    input += unwrapInboundIn(data).readableBytesView
    while let request = takeRequest() {
      server.keep(request)
      act(reply(request), context: context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func act(_ reply: RawServer.Reply, context: ChannelHandlerContext) {
    switch reply {
    case .bytes(let text): write(Array(text.utf8), context: context)
    case .raw(let bytes): write(bytes, context: context)
    case .close(let text):
      write(Array(text.utf8), context: context)
      context.close(promise: nil)
    case .reset(let text):
      write(Array(text.utf8), context: context)
      if let socket = context.channel as? any SocketOptionProvider {
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { [channel = context.channel] _ in
          channel.close(promise: nil)
        }
      }
    case .hang: break
    case .endless(let text, let more):
      write(Array(text.utf8), context: context)
      Self.repeatedly(ByteBuffer(string: String(repeating: more, count: 4096 / more.utf8.count)), on: context.channel)
    case .drip:
      write(Array("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n".utf8), context: context)
      let channel = context.channel
      context.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(10)) { task in
        guard channel.isActive else { return task.cancel() }
        channel.writeAndFlush(ByteBuffer(bytes: [0x20]), promise: nil)
      }
    }
  }

  private static func repeatedly(_ bytes: ByteBuffer, on channel: any Channel) {
    channel.writeAndFlush(bytes).whenSuccess { repeatedly(bytes, on: channel) }
  }

  private func write(_ bytes: [UInt8], context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
  }

  private func takeRequest() -> RawServer.Request? {
    let end = Array("\r\n\r\n".utf8)
    guard input.count >= 4, let start = (0...(input.count - 4)).first(where: { Array(input[$0..<$0 + 4]) == end })
    else { return nil }
    let lines = String(decoding: input[..<start], as: UTF8.self).split(separator: "\r\n").map(String.init)
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
    }
    let length = Int(headers["content-length"] ?? "0") ?? 0
    guard input.count >= start + 4 + length else { return nil }
    let body = Array(input[(start + 4)..<(start + 4 + length)])
    input.removeFirst(start + 4 + length)
    return RawServer.Request(line: lines.first ?? "", headers: headers, body: body)
  }
}
