import CNGHTTP2
import NIOHTTP1

extension HTTP2Engine {
  /// A session whose callbacks reach the engine at `userData`; nil when there is no memory for it.
  static func makeSession(_ role: Role, userData: UnsafeMutableRawPointer) -> OpaquePointer? {
    var callbacks: OpaquePointer?
    var option: OpaquePointer?
    guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
    defer { unsafe nghttp2_session_callbacks_del(callbacks) }
    guard unsafe nghttp2_option_new(&option) == 0 else { return nil }
    defer { unsafe nghttp2_option_del(option) }
    unsafe setCallbacks(callbacks)
    var session: OpaquePointer?
    switch role {
    case .server(let limits):
      unsafe setOptions(option, limits)
      guard unsafe nghttp2_session_server_new2(&session, callbacks, userData, option) == 0 else { return nil }
    case .client:
      guard unsafe nghttp2_session_client_new2(&session, callbacks, userData, option) == 0 else { return nil }
    }
    return unsafe session
  }

  /// Tells the engine to ask the delegate for a body.
  static var bodyProvider: nghttp2_data_provider {
    unsafe nghttp2_data_provider(source: nghttp2_data_source(fd: 0)) { _, stream, target, count, flags, _, userData in
      guard let engine = unsafe HTTP2Engine.at(userData), let target = unsafe target, let flags = unsafe flags else {
        return HTTP2Engine.temporaryFailure
      }
      return unsafe engine.provideBody(stream, UnsafeMutableRawBufferPointer(start: target, count: count), flags)
    }
  }

  private static var temporaryFailure: Int { Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }

  private static func at(_ userData: UnsafeMutableRawPointer?) -> HTTP2Engine? {
    unsafe userData.map { unsafe Unmanaged<HTTP2Engine>.fromOpaque($0).takeUnretainedValue() }
  }

  /// The server gives credit back itself, and its own budgets come before nghttp2's.
  private static func setOptions(_ option: OpaquePointer?, _ limits: HTTP2Limits) {
    unsafe nghttp2_option_set_no_auto_window_update(option, 1)
    unsafe nghttp2_option_set_no_closed_streams(option, 1)
    unsafe nghttp2_option_set_max_outbound_ack(option, max(1, limits.maxQueuedControlFrames))
    unsafe nghttp2_option_set_max_continuations(option, max(1, limits.maxContinuations))
    let burst = UInt64(clamping: limits.maxResets).addingReportingOverflow(1)
    unsafe nghttp2_option_set_stream_reset_rate_limit(
      option, burst.overflow ? .max : burst.partialValue, UInt64(clamping: limits.maxResets))
  }

  private static func setCallbacks(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, userData in
      guard let engine = unsafe HTTP2Engine.at(userData), let frame = unsafe frame else { return 0 }
      let isTrailer = unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_HEADERS
      unsafe engine.delegate.headersBegan(stream: frame.pointee.hd.stream_id, isTrailer: isTrailer)
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameCount, value, valueCount, _, userData in
      guard let engine = unsafe HTTP2Engine.at(userData), let frame = unsafe frame else { return 0 }
      let goesOn = unsafe engine.delegate.headerReceived(
        stream: frame.pointee.hd.stream_id, name: UnsafeBufferPointer(start: name, count: nameCount),
        value: UnsafeBufferPointer(start: value, count: valueCount))
      if goesOn { return 0 }
      engine.isStopped = true
      return NGHTTP2_ERR_PAUSE.rawValue
    }
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, userData in
      guard let engine = unsafe HTTP2Engine.at(userData), let frame = unsafe frame else { return 0 }
      unsafe engine.delegate.frameReceived(HTTP2Frame(frame.pointee.hd))
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
      _, _, stream, bytes, count, userData in
      guard let engine = unsafe HTTP2Engine.at(userData) else { return 0 }
      unsafe engine.delegate.dataReceived(stream: stream, bytes: UnsafeBufferPointer(start: bytes, count: count))
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, userData in
      guard let engine = unsafe HTTP2Engine.at(userData), let frame = unsafe frame else { return 0 }
      unsafe engine.delegate.frameSent(HTTP2Frame(frame.pointee.hd), errorCode: HTTP2Engine.errorCode(frame.pointee))
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, userData in
      unsafe HTTP2Engine.at(userData)?.delegate.streamClosed(stream, errorCode: code)
      return 0
    }
  }

  private static func errorCode(_ frame: nghttp2_frame) -> UInt32 {
    switch unsafe frame.hd.type {
    case HTTP2Frame.goAway: unsafe frame.goaway.error_code
    case HTTP2Frame.resetStream: unsafe frame.rst_stream.error_code
    default: 0
    }
  }

  private func provideBody(
    _ stream: Int32, _ target: UnsafeMutableRawBufferPointer, _ flags: UnsafeMutablePointer<UInt32>
  ) -> Int {
    switch unsafe delegate.bodyWanted(stream: stream, into: target) {
    case .wait:
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    case .bytes(let count, let isLast):
      guard isLast else { return count }
      unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
      guard let trailers = delegate.trailersWanted(stream: stream) else { return count }
      if submitTrailers(stream: stream, trailers) { unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue }
      return count
    }
  }
}

extension HTTP2Frame {
  init(_ head: nghttp2_frame_hd) {
    self.init(
      length: head.length, type: head.type, flags: head.flags, streamID: UInt32(truncatingIfNeeded: head.stream_id))
  }
}
