/// The value of `grpc-timeout` ("gRPC over HTTP2", Request-Headers): one to eight digits and a unit, such as `250m`.
package enum GRPCTimeout {
  /// The header's value for a duration, in milliseconds or, if these take more than eight digits, seconds.
  package static func write(_ duration: Duration) -> String {
    let (seconds, attoseconds) = max(duration, .zero).components
    let millis = seconds.multipliedReportingOverflow(by: 1000)
    if !millis.overflow {
      let total = millis.partialValue.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
      if !total.overflow, total.partialValue < 100_000_000 { return "\(max(total.partialValue, 1))m" }
    }
    return "\(min(seconds, 99_999_999))S"
  }

  /// Nil if the value is none.
  package static func read(_ text: String) -> Duration? {
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
