import CNGHTTP2

/// What one end of a connection says of itself with its first SETTINGS, and how many bytes it takes ahead.
struct HTTP2Announcement {
  private(set) var settings: [nghttp2_settings_entry] = []
  /// Receive window of the whole connection.
  let connectionWindowBytes: Int

  init(connectionWindowBytes: Int) {
    self.connectionWindowBytes = connectionWindowBytes
  }

  /// Adds a setting: RFC 9113 section 6.5.2.
  mutating func set(_ id: nghttp2_settings_id, to value: Int) {
    settings.append(nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value)))
  }

  /// Adds the receive window that streams begin with.
  mutating func set(streamWindowBytes: Int) {
    set(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, to: Self.window(streamWindowBytes))
  }

  /// A window as RFC 9113 section 6.9.1 allows it.
  static func window(_ bytes: Int) -> Int { min(max(bytes, 1), Int(Int32.max)) }
}

extension HTTP2Announcement {
  /// What a server says of itself.
  init(_ limits: HTTP2Limits, maxHeaderBytes: Int) {
    self.init(connectionWindowBytes: limits.connectionWindowBytes)
    set(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, to: limits.maxConcurrentStreams)
    set(streamWindowBytes: limits.streamWindowBytes)
    set(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, to: min(max(limits.maxFrameBytes, 1 << 14), (1 << 24) - 1))
    set(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, to: limits.headerTableBytes)
    set(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, to: maxHeaderBytes)
  }
}
