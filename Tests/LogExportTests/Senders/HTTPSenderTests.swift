import Access
import LogExport
import LogPipeline
import NIOPosix
import Synchronization
import Testing

@Suite struct HTTPSenderTests {
  private let route = DialectRoute.http(path: "/_bulk?x=1", headers: [.init("Content-Type", "application/x-ndjson")])

  private func withSender<R>(
    _ endpoints: [String], _ change: (inout HTTPSenderOptions) -> Void = { _ in }, time: ExportTime = .system,
    _ use: (HTTPSender) async throws -> R
  ) async throws -> R {
    var options = HTTPSenderOptions()
    options.endpoints = endpoints
    options.connectTimeout = .seconds(20)
    change(&options)
    let sender = try HTTPSender(options, group: MultiThreadedEventLoopGroup.singleton, time: time)
    do {
      let result = try await use(sender)
      await sender.close()
      return result
    } catch {
      await sender.close()
      throw error
    }
  }

  private func send(_ sender: HTTPSender, _ text: String = "{}\n", timeout: Duration = .seconds(60)) async -> SendResult
  {
    await sender.send(body(text), along: route, timeout: timeout)
  }

  /// A port that nobody listens on.
  private func deadPort() async throws -> Int {
    let server = try await RawServer.start { _ in .hang }
    let port = server.port
    await server.stop()
    return port
  }

  @Test func postsToTheBasePlusThePath() async throws {
    let server = try await RawServer.start { _ in RawServer.answer(201, "done") }
    let result = try await withSender([server.address + "/base/"], { $0.compression = .none }) { await send($0) }
    #expect(result.answer?.status == .http(201))
    #expect(result.answer?.body == Array("done".utf8))
    #expect(result.wireBytes == 3)
    let request = try #require(server.requests.first)
    #expect(request.line == "POST /base/_bulk?x=1 HTTP/1.1")
    #expect(request.headers["content-type"] == "application/x-ndjson")
    #expect(request.headers["host"] == "127.0.0.1:\(server.port)")
    #expect(request.headers["content-encoding"] == nil)
    #expect(request.body == Array("{}\n".utf8))
    await server.stop()
  }

  @Test(arguments: [
    ("content-type: application/x-protobuf", "application/x-protobuf"),
    ("Content-Type:  Text/HTML ; charset=utf-8", "text/html"), ("x-other: 1", ""), ("content-type: ", ""),
  ])
  func tellsTheMediaTypeOfAnAnswer(header: String, type: String) async throws {
    let server = try await RawServer.start { _ in RawServer.answer(404, headers: [header], "page") }
    let answer = try await withSender([server.address]) { await send($0) }.answer
    #expect(answer?.mediaType == type && answer?.body == Array("page".utf8))
    await server.stop()
  }

  @Test(arguments: [Compression.gzip(level: 1), .zstd(level: 3)])
  func compressesBodies(compression: Compression) async throws {
    let server = try await RawServer.start { _ in RawServer.answer(200) }
    let text = String(repeating: "{\"create\":{}}\n{\"a\":1}\n", count: 10_000)
    let result = try await withSender([server.address], { $0.compression = compression }) { await send($0, text) }
    let request = try #require(server.requests.first)
    #expect(request.headers["content-encoding"] == compression.contentEncoding)
    #expect((compression == .gzip(level: 1) ? gunzip(request.body) : unzstd(request.body)) == Array(text.utf8))
    #expect(result.wireBytes == request.body.count)
    #expect(request.body.count < text.utf8.count / 10)
    await server.stop()
  }

  @Test(arguments: [
    (Authorization.basic(user: "elastic", password: "changeme"), "Basic ZWxhc3RpYzpjaGFuZ2VtZQ=="),
    (.basic(user: "a", password: "b"), "Basic YTpi"), (.basic(user: "a", password: "bc"), "Basic YTpiYw=="),
    (.apiKey("a2V5OnNlY3JldA=="), "ApiKey a2V5OnNlY3JldA=="), (.bearer("tok.en"), "Bearer tok.en"),
  ])
  func authorizes(authorization: Authorization, expected: String) async throws {
    let server = try await RawServer.start { _ in RawServer.answer(200) }
    _ = try await withSender([server.address], { $0.authorization = authorization }) { await send($0) }
    #expect(server.requests.first?.headers["authorization"] == expected)
    await server.stop()
  }

  @Test func takesCredentialsFromTheAddressAndCustomHeaders() async throws {
    let server = try await RawServer.start { _ in RawServer.answer(200) }
    let address = "http://u:p@127.0.0.1:\(server.port)"
    _ = try await withSender([address], { $0.headers = [("X-Tenant", "7"), ("content-type", "text/x")] }) {
      await send($0)
    }
    #expect(server.requests.first?.headers["authorization"] == "Basic dTpw")
    #expect(server.requests.first?.headers["x-tenant"] == "7")
    #expect(server.requests.first?.headers["content-type"] == "text/x")
    await server.stop()
  }

  @Test func aHeaderThatCannotBeSentIsAnErrorThatHidesItsValue() throws {
    for (name, value) in [("x-secret", "hunter2\r\nx: y"), ("x secret", "hunter2"), ("", "hunter2")] {
      var options = HTTPSenderOptions()
      options.endpoints = ["http://a"]
      options.headers = [(name, value)]
      #expect { try HTTPSender(options, group: MultiThreadedEventLoopGroup.singleton) } throws: {
        !"\($0)".contains("hunter2")
      }
    }
    var options = HTTPSenderOptions()
    options.endpoints = ["http://a"]
    options.authorization = .bearer("hunter2\n")
    #expect { try HTTPSender(options, group: MultiThreadedEventLoopGroup.singleton) } throws: {
      !"\($0)".contains("hunter2")
    }
  }

  @Test func failuresQuoteNoSecrets() async throws {
    let port = try await deadPort()
    let result = try await withSender(["http://user:hunter2@127.0.0.1:\(port)"], { $0.headers = [("x", "hunter2")] }) {
      await send($0)
    }
    #expect(result.isRetryable)
    #expect(result.failure?.contains("127.0.0.1:\(port)") == true)
    #expect(result.failure?.contains("refused") == true, "\(result.failure ?? "")")
    #expect(result.failure?.contains("hunter2") == false)
  }

  @Test func aProxyOnTheWayIsNamed() async throws {
    let port = try await deadPort()
    let proxies = try ProxySettings(proxy: "http://user:hunter2@127.0.0.1:\(port)")
    let result = try await withSender(["http://destination.example:1234"], { $0.proxies = proxies }) { await send($0) }
    let expected = "http://destination.example:1234 through the proxy 127.0.0.1:\(port): cannot connect"
    #expect(result.failure?.hasPrefix(expected) == true, "\(result.failure ?? "")")
  }

  @Test func goesToAnotherEndpointAtOnceIfOneCannotBeConnected() async throws {
    let server = try await RawServer.start { _ in RawServer.answer(200) }
    let port = try await deadPort()
    try await withSender(["http://127.0.0.1:\(port)", server.address]) { sender in
      for _ in 0..<6 { #expect(await send(sender).answer?.status == .http(200)) }
    }
    #expect(server.requests.count == 6)
    await server.stop()
  }

  @Test func usesEndpointsInTurn() async throws {
    let first = try await RawServer.start { _ in RawServer.answer(200) }
    let second = try await RawServer.start { _ in RawServer.answer(200) }
    try await withSender([first.address, second.address]) { sender in
      for _ in 0..<10 { _ = await send(sender) }
    }
    #expect(first.requests.count == 5 && second.requests.count == 5)
    await first.stop()
    await second.stop()
  }

  @Test func anEndpointThatAnswers503RestsButItsAnswerCounts() async throws {
    let sick = try await RawServer.start { _ in RawServer.answer(503, headers: ["retry-after: 3"]) }
    let well = try await RawServer.start { _ in RawServer.answer(200) }
    try await withSender([sick.address, well.address], time: TestTime(isManual: true).time) { sender in
      let first = await send(sender)
      #expect(first.answer?.status == .http(503) && first.answer?.retryAfter == .seconds(3))
      for _ in 0..<5 { #expect(await send(sender).answer?.status == .http(200)) }
    }
    #expect(sick.requests.count == 1)
    await sick.stop()
    await well.stop()
  }

  @Test func comesBackToAnEndpointThatIsUpAgain() async throws {
    let port = try await deadPort()
    let server = Mutex<RawServer?>(nil)
    try await withSender(["http://127.0.0.1:\(port)"]) { sender in
      #expect(await send(sender).isRetryable)
      let started = try await RawServer.start(port: port) { _ in RawServer.answer(200) }
      server.withLock { $0 = started }
      #expect(await send(sender).answer?.status == .http(200))
    }
    await server.withLock { $0 }?.stop()
  }

  @Test func doesNotFollowRedirects() async throws {
    let other = try await RawServer.start { _ in RawServer.answer(200) }
    let location = "location: \(other.address)/"
    let server = try await RawServer.start { _ in RawServer.answer(307, headers: [location]) }
    let result = try await withSender([server.address]) { await send($0) }
    #expect(result.answer?.status == .http(307))
    #expect(other.requests.isEmpty)
    await server.stop()
    await other.stop()
  }

  @Test func endsARequestWithoutAnswerAtItsTimeout() async throws {
    let server = try await RawServer.start { _ in .hang }
    let result = try await withSender([server.address]) { await send($0, timeout: .milliseconds(100)) }
    #expect(result.isRetryable)
    #expect(result.failure?.hasSuffix("no answer within 0.1 seconds") == true, "\(result.failure ?? "")")
    await server.stop()
  }

  @Test func endsAnAnswerThatDripsAtItsTimeout() async throws {
    let server = try await RawServer.start { _ in .drip }
    let start = ContinuousClock.now
    let result = try await withSender([server.address]) { await send($0, timeout: .milliseconds(300)) }
    #expect(result.failure?.hasSuffix("no answer within 0.3 seconds") == true, "\(result.failure ?? "")")
    #expect(ContinuousClock.now - start < .seconds(60))
    await server.stop()
  }

  @Test(arguments: ["", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}", "HTTP/1.1 200 OK\r\ncont"])
  func anAnswerCutShortIsAFailure(part: String) async throws {
    for reply in [RawServer.Reply.reset(after: part), .close(after: part)] {
      let server = try await RawServer.start { _ in reply }
      let result = try await withSender([server.address]) { await send($0) }
      #expect(result.isRetryable, "\(result)")
      await server.stop()
    }
  }

  @Test func takesAnAnswerAtItsLimitAndNoneBeyond() async throws {
    let server = try await RawServer.start { request in
      RawServer.answer(200, String(repeating: "x", count: Int(request.headers["x-bytes"] ?? "") ?? 0))
    }
    for (bytes, fits) in [(1000, true), (1001, false)] {
      let result = try await withSender(
        [server.address],
        {
          $0.maxAnswerBytes = 1000
          $0.headers = [("x-bytes", "\(bytes)")]
        }
      ) { await send($0) }
      #expect(result.answer?.body.count == (fits ? 1000 : nil))
      let limit = "answer of at least 1001 bytes exceeds the limit of 1000 bytes"
      if !fits { #expect(result.failure?.hasSuffix(limit) == true) }
    }
    await server.stop()
  }

  @Test func anAnswerWithoutLengthIsCutAtTheLimit() async throws {
    let server = try await RawServer.start { _ in
      .close(after: "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + String(repeating: "x", count: 100_000))
    }
    let result = try await withSender([server.address], { $0.maxAnswerBytes = 1000 }) { await send($0) }
    #expect(result.failure?.contains("exceeds the limit of 1000 bytes") == true, "\(result)")
    await server.stop()
  }

  @Test func decompressesAnswersWithinTheLimit() async throws {
    let big = [UInt8](repeating: 0x20, count: 1_000_000)
    let buffer = big.withUnsafeBytes { Compressor(.gzip(level: 9)).compress($0) }
    let zipped = buffer.map { Array($0.readableBytesView) } ?? []
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: \(zipped.count)\r\n\r\n"
    let server = try await RawServer.start { _ in .raw(Array(head.utf8) + zipped) }
    let whole = try await withSender([server.address]) { await send($0) }
    #expect(whole.answer?.body == big)
    let bomb = try await withSender([server.address], { $0.maxAnswerBytes = 999_999 }) { await send($0) }
    #expect(bomb.isRetryable && bomb.answer == nil)
    await server.stop()
  }

  @Test func cancellingEndsASendEarly() async throws {
    let server = try await RawServer.start { _ in .hang }
    try await withSender([server.address]) { sender in
      let start = ContinuousClock.now
      let task = Task { await send(sender, timeout: .seconds(120)) }
      #expect(await eventually { server.requests.count == 1 })
      task.cancel()
      #expect(await task.value.isRetryable)
      #expect(ContinuousClock.now - start < .seconds(60))
    }
    await server.stop()
  }

  @Test func usesConnectionsAgain() async throws {
    let server = try await RawServer.start { _ in RawServer.answer(200) }
    try await withSender([server.address]) { sender in
      for _ in 0..<10 { #expect(await send(sender).answer?.status == .http(200)) }
    }
    #expect(server.connections == 1)
    await server.stop()
  }

  @Test func refusesRoutesThatAreNotHTTP() async throws {
    let result = try await withSender(["http://127.0.0.1:9"]) {
      await $0.send(body("x"), along: .local, timeout: .seconds(1))
    }
    #expect(result.failure != nil && !result.isRetryable)
  }
}
