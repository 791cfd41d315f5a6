@testable import HTTPTransport

/// Blocks of header fields in which a byte stands for thousands: references to an entry of the client's table.
enum HTTP2HeaderBomb {
  private static let value = String(repeating: "a", count: 4000)

  /// A request that is answered and puts the entry `a: aaa…` into the table: RFC 7541 section 6.2.1.
  static var entry: [UInt8] {
    // The length 4,000 as an integer after a prefix of seven bits: RFC 7541 section 5.1.
    let field: [UInt8] = [0x40, 1, UInt8(ascii: "a"), 0x7F, 0xA1, 0x1E] + Array(value.utf8)
    let flags = HTTP2Frame.endHeaders | HTTP2Frame.endStream
    return HTTP2Bytes.frame(HTTP2Frame.headers, flags: flags, stream: 1, HTTP2Bytes.block("GET", "/") + field)
  }

  /// A request with so many references to it.
  static func headers(_ stream: UInt32, references: Int, path: String = "/") -> [UInt8] {
    let block = HTTP2Bytes.block("GET", path) + [UInt8](repeating: 0x80 | 62, count: references)
    let flags = HTTP2Frame.endHeaders | HTTP2Frame.endStream
    return HTTP2Bytes.frame(HTTP2Frame.headers, flags: flags, stream: stream, block)
  }

  /// What such a request to `/hold` counts, as received and decoded.
  static func bytes(references: Int) -> Int {
    let received = headers(1, references: references, path: "/hold").count - HTTP2Frame.headBytes
    let pseudo =
      ":method".utf8.count + 3 + ":scheme".utf8.count + 4 + ":authority".utf8.count + 4 + ":path".utf8.count + 5
    return received + pseudo + 4 * 32 + references * (4001 + 32)
  }
}
