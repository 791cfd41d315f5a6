/// Records as text for a person; the words are those of the Collector's debug exporter.
struct DebugText: ~Copyable {
  private var times = TimestampWriter()
  /// JSON text on its way to being escaped.
  private var json = ByteWriter(capacityBytes: 512)

  // MARK: One line

  /// Appends `time severity body key="value" …` and a newline.
  mutating func appendLine(_ record: LogRecord, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    times.appendRFC3339(batch.effectiveTimeUnixNano(record), to: &bytes)
    bytes.append(UInt8(ascii: " "))
    appendSeverity(record, store, to: &bytes)
    if record.body.kind != .empty {
      bytes.append(UInt8(ascii: " "))
      if record.body.kind == .string {
        bytes.appendVisible(store.extracting(record.body.slice.range))
      } else {
        appendJSON(record.body, of: batch, to: &bytes)
      }
    }
    for index in record.attributes.indices {
      bytes.append(UInt8(ascii: " "))
      bytes.appendVisible(store.extracting(batch.attributes[index].key.range))
      bytes.append(UInt8(ascii: "="))
      appendJSON(batch.attributes[index].value, of: batch, to: &bytes)
    }
    bytes.append("\n")
  }

  private func appendSeverity(_ record: LogRecord, _ store: RawSpan, to bytes: inout ByteWriter) {
    if record.severityText.isEmpty {
      bytes.append(Self.severityName(record.severityNumber))
    } else {
      bytes.appendVisible(store.extracting(record.severityText.range))
    }
  }

  private mutating func appendJSON(_ value: Value, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    json.removeAll()
    json.appendJSONText(value, of: batch)
    json.withUnsafeBytes { bytes.appendVisible(json: $0) }
  }

  // MARK: Blocks

  mutating func appendResource(_ index: UInt32, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let resource = batch.resources[Int(index)]
    appendTitle("ResourceLog #", Int64(index), to: &bytes)
    bytes.appendText("Resource SchemaURL: ", resource.schemaURL, batch.store.span.bytes)
    appendAttributes("Resource attributes:\n", resource.attributes, of: batch, to: &bytes)
    appendCount("Resource dropped attributes: ", resource.droppedAttributesCount, to: &bytes)
  }

  mutating func appendScope(_ index: UInt32, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    let scope = batch.scopes[Int(index)]
    appendTitle("ScopeLogs #", Int64(index), to: &bytes)
    bytes.appendText("ScopeLogs SchemaURL: ", scope.schemaURL, store)
    bytes.append("InstrumentationScope ")
    bytes.appendVisible(store.extracting(scope.name.range))
    bytes.append(UInt8(ascii: " "))
    bytes.appendVisible(store.extracting(scope.version.range))
    bytes.append("\n")
    appendAttributes("InstrumentationScope attributes:\n", scope.attributes, of: batch, to: &bytes)
    appendCount("InstrumentationScope dropped attributes: ", scope.droppedAttributesCount, to: &bytes)
  }

  mutating func appendRecord(_ index: Int, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    let record = batch.records[index]
    appendTitle("LogRecord #", Int64(index), to: &bytes)
    appendTime("ObservedTimestamp: ", record.observedTimeUnixNano, to: &bytes)
    appendTime("Timestamp: ", record.timeUnixNano, to: &bytes)
    bytes.appendText("SeverityText: ", record.severityText, store)
    bytes.append("SeverityNumber: ")
    bytes.append(Self.severityName(record.severityNumber))
    bytes.append("(")
    bytes.appendDecimal(Int64(record.severityNumber))
    bytes.append(")\n")
    bytes.appendText("EventName: ", record.eventName, store)
    bytes.append("Body: ")
    appendTyped(record.body, of: batch, to: &bytes)
    bytes.append("\n")
    appendAttributes("Attributes:\n", record.attributes, of: batch, to: &bytes)
    appendCount("Dropped attributes: ", record.droppedAttributesCount, to: &bytes)
    bytes.append("Trace ID: ")
    if !record.traceID.isNone { bytes.appendHex(record.traceID) }
    bytes.append("\nSpan ID: ")
    if record.spanID != 0 { bytes.appendHex(record.spanID) }
    bytes.append("\nFlags: ")
    bytes.appendDecimal(Int64(record.flags))
    bytes.append("\n")
  }

  private func appendTitle(_ label: StaticString, _ index: Int64, to bytes: inout ByteWriter) {
    bytes.append(label)
    bytes.appendDecimal(index)
    bytes.append("\n")
  }

  private func appendCount(_ label: StaticString, _ count: UInt32, to bytes: inout ByteWriter) {
    if count == 0 { return }
    bytes.append(label)
    bytes.appendDecimal(Int64(count))
    bytes.append("\n")
  }

  private mutating func appendTime(_ label: StaticString, _ unixNano: UInt64, to bytes: inout ByteWriter) {
    bytes.append(label)
    if unixNano == 0 { bytes.append("none") } else { times.appendRFC3339(unixNano, to: &bytes) }
    bytes.append("\n")
  }

  private mutating func appendAttributes(
    _ label: StaticString, _ entries: EntryRange, of batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) {
    let store = batch.store.span.bytes
    if entries.isEmpty { return }
    bytes.append(label)
    for index in entries.indices {
      bytes.append("     -> ")
      bytes.appendVisible(store.extracting(batch.attributes[index].key.range))
      bytes.append(": ")
      appendTyped(batch.attributes[index].value, of: batch, to: &bytes)
      bytes.append("\n")
    }
  }

  /// Appends a value with its kind, such as `Str(text)`.
  private mutating func appendTyped(_ value: Value, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    bytes.append(Self.kindName(value.kind))
    bytes.append("(")
    switch value.kind {
    case .empty: break
    case .string: bytes.appendVisible(batch.store.span.bytes.extracting(value.slice.range))
    default: appendJSON(value, of: batch, to: &bytes)
    }
    bytes.append(")")
  }

  // MARK: Names

  private static func kindName(_ kind: Value.Kind) -> StaticString {
    switch kind {
    case .empty: "Empty"
    case .string: "Str"
    case .bool: "Bool"
    case .int: "Int"
    case .double: "Double"
    case .array: "Slice"
    case .map: "Map"
    case .bytes: "Bytes"
    }
  }

  /// The short name of a severity (logs data model, "Displaying Severity").
  private static func severityName(_ number: Int32) -> StaticString {
    guard let index = Int(exactly: number), severityNames.indices.contains(index) else { return "Undefined" }
    return severityNames[index]
  }

  private static let severityNames: [StaticString] = [
    "Unspecified", "Trace", "Trace2", "Trace3", "Trace4", "Debug", "Debug2", "Debug3", "Debug4",
    "Info", "Info2", "Info3", "Info4", "Warn", "Warn2", "Warn3", "Warn4",
    "Error", "Error2", "Error3", "Error4", "Fatal", "Fatal2", "Fatal3", "Fatal4",
  ]
}

extension ByteWriter {
  /// Appends a line of a label and a text, unless that is empty.
  fileprivate mutating func appendText(_ label: StaticString, _ slice: ByteSlice, _ store: RawSpan) {
    if slice.isEmpty { return }
    append(label)
    appendVisible(store.extracting(slice.range))
    append("\n")
  }
}
