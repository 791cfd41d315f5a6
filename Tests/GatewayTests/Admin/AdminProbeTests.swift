import NIOCore
import NIOPosix
import Options
import Testing

@testable import Gateway

@Suite struct AdminProbeTests {
  /// What a listener on this machine that says just this is taken for, by one that waits for two seconds.
  private func asked(
    _ reply: String, thenCloses: Bool = false, within timeout: Duration = .seconds(10)
  ) async throws -> Result<AdminProbe.Answer, AdminProbe.Failure> {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { $0.pipeline.addHandler(Reply(text: reply, thenCloses: thenCloses)) }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = UInt16(server.localAddress?.port ?? 0)
    let probe = AdminProbe(.ready, at: Endpoint(host: "127.0.0.1", port: port), within: timeout)
    let result: Result<AdminProbe.Answer, AdminProbe.Failure>
    do throws(AdminProbe.Failure) { result = .success(try await probe.ask()) } catch { result = .failure(error) }
    try await server.close()
    return result
  }

  private func failure(_ result: Result<AdminProbe.Answer, AdminProbe.Failure>) -> String? {
    if case .failure(let failure) = result { failure.description } else { nil }
  }

  @Test func tellsTheStatusAndTheFirstLine() async throws {
    let answer = try await asked("HTTP/1.1 503 No\r\nContent-Length: 12\r\n\r\ndraining\nxyz").get()
    #expect(answer == AdminProbe.Answer(status: 503, text: "draining"))
    #expect(try await asked("HTTP/1.1 204 No Content\r\n\r\n").get() == AdminProbe.Answer(status: 204, text: ""))
    #expect(
      try await asked("HTTP/1.0 200 OK\r\n\r\nok", thenCloses: true).get() == AdminProbe.Answer(status: 200, text: "ok")
    )
  }

  @Test(arguments: [4095, 4096, 4097, 100_000]) func readsNoMoreThanItShows(_ count: Int) async throws {
    let body = String(repeating: "x", count: count)
    // The end of a longer one never comes.
    let length = count > 4096 ? 1 << 30 : count
    let answer = try await asked("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n\(body)").get()
    #expect(answer.text.utf8.count == min(count, 4096))
  }

  @Test(arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
  func waitsNoLongerThanItMay(_ reply: String) async throws {
    let start = ContinuousClock.now
    let result = try await asked(reply, within: .milliseconds(100))
    #expect(failure(result) == "no answer within 100ms")
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test(arguments: ["SSH-2.0-OpenSSH\r\n", "\u{16}\u{3}\u{1}", "HTTP/9 what\r\n\r\n"])
  func knowsWhatIsNotHTTP(_ reply: String) async throws {
    #expect(failure(try await asked(reply)) == "what came back is not HTTP/1.1")
  }

  @Test func knowsAConnectionThatWasClosed() async throws {
    #expect(failure(try await asked("", thenCloses: true)) == "the connection was closed without an answer")
  }

  @Test func headersHaveAnEnd() async throws {
    let reply = "HTTP/1.1 200 OK\r\n" + String(repeating: "x-a: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n", count: 100_000)
    #expect(failure(try await asked(reply)) == "the head of what came back is too long")
  }

  @Test func knowsThatNobodyListens() async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = UInt16(server.localAddress?.port ?? 0)
    try await server.close()
    let probe = AdminProbe(.live, at: Endpoint(host: "127.0.0.1", port: port), within: .seconds(10))
    await #expect(throws: AdminProbe.Failure.self) { try await probe.ask() }
  }
}

/// Says something once it has been asked, whatever the question is.
private final class Reply: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private let text: String
  private let thenCloses: Bool

  init(text: String, thenCloses: Bool) {
    self.text = text
    self.thenCloses = thenCloses
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let channel = context.channel
    let said = channel.writeAndFlush(ByteBuffer(string: text))
    if thenCloses { said.whenComplete { _ in channel.close(promise: nil) } }
  }
}
