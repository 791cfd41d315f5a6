import CNGHTTP2
import NIOCore
import NIOHTTP1

/// What an engine tells its owner while it takes bytes in or gives bytes out.
///
/// None of these may call `receive` or `drain`.
protocol HTTP2EngineDelegate: AnyObject {
  /// A block of header fields begins; `isTrailer` tells a second block of a stream from its first.
  func headersBegan(stream: Int32, isTrailer: Bool)
  /// The next field of the block; false if no more of it is to be decoded, which ends the connection.
  func headerReceived(stream: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool
  /// A frame is complete, its header fields or data already handed over.
  func frameReceived(_ frame: HTTP2Frame)
  func dataReceived(stream: Int32, bytes: UnsafeBufferPointer<UInt8>)
  /// A frame was written; `errorCode` is that of a GOAWAY or RST_STREAM, else 0.
  func frameSent(_ frame: HTTP2Frame, errorCode: UInt32)
  func streamClosed(_ stream: Int32, errorCode: UInt32)
  /// The next bytes of a stream's body.
  func bodyWanted(stream: Int32, into target: UnsafeMutableRawBufferPointer) -> HTTP2Outbound.Step
  /// The trailers of a stream whose body is ended, asked for once.
  func trailersWanted(stream: Int32) -> HTTPHeaders?
}

/// Why the engine cannot go on with a connection.
enum HTTP2EngineFailure: Error, Equatable {
  /// More answers to PING and SETTINGS wait than the limit allows.
  case controlQueueFull
  /// The delegate wants no more of a block of header fields.
  case headersStopped
  /// The peer does not speak HTTP/2, or the engine failed; the code is nghttp2's.
  case failed(code: Int32)
}

/// One HTTP/2 session of nghttp2: bytes in by `receive`, bytes out by `drain`.
///
/// It holds its delegate, which lets go of the engine when its connection ends. (A weak reference would make every
/// retain and release of the delegate take the slow way, through a side table.)
@safe final class HTTP2Engine {
  /// Which end of the connection this is.
  enum Role {
    case server(HTTP2Limits)
    case client
  }

  /// Bytes gathered into one write.
  static let writeBytes = 64 * 1024

  /// The session; valid as long as the engine.
  private var session: OpaquePointer?
  let delegate: any HTTP2EngineDelegate
  private var block = HTTP2HeaderBlock()
  /// The delegate wanted no more of a block: its rest is not decoded, and without it nothing after it can be.
  var isStopped = false

  init?(_ role: Role, announcing announcement: HTTP2Announcement, delegate: any HTTP2EngineDelegate) {
    self.delegate = delegate
    unsafe session = HTTP2Engine.makeSession(role, userData: Unmanaged.passUnretained(self).toOpaque())
    guard unsafe session != nil, announce(announcement) else { return nil }
  }

  deinit {
    unsafe nghttp2_session_del(session)
  }

  /// True when nothing more will be read or written: the connection can be closed.
  var isOver: Bool { unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0 }

  /// Frames that wait to be written.
  var queuedFrames: Int { unsafe nghttp2_session_get_outbound_queue_size(session) }

  /// Takes bytes of the peer; the delegate hears what they mean.
  func receive(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTP2EngineFailure) {
    let taken = unsafe nghttp2_session_mem_recv(session, bytes.baseAddress, bytes.count)
    if isStopped { throw .headersStopped }
    guard taken < 0 else { return }
    if taken == Int(NGHTTP2_ERR_FLOODED.rawValue) { throw .controlQueueFull }
    throw .failed(code: Int32(truncatingIfNeeded: taken))
  }

  /// Appends what is to be sent to `buffer` until it holds `targetBytes`; answers whether that was all.
  func drain(into buffer: inout ByteBuffer, targetBytes: Int) throws(HTTP2EngineFailure) -> Bool {
    while buffer.readableBytes < targetBytes {
      var bytes: UnsafePointer<UInt8>?
      let count = unsafe nghttp2_session_mem_send(session, &bytes)
      guard count >= 0 else { throw .failed(code: Int32(truncatingIfNeeded: count)) }
      guard count > 0, let bytes = unsafe bytes else { return true }
      unsafe buffer.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
    }
    return false
  }

  /// Starts an answer; with `hasBody` the delegate is asked for it.
  func submit(_ head: HTTP2ResponseHead, stream: Int32) -> Bool {
    block.removeAll()
    block.add(":status", String(head.status))
    block.add(head.headers)
    let (session, hasBody) = unsafe (session, head.hasBody)
    return unsafe block.withFields { fields, count in
      guard hasBody else { return unsafe nghttp2_submit_response(session, stream, fields, count, nil) }
      var provider = unsafe Self.bodyProvider
      return unsafe nghttp2_submit_response(session, stream, fields, count, &provider)
    } == 0
  }

  /// Starts a request and answers its stream, or nil when no more streams can be opened.
  func submitRequest(_ request: HTTPClientRequest, to origin: HTTP2Origin) -> Int32? {
    block.removeAll()
    block.add(":method", request.method)
    block.add(":scheme", origin.scheme)
    block.add(":authority", request.authority ?? origin.authority)
    block.add(":path", request.path)
    block.add(request.headers)
    let (session, hasBody) = unsafe (session, request.body.readableBytes > 0)
    let stream = unsafe block.withFields { fields, count in
      guard hasBody else { return unsafe nghttp2_submit_request(session, nil, fields, count, nil, nil) }
      var provider = unsafe Self.bodyProvider
      return unsafe nghttp2_submit_request(session, nil, fields, count, &provider, nil)
    }
    return stream > 0 ? stream : nil
  }

  func submitTrailers(stream: Int32, _ trailers: HTTPHeaders) -> Bool {
    block.removeAll()
    block.add(trailers)
    let session = unsafe session
    return unsafe block.withFields { unsafe nghttp2_submit_trailer(session, stream, $0, $1) } == 0
  }

  /// Asks the delegate again for a body it had nothing more of.
  func resume(stream: Int32) {
    unsafe nghttp2_session_resume_data(session, stream)
  }

  func reset(stream: Int32, code: nghttp2_error_code) {
    unsafe nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, code.rawValue)
  }

  /// Gives a stream's flow-control credit back for bytes that were taken, and not the connection's: RFC 9113 section
  /// 5.2.
  func consumeStream(_ stream: Int32, bytes: Int) {
    unsafe nghttp2_session_consume_stream(session, stream, bytes)
  }

  /// Lets the peer send so many bytes of a stream ahead of credit.
  func setWindow(ofStream stream: Int32, bytes: Int) {
    let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    unsafe nghttp2_session_set_local_window_size(session, none, stream, Int32(HTTP2Announcement.window(bytes)))
  }

  /// Gives the connection's credit back, and not the stream's: the peer may send no more on it than it already may.
  func consumeConnection(bytes: Int) {
    unsafe nghttp2_session_consume_connection(session, bytes)
  }

  func ping() {
    unsafe nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
  }

  /// Says that GOAWAY will follow; streams are still accepted: RFC 9113 section 6.8.
  func announceGoAway() {
    unsafe nghttp2_submit_shutdown_notice(session)
  }

  /// Says GOAWAY with the last stream taken; streams in flight go on.
  func goAway() {
    let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
    unsafe nghttp2_submit_goaway(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, NGHTTP2_NO_ERROR.rawValue, nil, 0)
  }

  /// Says GOAWAY for a fault of the peer, with `reason` for its logs; the owner closes after that.
  func terminate(code: nghttp2_error_code, reason: String) {
    let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
    let reason = Array(reason.utf8)
    unsafe nghttp2_submit_goaway(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, code.rawValue, reason, reason.count)
  }

  private func announce(_ announcement: HTTP2Announcement) -> Bool {
    let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    let (settings, window) = (announcement.settings, HTTP2Announcement.window(announcement.connectionWindowBytes))
    return unsafe nghttp2_submit_settings(session, none, settings, settings.count) == 0
      && nghttp2_session_set_local_window_size(session, none, 0, Int32(window)) == 0
  }
}
