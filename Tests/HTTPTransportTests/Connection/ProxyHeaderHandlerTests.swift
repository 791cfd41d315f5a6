import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import HTTPTransport

@Suite struct ProxyHeaderHandlerTests {
  private static let get = "GET / HTTP/1.1\r\nhost: t\r\n\r\n"
  private static let header = "PROXY TCP4 192.0.2.1 198.51.100.1 56324 4317\r\n"

  private func serving(
    _ change: (inout HTTPServerOptions) throws -> Void = { _ in },
    _ body: (HTTPServer, TestService) async throws -> Void
  ) async throws {
    var options = HTTPServerOptions()
    options.host = "127.0.0.1"
    options.proxies.protocolHeaders = [try #require(IPNetwork("127.0.0.0/8"))]
    try change(&options)
    let service = TestService()
    let server = try await HTTPServer.start(options, service: service, group: MultiThreadedEventLoopGroup.singleton)
    do { try await body(server, service) } catch {
      await server.drain(within: .zero)
      throw error
    }
    await server.drain(within: .seconds(1))
    #expect(try await eventually { server.counters.connectionsOpen == 0 })
  }

  @Test func aRequestComesFromWhoTheHeaderNames() async throws {
    try await serving { server, service async throws in
      let client = try await RawClient.connect(server.boundPort)
      client.send(Self.header + Self.get)
      #expect(try await client.wait { $0.text.hasSuffix("ok") })
      client.send(Self.get)
      #expect(try await client.wait { $0.text.split(separator: "HTTP/1.1 200").count == 2 })
      #expect(service.seen.map(\.head.remoteAddress) == ["192.0.2.1:56324", "192.0.2.1:56324"])
      client.close()
    }
  }

  /// Each piece is sent once the one before has arrived.
  @Test func theHeaderMayComeInPieces() async throws {
    try await serving { server, service async throws in
      let bytes = Array((Self.header + Self.get).utf8)
      let client = try await RawClient.connect(server.boundPort)
      for (index, byte) in bytes.enumerated() {
        client.send([byte])
        #expect(try await eventually { server.counters.bytesRead == index + 1 })
      }
      #expect(try await client.wait { $0.text.hasSuffix("ok") })
      #expect(service.seen.first?.head.remoteAddress == "192.0.2.1:56324")
      client.close()
    }
  }

  @Test func theHeaderStandsBeforeTLS() async throws {
    try await serving({ $0.tls = try TestTLS.server() }) { server, service async throws in
      let client = try await RawClient.connect(server.boundPort)
      client.send(Self.header)
      let context = try TestTLS.client(protocols: ["http/1.1"])
      let channel = client.channel
      try await channel.eventLoop.submit {
        try channel.pipeline.syncOperations.addHandler(
          NIOSSLClientHandler(context: context, serverHostname: "localhost"), position: .first)
      }.get()
      client.send(Self.get)
      #expect(try await client.wait { $0.text.hasSuffix("ok") })
      let head = try #require(service.seen.first).head
      #expect(head.remoteAddress == "192.0.2.1:56324" && head.isTLS)
      client.close()
    }
  }

  @Test func aProxyThatSpeaksForItselfIsTheSender() async throws {
    try await serving { server, service async throws in
      let client = try await RawClient.connect(server.boundPort)
      client.send("PROXY UNKNOWN\r\n" + Self.get)
      #expect(try await client.wait { $0.text.hasSuffix("ok") })
      #expect(service.seen.first?.head.remoteAddress.hasPrefix("127.0.0.1:") == true)
      client.close()
    }
  }

  @Test func noHeaderIsNoConnection() async throws {
    try await serving { server, service async throws in
      let client = try await RawClient.connect(server.boundPort)
      client.send(Self.get)
      #expect(try await client.wait { $0.isClosed })
      #expect(client.receivedBytes == 0 && service.seen.isEmpty)
      #expect(server.counters.refusals == [.badProxyHeader: 1])
    }
  }

  @Test func aHeaderIsNotWaitedForForEver() async throws {
    try await serving({ $0.headerTimeout = .milliseconds(50) }) { server, _ async throws in
      let client = try await RawClient.connect(server.boundPort)
      client.send("PROXY TCP4")
      #expect(try await client.wait { $0.isClosed })
      #expect(server.counters.refusals == [.slowHeader: 1])
    }
  }

  @Test func othersAreNotTakenAtTheirWord() async throws {
    try await serving({ $0.proxies.protocolHeaders = [try #require(IPNetwork("10.0.0.0/8"))] }) {
      server, service async throws in
      let client = try await RawClient.connect(server.boundPort)
      client.send(Self.get)
      #expect(try await client.wait { $0.text.hasSuffix("ok") })
      #expect(service.seen.first?.head.remoteAddress.hasPrefix("127.0.0.1:") == true)
      let liar = try await RawClient.connect(server.boundPort)
      liar.send(Self.header + Self.get)
      #expect(try await liar.wait { $0.isClosed })
      #expect(service.seen.count == 1 && server.counters.refusals == [.badRequest: 1])
      client.close()
    }
  }

  @Test func whatAProxyForwardsHasItsSendersAddress() async throws {
    let change: (inout HTTPServerOptions) throws -> Void = {
      $0.proxies.protocolHeaders = []
      $0.proxies.forwardedFor = [try #require(IPNetwork("127.0.0.1")), try #require(IPNetwork("10.0.0.0/8"))]
    }
    try await serving(change) { server, service async throws in
      let client = try await RawClient.connect(server.boundPort)
      for (index, field) in ["", "x-forwarded-for: 9.9.9.9, 192.0.2.7, 10.0.0.1\r\n"].enumerated() {
        client.send("GET / HTTP/1.1\r\nhost: t\r\n\(field)\r\n")
        #expect(try await eventually { service.seen.count == index + 1 })
      }
      #expect(service.seen[0].head.remoteAddress.hasPrefix("127.0.0.1:"))
      #expect(service.seen[1].head.remoteAddress == "192.0.2.7:0")
      client.close()
    }
  }
}
