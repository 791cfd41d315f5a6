/// Reads the wait that a server asks for out of a `google.rpc.Status`: `details[]` holds an `Any` of type
/// `google.rpc.RetryInfo`, whose field 1 is a `google.protobuf.Duration`.
///
/// Input is hostile: reads stay inside it, groups and unknown wire types end the reading.
package struct RetryInfo: Sendable, Equatable {
  package let delay: Duration

  /// The first RetryInfo of an encoded `google.rpc.Status`; nil if there is none.
  package init?(status: [UInt8]) {
    var fields = ProtobufFields(status[...])
    while let field = fields.next() {
      if field.number == 3, let any = field.bytes, let delay = Self.delay(inAny: any) {
        self.delay = delay
        return
      }
    }
    return nil
  }

  private static func delay(inAny any: ArraySlice<UInt8>) -> Duration? {
    var type: ArraySlice<UInt8> = []
    var value: ArraySlice<UInt8> = []
    var fields = ProtobufFields(any)
    while let field = fields.next() {
      if field.number == 1 { type = field.bytes ?? [] }
      if field.number == 2 { value = field.bytes ?? [] }
    }
    guard type.elementsEqual("type.googleapis.com/google.rpc.RetryInfo".utf8) else { return nil }
    return delay(inRetryInfo: value)
  }

  private static func delay(inRetryInfo info: ArraySlice<UInt8>) -> Duration? {
    var outer = ProtobufFields(info)
    while let field = outer.next() {
      guard field.number == 1, let duration = field.bytes else { continue }
      var seconds: Int64 = 0
      var nanos: Int64 = 0
      var inner = ProtobufFields(duration)
      while let field = inner.next() {
        if field.number == 1 { seconds = Int64(bitPattern: field.varint ?? 0) }
        if field.number == 2 { nanos = Int64(Int32(truncatingIfNeeded: field.varint ?? 0)) }
      }
      // google.protobuf.Duration: at most 315,576,000,000 s; a negative wait is none.
      guard (0...315_576_000_000).contains(seconds), (0..<1_000_000_000).contains(nanos) else { return nil }
      return .seconds(seconds) + .nanoseconds(nanos)
    }
    return nil
  }
}

/// The fields of one protobuf message, in order, until its end or the first that cannot be read.
struct ProtobufFields {
  struct Field {
    var number: UInt64
    var varint: UInt64?
    var bytes: ArraySlice<UInt8>?
  }

  private var rest: ArraySlice<UInt8>

  init(_ message: ArraySlice<UInt8>) { rest = message }

  mutating func next() -> Field? {
    guard let tag = varint() else { return nil }
    switch tag & 7 {
    case 0: return varint().map { Field(number: tag >> 3, varint: $0) }
    case 1: return take(8).map { _ in Field(number: tag >> 3) }
    case 2: return varint().flatMap { Int(exactly: $0) }.flatMap { take($0) }.map { Field(number: tag >> 3, bytes: $0) }
    case 5: return take(4).map { _ in Field(number: tag >> 3) }
    default: return nil
    }
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 64, let byte = rest.popFirst() {
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }
}
