/// The messages of OTLP as JSON (logs.proto, common.proto, resource.proto); members that are not set are left out.
extension ByteWriter {
  mutating func appendOTLPJSON(_ record: LogRecord, of batch: borrowing LogBatch, times: inout TimestampWriter) {
    let store = batch.store.span.bytes
    let start = count
    write(atMost: 96 &+ 2 &* TimestampWriter.maxBytes &+ Pen.maxBytes(ofJSON: Int(record.severityText.count))) { pen in
      if record.timeUnixNano != 0 {
        pen.put(",\"timeUnixNano\":\"")
        times.putUnixNano(record.timeUnixNano, with: &pen)
        pen.put("\"")
      }
      if record.observedTimeUnixNano != 0 {
        pen.put(",\"observedTimeUnixNano\":\"")
        times.putUnixNano(record.observedTimeUnixNano, with: &pen)
        pen.put("\"")
      }
      if record.severityNumber != 0 {
        pen.put(",\"severityNumber\":")
        pen.put(decimal: Int64(record.severityNumber))
      }
      if !record.severityText.isEmpty {
        pen.put(",\"severityText\":")
        pen.put(json: record.severityText, in: store)
      }
    }
    if record.body.kind != .empty { appendOTLPJSON(record.body, after: ",\"body\":", of: batch) }
    appendMember("attributes", record.attributes, of: batch)
    write(atMost: 192) { pen in
      if record.droppedAttributesCount != 0 {
        pen.put(",\"droppedAttributesCount\":")
        pen.put(decimal: UInt64(record.droppedAttributesCount))
      }
      if record.flags != 0 {
        pen.put(",\"flags\":")
        pen.put(decimal: UInt64(record.flags))
      }
      if !record.traceID.isNone {
        pen.put(",\"traceId\":")
        pen.put(quoted: record.traceID)
      }
      if record.spanID != 0 {
        pen.put(",\"spanId\":")
        pen.put(quotedSpanID: record.spanID)
      }
    }
    appendMember("eventName", record.eventName, store)
    closeObject(from: start)
  }

  mutating func appendOTLPJSON(_ scope: Scope, of batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    let start = count
    appendMember("name", scope.name, store)
    appendMember("version", scope.version, store)
    appendMember("attributes", scope.attributes, of: batch)
    appendMember("droppedAttributesCount", Int64(scope.droppedAttributesCount))
    closeObject(from: start)
  }

  mutating func appendOTLPJSON(_ resource: Resource, of batch: borrowing LogBatch) {
    let start = count
    appendMember("attributes", resource.attributes, of: batch)
    appendMember("droppedAttributesCount", Int64(resource.droppedAttributesCount))
    batch.store.span.bytes.extracting(resource.entityRefs.range).withUnsafeBytes { appendEntityRefs($0) }
    closeObject(from: start)
  }

  /// Appends an `AnyValue` after a label.
  @inline(__always)
  private mutating func appendOTLPJSON(_ value: Value, after label: StaticString, of batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    switch value.kind {
    case .bytes, .array, .map:
      append(label)
      appendLongOTLPJSON(value, of: batch)
    default:
      write(atMost: label.utf8CodeUnitCount &+ 16 &+ Pen.maxBytes(ofScalar: value)) { pen in
        pen.put(label)
        pen.put(otlpJSON: value, in: store)
      }
    }
  }

  /// Appends bytes, an array or a map.
  private mutating func appendLongOTLPJSON(_ value: Value, of batch: borrowing LogBatch) {
    if value.kind == .bytes {
      append("{\"bytesValue\":")
      appendJSON(base64: batch.store.span.bytes.extracting(value.slice.range))
    } else {
      appendOTLPJSON(container: value, of: batch)
    }
    append(UInt8(ascii: "}"))
  }

  /// Appends an array or map up to the bracket that ends its list.
  private mutating func appendOTLPJSON(container value: Value, of batch: borrowing LogBatch) {
    let isArray = value.kind == .array
    if isArray { append("{\"arrayValue\":{\"values\":[") } else { append("{\"kvlistValue\":{\"values\":[") }
    for index in value.entries.indices {
      if index > value.entries.indices.lowerBound { append(UInt8(ascii: ",")) }
      if isArray {
        appendOTLPJSON(batch.nested[index].value, after: "", of: batch)
      } else {
        appendOTLPJSON(batch.nested[index], of: batch)
      }
    }
    append("]}")
  }

  @inline(__always)
  private mutating func appendOTLPJSON(_ entry: Attribute, of batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    write(atMost: 8 &+ Pen.maxBytes(ofJSON: Int(entry.key.count))) { pen in
      pen.put("{\"key\":")
      pen.put(json: entry.key, in: store)
    }
    appendOTLPJSON(entry.value, after: ",\"value\":", of: batch)
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

  private mutating func appendMember(_ name: StaticString, _ entries: EntryRange, of batch: borrowing LogBatch) {
    if entries.isEmpty { return }
    appendName(name)
    append(UInt8(ascii: "["))
    for index in entries.indices {
      if index > entries.indices.lowerBound { append(UInt8(ascii: ",")) }
      appendOTLPJSON(batch.attributes[index], of: batch)
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

extension Pen {
  /// Puts an `AnyValue` that is neither bytes, array nor map.
  @inline(__always)
  fileprivate mutating func put(otlpJSON value: Value, in store: RawSpan) {
    switch value.kind {
    case .string:
      put("{\"stringValue\":")
      put(json: value.slice, in: store)
    case .bool:
      put("{\"boolValue\":")
      put(value.boolValue)
    case .int:
      put("{\"intValue\":\"")
      put(decimal: value.intValue)
      put("\"")
    case .double:
      put("{\"doubleValue\":")
      self = putting(json: value.doubleValue)
    case .empty, .bytes, .array, .map: put("{")
    }
    put("}")
  }
}
