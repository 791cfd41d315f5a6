import HTTPTransport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import HTTPTransport

@Suite(.serialized) struct HTTP2ClientConnectionTests {
  private let group = MultiThreadedEventLoopGroup.singleton

  private func serving(
    _ service: TestService = TestService(), _ change: (inout HTTPServerOptions) throws -> Void = { _ in },
    client: HTTP2ClientOptions = HTTP2ClientOptions(),
    _ body: (HTTP2ClientConnection, TestService, HTTPServer) async throws -> Void
  ) async throws {
    var options = HTTPServerOptions()
    options.host = "127.0.0.1"
    try change(&options)
    let server = try await HTTPServer.start(options, service: service, group: group)
    do {
      let connection = try await HTTP2ClientConnection.connect(
        host: "127.0.0.1", port: server.boundPort, options: client, group: group)
      try await body(connection, service, server)
      await connection.close()
      #expect(!connection.isOpen)
    } catch {
      await server.drain(within: .zero)
      throw error
    }
    await server.drain(within: .zero)
  }

  @Test func timesOutAndResetsTheStream() async throws {
    try await serving { connection, service, _ async throws in
      await #expect(throws: HTTP2ClientError.timedOut(after: .milliseconds(100))) {
        try await connection.send(HTTPClientRequest(path: "/hold"), timeout: .milliseconds(100))
      }
      #expect(try await eventually { service.cancelled.load(ordering: .relaxed) == 1 })
    }
  }

  @Test func takesNoMoreRequestsWhenTheServerHasSaidNothingSince() async throws {
    try await serving { connection, _, _ async throws in
      // One answer, so that nothing of the handshake is still on its way.
      _ = try await connection.send(HTTPClientRequest(path: "/echo"), timeout: .seconds(10))
      _ = try? await connection.send(HTTPClientRequest(path: "/hold"), timeout: .milliseconds(100))
      #expect(!connection.isOpen)
      await #expect(throws: HTTP2ClientError.self) {
        try await connection.send(HTTPClientRequest(path: "/echo"), timeout: .seconds(5))
      }
    }
  }

  @Test func cancelsWithItsTask() async throws {
    try await serving { connection, service, _ async throws in
      let task = Task { try await connection.send(HTTPClientRequest(path: "/hold"), timeout: .seconds(20)) }
      #expect(try await eventually { service.held.withLock { $0.count } == 1 })
      task.cancel()
      await #expect(throws: HTTP2ClientError.cancelled) { try await task.value }
      #expect(try await eventually { service.cancelled.load(ordering: .relaxed) == 1 })
      #expect(connection.isOpen)
      let early = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await connection.send(HTTPClientRequest(path: "/echo"), timeout: .seconds(20))
      }
      await #expect(throws: HTTP2ClientError.cancelled) { try await early.value }
    }
  }

  @Test func limitsTheResponseBody() async throws {
    var options = HTTP2ClientOptions()
    options.maxResponseBodyBytes = 1000
    try await serving(client: options) { connection, _, _ async throws in
      let atLimit = HTTPClientRequest(path: "/echo", body: ByteBuffer(repeating: 1, count: 1000))
      #expect(try await connection.send(atLimit, timeout: .seconds(10)).body.count == 1000)
      let past = HTTPClientRequest(path: "/echo", body: ByteBuffer(repeating: 1, count: 1001))
      await #expect(throws: HTTP2ClientError.responseTooLarge(bytes: 1001, limitBytes: 1000)) {
        try await connection.send(past, timeout: .seconds(10))
      }
      #expect(connection.isOpen)
    }
  }

  @Test func limitsTheResponseHeaders() async throws {
    var options = HTTP2ClientOptions()
    options.maxHeaderBytes = 42
    try await serving(client: options) { connection, _, _ async throws in
      // `:status: 200` counts 42 bytes with its 32.
      #expect(try await connection.send(HTTPClientRequest(path: "/echo"), timeout: .seconds(10)).status == 200)
      await #expect(throws: HTTP2ClientError.responseTooLarge(bytes: 81, limitBytes: 42)) {
        try await connection.send(HTTPClientRequest(path: "/trailers"), timeout: .seconds(10))
      }
    }
  }

  @Test func queuesRequestsPastTheServersStreamsUpToALimit() async throws {
    var options = HTTP2ClientOptions()
    options.maxWaitingRequests = 3
    try await serving(TestService(), { $0.http2.maxConcurrentStreams = 2 }, client: options) {
      connection, service, _ async throws in
      let refusals = Count()
      func hold(_ count: Int) -> [Task<Int?, Never>] {
        (0..<count).map { _ in
          Task {
            do throws(HTTP2ClientError) {
              return try await connection.send(HTTPClientRequest(path: "/hold"), timeout: .seconds(20)).status
            } catch {
              let reason = "3 requests wait to be sent, the limit is 3"
              if error == .notProcessed(reason: reason) { refusals.increment() }
              return nil
            }
          }
        }
      }
      var tasks = hold(2)
      #expect(try await eventually { service.held.withLock { $0.count } == 2 })
      tasks += hold(4)
      #expect(try await eventually { refusals.value == 1 })
      let answering = Task {
        while true {
          service.answerHeld()
          try await Task.sleep(for: .milliseconds(5))
        }
      }
      var statuses: [Int] = []
      for task in tasks { if let status = await task.value { statuses.append(status) } }
      answering.cancel()
      #expect(statuses == [200, 200, 200, 200, 200])
    }
  }

  @Test func failsRequestsInFlightWhenTheServerGoes() async throws {
    try await serving { connection, service, server async throws in
      async let answer = connection.send(HTTPClientRequest(path: "/hold"), timeout: .seconds(20))
      #expect(try await eventually { service.held.withLock { $0.count } == 1 })
      await server.drain(within: .zero)
      do {
        _ = try await answer
        Issue.record("answered")
      } catch HTTP2ClientError.connectionClosed {}
      #expect(!connection.isOpen)
    }
  }

  @Test func saysWhyItCannotConnect() async throws {
    let probe = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(probe.localAddress?.port)
    try await probe.close()
    await #expect(throws: HTTP2ClientError.self) {
      try await HTTP2ClientConnection.connect(host: "127.0.0.1", port: port, group: group)
    }
  }

  @Test func doesNotTakeAServerThatSpeaksSomethingElse() async throws {
    let listener = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.scheduleTask(in: .milliseconds(10)) {
          let answer = ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
          channel.writeAndFlush(answer, promise: nil)
        }
        return channel.eventLoop.makeSucceededVoidFuture()
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(listener.localAddress?.port)
    await #expect(throws: HTTP2ClientError.cannotConnect(reason: "the server does not speak HTTP/2")) {
      try await HTTP2ClientConnection.connect(host: "127.0.0.1", port: port, group: group)
    }
    try await listener.close()
  }

  @Test func givesUpOnAServerThatSaysNothing() async throws {
    let listener = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(listener.localAddress?.port)
    var options = HTTP2ClientOptions()
    options.connectTimeout = .milliseconds(100)
    await #expect(throws: HTTP2ClientError.cannotConnect(reason: "no SETTINGS within 0.1 seconds")) {
      try await HTTP2ClientConnection.connect(host: "127.0.0.1", port: port, options: options, group: group)
    }
    try await listener.close()
  }

  @Test func doesNotTrustAnUnknownCertificate() async throws {
    var options = HTTPServerOptions()
    options.host = "127.0.0.1"
    options.tls = try TestTLS.server()
    let server = try await HTTPServer.start(options, service: TestService(), group: group)
    let context = try TestTLS.client(trusts: false)
    await #expect(throws: HTTP2ClientError.self) {
      try await HTTP2ClientConnection.connect(
        host: "127.0.0.1", port: server.boundPort, tls: (context, "localhost"), group: group)
    }
    await server.drain(within: .zero)
  }
}

/// A number that many tasks add to.
private final class Count: Sendable {
  private let count = Atomic<Int>(0)

  var value: Int { count.load(ordering: .relaxed) }

  func increment() { count.add(1, ordering: .relaxed) }
}
