/// How `grpc-message` carries text ("gRPC over HTTP2", Percent-Encoded).
package enum GRPCPercentCoding {
  /// Printable ASCII but `%` stays, every other byte of the UTF-8 becomes `%XX`.
  package static func encode(_ text: String) -> String {
    if text.utf8.allSatisfy(stays) { return text }
    let hex = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in text.utf8 {
      if stays(byte) {
        encoded.append(byte)
      } else {
        encoded += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  /// The text of at most `maxBytes`; what is not a valid escape stays as it is.
  package static func decode(_ message: String, maxBytes: Int = 1024) -> String {
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

  private static func stays(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "%") }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
