import CNGHTTP2
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPTransport

/// The client's handler on a clock that tests move, with a server's engine at the other end.
@Suite struct HTTP2ClientHandlerTests {
  private final class Client {
    let channel: EmbeddedChannel
    let handler: HTTP2ClientHandler
    let state: HTTP2ClientState
    let server = EnginePeer.server()
    private(set) var established: Result<Void, any Error>?

    init(_ change: (inout HTTP2ClientOptions) -> Void = { _ in }) throws {
      var options = HTTP2ClientOptions()
      change(&options)
      let loop = EmbeddedEventLoop()
      state = HTTP2ClientState(on: loop)
      let origin = HTTP2Origin(host: "test", port: 1, isTLS: false)
      handler = HTTP2ClientHandler(options: options, origin: origin, state: state)
      channel = EmbeddedChannel(handler: handler, loop: loop)
      state.established.futureResult.assumeIsolated().whenComplete { self.established = $0 }
      try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
    }

    deinit {
      server.close()
      _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    /// Hands bytes over until neither end has any.
    func exchange() {
      for _ in 0..<100 {
        channel.embeddedEventLoop.run()
        var isDone = true
        while let bytes = try? channel.readOutbound(as: ByteBuffer.self) {
          isDone = false
          try? server.receive(Array(bytes.readableBytesView))
        }
        let back = server.drain()
        if !back.isEmpty {
          isDone = false
          _ = try? channel.writeInbound(ByteBuffer(bytes: back))
        }
        if isDone { return }
      }
    }

    func pass(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

    /// What becomes of a call that is sent before `body`.
    func outcome(timeout: Duration = .seconds(1000), _ body: () -> Void) async -> HTTP2ClientCall.Outcome {
      let call = HTTP2ClientCall(HTTPClientRequest(path: "/"), timeout: timeout)
      return await withCheckedContinuation { continuation in
        call.begin(continuation)
        handler.send(call)
        body()
        call.finish(.failure(.connectionClosed(reason: "the test is over")))
      }
    }
  }

  private func error(_ outcome: HTTP2ClientCall.Outcome) -> HTTP2ClientError? {
    guard case .failure(let error) = outcome else { return nil }
    return error
  }

  @Test func theServersSettingsEstablishTheConnection() throws {
    let client = try Client()
    #expect(client.established == nil)
    client.exchange()
    #expect(throws: Never.self) { try client.established?.get() }
    #expect(client.established != nil)
    #expect(client.state.isOpen)
  }

  @Test func anAnswerIsTheOutcome() async throws {
    let client = try Client()
    client.exchange()
    let outcome = await client.outcome {
      client.exchange()
      _ = client.server.engine?.submit(HTTP2ResponseHead(status: 201, headers: [:], hasBody: false), stream: 1)
      client.exchange()
    }
    #expect(try outcome.get().status == 201)
    #expect(client.handler.streams.isEmpty)
    #expect(client.handler.unsentRequests == 0)
  }

  @Test func aServerThatIsSilentIsAskedAndThenGivenUp() async throws {
    let client = try Client()
    client.exchange()
    let outcome = await client.outcome {
      client.exchange()
      _ = client.server.takeHeard()
      client.pass(.seconds(25))
      client.exchange()
      #expect(client.server.takeHeard() == [])
      client.pass(.seconds(5))
      client.exchange()
      #expect(client.server.takeHeard() == ["0 frame 6"])
      client.pass(.seconds(30))
      #expect(client.channel.isActive)
      client.pass(.seconds(10))
    }
    #expect(error(outcome) == .connectionClosed(reason: "no answer to PING within 10.0 seconds"))
    #expect(!client.channel.isActive)
    #expect(!client.state.isOpen)
  }

  @Test func withoutRequestsNothingIsAsked() throws {
    let client = try Client()
    client.exchange()
    _ = client.server.takeHeard()
    client.pass(.seconds(1000))
    client.exchange()
    #expect(client.server.takeHeard() == [])
    #expect(client.channel.isActive)
  }

  @Test func aCallThatTakesTooLongIsReset() async throws {
    let client = try Client()
    client.exchange()
    let outcome = await client.outcome(timeout: .seconds(5)) {
      client.exchange()
      _ = client.server.takeHeard()
      client.pass(.seconds(5))
      client.exchange()
    }
    #expect(error(outcome) == .timedOut(after: .seconds(5)))
    #expect(client.server.takeHeard() == ["1 frame 3", "1 closed with 8"])
    #expect(!client.state.isOpen)
  }

  @Test func afterGoAwayCallsUnderWayGoOnAndNoOthers() async throws {
    let client = try Client()
    client.exchange()
    let outcome = await client.outcome {
      client.exchange()
      client.server.engine?.goAway()
      client.exchange()
      #expect(!client.state.isOpen)
      _ = client.server.engine?.submit(HTTP2ResponseHead(status: 200, headers: [:], hasBody: false), stream: 1)
      client.exchange()
    }
    #expect(try outcome.get().status == 200)
    #expect(error(await client.outcome {}) == .notProcessed(reason: "the connection is closing"))
  }

  @Test func requestsThatWaitHaveALimit() async throws {
    let client = try Client { $0.maxWaitingRequests = 1 }
    let outcome = await client.outcome {
      #expect(client.handler.unsentRequests == 1)
      client.handler.send(HTTP2ClientCall(HTTPClientRequest(path: "/"), timeout: .seconds(1)))
      #expect(client.handler.unsentRequests == 1)
      client.handler.shutDown()
    }
    #expect(error(outcome) == .connectionClosed(reason: "closed by the client"))
  }

  @Test func whatIsNoHTTP2ServerIsNotConnectedTo() throws {
    let client = try Client()
    _ = try? client.channel.writeInbound(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n"))
    client.channel.embeddedEventLoop.run()
    #expect(throws: HTTP2ClientError.cannotConnect(reason: "the server does not speak HTTP/2")) {
      try client.established?.get()
    }
    #expect(!client.channel.isActive)
  }
}
