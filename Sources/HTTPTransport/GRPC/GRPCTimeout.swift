/// The status codes of gRPC and how they travel in header fields (gRPC over HTTP/2; `google.rpc.Code`).
package enum GRPCStatus {
  package static let ok = 0
  package static let unknown = 2
  package static let internalError = 13

  /// The HTTP status that `google.rpc.Code` gives for a gRPC status; 500 for codes it does not know.
  package static func httpStatus(of code: Int) -> Int {
    switch code {
    case 0: 200
    case 1: 499
    case 3, 9, 11: 400
    case 4: 504
    case 5: 404
    case 6, 10: 409
    case 7: 403
    case 8: 429
    case 12: 501
    case 14: 503
    case 16: 401
    default: 500
    }
  }

  /// The gRPC status for an answer without `grpc-status` (gRPC "HTTP to gRPC Status Code Mapping").
  package static func code(ofHTTPStatus status: Int) -> Int {
    switch status {
    case 400: 13
    case 401: 16
    case 403: 7
    case 404: 12
    case 429, 502, 503, 504: 14
    default: 2
    }
  }

  /// Decodes a percent-encoded `grpc-message`; what is not a valid escape stays as it is. At most `maxBytes` long.
  package static func decode(message: String, maxBytes: Int = 1024) -> String {
    let input = Array(message.utf8)
    var output: [UInt8] = []
    var index = 0
    while index < input.count, output.count < maxBytes {
      if input[index] == UInt8(ascii: "%"), index + 2 < input.count,
        let high = hexValue(input[index + 1]), let low = hexValue(input[index + 2])
      {
        output.append(high << 4 | low)
        index += 3
      } else {
        output.append(input[index])
        index += 1
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// The value of a timeout as `grpc-timeout` writes it: at most eight digits and a unit.
  package static func timeout(_ duration: Duration) -> String {
    let (seconds, attoseconds) = max(duration, .zero).components
    let millis = seconds.multipliedReportingOverflow(by: 1000)
    if !millis.overflow {
      let total = millis.partialValue.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
      if !total.overflow, total.partialValue < 100_000_000 { return "\(max(total.partialValue, 1))m" }
    }
    return "\(min(seconds, 99_999_999))S"
  }
}
