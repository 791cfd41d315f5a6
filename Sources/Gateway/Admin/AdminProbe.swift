import HTTPTransport
import NIOCore
import NIOHTTP1
import NIOPosix
package import Options

/// One question to the admin port of a gateway, as `sluice probe` asks it.
///
/// Whoever listens there may answer anything, slowly or never: no more is read than is shown, and no longer than the
/// timeout.
package struct AdminProbe: Sendable {
  /// What a gateway is asked.
  package enum Question: String, Sendable {
    /// Whether logs are taken.
    case ready = "/readyz"
    /// Whether the process answers.
    case live = "/healthz"
  }

  /// What came back: the status, and the body up to the end of its first line or 4096 bytes.
  package struct Answer: Sendable, Equatable {
    package var status: Int
    package var text: String
  }

  /// Why there is no answer.
  package struct Failure: Error, CustomStringConvertible {
    package var description: String

    package init(description: String) { self.description = description }
  }

  private let address: Endpoint
  private let question: Question
  private let timeout: Duration
  private let caller: AdminCaller

  /// A question to whoever listens at the address, with the time that all of it may take.
  package init(
    _ question: Question, at address: Endpoint, within timeout: Duration, by caller: AdminCaller = AdminCaller()
  ) {
    self.caller = caller
    self.question = question
    self.address = address
    self.timeout = timeout
  }

  /// Asks once, over a connection of its own.
  package func ask() async throws(Failure) -> Answer {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let answer = loop.makePromise(of: Answer.self)
    let timer = loop.scheduleTask(in: TimeAmount(timeout)) {
      answer.fail(Failure(description: "no answer within \(formatDuration(timeout))"))
    }
    let head = HTTPRequestHead(
      version: .http1_1, method: .GET, uri: question.rawValue,
      headers: ["Host": address.description, "User-Agent": "sluice", "Connection": "close"])
    let sent = ClientBootstrap(group: loop).connectTimeout(TimeAmount(timeout))
      .connect(host: address.host, port: Int(address.port))
      .flatMap { channel in
        answer.futureResult.whenComplete { _ in channel.close(promise: nil) }
        return channel.eventLoop.makeCompletedFuture {
          try caller.prepare(channel, to: address.host)
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(ProbeHandler(answer))
        }.flatMap {
          channel.write(HTTPClientRequestPart.head(head), promise: nil)
          return channel.writeAndFlush(HTTPClientRequestPart.end(nil))
        }
      }
    sent.whenFailure { answer.fail($0) }
    defer { timer.cancel() }
    do { return try await answer.futureResult.get() } catch {
      throw error as? Failure ?? Failure(description: networkReason(of: error) ?? "\(type(of: error))")
    }
  }
}

/// Keeps the start of what comes back.
private final class ProbeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private static let maxBytes = 4096

  private let answer: EventLoopPromise<AdminProbe.Answer>
  private var status = 0
  private var line: [UInt8] = []

  init(_ answer: EventLoopPromise<AdminProbe.Answer>) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): status = Int(head.status.code)
    case .body(let bytes):
      let new = bytes.readableBytesView.prefix(Self.maxBytes - line.count)
      let end = new.firstIndex(of: UInt8(ascii: "\n"))
      line += new[..<(end ?? new.endIndex)]
      if end != nil || line.count == Self.maxBytes { succeed() }
    case .end: succeed()
    }
  }

  private func succeed() {
    answer.succeed(AdminProbe.Answer(status: status, text: String(decoding: line, as: UTF8.self)))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { answer.fail(error) }

  func channelInactive(context: ChannelHandlerContext) {
    answer.fail(AdminProbe.Failure(description: "the connection was closed without an answer"))
  }
}
