@testable import HTTPTransport

/// Builds what an HTTP/2 client sends, byte by byte.
enum HTTP2Bytes {
  static let preface = HTTPProtocolDetector.preface

  static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
    Array(big(UInt32(payload.count)).dropFirst()) + [type, flags] + big(stream) + payload
  }

  static func big(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  static let settings = frame(HTTP2Frame.settings)
  static let hello = preface + settings

  /// A field as a literal without indexing: RFC 7541 section 6.2.2; name and value of less than 127 bytes.
  static func field(_ name: String, _ value: String) -> [UInt8] {
    [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
  }

  static func block(_ method: String, _ path: String, _ fields: [(String, String)] = []) -> [UInt8] {
    field(":method", method) + field(":scheme", "http") + field(":authority", "test") + field(":path", path)
      + fields.flatMap { field($0.0, $0.1) }
  }

  static func headers(
    _ stream: UInt32, _ method: String = "POST", _ path: String = "/echo", _ fields: [(String, String)] = [],
    end: Bool = false
  ) -> [UInt8] {
    let flags = HTTP2Frame.endHeaders | (end ? HTTP2Frame.endStream : 0)
    return frame(HTTP2Frame.headers, flags: flags, stream: stream, block(method, path, fields))
  }

  static func data(_ stream: UInt32, _ bytes: [UInt8], end: Bool = true) -> [UInt8] {
    frame(HTTP2Frame.data, flags: end ? HTTP2Frame.endStream : 0, stream: stream, bytes)
  }

  static func reset(_ stream: UInt32) -> [UInt8] { frame(HTTP2Frame.resetStream, stream: stream, big(8)) }

  static func windowUpdate(_ increment: UInt32, stream: UInt32 = 0) -> [UInt8] {
    frame(HTTP2Frame.windowUpdate, stream: stream, big(increment))
  }
}
