import HTTPTransport
import NIOCore
import NIOHTTP1
import NIOPosix
package import Options

/// A question to the admin port of a gateway whose answer may be long, or never end: as `sluice logs` asks it.
package struct AdminStream: Sendable {
  private let address: Endpoint
  private let target: String
  private let caller: AdminCaller
  /// Bytes of an answer that says why there is none.
  fileprivate static let maxProblemBytes = 4096
  private static let connectTimeout = TimeAmount.seconds(5)

  /// A question to whoever listens at the address: a path with its arguments.
  package init(
    _ path: String, _ arguments: [(name: String, value: String)], at address: Endpoint,
    by caller: AdminCaller = AdminCaller()
  ) {
    self.address = address
    self.caller = caller
    let pairs = arguments.map { "\($0.name)=\($0.value.percentEncoded)" }
    target = pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
  }

  /// Asks once and calls `take` with the bytes of the answer as they come, one call after the other; while it works
  /// nothing more is read. Gives what the answer says of not being whole; throws if it is no success.
  package func read(_ take: @escaping @Sendable ([UInt8]) -> Void) async throws(AdminProbe.Failure) -> String? {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let end = loop.makePromise(of: String?.self)
    var headers: HTTPHeaders = ["Host": address.description, "User-Agent": "sluice", "Connection": "close"]
    headers.add(contentsOf: caller.headers)
    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: headers)
    let sent = ClientBootstrap(group: loop).connectTimeout(Self.connectTimeout)
      .connect(host: address.host, port: Int(address.port))
      .flatMap { channel in
        channel.eventLoop.makeCompletedFuture {
          try caller.prepare(channel, to: address.host)
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(StreamHandler(end, take))
        }.flatMap {
          channel.write(HTTPClientRequestPart.head(head), promise: nil)
          return channel.writeAndFlush(HTTPClientRequestPart.end(nil))
        }
      }
    sent.whenFailure { end.fail($0) }
    do { return try await end.futureResult.get() } catch {
      throw error as? AdminProbe.Failure
        ?? AdminProbe.Failure(description: networkReason(of: error) ?? "\(type(of: error))")
    }
  }
}

/// Hands on the body of a success, and keeps the start of any other.
private final class StreamHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let end: EventLoopPromise<String?>
  private let take: @Sendable ([UInt8]) -> Void
  private var head: HTTPResponseHead?
  private var problem: [UInt8] = []

  init(_ end: EventLoopPromise<String?>, _ take: @escaping @Sendable ([UInt8]) -> Void) {
    self.end = end
    self.take = take
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body(let bytes):
      if head?.status == .ok { return take(Array(bytes.readableBytesView)) }
      problem += bytes.readableBytesView.prefix(AdminStream.maxProblemBytes - problem.count)
    case .end:
      if head?.status == .ok {
        end.succeed(head?.headers.first(name: "sluice-incomplete"))
      } else {
        end.fail(AdminProbe.Failure(description: String(decoding: problem, as: UTF8.self)))
      }
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end.fail(AdminProbe.Failure(description: "the connection was closed before the answer was whole"))
  }
}
