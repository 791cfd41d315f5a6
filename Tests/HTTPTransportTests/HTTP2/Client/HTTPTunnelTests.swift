import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import HTTPTransport

@Suite struct HTTPTunnelTests {
  /// A channel with a tunnel's handler, and what came of it.
  private final class Rig {
    let channel = EmbeddedChannel()
    var isOpen = false
    var failure: HTTP2ClientError?

    init(authorization: String? = nil) throws {
      let handler = HTTPTunnelHandler(
        to: "es.internal:9200", authorization: authorization, opened: { _ in self.isOpen = true },
        failed: { self.failure = $0 })
      try channel.pipeline.syncOperations.addHandler(handler)
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    func receive(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

    var received: String {
      get throws { try channel.readInbound(as: ByteBuffer.self).map { String(buffer: $0) } ?? "" }
    }
  }

  private static let answer = "HTTP/1.1 200 Connection established\r\nVia: p\r\n\r\n"

  @Test func asksForATunnelWithItsCredentials() throws {
    for (authorization, line) in [(nil, ""), ("Basic eA==", "Proxy-Authorization: Basic eA==\r\n")] {
      let rig = try Rig(authorization: authorization)
      let sent = try #require(try rig.channel.readOutbound(as: ByteBuffer.self))
      #expect(String(buffer: sent) == "CONNECT es.internal:9200 HTTP/1.1\r\nHost: es.internal:9200\r\n\(line)\r\n")
      #expect(try rig.channel.readOutbound(as: ByteBuffer.self) == nil)
    }
  }

  @Test func opensWhereverTheAnswerIsCutAndHandsOnWhatFollows() throws {
    let bytes = Array((Self.answer + "SETTINGS").utf8)
    for cut in 1..<bytes.count {
      let rig = try Rig()
      try rig.receive(String(decoding: bytes[..<cut], as: UTF8.self))
      #expect(rig.isOpen == (cut >= Self.answer.utf8.count))
      try rig.receive(String(decoding: bytes[cut...], as: UTF8.self))
      #expect(rig.isOpen && rig.failure == nil)
      var following = try rig.received
      following += try rig.received
      #expect(following == "SETTINGS", "cut at \(cut)")
    }
  }

  @Test(arguments: [
    ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "the proxy answers 407"),
    ("HTTP/1.0 503 \r\n\r\n", "the proxy answers 503"), ("HTTP/1.1 101 X\r\n\r\n", "the proxy answers 101"),
    ("HTTP/1.1 2000 X\r\n\r\n", "the proxy does not speak HTTP/1.1"),
    ("HTTP/1.1 xyz \r\n\r\n", "the proxy does not speak HTTP/1.1"),
    ("SSH-2.0-OpenSSH\r\n\r\n", "the proxy does not speak HTTP/1.1"), ("a\n\n", "the proxy does not speak HTTP/1.1"),
  ]) func anythingElseIsNoTunnel(_ answer: String, reason: String) throws {
    let rig = try Rig()
    try rig.receive(answer)
    #expect(rig.failure == .cannotConnect(reason: reason) && !rig.isOpen)
    #expect(!rig.channel.isActive)
  }

  @Test func aHeadMayBeAsLongAsTheLimitAndNoLonger() throws {
    let fixed = "HTTP/1.1 200 X\r\nA: \r\n\r\n".utf8.count
    for (excess, isOpen) in [(0, true), (1, false)] {
      let rig = try Rig()
      let value = String(repeating: "x", count: 16 * 1024 - fixed + excess)
      try rig.receive("HTTP/1.1 200 X\r\nA: \(value)\r\n\r\n")
      #expect(rig.isOpen == isOpen)
      if !isOpen { #expect("\(try #require(rig.failure))".contains("16385 bytes, the limit is 16384 bytes")) }
    }
    let endless = try Rig()
    try endless.receive("HTTP/1.1 200 X\r\n" + String(repeating: "x", count: 16 * 1024))
    #expect("\(try #require(endless.failure))".contains("exceeds the limit of 16384 bytes"))
  }

  @Test func aProxyThatClosesIsAFailure() throws {
    let rig = try Rig()
    try rig.receive("HTTP/1.1 2")
    rig.channel.pipeline.fireChannelInactive()
    #expect(rig.failure == .cannotConnect(reason: "the proxy closed the connection"))
  }
}
