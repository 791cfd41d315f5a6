import CNGHTTP2
import HTTPTransport
import NIOCore
import NIOEmbedded
import NIOHTTP1

@testable import HTTPTransport

/// A server's HTTP/2 connection without a socket, and what it sent, decoded by a client's engine.
final class HTTP2Peer {
  let channel: EmbeddedChannel
  let metrics = HTTPServerMetrics()
  let service: TestService
  private let listener = Listener()
  private let engine: HTTP2Engine?

  init(_ service: TestService = TestService(), options: HTTPServerOptions = HTTPServerOptions()) throws {
    self.service = service
    let loop = EmbeddedEventLoop()
    let connection = HTTPConnectionContext(
      service: service, options: options, metrics: metrics, peer: HTTPPeer(address: "192.0.2.1:1", isTLS: false))
    channel = EmbeddedChannel(handler: HTTP2ServerHandler(connection, now: loop.now), loop: loop)
    try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
    engine = HTTP2Engine(.client, announcing: HTTP2Announcement(HTTP2ClientOptions()), delegate: listener)
  }

  deinit {
    _ = try? channel.finish(acceptAlreadyClosed: true)
  }

  var isOpen: Bool { channel.isActive }
  var frames: [HTTP2Frame] { listener.frames }
  var responses: [Int32: HTTPClientResponse] { listener.responses }
  var goAways: [HTTP2Frame] { listener.frames.filter { $0.type == HTTP2Frame.goAway } }

  func requestStreams(_ count: Int) {
    for _ in 0..<count {
      _ = engine?.submitRequest(
        HTTPClientRequest(method: "GET", path: "/"), to: HTTP2Origin(host: "test", port: 80, isTLS: false))
    }
    var unread = ByteBuffer()
    _ = try? engine?.drain(into: &unread, targetBytes: .max)
  }

  /// Gives the server bytes, and takes what it answers.
  func send(_ bytes: [UInt8]) {
    guard channel.isActive else { return }
    _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
    takeAnswers()
  }

  func takeAnswers() {
    channel.embeddedEventLoop.run()
    while let buffer = try? channel.readOutbound(as: ByteBuffer.self) {
      raw += Array(buffer.readableBytesView)
      buffer.withUnsafeReadableBytes { raw in
        raw.withMemoryRebound(to: UInt8.self) { try? engine?.receive($0) }
      }
    }
  }

  private(set) var raw: [UInt8] = []

  func pass(_ time: TimeAmount) {
    channel.embeddedEventLoop.advanceTime(by: time)
    channel.pipeline.fireUserInboundEventTriggered(HTTPConnectionEvent.tick)
    takeAnswers()
  }

  /// The frames as they stand in the bytes, whatever a client makes of them.
  var rawFrames: [(frame: HTTP2Frame, payload: [UInt8])] {
    var found: [(HTTP2Frame, [UInt8])] = []
    var rest = raw[...]
    while rest.count >= HTTP2Frame.headBytes {
      let head = Array(rest.prefix(HTTP2Frame.headBytes))
      let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      let id = head[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      let payload = Array(rest.dropFirst(HTTP2Frame.headBytes).prefix(length))
      found.append((HTTP2Frame(length: length, type: head[3], flags: head[4], streamID: id), payload))
      rest = rest.dropFirst(HTTP2Frame.headBytes + length)
    }
    return found
  }

  /// The error code of each GOAWAY sent.
  var goAwayCodes: [UInt32] {
    rawFrames.filter { $0.frame.type == HTTP2Frame.goAway }.map { code($0.payload.dropFirst(4)) }
  }

  /// The error codes of the RST_STREAM frames sent, by stream.
  var resets: [UInt32: UInt32] {
    var found: [UInt32: UInt32] = [:]
    for (frame, payload) in rawFrames where frame.type == HTTP2Frame.resetStream {
      found[frame.streamID] = code(payload[...])
    }
    return found
  }

  private func code(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  }
}

/// Collects what a client's engine hears.
private final class Listener: HTTP2EngineDelegate {
  var frames: [HTTP2Frame] = []
  var responses: [Int32: HTTPClientResponse] = [:]
  private var fields = HTTP2HeaderFields(maxBytes: .max, maxCount: .max)

  func headersBegan(stream: Int32, isTrailer: Bool) { fields = HTTP2HeaderFields(maxBytes: .max, maxCount: .max) }

  func headerReceived(stream: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool {
    fields.add(name: name, value: value)
    return true
  }

  func frameReceived(_ frame: HTTP2Frame) {
    frames.append(frame)
    guard frame.type == HTTP2Frame.headers else { return }
    let id = Int32(frame.streamID)
    if let status = fields.status {
      responses[id] = HTTPClientResponse(status: status, headers: fields.headers, body: [], trailers: nil)
    } else {
      responses[id]?.trailers = fields.headers
    }
  }

  func dataReceived(stream: Int32, bytes: UnsafeBufferPointer<UInt8>) { responses[stream]?.body += Array(bytes) }
  func frameSent(_ frame: HTTP2Frame, errorCode: UInt32) {}
  func streamClosed(_ stream: Int32, errorCode: UInt32) {}
  func bodyWanted(stream: Int32, into target: UnsafeMutableRawBufferPointer) -> HTTP2Outbound.Step { .wait }
  func trailersWanted(stream: Int32) -> HTTPHeaders? { nil }
}
