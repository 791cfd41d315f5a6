extension ByteWriter {
  /// Appends a value as ordinary JSON: arrays and maps as they nest, bytes in base64, an empty value as `null`.
  mutating func appendJSONText(_ value: Value, of batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    switch value.kind {
    case .empty: append("null")
    case .string: appendJSON(value.slice, in: store)
    case .bool: appendJSON(value.boolValue)
    case .int: appendDecimal(value.intValue)
    case .double: appendJSON(value.doubleValue)
    case .bytes: appendJSON(base64: store.extracting(value.slice.range))
    case .array: appendJSONText(array: value.entries, of: batch)
    case .map: appendJSONText(map: value.entries, of: batch)
    }
  }

  /// Appends bytes as a JSON string in base64.
  mutating func appendJSON(base64 bytes: RawSpan) {
    append(UInt8(ascii: "\""))
    bytes.withUnsafeBytes { appendBase64($0) }
    append(UInt8(ascii: "\""))
  }

  private mutating func appendJSONText(array entries: EntryRange, of batch: borrowing LogBatch) {
    append(UInt8(ascii: "["))
    for index in entries.indices {
      if index > entries.indices.lowerBound { append(UInt8(ascii: ",")) }
      appendJSONText(batch.nested[index].value, of: batch)
    }
    append(UInt8(ascii: "]"))
  }

  private mutating func appendJSONText(map entries: EntryRange, of batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    append(UInt8(ascii: "{"))
    for index in entries.indices {
      if index > entries.indices.lowerBound { append(UInt8(ascii: ",")) }
      appendJSON(batch.nested[index].key, in: store)
      append(UInt8(ascii: ":"))
      appendJSONText(batch.nested[index].value, of: batch)
    }
    append(UInt8(ascii: "}"))
  }
}
