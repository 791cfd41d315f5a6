import Glibc
import HTTPTransport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import HTTPTransport

/// A server on a port of its own, with clients over real sockets.
@Suite(.serialized) struct HTTPServerTests {
  private static let get = "GET / HTTP/1.1\r\nhost: t\r\n\r\n"

  private func serving(
    _ service: TestService = TestService(), _ change: (inout HTTPServerOptions) throws -> Void = { _ in },
    _ body: (HTTPServer, TestService) async throws -> Void
  ) async throws {
    var options = HTTPServerOptions()
    options.host = "127.0.0.1"
    try change(&options)
    let server = try await HTTPServer.start(options, service: service, group: MultiThreadedEventLoopGroup.singleton)
    do { try await body(server, service) } catch {
      await server.drain(within: .zero)
      throw error
    }
    service.answerHeld()
    await server.drain(within: .seconds(1))
    #expect(try await eventually { server.counters.connectionsOpen == 0 })
  }

  private func connect(_ server: HTTPServer) async throws -> HTTP2ClientConnection {
    try await HTTP2ClientConnection.connect(
      host: "127.0.0.1", port: server.boundPort, group: MultiThreadedEventLoopGroup.singleton)
  }

  private func post(_ path: String, _ body: ByteBuffer = ByteBuffer()) -> HTTPClientRequest {
    HTTPClientRequest(path: path, headers: ["content-type": "text/plain"], body: body)
  }

  @Test func keepsHTTP1Connections() async throws {
    try await serving { server, _ async throws in
      let client = try await RawClient.connect(server.boundPort)
      for count in 1...3 {
        client.send(Self.get)
        #expect(try await client.wait { $0.text.split(separator: "HTTP/1.1 200 OK").count == count })
      }
      #expect(server.counters.connectionsTotal == 1)
      #expect(server.counters.requestsHTTP1 == 3)
      #expect(server.counters.bytesRead == Self.get.utf8.count * 3)
      #expect(server.counters.bytesWritten == client.receivedBytes)
      client.close()
    }
  }

  @Test func anotherTakesThePortOnlyWhereWayIsMade() async throws {
    try await serving { server, _ async throws in
      var options = HTTPServerOptions()
      options.port = server.boundPort
      let group = MultiThreadedEventLoopGroup.singleton
      func isTaken() async -> Bool {
        do {
          let other = try await HTTPServer.start(options, service: TestService(), group: group)
          await other.drain(within: .zero)
          return false
        } catch { return true }
      }
      options.isBesideAnother = true
      #expect(await isTaken())
      await server.makeWay(true)
      let next = try await HTTPServer.start(options, service: TestService(), group: group)
      options.isBesideAnother = false
      #expect(await isTaken())
      let old = try await RawClient.connect(server.boundPort)
      old.send(Self.get)
      #expect(try await old.wait { $0.text.contains("200 OK") })
      await server.stopListening()
      let new = try await RawClient.connect(server.boundPort)
      new.send(Self.get)
      #expect(try await new.wait { $0.text.contains("200 OK") })
      #expect(next.counters.connectionsTotal == 1 && server.counters.connectionsTotal == 1)
      old.send(Self.get)
      #expect(try await old.wait { $0.text.split(separator: "200 OK").count == 3 })
      new.close()
      old.close()
      await next.drain(within: .seconds(1))
    }
  }

  @Test func turnsAwayWhatHasADescriptorOfTheReserve() async throws {
    let turnedAway = Mutex<[HTTPAbuse]>([])
    let next = Int(open("/dev/null", O_RDONLY))
    close(CInt(next))
    try await serving(
      TestService(),
      {
        $0.maxDescriptor = next
        $0.turnedAway = { abuse in turnedAway.withLock { $0.append(abuse) } }
      }
    ) { server, _ async throws in
      let client = try await RawClient.connect(server.boundPort)
      #expect(try await client.wait { $0.isClosed })
      #expect(server.counters.refusals == [.noDescriptors: 1])
      #expect(turnedAway.withLock { $0 } == [.noDescriptors])
    }
    try await serving(TestService(), { $0.maxDescriptor = next + 1000 }) { server, _ async throws in
      let client = try await RawClient.connect(server.boundPort)
      client.send(Self.get)
      #expect(try await client.wait { $0.text.contains("200 OK") })
      client.close()
    }
  }

  @Test func serves100StreamsOfOneConnectionAtOnce() async throws {
    try await serving { server, service async throws in
      let connection = try await connect(server)
      async let answers = withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<100 {
          group.addTask {
            let response = try await connection.send(
              HTTPClientRequest(path: "/hold", headers: ["x-number": "\(number)"]), timeout: .seconds(20))
            return response.status == 200 && response.body == Array("held".utf8)
          }
        }
        return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(try await eventually { service.held.withLock { $0.count } == 100 })
      service.answerHeld()
      #expect(try await answers == 100)
      #expect(server.counters.connectionsTotal == 1)
      #expect(server.counters.requestsHTTP2 == 100)
      await connection.close()
    }
  }

  @Test func serves5000RequestsOverOneConnection() async throws {
    try await serving { server, _ async throws in
      let connection = try await connect(server)
      var good = 0
      for _ in 0..<50 {
        good += try await withThrowingTaskGroup(of: Bool.self) { group in
          for path in ["/echo", "/elsewhere", "/trailers", "/stream"] {
            for _ in 0..<25 {
              group.addTask {
                let request = HTTPClientRequest(path: path, body: ByteBuffer(string: "x"))
                return try await connection.send(request, timeout: .seconds(20)).status == 200
              }
            }
          }
          return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
      }
      #expect(good == 5000)
      await connection.close()
    }
  }

  @Test func carries8MiBBothWays() async throws {
    let budget = ByteBudget(capacityBytes: 64 * 1024 * 1024)
    try await serving(TestService(budget: budget)) { server, _ async throws in
      let bytes = (0..<8 * 1024 * 1024).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      var options = HTTP2ClientOptions()
      options.maxResponseBodyBytes = bytes.count
      let connection = try await HTTP2ClientConnection.connect(
        host: "127.0.0.1", port: server.boundPort, options: options, group: MultiThreadedEventLoopGroup.singleton)
      let response = try await connection.send(post("/echo", ByteBuffer(bytes: bytes)), timeout: .seconds(30))
      #expect(response.body == bytes)
      await connection.close()

      let client = try await RawClient.connect(server.boundPort)
      client.send("POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: \(bytes.count)\r\n\r\n")
      client.send(bytes)
      let head = "HTTP/1.1 200 OK\r\ncontent-length: \(bytes.count)\r\n\r\n"
      #expect(try await client.wait(.seconds(30)) { $0.receivedBytes == head.utf8.count + bytes.count })
      client.close()
      #expect(try await eventually { budget.usedBytes == 0 })
    }
  }

  @Test func carriesTrailersAndStreamedAnswers() async throws {
    try await serving { server, _ async throws in
      let connection = try await connect(server)
      let response = try await connection.send(post("/trailers", ByteBuffer(string: "abc")), timeout: .seconds(10))
      #expect(response.headers.first(name: "x-head") == "1")
      #expect(response.body == Array("abc".utf8))
      #expect(response.trailers?.first(name: "x-trailer") == "2")
      let empty = try await connection.send(post("/trailers"), timeout: .seconds(10))
      #expect(empty.body.isEmpty)
      #expect(empty.trailers?.first(name: "x-trailer") == "2")
      let streamed = try await connection.send(post("/stream"), timeout: .seconds(10))
      #expect(streamed.body == Array("one two three".utf8))
      await connection.close()
    }
  }

  @Test func drainingLetsRequestsInFlightFinish() async throws {
    try await serving { server, service async throws in
      let connection = try await connect(server)
      async let answer = connection.send(post("/hold"), timeout: .seconds(10))
      let client = try await RawClient.connect(server.boundPort)
      client.send("GET /hold HTTP/1.1\r\nhost: t\r\n\r\n")
      let idle = try await RawClient.connect(server.boundPort)
      idle.send(Self.get)
      #expect(try await eventually { service.held.withLock { $0.count } == 2 })
      async let drained: Void = server.drain(within: .seconds(10))
      #expect(try await idle.wait { $0.isClosed })
      #expect(try await eventually { !connection.isOpen })
      service.answerHeld()
      #expect(try await answer.status == 200)
      #expect(try await client.wait { $0.isClosed })
      #expect(client.text.contains("connection: close"))
      #expect(client.text.hasSuffix("held"))
      await drained
      await #expect(throws: (any Error).self) { try await RawClient.connect(server.boundPort) }
    }
  }

  @Test func whoStillWaitsWhenDrainingEndsIsAnswered() async throws {
    try await serving { server, service async throws in
      let connection = try await connect(server)
      async let answer = connection.send(HTTPClientRequest(path: "/wait"), timeout: .seconds(10))
      let client = try await RawClient.connect(server.boundPort)
      client.send("GET /wait HTTP/1.1\r\nhost: t\r\n\r\n")
      #expect(try await eventually { service.seen.count == 2 })
      await server.drain(within: .seconds(1))
      #expect(try await answer.status == 503)
      #expect(try await client.wait { $0.isClosed })
      #expect(client.text.hasPrefix("HTTP/1.1 503") && client.text.hasSuffix("not yet"))
    }
  }

  @Test func drainingClosesWhatOutstaysItsTime() async throws {
    try await serving { server, service async throws in
      let connection = try await connect(server)
      let answer = Task { try await connection.send(HTTPClientRequest(path: "/hold"), timeout: .seconds(10)) }
      #expect(try await eventually { service.held.withLock { $0.count } == 1 })
      await server.drain(within: .milliseconds(50))
      await #expect(throws: HTTP2ClientError.self) { try await answer.value }
      #expect(try await eventually { service.cancelled.load(ordering: .relaxed) == 1 })
    }
  }

  @Test func noRequestFailsBecauseConnectionsAge() async throws {
    try await serving(TestService(), { $0.maxConnectionAge = .milliseconds(100) }) { server, _ async throws in
      var connection = try await connect(server)
      var (good, connections) = (0, 1)
      let clock = ContinuousClock()
      let end = clock.now + .seconds(1)
      while clock.now < end {
        if !connection.isOpen {
          connection = try await connect(server)
          connections += 1
        }
        do {
          let response = try await connection.send(post("/echo", ByteBuffer(string: "x")), timeout: .seconds(5))
          #expect(response.status == 200)
          good += 1
        } catch HTTP2ClientError.notProcessed {
          connection = try await connect(server)
          connections += 1
        }
      }
      #expect(good > 10)
      #expect(connections >= 3)
      await connection.close()
    }
  }

  @Test func agesHTTP1ConnectionsWithTheirNextAnswer() async throws {
    try await serving(TestService(), { $0.maxConnectionAge = .milliseconds(500) }) { server, _ async throws in
      let client = try await RawClient.connect(server.boundPort)
      client.send(Self.get)
      #expect(try await client.wait { $0.text.hasSuffix("ok") })
      #expect(!client.text.contains("connection: close"))
      try await Task.sleep(for: .milliseconds(800))
      #expect(!client.isClosed)
      client.send(Self.get)
      #expect(try await client.wait { $0.isClosed })
      #expect(client.text.contains("connection: close"))
    }
  }

  @Test func speaksBothVersionsOverTLS() async throws {
    try await serving(TestService(), { $0.tls = try TestTLS.server() }) { server, service async throws in
      let connection = try await HTTP2ClientConnection.connect(
        host: "127.0.0.1", port: server.boundPort, tls: (TestTLS.client(), "localhost"),
        group: MultiThreadedEventLoopGroup.singleton)
      let body = ByteBuffer(repeating: 7, count: 1_000_000)
      let response = try await connection.send(post("/echo", body), timeout: .seconds(20))
      #expect(response.body.count == 1_000_000)
      #expect(service.seen.first?.head.isTLS == true)
      await connection.close()

      let client = try await RawClient.connect(server.boundPort, tls: TestTLS.client(protocols: ["http/1.1"]))
      client.send(Self.get)
      #expect(try await client.wait { $0.text.hasSuffix("ok") })
      client.send("POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n")
      #expect(try await client.wait { $0.isClosed })
      #expect(client.text.contains("HTTP/1.1 400"))
    }
  }

  @Test func refusesBodiesOverTheLimitWithAnAnswerTheClientCanRead() async throws {
    try await serving(TestService(limitBytes: 100_000)) { server, _ async throws in
      let connection = try await connect(server)
      let big = ByteBuffer(repeating: 1, count: 4 * 1024 * 1024)
      let response = try await connection.send(post("/echo", big), timeout: .seconds(10))
      #expect(response.status == 413)
      #expect(String(decoding: response.body, as: UTF8.self).hasSuffix("limitBytes: 100000)"))
      let after = try await connection.send(post("/echo", ByteBuffer(string: "x")), timeout: .seconds(10))
      #expect(after.status == 200)
      await connection.close()

      let client = try await RawClient.connect(server.boundPort)
      client.send("POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: \(4 * 1024 * 1024)\r\n\r\n")
      client.send([UInt8](repeating: 1, count: 200_000))
      #expect(try await client.wait { $0.text.contains("HTTP/1.1 413") && $0.isClosed })
      #expect(client.text.contains("tooLarge(bytes: 4194304, limitBytes: 100000)"))
    }
  }

  @Test func neverHoldsMoreThanTheBudget() async throws {
    let budget = ByteBudget(capacityBytes: 300_000)
    let service = TestService(budget: budget)
    try await serving(service) { server, _ async throws in
      let connection = try await connect(server)
      let counts = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<20 {
          group.addTask {
            let request = HTTPClientRequest(path: "/later", body: ByteBuffer(repeating: 1, count: 50_000))
            return try await connection.send(request, timeout: .seconds(10)).status
          }
        }
        return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
      }
      // A body of unknown length takes 64 KiB at first, so four fit at once.
      #expect(counts[200, default: 0] >= 4)
      #expect(counts[503, default: 0] >= 1)
      #expect(counts.values.reduce(0, +) == 20)
      #expect(server.counters.refusals[.bodyOverBudget] == counts[503])
      #expect(try await eventually { budget.usedBytes == 0 })
      await connection.close()
    }
  }

  @Test func cutsOffSlowClients() async throws {
    try await serving(
      TestService(),
      {
        $0.headerTimeout = .milliseconds(500)
        $0.bodyTimeout = .milliseconds(100)
        $0.drainTimeout = .milliseconds(100)
      }
    ) { server, _ async throws in
      let silent = try await RawClient.connect(server.boundPort)
      let slowHead = try await RawClient.connect(server.boundPort)
      slowHead.send("GET / HTTP/1.1\r\nho")
      let slowBody = try await RawClient.connect(server.boundPort)
      slowBody.send("POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 100\r\n\r\nabc")
      #expect(try await silent.wait { $0.isClosed })
      #expect(try await slowHead.wait { $0.isClosed })
      #expect(try await slowBody.wait { $0.isClosed })
      #expect(slowBody.text.hasPrefix("HTTP/1.1 408"))
      #expect(server.counters.refusals == [.slowHeader: 2, .slowBody: 1])
    }
  }

  @Test func cutsOffAClientThatDoesNotFinishItsHandshake() async throws {
    try await serving(
      TestService(),
      {
        $0.tls = try TestTLS.server()
        $0.headerTimeout = .milliseconds(100)
      }
    ) { server, _ async throws in
      let client = try await RawClient.connect(server.boundPort)
      client.send([0x16, 0x03])
      #expect(try await client.wait { $0.isClosed })
      #expect(server.counters.refusals == [.slowHeader: 1])
    }
  }

  @Test func cutsOffAClientThatDoesNotReadItsAnswer() async throws {
    try await serving(TestService(), { $0.writeTimeout = .milliseconds(200) }) { server, _ async throws in
      let client = try await RawClient.connect(server.boundPort, reads: false, receiveBufferBytes: 4096)
      client.send("GET /big HTTP/1.1\r\nhost: t\r\n\r\n")
      #expect(try await eventually { server.counters.refusals == [.slowReader: 1] })
      #expect(try await eventually { server.counters.connectionsOpen == 0 })
      client.close()
    }
  }

  @Test func takesAsManyConnectionsAsItMayAndNoMore() async throws {
    try await serving(TestService(), { $0.maxConnections = 2 }) { server, _ async throws in
      let first = try await RawClient.connect(server.boundPort)
      let second = try await RawClient.connect(server.boundPort)
      second.send(Self.get)
      #expect(try await second.wait { $0.text.hasSuffix("ok") })
      let third = try await RawClient.connect(server.boundPort)
      #expect(try await third.wait { $0.isClosed })
      #expect(server.counters.refusals == [.tooManyConnections: 1])
      first.close()
      #expect(try await eventually { server.counters.connectionsOpen == 1 })
      let fourth = try await RawClient.connect(server.boundPort)
      fourth.send(Self.get)
      #expect(try await fourth.wait { $0.text.hasSuffix("ok") })
      for client in [second, fourth] { client.close() }
    }
  }
}
