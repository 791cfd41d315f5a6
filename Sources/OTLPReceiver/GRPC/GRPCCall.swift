import NIOHTTP1

/// What the head of a gRPC call says of its messages ("gRPC over HTTP2", Request-Headers).
struct GRPCCall: Sendable, Equatable {
  /// `grpc-encoding`: how messages whose compressed flag is set are compressed.
  var coding: ContentCoding
  /// `grpc-timeout`: how long the sender waits, from when it sent the head; nil means for ever.
  var timeout: Duration?

  private static let allCodings = Set(ContentCoding.allCases)

  init(_ headers: HTTPHeaders) throws(Refusal) {
    coding = try ContentCoding(fields: headers["grpc-encoding"], accepted: Self.allCodings)
    if let text = headers.first(name: "grpc-timeout") {
      guard let timeout = Self.timeout(text) else { throw .malformedTimeout }
      self.timeout = timeout
    }
  }

  /// Reads a timeout: one to eight digits and a unit, such as `250m`.
  static func timeout(_ text: String) -> Duration? {
    let digits = text.utf8.dropLast()
    guard let unit = text.utf8.last, (1...8).contains(digits.count) else { return nil }
    var count: Int64 = 0
    for digit in digits {
      guard digit &- UInt8(ascii: "0") < 10 else { return nil }
      count = count &* 10 &+ Int64(digit &- UInt8(ascii: "0"))
    }
    switch unit {
    case UInt8(ascii: "H"): return .seconds(count &* 3600)
    case UInt8(ascii: "M"): return .seconds(count &* 60)
    case UInt8(ascii: "S"): return .seconds(count)
    case UInt8(ascii: "m"): return .milliseconds(count)
    case UInt8(ascii: "u"): return .microseconds(count)
    case UInt8(ascii: "n"): return .nanoseconds(count)
    default: return nil
    }
  }
}
