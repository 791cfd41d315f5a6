import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Testing

@testable import HTTPTransport

@Suite struct NetworkReasonTests {
  private func failure(_ host: String, _ port: Int) async throws -> any Error {
    do {
      let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(.milliseconds(500)).connect(host: host, port: port).get()
      try await channel.close()
    } catch {
      return error
    }
    throw ChannelError.operationUnsupported
  }

  @Test(arguments: ["127.0.0.1", "localhost"]) func aRefusedConnectionIsSaidOnceInTheSystemsWords(_ host: String)
    async throws
  {
    #expect(networkReason(of: try await failure(host, 9)) == "Connection refused")
  }

  @Test func anUnknownNameIsNamed() async throws {
    let reason = networkReason(of: try await failure("no-such-host.invalid", 9))
    #expect(reason?.hasPrefix("the name no-such-host.invalid cannot be resolved: ") == true, "\(reason ?? "")")
    #expect(reason?.contains("Error") == false)
  }

  @Test func timesAndClosedConnectionsAreSentences() {
    #expect(networkReason(of: ChannelError.connectTimeout(.seconds(10))) == "no connection within 10.0 seconds")
    #expect(networkReason(of: ChannelError.ioOnClosedChannel) == "the connection was closed")
    #expect(networkReason(of: IOError(errnoCode: ECONNRESET, reason: "read")) == "Connection reset by peer")
    #expect(networkReason(of: NIOSSLError.uncleanShutdown) == "TLS: the connection was closed without notice")
  }

  @Test func whatIsNotHTTPIsSaidToBeNone() {
    #expect(networkReason(of: HTTPParserError.invalidConstant) == "what came back is not HTTP/1.1")
    #expect(networkReason(of: HTTPParserError.headerOverflow) == "the head of what came back is too long")
    #expect(networkReason(of: HTTPParserError.invalidEOFState) == "the connection was closed within an answer")
  }

  @Test func otherErrorsAreNotExplained() { #expect(networkReason(of: CancellationError()) == nil) }

  @Test func aServerWithoutTLSIsSaidByName() async throws {
    var options = HTTPServerOptions()
    options.host = "127.0.0.1"
    let server = try await HTTPServer.start(
      options, service: TestService(), group: MultiThreadedEventLoopGroup.singleton)
    let context = try NIOSSLContext(configuration: .makeClientConfiguration())
    await #expect {
      _ = try await HTTP2ClientConnection.connect(
        host: "127.0.0.1", port: server.boundPort, tls: (context, nil), group: MultiThreadedEventLoopGroup.singleton)
    } throws: {
      "\($0)" == "cannot connect: TLS: handshake failed: WRONG_VERSION_NUMBER"
    }
    await server.drain(within: .zero)
  }
}
