import LogExport
import LogPipeline
import NIOPosix
import Options
import Testing

/// Bodies in OTLP's JSON mapping.
@Suite struct OTLPJSONSenderTests {
  /// Two requests of logs, one after the other, each with a record: its body, a trace id and bytes.
  private static let twoRequests: [UInt8] = {
    let record: [UInt8] =
      [0x2A, 0x03, 0x0A, 0x01, 0x62] + [0x4A, 0x10] + Array(1...16) + [
        0x32, 0x09, 0x0A, 0x01, 0x6B, 0x12, 0x04, 0x3A, 0x02, 0x00, 0xFF,
      ]
    let scope: [UInt8] = [0x12, UInt8(record.count)] + record
    let resource: [UInt8] = [0x12, UInt8(scope.count)] + scope
    let request: [UInt8] = [0x0A, UInt8(resource.count)] + resource
    return request + request
  }()
  private static let group =
    #"{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"b"},"attributes":[{"key":"k","value":{"bytesValue":"AP8="}}],"#
    + #""traceId":"0102030405060708090a0b0c0d0e0f10"}]}]}"#

  private let route = DialectRoute.http(
    path: "/v1/logs", headers: [.init("Content-Type", "application/x-protobuf"), .init("X-A", "b")])

  @Test(arguments: [Compression.none, .gzip(level: 1)])
  func severalRequestsAreOneText(_ compression: Compression) async throws {
    let server = try await RawServer.start { _ in RawServer.answer(200, "{}") }
    var options = HTTPSenderOptions()
    options.endpoints = [server.address]
    options.compression = compression
    let sender = OTLPJSONSender(
      try HTTPSender(options, group: MultiThreadedEventLoopGroup.singleton), signal: .logs)
    let sent = body(Self.twoRequests, records: 2)
    let result = await sender.send(sent, along: route, timeout: .seconds(60))
    #expect(result.answer?.status == .http(200))
    let request = try #require(server.requests.first)
    #expect(request.headers["content-type"] == "application/json" && request.headers["x-a"] == "b")
    let text = compression == .none ? request.body : gunzip(request.body)
    let expected = #"{"resourceLogs":[\#(Self.group),\#(Self.group)]}"#
    #expect(text.map { String(decoding: $0, as: UTF8.self) } == expected)
    #expect(result.wireBytes == request.body.count)
    await sender.close()
    await server.stop()
  }

  @Test(arguments: [
    (DialectRoute.http(path: "/", headers: []), [0x0A, 0x05, 0x12], Signal.logs),
    (.http(path: "/", headers: []), [], .profiles), (.grpc(path: "/", headers: []), twoRequests, .logs),
  ])
  func whatCannotBeWrittenIsRejected(_ route: DialectRoute, _ bytes: [UInt8], _ signal: Signal) async throws {
    var options = HTTPSenderOptions()
    options.endpoints = ["http://127.0.0.1:1"]
    let sender = OTLPJSONSender(try HTTPSender(options, group: MultiThreadedEventLoopGroup.singleton), signal: signal)
    let result = await sender.send(body(bytes), along: route, timeout: .seconds(60))
    #expect(result.failure == "cannot write \(bytes.count) bytes as JSON" && !result.isRetryable)
    await sender.close()
  }
}
