import LogPipeline

/// Reads the wait that a server asks for out of a `google.rpc.Status`: `details[]` holds an `Any` of type
/// `google.rpc.RetryInfo`, whose field 1 is a `google.protobuf.Duration`.
package struct RetryInfo: Sendable, Equatable {
  package let delay: Duration

  /// The first RetryInfo of an encoded `google.rpc.Status`; nil if there is none.
  package init?(status: [UInt8]) {
    let delay = status.withUnsafeBytes { bytes -> Duration? in
      var fields = ProtobufFields(bytes)
      while let field = fields.next() {
        if field.number == 3, let delay = Self.delay(inAny: field.content, of: bytes) { return delay }
      }
      return nil
    }
    guard let delay else { return nil }
    self.delay = delay
  }

  private static func delay(inAny any: Range<Int>, of bytes: UnsafeRawBufferPointer) -> Duration? {
    var (type, value) = (0..<0, 0..<0)
    var fields = ProtobufFields(bytes, in: any)
    while let field = fields.next() {
      if field.number == 1 { type = field.content }
      if field.number == 2 { value = field.content }
    }
    guard bytes[type].elementsEqual("type.googleapis.com/google.rpc.RetryInfo".utf8) else { return nil }
    return delay(inRetryInfo: value, of: bytes)
  }

  private static func delay(inRetryInfo info: Range<Int>, of bytes: UnsafeRawBufferPointer) -> Duration? {
    var outer = ProtobufFields(bytes, in: info)
    while let field = outer.next() {
      guard field.number == 1, field.hasContent else { continue }
      var (seconds, nanos) = (Int64(0), Int64(0))
      var inner = ProtobufFields(bytes, in: field.content)
      while let field = inner.next() {
        if field.number == 1 { seconds = Int64(bitPattern: field.varint) }
        if field.number == 2 { nanos = Int64(Int32(truncatingIfNeeded: field.varint)) }
      }
      // google.protobuf.Duration: at most 315,576,000,000 s; a negative wait is none.
      guard (0...315_576_000_000).contains(seconds), (0..<1_000_000_000).contains(nanos) else { return nil }
      return .seconds(seconds) + .nanoseconds(nanos)
    }
    return nil
  }
}
