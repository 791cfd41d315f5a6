/// The head of an HTTP/2 frame: RFC 9113 section 4.1.
struct HTTP2Frame: Equatable {
  var length: Int
  var type: UInt8
  var flags: UInt8
  var streamID: UInt32
  /// What of a DATA frame's length is padding, the byte that says so included; 0 in other frames.
  var paddingBytes = 0

  static let headBytes = 9

  // Frame types: RFC 9113 section 6.
  static let data: UInt8 = 0
  static let headers: UInt8 = 1
  static let priority: UInt8 = 2
  static let resetStream: UInt8 = 3
  static let settings: UInt8 = 4
  static let ping: UInt8 = 6
  static let goAway: UInt8 = 7
  static let windowUpdate: UInt8 = 8
  static let continuation: UInt8 = 9
  /// RFC 9218 section 7.1.
  static let priorityUpdate: UInt8 = 16

  // Frame flags.
  static let endStream: UInt8 = 0x1
  static let ack: UInt8 = 0x1
  static let endHeaders: UInt8 = 0x4
  static let padded: UInt8 = 0x8

  func has(_ flag: UInt8) -> Bool { flags & flag != 0 }

  /// Bytes of a DATA frame's data.
  var dataBytes: Int { max(length &- paddingBytes, 0) }
}
