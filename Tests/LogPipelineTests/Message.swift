/// A protobuf message put together field by field, for tests to send through the decoder.
struct Message {
  private(set) var bytes: [UInt8] = []

  init(_ fields: Message...) { self.init(fields) }

  init(_ fields: [Message]) { for field in fields { bytes += field.bytes } }

  init(raw bytes: [UInt8]) { self.bytes = bytes }

  static func + (a: Message, b: Message) -> Message { Message(raw: a.bytes + b.bytes) }

  static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func tag(_ field: UInt64, _ wireType: UInt64) -> [UInt8] { varint(field << 3 | wireType) }

  static func int(_ field: UInt64, _ value: UInt64) -> Message { Message(raw: tag(field, 0) + varint(value)) }

  static func fixed64(_ field: UInt64, _ value: UInt64) -> Message {
    Message(raw: tag(field, 1) + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) })
  }

  static func fixed32(_ field: UInt64, _ value: UInt32) -> Message {
    Message(raw: tag(field, 5) + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) })
  }

  static func bytes(_ field: UInt64, _ content: [UInt8]) -> Message {
    Message(raw: tag(field, 2) + varint(UInt64(content.count)) + content)
  }

  static func string(_ field: UInt64, _ text: String) -> Message { bytes(field, Array(text.utf8)) }

  static func message(_ field: UInt64, _ content: Message) -> Message { bytes(field, content.bytes) }

  /// `AnyValue.string_value`.
  static func text(_ text: String) -> Message { string(1, text) }

  /// `KeyValue`.
  static func pair(_ key: String, _ value: Message) -> Message { Message(string(1, key), message(2, value)) }

  /// An `ExportLogsServiceRequest` of one resource and one scope with these `LogRecord`s.
  static func request(resource: Message = Message(), scope: Message = Message(), records: Message...) -> Message {
    var scopeLogs = message(1, scope)
    for record in records { scopeLogs = scopeLogs + message(2, record) }
    return message(1, Message(message(1, resource), message(2, scopeLogs)))
  }
}
