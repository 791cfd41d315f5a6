/// Holds the header fields of one message to their limits.
struct HTTP2HeaderQuota {
  private(set) var count = 0
  /// The limit that was passed; after that no field is taken.
  private(set) var excess: HTTPExcess?
  /// Of all fields, those past a limit included.
  private(set) var bytes = 0
  private let maxBytes: Int
  private let maxCount: Int

  /// What each field counts on top of its name and value: RFC 9113 section 6.5.2.
  static let overheadBytes = 32
  /// Header fields of so many times the limit are still decoded, so that a client can be told what it sent too much of.
  static let decodedTimes = 4

  init(maxBytes: Int, maxCount: Int) {
    self.maxBytes = maxBytes
    self.maxCount = maxCount
  }

  /// Takes a field whose name and value have so many bytes, unless that passes a limit.
  mutating func take(_ fieldBytes: Int) -> Bool {
    count &+= 1
    bytes &+= fieldBytes &+ Self.overheadBytes
    guard excess == nil else { return false }
    if bytes > maxBytes {
      excess = HTTPExcess(abuse: .headerTooLarge, count: bytes, limit: maxBytes)
    } else if count > maxCount {
      excess = HTTPExcess(abuse: .tooManyHeaders, count: count, limit: maxCount)
    }
    return excess == nil
  }

  /// That the fields are so many times too large that no more of them are to be decoded.
  var bombExcess: HTTPExcess? {
    guard excess != nil else { return nil }
    let limit = maxBytes.multipliedReportingOverflow(by: Self.decodedTimes)
    guard !limit.overflow, bytes > limit.partialValue else { return nil }
    return HTTPExcess(abuse: .headerFlood, count: bytes, limit: limit.partialValue)
  }

  /// Begins with the next message.
  mutating func reset() { self = HTTP2HeaderQuota(maxBytes: maxBytes, maxCount: maxCount) }
}
