import CNGHTTP2

/// A fault of a client for which RFC 9113 demands the end of the connection.
struct HTTP2Violation: Equatable {
  let code: nghttp2_error_code
  let reason: String
}

/// What became of a client's latest streams: frames on a stream that it has ended are its fault, those on a stream that
/// the server has reset may have been on their way (RFC 9113 section 5.1).
struct HTTP2StreamHistory {
  /// How far the client is with a stream.
  private enum State: UInt32 {
    case open
    case ended
    case resetByClient
    case resetByServer
  }

  /// A stream's number without its last bit, which is set, and two bits of its state; one place for each stream, by its
  /// number.
  private var entries: [UInt32]
  private var highest: UInt32 = 0
  /// Of a place that no stream has had.
  private static let none = UInt32.max

  /// A history of at least as many streams as may be open at once, within reason.
  init(maxConcurrentStreams: Int) {
    let places = 1 << (Int.bitWidth - (min(max(maxConcurrentStreams, 64), 4096) - 1).leadingZeroBitCount)
    entries = [UInt32](repeating: Self.none, count: places)
  }

  /// Notes a frame of the client before the engine sees it; answers the rule that it breaks. `isOpen` knows of streams
  /// that have been open for longer than the history goes back.
  mutating func judge(_ frame: HTTP2Frame, isOpen: (UInt32) -> Bool) -> HTTP2Violation? {
    let id = frame.streamID
    guard id & 1 == 1 else { return nil }
    switch frame.type {
    case HTTP2Frame.headers where id > highest:
      highest = id
      set(id, frame.has(HTTP2Frame.endStream) ? .ended : .open)
      return nil
    case HTTP2Frame.headers, HTTP2Frame.data:
      return id > highest ? nil : judgeLater(frame, isOpen: isOpen)
    case HTTP2Frame.resetStream:
      if state(id) != nil { set(id, .resetByClient) }
      return nil
    default:
      return nil
    }
  }

  /// Notes that the server has sent RST_STREAM.
  mutating func resetByServer(_ id: UInt32) {
    if state(id) == .open { set(id, .resetByServer) }
  }

  private mutating func judgeLater(_ frame: HTTP2Frame, isOpen: (UInt32) -> Bool) -> HTTP2Violation? {
    let id = frame.streamID
    switch state(id) {
    case .open:
      if frame.has(HTTP2Frame.endStream) { set(id, .ended) }
      return nil
    case .resetByServer:
      return nil
    case .ended, .resetByClient:
      return HTTP2Violation(code: NGHTTP2_STREAM_CLOSED, reason: "a frame on stream \(id), which was ended")
    case nil:
      guard frame.type == HTTP2Frame.headers, !isOpen(id) else { return nil }
      // RFC 9113 section 5.1.1.
      return HTTP2Violation(code: NGHTTP2_PROTOCOL_ERROR, reason: "stream \(id) after stream \(highest)")
    }
  }

  private func place(_ id: UInt32) -> Int { Int(id &>> 1) & (entries.count &- 1) }

  /// Nil for a stream that was never opened, or too long ago.
  private func state(_ id: UInt32) -> State? {
    let entry = entries[place(id)]
    return entry != Self.none && entry &>> 2 == id &>> 1 ? State(rawValue: entry & 3) : nil
  }

  private mutating func set(_ id: UInt32, _ state: State) {
    entries[place(id)] = (id &>> 1) &<< 2 | state.rawValue
  }
}
