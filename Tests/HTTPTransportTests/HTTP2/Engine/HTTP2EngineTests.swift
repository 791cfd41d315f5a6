import CNGHTTP2
import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPTransport

@Suite struct HTTP2EngineTests {
  private static let origin = HTTP2Origin(host: "::1", port: 4317, isTLS: true)

  /// A client and a server that have exchanged their first SETTINGS.
  private func met(_ limits: HTTP2Limits = HTTP2Limits()) throws -> (client: EnginePeer, server: EnginePeer) {
    let (client, server) = (EnginePeer.client(), EnginePeer.server(limits))
    try exchange(client, server)
    _ = (client.takeHeard(), server.takeHeard())
    return (client, server)
  }

  /// Hands bytes over until neither has any.
  private func exchange(_ one: EnginePeer, _ other: EnginePeer) throws {
    for _ in 0..<100 {
      let (there, back) = (one.drain(), other.drain())
      if there.isEmpty && back.isEmpty { return }
      try other.receive(there)
      try one.receive(back)
    }
    Issue.record("they never stop")
  }

  @Test func aRequestAndItsAnswerGoAcross() throws {
    let (client, server) = try met()
    defer {
      client.close()
      server.close()
    }
    let request = HTTPClientRequest(path: "/a", headers: ["X-Mine": "yes", "connection": "close"])
    #expect(client.engine?.submitRequest(request, to: Self.origin) == 1)
    try exchange(client, server)
    #expect(
      server.takeHeard() == [
        "1 head", ":method=POST", ":scheme=https", ":authority=[::1]:4317", ":path=/a", "x-mine=yes",
        "1 frame 1, last",
      ])
    server.outbound[1] = HTTP2Outbound()
    let head = HTTP2ResponseHead(status: 200, headers: ["x-head": "1"], hasBody: true)
    #expect(server.engine?.submit(head, stream: 1) == true)
    try exchange(client, server)
    #expect(client.takeHeard() == ["1 head", ":status=200", "x-head=1", "1 frame 1"])
    server.outbound[1]?.append(ByteBuffer(string: "hello"))
    server.outbound[1]?.end(trailers: ["x-trailer": "2"])
    server.engine?.resume(stream: 1)
    try exchange(client, server)
    #expect(
      client.takeHeard() == [
        "1 5 bytes", "1 frame 0", "1 trailers", "x-trailer=2", "1 frame 1, last", "1 closed with 0",
      ])
    #expect(server.takeHeard() == ["1 closed with 0"])
  }

  @Test func anAnswerWithoutABodyIsOneFrame() throws {
    let (client, server) = try met()
    defer {
      client.close()
      server.close()
    }
    let request = HTTPClientRequest(method: "GET", path: "/", authority: "other")
    #expect(client.engine?.submitRequest(request, to: Self.origin) == 1)
    try exchange(client, server)
    #expect(server.takeHeard().contains(":authority=other"))
    #expect(server.engine?.submit(HTTP2ResponseHead(status: 204, headers: [:], hasBody: false), stream: 1) == true)
    try exchange(client, server)
    #expect(client.takeHeard() == ["1 head", ":status=204", "1 frame 1, last", "1 closed with 0"])
  }

  @Test func aBlockWhoseRestIsNotWantedStopsTheConnection() throws {
    let (client, server) = try met()
    defer {
      client.close()
      server.close()
    }
    server.takesFields = false
    _ = client.engine?.submitRequest(HTTPClientRequest(path: "/"), to: Self.origin)
    #expect(throws: HTTP2EngineFailure.headersStopped) { try server.receive(client.drain()) }
    #expect(server.takeHeard() == ["1 head", ":method=POST"])
  }

  @Test func whatIsNotHTTP2Fails() throws {
    let server = EnginePeer.server()
    defer { server.close() }
    #expect(throws: HTTP2EngineFailure.failed(code: NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue)) {
      try server.receive(Array("GET / HTTP/1.1\r\n\r\n".utf8))
    }
  }

  @Test func answersToControlFramesThatWaitHaveALimit() throws {
    var limits = HTTP2Limits()
    limits.maxQueuedControlFrames = 5
    let (client, server) = try met(limits)
    defer {
      client.close()
      server.close()
    }
    let ping = HTTP2Bytes.frame(HTTP2Frame.ping, [UInt8](repeating: 0, count: 8))
    for _ in 0..<5 { try server.receive(ping) }
    #expect(server.engine?.queuedFrames == 5)
    #expect(throws: HTTP2EngineFailure.controlQueueFull) { try server.receive(ping) }
  }

  @Test func creditIsGivenForTheStreamAndTheConnectionApart() throws {
    var limits = HTTP2Limits()
    limits.connectionWindowBytes = 256 << 10
    let (client, server) = try met(limits)
    defer {
      client.close()
      server.close()
    }
    let body = ByteBuffer(repeating: 1, count: 200_000)
    #expect(client.engine?.submitRequest(HTTPClientRequest(path: "/", body: body), to: Self.origin) == 1)
    client.outbound[1] = HTTP2Outbound()
    client.outbound[1]?.append(body)
    client.outbound[1]?.end(trailers: nil)
    client.engine?.resume(stream: 1)
    try exchange(client, server)
    #expect(server.takeHeard().last == "1 frame 0, last")
    server.engine?.consumeStream(1, bytes: 200_000)
    try exchange(client, server)
    #expect(!client.takeHeard().contains("0 frame 8"))
    server.engine?.consumeConnection(bytes: 200_000)
    try exchange(client, server)
    #expect(client.takeHeard() == ["0 frame 8"])
  }

  @Test func itIsOverOnceGoAwayIsSaidAndNothingIsUnderWay() throws {
    let (client, server) = try met()
    defer {
      client.close()
      server.close()
    }
    _ = client.engine?.submitRequest(HTTPClientRequest(path: "/"), to: Self.origin)
    try exchange(client, server)
    server.engine?.announceGoAway()
    server.engine?.ping()
    try exchange(client, server)
    #expect(client.takeHeard() == ["0 frame 6", "0 frame 7"])
    server.engine?.goAway()
    _ = server.drain()
    #expect(server.engine?.isOver == false)
    server.engine?.reset(stream: 1, code: NGHTTP2_CANCEL)
    _ = server.drain()
    #expect(server.takeHeard().suffix(2) == ["sent frame 3 with error 8", "1 closed with 8"])
    #expect(server.engine?.isOver == true)
  }

  @Test func theReasonOfTheEndIsSaid() throws {
    let (client, server) = try met()
    defer {
      client.close()
      server.close()
    }
    server.engine?.terminate(code: NGHTTP2_ENHANCE_YOUR_CALM, reason: "too much")
    let bytes = server.drain()
    #expect(bytes.suffix(8) == Array("too much".utf8)[...])
    try client.receive(bytes)
    #expect(client.takeHeard() == ["0 frame 7"])
  }

  @Test(arguments: [Int.min, -1, 0, 1, .max]) func windowsAreWhatTheProtocolAllows(_ bytes: Int) {
    #expect((1...Int(Int32.max)).contains(HTTP2Announcement.window(bytes)))
  }
}
