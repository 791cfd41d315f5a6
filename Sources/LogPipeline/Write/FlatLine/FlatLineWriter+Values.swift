/// Values, and whether a line has room for them.
extension FlatLineWriter {
  /// Whether the line has room for one more field of this value, whose JSON text is put into `text` if it needs one.
  @inline(__always)
  mutating func fits(_ value: Value, of batch: borrowing LogBatch, in bytes: borrowing ByteWriter) -> Bool {
    switch value.kind {
    case .string, .bytes: return fits(Int(value.slice.count), in: bytes)
    case .bool, .int, .double: return fits(0, in: bytes)
    case .empty, .array, .map:
      text.removeAll()
      text.appendJSONText(value, of: batch)
      return fits(text.count, in: bytes)
    }
  }

  /// Whether the line has room for one more field of `count` bytes; if not, sets `problem`.
  @inline(__always)
  mutating func fits(_ count: Int, in bytes: borrowing ByteWriter) -> Bool {
    if (bytes.count &- lineStart &+ count) / 2 > layout.maxLineBytes { problem = .lineTooLong }
    if own.count / 2 > layout.maxFields { problem = .tooManyFields }
    return problem == nil
  }

  /// Appends a value that `fits` was asked about just before.
  @inline(__always)
  mutating func appendValue(_ value: Value, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    switch value.kind {
    case .string: bytes.appendJSON(value.slice, in: store)
    case .bool: bytes.appendJSON(value.boolValue)
    case .int: bytes.appendDecimal(value.intValue)
    case .double: bytes.appendJSON(value.doubleValue)
    case .bytes: bytes.appendJSON(base64: store.extracting(value.slice.range))
    case .empty, .array, .map: text.withUnsafeBytes { bytes.appendJSON(string: $0) }
    }
  }
}
