import FrameQueues
import LogPipeline

/// What a dialect made of a request.
struct Encoded {
  var bytes: [UInt8] = []
  var marks: [FrameMark] = []
  var dropped = DroppedCounts()
  var kept: [DroppedRecord] = []
  var changes = FieldChanges()

  /// Decodes a request, received at `received`, and encodes it with frames of about `frameBytes`.
  init(
    _ request: Message, as dialect: any Dialect, received: UInt64 = 0, frameBytes: Int = 512 << 10,
    maxBytes: Int = 256 << 20, keepsDropped: Bool = false
  ) throws {
    var batch = LogBatch()
    batch.receivedUnixNano = received
    try batch.decode(protobuf: request.bytes, limits: DecodeLimits())
    try self.init(batch, as: dialect, frameBytes: frameBytes, maxBytes: maxBytes, keepsDropped: keepsDropped)
  }

  init(
    _ batch: borrowing LogBatch, as dialect: any Dialect, frameBytes: Int = 512 << 10, maxBytes: Int = 256 << 20,
    keepsDropped: Bool = false
  ) throws {
    var frames = FrameWriter(frameBytes: frameBytes, maxBytes: maxBytes)
    frames.keepsDropped = keepsDropped
    try dialect.encode(batch, into: &frames)
    bytes = frames.bytes.array
    marks = frames.frames
    dropped = frames.dropped
    kept = frames.kept
    changes = frames.changes
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
  var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }
  var records: Int { marks.reduce(0) { $0 + $1.records } }

  /// The bytes of each frame.
  var frames: [[UInt8]] {
    var start = 0
    return marks.map { mark in
      defer { start = mark.endOffset }
      return Array(bytes[start..<mark.endOffset])
    }
  }

  /// The one line that was written, as JSON.
  func object() throws -> LineJSON {
    guard lines.count == 1 else { throw LineJSON.Fault(what: "\(lines.count) lines", offset: 0) }
    return try LineJSON(parsing: lines[0])
  }
}

extension Message {
  /// A `LogRecord` of a time, a text and attributes.
  static func record(
    time: UInt64 = 1_700_000_000_123_456_789, body: Message? = .text("hello"), attributes: [Message] = []
  ) -> Message {
    var record = Message.fixed64(1, time).bytes
    if let body { record += Message.message(5, body).bytes }
    for attribute in attributes { record += Message.message(6, attribute).bytes }
    return Message(raw: record)
  }

  /// A `Resource` of attributes.
  static func resource(_ attributes: Message...) -> Message {
    attributes.reduce(Message()) { $0 + .message(1, $1) }
  }

  static func integer(_ value: Int64) -> Message { int(3, UInt64(bitPattern: value)) }
  static func bool(_ value: Bool) -> Message { int(2, value ? 1 : 0) }
  static func double(_ value: Double) -> Message { fixed64(4, value.bitPattern) }
  static func blob(_ bytes: [UInt8]) -> Message { Message.bytes(7, bytes) }
  static func list(_ values: [Message]) -> Message {
    message(5, values.reduce(Message()) { $0 + .message(1, $1) })
  }
  static func map(_ pairs: [Message]) -> Message {
    message(6, pairs.reduce(Message()) { $0 + .message(1, $1) })
  }

  /// A text inside `levels` maps whose only key is `key`.
  static func nested(_ levels: Int, key: String = "m") -> Message {
    (0..<levels).reduce(Message.text("deep")) { value, _ in .map([.pair(key, value)]) }
  }
}
