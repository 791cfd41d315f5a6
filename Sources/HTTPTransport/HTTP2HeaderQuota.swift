/// Holds the header fields of one message to their limits.
struct HTTP2HeaderQuota {
  private(set) var count = 0
  /// The limit that was passed; after that no field is taken.
  private(set) var excess: HTTP2Excess?
  private var bytes = 0
  private let maxBytes: Int
  private let maxCount: Int

  /// What each field counts on top of its name and value: RFC 9113 section 6.5.2.
  static let overheadBytes = 32

  init(maxBytes: Int, maxCount: Int) {
    self.maxBytes = maxBytes
    self.maxCount = maxCount
  }

  /// Takes a field whose name and value have so many bytes, unless that passes a limit.
  mutating func take(_ fieldBytes: Int) -> Bool {
    guard excess == nil else { return false }
    count &+= 1
    bytes &+= fieldBytes &+ Self.overheadBytes
    if bytes > maxBytes {
      excess = HTTP2Excess(abuse: .headerTooLarge, count: bytes, limit: maxBytes)
    } else if count > maxCount {
      excess = HTTP2Excess(abuse: .tooManyHeaders, count: count, limit: maxCount)
    }
    return excess == nil
  }

  /// Begins with the next message.
  mutating func reset() { self = HTTP2HeaderQuota(maxBytes: maxBytes, maxCount: maxCount) }
}
