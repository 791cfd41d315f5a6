import HTTPTransport
import LogExport
import LogPipeline
import NIOCore
import struct NIOHTTP1.HTTPHeaders
import NIOPosix
import Synchronization
import Testing

@Suite struct GRPCSenderTests {
  private let route = DialectRoute.grpc(path: "/pkg.Service/Export", headers: [.init("X-Route", "r")])

  /// Starts a server with this answer and a sender to it.
  private func exchange(
    _ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse, _ change: (inout GRPCSenderOptions) -> Void = { _ in },
    _ use: (GRPCSender, Service, HTTPServer) async throws -> Void
  ) async throws {
    let service = Service(answer)
    var serverOptions = HTTPServerOptions()
    serverOptions.host = "127.0.0.1"
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await HTTPServer.start(serverOptions, service: service, group: group)
    var options = GRPCSenderOptions()
    options.endpoint = "http://127.0.0.1:\(server.boundPort)"
    change(&options)
    let sender = try GRPCSender(options, group: group)
    do {
      try await use(sender, service, server)
      await sender.close()
      await server.drain(within: .seconds(1))
    } catch {
      await sender.close()
      await server.drain(within: .seconds(1))
      throw error
    }
  }

  private func send(_ sender: GRPCSender, _ text: String = "request") async -> SendResult {
    await sender.send(body(text), along: route, timeout: .seconds(60))
  }

  private static func message(_ bytes: [UInt8]) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeInteger(UInt8(0))
    buffer.writeInteger(UInt32(bytes.count))
    buffer.writeBytes(bytes)
    return buffer
  }

  private static func ok(_ bytes: [UInt8] = []) -> HTTPResponse {
    HTTPResponse(
      status: 200, headers: ["content-type": "application/grpc"], body: message(bytes), trailers: ["grpc-status": "0"])
  }

  @Test func sendsOneMessageAndReadsTheAnswer() async throws {
    try await exchange({ _ in Self.ok([1, 2, 3]) }, { $0.compression = .none }) { sender, service, _ in
      let result = await send(sender)
      #expect(result.answer?.status == .grpc(0) && result.answer?.body == [1, 2, 3])
      #expect(result.wireBytes == 12)
      let request = try #require(service.requests.first)
      #expect(request.body == [0, 0, 0, 0, 7] + Array("request".utf8))
      #expect(request.head.method == "POST" && request.head.path == "/pkg.Service/Export")
      #expect(request.head.headers.first(name: "content-type") == "application/grpc")
      #expect(request.head.headers.first(name: "te") == "trailers")
      #expect(request.head.headers.first(name: "grpc-timeout") == "60000m")
      #expect(request.head.headers.first(name: "x-route") == "r")
      #expect(request.head.headers.first(name: "grpc-encoding") == nil)
    }
  }

  @Test func compressesTheMessageAndSendsMetadata() async throws {
    try await exchange(
      { _ in Self.ok() },
      {
        $0.headers = [("X-Tenant", "7")]
        $0.authorization = .bearer("token")
      }
    ) { sender, service, _ in
      let text = String(repeating: "abc", count: 10_000)
      #expect(await send(sender, text).answer?.status == .grpc(0))
      let request = try #require(service.requests.first)
      #expect(request.head.headers.first(name: "grpc-encoding") == "gzip")
      #expect(request.head.headers.first(name: "x-tenant") == "7")
      #expect(request.head.headers.first(name: "authorization") == "Bearer token")
      #expect(request.body.first == 1)
      #expect(gunzip(Array(request.body.dropFirst(5))) == Array(text.utf8))
    }
  }

  @Test func readsStatusMessageAndRetryInfoFromTrailers() async throws {
    // google.rpc.Status with RetryInfo of 5 s.
    let type = Array("type.googleapis.com/google.rpc.RetryInfo".utf8)
    let any = [0x0a, UInt8(type.count)] + type + [0x12, 4, 0x0a, 2, 0x08, 5]
    let status: [UInt8] = [0x08, 14, 0x1a, UInt8(any.count)] + any
    let base64 = Self.base64(status)
    let trailers: HTTPHeaders = [
      "grpc-status": "14", "grpc-message": "over%20load", "grpc-status-details-bin": base64,
    ]
    try await exchange({ _ in HTTPResponse(status: 200, trailers: trailers) }) { sender, _, _ in
      let answer = await send(sender).answer
      #expect(answer?.status == .grpc(14))
      #expect(answer?.message == "over load")
      #expect(answer?.retryAfter == .seconds(5))
      #expect(answer?.body == status)
    }
  }

  /// Base64 without padding, as gRPC libraries send it.
  private static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let bits = bytes.flatMap { byte in (0..<8).map { byte >> UInt8(7 - $0) & 1 } }
    return String(
      stride(from: 0, to: bits.count, by: 6).map { start in
        alphabet[(0..<6).reduce(0) { $0 << 1 | (start + $1 < bits.count ? Int(bits[start + $1]) : 0) }]
      })
  }

  @Test func readsTrailersOnlyAnswers() async throws {
    let headers: HTTPHeaders = ["content-type": "application/grpc", "grpc-status": "8", "grpc-message": "full"]
    try await exchange({ _ in HTTPResponse(status: 200, headers: headers) }) { sender, _, _ in
      let answer = await send(sender).answer
      #expect(answer?.status == .grpc(8) && answer?.message == "full" && answer?.retryAfter == nil)
    }
  }

  @Test(arguments: [(503, 14), (401, 16), (404, 12), (200, 2)])
  func mapsAnswersWithoutAStatus(http: Int, code: Int) async throws {
    try await exchange({ _ in HTTPResponse(status: http, body: ByteBuffer(string: "<html>")) }) { sender, _, _ in
      let answer = await send(sender).answer
      #expect(answer?.status == .grpc(code) && answer?.isOfProtocol == false)
    }
  }

  @Test(arguments: [
    [], [0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 2, 1], [0, 0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0, 0, 9],
  ])
  func anAnswerThatIsNoMessageIsAnInternalError(bytes: [UInt8]) async throws {
    let response = HTTPResponse(status: 200, body: ByteBuffer(bytes: bytes), trailers: ["grpc-status": "0"])
    try await exchange({ _ in response }) { sender, _, _ in
      let answer = await send(sender).answer
      #expect(answer?.status == .grpc(13) && answer?.isOfProtocol == false)
    }
  }

  @Test(arguments: ["-1", "17", "x", "", "99999999999999999999"])
  func aStatusThatIsNoneIsUnknown(status: String) async throws {
    try await exchange({ _ in HTTPResponse(status: 200, trailers: ["grpc-status": status]) }) { sender, _, _ in
      let answer = await send(sender).answer
      #expect(answer?.status == .grpc(2) && answer?.isOfProtocol == false)
    }
  }

  @Test func makesManyCallsAtOnceOverOneConnection() async throws {
    try await exchange({ _ in Self.ok() }) { sender, service, server in
      await withTaskGroup(of: Answer.Status?.self) { group in
        for call in 0..<50 { group.addTask { await send(sender, "call \(call)").answer?.status } }
        for await status in group { #expect(status == .grpc(0)) }
      }
      #expect(service.requests.count == 50)
      #expect(Set(service.requests.map(\.head.remoteAddress)).count == 1)
    }
  }

  @Test func connectsAnewAfterTheConnectionIsGone() async throws {
    var serverOptions = HTTPServerOptions()
    serverOptions.host = "127.0.0.1"
    let group = MultiThreadedEventLoopGroup.singleton
    let first = try await HTTPServer.start(serverOptions, service: Service { _ in Self.ok() }, group: group)
    var options = GRPCSenderOptions()
    options.endpoint = "http://127.0.0.1:\(first.boundPort)"
    let sender = try GRPCSender(options, group: group)
    #expect(await send(sender).answer?.status == .grpc(0))
    await first.drain(within: .milliseconds(100))
    #expect(await send(sender).isRetryable)
    serverOptions.port = first.boundPort
    let second = try await HTTPServer.start(serverOptions, service: Service { _ in Self.ok() }, group: group)
    #expect(await send(sender).answer?.status == .grpc(0))
    await sender.close()
    #expect(await send(sender).failure != nil)
    await second.drain(within: .milliseconds(100))
  }

  @Test func failuresQuoteNoSecrets() async throws {
    var options = GRPCSenderOptions()
    options.endpoint = "http://user:hunter2@127.0.0.1:1"
    options.headers = [("x", "hunter2")]
    let sender = try GRPCSender(options, group: MultiThreadedEventLoopGroup.singleton)
    let result = await send(sender)
    #expect(result.isRetryable && result.failure?.contains("127.0.0.1:1") == true)
    #expect(result.failure?.contains("hunter2") == false)
    await sender.close()
  }

  @Test func endsACallWithoutAnswerAtItsTimeout() async throws {
    let service = Service(nil)
    var serverOptions = HTTPServerOptions()
    serverOptions.host = "127.0.0.1"
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await HTTPServer.start(serverOptions, service: service, group: group)
    var options = GRPCSenderOptions()
    options.endpoint = "127.0.0.1:\(server.boundPort)"
    options.isInsecure = true
    let sender = try GRPCSender(options, group: group)
    let result = await sender.send(body("x"), along: route, timeout: .milliseconds(100))
    #expect(result.isRetryable && result.failure?.contains("0.1 seconds") == true, "\(result)")
    await sender.close()
    await server.drain(within: .milliseconds(100))
  }

  @Test func optionsThatCannotWorkAreErrors() throws {
    for (endpoint, compression) in [("http://a/path", Compression.none), ("", .none), ("http://a", .zstd(level: 1))] {
      var options = GRPCSenderOptions()
      options.endpoint = endpoint
      options.compression = compression
      #expect(throws: SenderConfigurationError.self) {
        try GRPCSender(options, group: MultiThreadedEventLoopGroup.singleton)
      }
    }
  }
}

/// Answers every request by a closure, or never.
final class Service: HTTPService {
  private let answer: (@Sendable (HTTPRequest) -> HTTPResponse)?
  private let seen = Mutex<[HTTPRequest]>([])
  private let unanswered = Mutex<[HTTPResponder]>([])

  init(_ answer: (@Sendable (HTTPRequest) -> HTTPResponse)?) { self.answer = answer }

  var requests: [HTTPRequest] { seen.withLock { $0 } }

  func plan(for head: inout HTTPRequestHead) -> HTTPBodyPlan { .collect(limitBytes: 1 << 20, budget: nil) }

  func refusal(of head: HTTPRequestHead, because reason: HTTPBodyRefusal) -> HTTPResponse { HTTPResponse(status: 413) }

  func respond(to request: HTTPRequest, through responder: HTTPResponder) {
    seen.withLock { $0.append(request) }
    guard let answer else { return unanswered.withLock { $0.append(responder) } }
    responder.respond(answer(request))
  }
}
