import CNGHTTP2
import Testing

@testable import HTTPTransport

@Suite struct HTTP2StreamHistoryTests {
  private typealias Bytes = HTTP2Bytes

  private func peer(_ bytes: [UInt8]...) throws -> HTTP2Peer {
    let peer = try HTTP2Peer()
    peer.requestStreams(8)
    peer.send(Bytes.hello)
    for bytes in bytes { peer.send(bytes) }
    return peer
  }

  private func isEnded(_ peer: HTTP2Peer, _ code: nghttp2_error_code) -> Bool {
    peer.goAwayCodes == [code.rawValue] && !peer.isOpen && peer.metrics.snapshot.refusals == [.protocolError: 1]
  }

  static let late: [[UInt8]] = [
    HTTP2Bytes.data(1, [1]), HTTP2Bytes.data(1, [], end: false), HTTP2Bytes.headers(1, end: true),
    HTTP2Bytes.headers(1),
  ]

  @Test(arguments: late) func aFrameOnAnAnsweredStreamEndsTheConnection(_ frame: [UInt8]) throws {
    #expect(try isEnded(peer(Bytes.headers(1, "GET", "/", end: true), frame), NGHTTP2_STREAM_CLOSED))
  }

  @Test(arguments: late) func aFrameAfterTheClientsEndEndsTheConnection(_ frame: [UInt8]) throws {
    #expect(try isEnded(peer(Bytes.headers(1, "GET", "/hold", end: true), frame), NGHTTP2_STREAM_CLOSED))
    #expect(try isEnded(peer(Bytes.headers(1) + Bytes.data(1, [1]) + frame), NGHTTP2_STREAM_CLOSED))
  }

  @Test(arguments: late) func aFrameAfterTheClientsResetEndsTheConnection(_ frame: [UInt8]) throws {
    #expect(try isEnded(peer(Bytes.headers(1), Bytes.reset(1), frame), NGHTTP2_STREAM_CLOSED))
    #expect(try isEnded(peer(Bytes.headers(1) + Bytes.reset(1) + frame), NGHTTP2_STREAM_CLOSED))
  }

  /// The two resets may cross; what the client sends after its own is its fault all the same.
  @Test(arguments: late) func aFrameAfterBothResetsEndsTheConnection(_ frame: [UInt8]) throws {
    let peer = try peer(Bytes.headers(1, "POST", "/refuse"), Bytes.reset(1))
    #expect(peer.isOpen)
    peer.send(frame)
    #expect(isEnded(peer, NGHTTP2_STREAM_CLOSED))
  }

  @Test func aStreamThatWasPassedOverCannotBeOpened() throws {
    let ended = try peer(Bytes.headers(5, "GET", "/", end: true), Bytes.headers(3, "GET", "/", end: true))
    #expect(isEnded(ended, NGHTTP2_PROTOCOL_ERROR))
    #expect(ended.service.seen.count == 1)
  }

  @Test func whatComesAfterTheServersResetIsDropped() throws {
    let peer = try peer(Bytes.headers(1, "POST", "/refuse"))
    #expect(peer.resets == [1: NGHTTP2_NO_ERROR.rawValue])
    peer.send(Bytes.data(1, [1], end: false) + Bytes.data(1, [1]) + Bytes.windowUpdate(1, stream: 1))
    peer.send(Bytes.reset(1) + Bytes.headers(3, "GET", "/", end: true))
    #expect(peer.responses[3]?.status == 200)
    #expect(peer.isOpen && peer.goAwayCodes.isEmpty)
  }

  @Test func whatIsAllowedOnAClosedStreamIsTaken() throws {
    let peer = try peer(Bytes.headers(1, "GET", "/", end: true))
    peer.send(Bytes.windowUpdate(1, stream: 1) + Bytes.frame(HTTP2Frame.priority, stream: 1, [0, 0, 0, 3, 1]))
    peer.send(Bytes.reset(1) + Bytes.headers(3, "GET", "/", end: true))
    #expect(peer.responses[3]?.status == 200)
    #expect(peer.isOpen && peer.goAwayCodes.isEmpty)
  }

  @Test func trailersEndARequest() throws {
    let trailers = HTTP2Bytes.frame(
      HTTP2Frame.headers, flags: HTTP2Frame.endHeaders | HTTP2Frame.endStream, stream: 1, Bytes.field("x", "y"))
    let peer = try peer(Bytes.headers(1) + Bytes.data(1, [7], end: false), trailers)
    #expect(peer.responses[1]?.body == [7])
    peer.send(Bytes.data(1, [1]))
    #expect(isEnded(peer, NGHTTP2_STREAM_CLOSED))
  }

  private func frame(_ type: UInt8, _ id: UInt32, end: Bool = false) -> HTTP2Frame {
    HTTP2Frame(length: 1, type: type, flags: end ? HTTP2Frame.endStream : 0, streamID: id)
  }

  @Test func goesBackAsFarAsItHasPlaces() {
    var history = HTTP2StreamHistory(maxConcurrentStreams: 1)
    for stream in 0..<65 {
      #expect(history.judge(frame(HTTP2Frame.headers, UInt32(stream) * 2 + 1, end: true)) { _ in false } == nil)
    }
    // Of 64 places, that of stream 1 is taken by stream 129.
    #expect(history.judge(frame(HTTP2Frame.data, 3)) { _ in false }?.code == NGHTTP2_STREAM_CLOSED)
    #expect(history.judge(frame(HTTP2Frame.data, 1)) { _ in false } == nil)
    #expect(history.judge(frame(HTTP2Frame.headers, 1)) { _ in true } == nil)
    #expect(history.judge(frame(HTTP2Frame.headers, 1)) { _ in false }?.code == NGHTTP2_PROTOCOL_ERROR)
  }

  @Test(arguments: [Int.min, 0, 65, 256, .max]) func hasRoomForWhatMayBeOpen(_ streams: Int) {
    var history = HTTP2StreamHistory(maxConcurrentStreams: streams)
    let count = min(max(streams, 1), 4096)
    for stream in 0..<count { _ = history.judge(frame(HTTP2Frame.headers, UInt32(stream) * 2 + 1)) { _ in false } }
    #expect(history.judge(frame(HTTP2Frame.headers, 1, end: true)) { _ in false } == nil)
    #expect(history.judge(frame(HTTP2Frame.headers, 1)) { _ in false }?.code == NGHTTP2_STREAM_CLOSED)
  }
}
