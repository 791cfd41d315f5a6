/// Finds the frames in the bytes of a client, wherever they are cut, before the engine sees them.
struct HTTP2FrameScanner {
  /// Bytes of the client's preface still to come: RFC 9113 section 3.4.
  private var prefaceBytes = 24
  /// The head being gathered after its length.
  private var head: UInt64 = 0
  private var headBytes = 0
  private var payloadLength = 0
  /// A DATA frame that says with its next byte how much of it is padding.
  private var padded: HTTP2Frame?
  /// Bytes of the current frame's payload still to come.
  private var payloadBytes = 0

  /// Calls `body` for each frame that begins in `bytes`, until it answers other than nil; answers that.
  mutating func scan<Stop>(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (HTTP2Frame) -> Stop?) -> Stop? {
    var index = min(prefaceBytes, bytes.count)
    prefaceBytes &-= index
    while index < bytes.count {
      if var frame = padded {
        frame.paddingBytes = unsafe 1 &+ Int(bytes[index])
        index &+= 1
        payloadBytes &-= 1
        padded = nil
        if let stop = body(frame) { return stop }
      } else if payloadBytes > 0 {
        let skipped = min(payloadBytes, bytes.count &- index)
        index &+= skipped
        payloadBytes &-= skipped
      } else if let stop = unsafe gatherHead(bytes, &index, body) {
        return stop
      }
    }
    return nil
  }

  /// Takes one byte of a frame's head; with the ninth the frame is known.
  private mutating func gatherHead<Stop>(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ body: (HTTP2Frame) -> Stop?
  ) -> Stop? {
    if headBytes < 3 {
      payloadLength = unsafe payloadLength << 8 | Int(bytes[index])
    } else {
      head = unsafe head << 8 | UInt64(bytes[index])
    }
    index &+= 1
    headBytes &+= 1
    guard headBytes == HTTP2Frame.headBytes else { return nil }
    let frame = HTTP2Frame(
      length: payloadLength, type: UInt8(truncatingIfNeeded: head >> 40), flags: UInt8(truncatingIfNeeded: head >> 32),
      streamID: UInt32(truncatingIfNeeded: head) & 0x7FFF_FFFF)
    payloadBytes = payloadLength
    (head, headBytes, payloadLength) = (0, 0, 0)
    guard frame.type == HTTP2Frame.data, frame.has(HTTP2Frame.padded), frame.length > 0 else { return body(frame) }
    padded = frame
    return nil
  }
}
