/// The messages of OTLP as JSON (logs.proto, common.proto, resource.proto); members that are not set are left out.
extension ByteWriter {
  mutating func appendOTLPJSON(_ record: LogRecord, of batch: borrowing LogBatch, _ store: RawSpan) {
    let start = count
    appendMember("timeUnixNano", quoted: record.timeUnixNano)
    appendMember("observedTimeUnixNano", quoted: record.observedTimeUnixNano)
    appendMember("severityNumber", Int64(record.severityNumber))
    appendMember("severityText", record.severityText, store)
    if record.body.kind != .empty {
      append(",\"body\":")
      appendOTLPJSON(record.body, of: batch, store)
    }
    appendMember("attributes", record.attributes, of: batch, store)
    appendMember("droppedAttributesCount", Int64(record.droppedAttributesCount))
    appendMember("flags", Int64(record.flags))
    appendIDs(of: record)
    appendMember("eventName", record.eventName, store)
    closeObject(from: start)
  }

  private mutating func appendIDs(of record: LogRecord) {
    if !record.traceID.isNone {
      append(",\"traceId\":\"")
      appendHex(record.traceID)
      append(UInt8(ascii: "\""))
    }
    if record.spanID != 0 {
      append(",\"spanId\":\"")
      appendHex(record.spanID)
      append(UInt8(ascii: "\""))
    }
  }

  mutating func appendOTLPJSON(_ scope: Scope, of batch: borrowing LogBatch, _ store: RawSpan) {
    let start = count
    appendMember("name", scope.name, store)
    appendMember("version", scope.version, store)
    appendMember("attributes", scope.attributes, of: batch, store)
    appendMember("droppedAttributesCount", Int64(scope.droppedAttributesCount))
    closeObject(from: start)
  }

  mutating func appendOTLPJSON(_ resource: Resource, of batch: borrowing LogBatch, _ store: RawSpan) {
    let start = count
    appendMember("attributes", resource.attributes, of: batch, store)
    appendMember("droppedAttributesCount", Int64(resource.droppedAttributesCount))
    store.extracting(resource.entityRefs.range).withUnsafeBytes { appendEntityRefs($0) }
    closeObject(from: start)
  }

  mutating func appendOTLPJSON(_ value: Value, of batch: borrowing LogBatch, _ store: RawSpan) {
    switch value.kind {
    case .empty: append("{")
    case .string:
      append("{\"stringValue\":")
      appendJSON(value.slice, in: store)
    case .bool:
      append("{\"boolValue\":")
      appendJSON(value.boolValue)
    case .int:
      append("{\"intValue\":\"")
      appendDecimal(value.intValue)
      append(UInt8(ascii: "\""))
    case .double:
      append("{\"doubleValue\":")
      appendJSON(value.doubleValue)
    case .bytes:
      append("{\"bytesValue\":")
      appendJSON(base64: store.extracting(value.slice.range))
    case .array, .map: appendOTLPJSON(container: value, of: batch, store)
    }
    append(UInt8(ascii: "}"))
  }

  /// Appends an array or map up to the bracket that ends its list.
  private mutating func appendOTLPJSON(container value: Value, of batch: borrowing LogBatch, _ store: RawSpan) {
    let isArray = value.kind == .array
    if isArray { append("{\"arrayValue\":{\"values\":[") } else { append("{\"kvlistValue\":{\"values\":[") }
    for index in value.entries.indices {
      if index > value.entries.indices.lowerBound { append(UInt8(ascii: ",")) }
      if isArray {
        appendOTLPJSON(batch.nested[index].value, of: batch, store)
      } else {
        appendOTLPJSON(batch.nested[index], of: batch, store)
      }
    }
    append("]}")
  }

  private mutating func appendOTLPJSON(_ entry: Attribute, of batch: borrowing LogBatch, _ store: RawSpan) {
    append("{\"key\":")
    appendJSON(entry.key, in: store)
    append(",\"value\":")
    appendOTLPJSON(entry.value, of: batch, store)
    append(UInt8(ascii: "}"))
  }

  // MARK: Members, each with a comma before it

  /// Appends a string unless it is empty.
  mutating func appendMember(_ name: StaticString, _ slice: ByteSlice, _ store: RawSpan) {
    if slice.isEmpty { return }
    appendName(name)
    appendJSON(slice, in: store)
  }

  private mutating func appendMember(_ name: StaticString, _ value: Int64) {
    if value == 0 { return }
    appendName(name)
    appendDecimal(value)
  }

  private mutating func appendMember(_ name: StaticString, quoted value: UInt64) {
    if value == 0 { return }
    appendName(name)
    append(UInt8(ascii: "\""))
    appendDecimal(value)
    append(UInt8(ascii: "\""))
  }

  private mutating func appendMember(
    _ name: StaticString, _ entries: EntryRange, of batch: borrowing LogBatch, _ store: RawSpan
  ) {
    if entries.isEmpty { return }
    appendName(name)
    append(UInt8(ascii: "["))
    for index in entries.indices {
      if index > entries.indices.lowerBound { append(UInt8(ascii: ",")) }
      appendOTLPJSON(batch.attributes[index], of: batch, store)
    }
    append(UInt8(ascii: "]"))
  }

  /// Appends `,"name":`.
  mutating func appendName(_ name: StaticString) {
    append(",\"")
    append(name)
    append("\":")
  }

  /// Turns the members written since `start` into an object: their first comma becomes its brace.
  mutating func closeObject(from start: Int) {
    if count == start {
      append("{}")
    } else {
      base.storeBytes(of: UInt8(ascii: "{"), toByteOffset: start, as: UInt8.self)
      append(UInt8(ascii: "}"))
    }
  }
}
