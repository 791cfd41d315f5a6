extension ByteWriter {
  /// Appends a value as the text that matching and conversion see: strings as they are, numbers as JSON writes
  /// them, `NaN`, `Infinity` and `-Infinity`, arrays and maps in JSON, bytes in base64, nothing for an empty value.
  mutating func appendText(_ value: Value, of batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    switch value.kind {
    case .empty: return
    case .string: append(store.extracting(value.slice.range))
    case .bool: appendJSON(value.boolValue)
    case .int: appendDecimal(value.intValue)
    case .double: write(atMost: Pen.maxDoubleBytes) { $0 = $0.putting(value.doubleValue) }
    case .bytes: store.extracting(value.slice.range).withUnsafeBytes { appendBase64($0) }
    case .array, .map: appendJSONText(value, of: batch)
    }
  }
}

extension LogBatch {
  /// Appends what was written to the store; nil when the store has no room.
  mutating func store(_ bytes: borrowing ByteWriter) -> ByteSlice? {
    bytes.withUnsafeBytes { store($0) }
  }
}
