import CNGHTTP2
import Testing

@testable import HTTPTransport

@Suite struct HTTP2HeaderQuotaTests {
  @Test func decodesFourTimesTheLimitAndNotOneByteMore() {
    var quota = HTTP2HeaderQuota(maxBytes: 100, maxCount: 10)
    for _ in 0..<4 { _ = quota.take(68) }
    #expect(quota.excess == HTTPExcess(abuse: .headerTooLarge, count: 200, limit: 100))
    #expect(quota.bombExcess == nil)
    _ = quota.take(0)
    #expect(quota.bombExcess == HTTPExcess(abuse: .headerFlood, count: 432, limit: 400))
    quota.reset()
    #expect(quota.bombExcess == nil)
  }

  /// The rest of a block that is too large is not decoded: what a connection has taken in by then is known.
  @Test func aBlockOfReferencesEndsTheConnectionBeforeItIsDecoded() throws {
    let peer = try HTTP2Peer()
    peer.requestStreams(8)
    peer.send(HTTP2Bytes.hello + HTTP2HeaderBomb.entry)
    #expect(peer.responses[1]?.status == 200)
    // 32 references and the pseudo-header fields come to 129,225 of 131,072 bytes.
    peer.send(HTTP2HeaderBomb.headers(3, references: 32))
    #expect(peer.responses[3]?.status == 431)
    #expect(peer.isOpen)
    peer.send(HTTP2HeaderBomb.headers(5, references: 16_000))
    #expect(peer.goAwayCodes == [NGHTTP2_ENHANCE_YOUR_CALM.rawValue])
    #expect(!peer.isOpen)
    #expect(peer.metrics.snapshot.refusals == [.headerTooLarge: 1, .headerFlood: 1])
    let reason = peer.rawFrames.last { $0.frame.type == HTTP2Frame.goAway }.map { $0.payload.dropFirst(8) } ?? []
    #expect(String(decoding: reason, as: UTF8.self) == "header_flood: 133258 exceeds the limit of 131072")
  }

  @Test func blocksJustOverTheLimitEndTheConnectionTogether() throws {
    let peer = try HTTP2Peer()
    peer.requestStreams(300)
    peer.send(HTTP2Bytes.hello + HTTP2HeaderBomb.entry)
    var streams: UInt32 = 0
    while peer.isOpen, streams < 300 {
      streams += 1
      peer.send(HTTP2HeaderBomb.headers(streams * 2 + 1, references: 32))
    }
    // 8 MiB are 64 times 129,225 bytes and what was received.
    #expect(streams == 65)
    #expect(peer.goAwayCodes == [NGHTTP2_ENHANCE_YOUR_CALM.rawValue])
    #expect(peer.metrics.snapshot.refusals[.headerFlood] == 1)
  }

  @Test func answeredRequestsCostNothing() throws {
    let peer = try HTTP2Peer()
    peer.send(HTTP2Bytes.hello + HTTP2HeaderBomb.entry)
    for stream: UInt32 in 1...1000 { peer.send(HTTP2HeaderBomb.headers(stream * 2 + 1, references: 8)) }
    #expect(peer.metrics.snapshot.requestsHTTP2 == 1001)
    #expect(peer.isOpen)
  }
}
