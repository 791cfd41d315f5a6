import AsyncHTTPClient
import HTTPTransport
import LogPipeline
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import OTLPReceiver

/// The service behind the real server, on a port of loopback that the system chooses.
@Suite(.timeLimit(.minutes(1))) struct OTLPServiceSocketTests {
  private static let exportPath = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"

  /// Runs `body` with a server of the fixture's service, and drains the server afterwards.
  private func serving(_ fixture: Fixture, _ body: (HTTPServer) async throws -> Void) async throws {
    var options = HTTPServerOptions()
    options.host = "127.0.0.1"
    let server = try await HTTPServer.start(
      options, service: fixture.service, group: MultiThreadedEventLoopGroup.singleton)
    do {
      try await body(server)
    } catch {
      await server.drain(within: .seconds(1))
      throw error
    }
    await server.drain(within: .seconds(1))
  }

  private func call(
    _ connection: HTTP2ClientConnection, _ body: [UInt8], path: String = exportPath, headers: HTTPHeaders = [:]
  ) async throws -> HTTPTransport.HTTPClientResponse {
    var fields: HTTPHeaders = ["content-type": "application/grpc", "te": "trailers"]
    fields.add(contentsOf: headers)
    let request = HTTPTransport.HTTPClientRequest(path: path, headers: fields, body: ByteBuffer(bytes: body))
    return try await connection.send(request, timeout: .seconds(10))
  }

  private func status(_ response: HTTPTransport.HTTPClientResponse) -> String? {
    response.trailers?.first(name: "grpc-status") ?? response.headers.first(name: "grpc-status")
  }

  @Test func grpcCallsSucceedAndFailOnOneConnection() async throws {
    let fixture = Fixture()
    try await serving(fixture) { server in
      let group = MultiThreadedEventLoopGroup.singleton
      let connection = try await HTTP2ClientConnection.connect(host: "127.0.0.1", port: server.boundPort, group: group)
      let ok = try await call(connection, framed(exportRequest()))
      #expect(ok.status == 200 && ok.body == [0, 0, 0, 0, 0] && status(ok) == "0")
      let packed = framed(Compress.gzip(exportRequest()), compressed: 1)
      #expect(status(try await call(connection, packed, headers: ["grpc-encoding": "gzip"])) == "0")
      #expect(status(try await call(connection, framed([0xFF]))) == "3")
      #expect(status(try await call(connection, [])) == "12")
      #expect(status(try await call(connection, framed([]), path: "/a.B/C")) == "12")
      let health = try await call(connection, framed([]), path: "/grpc.health.v1.Health/Check")
      #expect(health.body == framed([8, 1]))
      #expect(fixture.queue.queuedRecords == 2)
      await connection.close()
    }
    #expect(fixture.budget.usedBytes == 0)
  }

  @Test func manyCallsAtOnceAreAllTaken() async throws {
    let fixture = Fixture(queueBytes: 1 << 20)
    try await serving(fixture) { server in
      let group = MultiThreadedEventLoopGroup.singleton
      let connection = try await HTTP2ClientConnection.connect(host: "127.0.0.1", port: server.boundPort, group: group)
      let statuses = try await withThrowingTaskGroup(of: String?.self) { tasks in
        for number in 0..<100 {
          tasks.addTask { self.status(try await self.call(connection, framed(exportRequest(["\(number)"])))) }
        }
        return try await tasks.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      }
      #expect(statuses == ["0": 100])
      await connection.close()
    }
    #expect(fixture.queue.queuedRecords == 100)
    #expect(fixture.counters[.grpc].acceptedRecords == 100)
    #expect(fixture.budget.usedBytes == 0)
  }

  @Test func anOversizeCallIsRefusedAndTheConnectionGoesOn() async throws {
    var options = OTLPServiceOptions()
    options.maxMessageBytes = 100_000
    let fixture = Fixture(options)
    try await serving(fixture) { server in
      let group = MultiThreadedEventLoopGroup.singleton
      let connection = try await HTTP2ClientConnection.connect(host: "127.0.0.1", port: server.boundPort, group: group)
      let refused = try await call(connection, framed([UInt8](repeating: 0, count: 5_000_000)))
      #expect(status(refused) == "8")
      #expect(refused.headers.first(name: "grpc-message")?.contains("limit of 100000 bytes") == true)
      #expect(status(try await call(connection, framed(exportRequest()))) == "0")
      await connection.close()
    }
    #expect(fixture.budget.usedBytes == 0)
  }

  private func post(
    _ server: HTTPServer, _ body: [UInt8], type: String?, path: String = "/v1/logs", method: HTTPMethod = .POST,
    headers: [(String, String)] = []
  ) async throws -> (status: UInt, type: String?, body: [UInt8], headers: HTTPHeaders) {
    var request = AsyncHTTPClient.HTTPClientRequest(url: "http://127.0.0.1:\(server.boundPort)\(path)")
    request.method = method
    request.headers = HTTPHeaders(headers)
    if let type { request.headers.add(name: "content-type", value: type) }
    if !body.isEmpty { request.body = .bytes(ByteBuffer(bytes: body)) }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
    let bytes = try await response.body.collect(upTo: 1 << 20)
    return (
      response.status.code, response.headers.first(name: "content-type"), Array(bytes.readableBytesView),
      response.headers
    )
  }

  @Test func httpRequestsAreAnsweredInTheirForm() async throws {
    let fixture = Fixture()
    try await serving(fixture) { server in
      let protobuf = try await post(server, exportRequest(), type: "application/x-protobuf")
      #expect(protobuf.status == 200 && protobuf.body.isEmpty && protobuf.type == "application/x-protobuf")
      let text = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}"#
      let json = try await post(server, Array(text.utf8), type: "application/json; charset=utf-8")
      #expect(json.status == 200 && json.body == Array("{}".utf8) && json.type == "application/json")
      let packed = try await post(
        server, Compress.gzip(exportRequest()), type: "application/x-protobuf", headers: [("content-encoding", "gzip")])
      #expect(packed.status == 200)
      let damaged = try await post(server, [0xFF], type: "application/json")
      #expect(damaged.status == 400 && damaged.body.starts(with: Array(#"{"code":3,"#.utf8)))
      let get = try await post(server, [], type: nil, method: .GET)
      #expect(get.status == 405 && get.headers.first(name: "allow") == "POST")
      let head = try await post(server, [], type: nil, method: .HEAD)
      #expect(head.status == 405 && head.body.isEmpty)
      #expect(try await post(server, [1], type: "application/x-protobuf", path: "/v1/traces").status == 404)
      #expect(try await post(server, [1], type: "text/plain").status == 415)
    }
    #expect(fixture.queue.queuedRecords == 3)
    #expect(fixture.budget.usedBytes == 0)
  }

  @Test func anOversizeBodyIsAnsweredWith413() async throws {
    var options = OTLPServiceOptions()
    options.maxRequestBodyBytes = 10_000
    let fixture = Fixture(options)
    try await serving(fixture) { server in
      let body = [UInt8](repeating: 0, count: 200_000)
      let answer = try await post(server, body, type: "application/json")
      #expect(answer.status == 413)
      #expect(String(decoding: answer.body, as: UTF8.self).contains("200000 bytes exceeds the limit of 10000 bytes"))
    }
  }

  @Test func aDrainingServiceRefusesWithAHint() async throws {
    let fixture = Fixture()
    try await serving(fixture) { server in
      fixture.service.drain()
      let answer = try await post(server, exportRequest(), type: "application/x-protobuf")
      #expect(answer.status == 503)
      #expect(answer.headers.first(name: "retry-after") == "5")
    }
  }

  @Test func aHealthWatchDoesNotHoldUpTheDrain() async throws {
    let fixture = Fixture()
    let started = ContinuousClock.now
    try await serving(fixture) { server in
      let group = MultiThreadedEventLoopGroup.singleton
      let connection = try await HTTP2ClientConnection.connect(host: "127.0.0.1", port: server.boundPort, group: group)
      async let watch = call(connection, framed([]), path: "/grpc.health.v1.Health/Watch")
      while fixture.health.watchCount == 0 { try await Task.sleep(for: .milliseconds(1)) }
      fixture.health.close()
      let response = try await watch
      #expect(response.body == framed([8, 1]) + framed([8, 2]))
      #expect(status(response) == "14")
      await connection.close()
    }
    #expect(ContinuousClock.now - started < .seconds(20))
  }
}
