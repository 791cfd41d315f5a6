/// Documents of the `otel` mapping mode: attributes under flat dotted keys, resource and scope beside them.
extension BulkEncoder {
  mutating func appendOTel(
    _ record: LogRecord, _ survey: KeySurvey, _ target: BulkTarget, _ batch: borrowing LogBatch, _ store: RawSpan,
    to bytes: inout ByteWriter
  ) {
    bytes.append("{\"@timestamp\":\"")
    times.appendEpochMillis(batch.effectiveTimeUnixNano(record), to: &bytes)
    bytes.append("\",\"observed_timestamp\":\"")
    times.appendEpochMillis(record.observedTimeUnixNano, to: &bytes)
    bytes.append("\"")
    if !target.dataStream.isEmpty {
      bytes.append(",\"data_stream\":")
      bytes.append(shared.pointer(to: target.dataStream))
    }
    bytes.appendText(record.severityText, after: ",\"severity_text\":", store)
    bytes.appendNumber(Int64(record.severityNumber), after: ",\"severity_number\":")
    appendIDs(of: record, to: &bytes)
    _ = objects.writeAttributes(
      record.attributes, survey: survey, after: ",\"attributes\":", batch, store, to: &bytes)
    bytes.appendNumber(Int64(record.droppedAttributesCount), after: ",\"dropped_attributes_count\":")
    let name = eventName(of: record, survey, batch)
    bytes.appendText(name, after: ",\"event_name\":", store)
    bytes.append(shared.pointer(to: scope.fragment))
    appendBody(record.body, batch, store, to: &bytes)
    bytes.append("}")
  }

  /// Appends a resource's part of documents to `shared`.
  mutating func appendOTelResource(_ resource: Resource, _ batch: borrowing LogBatch, _ store: RawSpan) {
    shared.append(",\"resource\":{")
    let start = shared.count
    shared.appendText(resource.schemaURL, after: ",\"schema_url\":", store)
    let survey = KeySurvey(resource.attributes, of: batch.attributes, store)
    _ = objects.writeAttributes(
      resource.attributes, survey: survey, after: ",\"attributes\":", batch, store, to: &shared)
    shared.appendNumber(Int64(resource.droppedAttributesCount), after: ",\"dropped_attributes_count\":")
    endMembers(from: start)
  }

  /// Appends a scope's part of documents to `shared`.
  mutating func appendOTelScope(_ scope: Scope, _ batch: borrowing LogBatch, _ store: RawSpan) {
    shared.append(",\"scope\":{")
    let start = shared.count
    shared.appendText(scope.schemaURL, after: ",\"schema_url\":", store)
    shared.appendText(scope.name, after: ",\"name\":", store)
    shared.appendText(scope.version, after: ",\"version\":", store)
    let survey = KeySurvey(scope.attributes, of: batch.attributes, store)
    _ = objects.writeAttributes(
      scope.attributes, survey: survey, after: ",\"attributes\":", batch, store, to: &shared)
    shared.appendNumber(Int64(scope.droppedAttributesCount), after: ",\"dropped_attributes_count\":")
    endMembers(from: start)
  }

  /// Removes the comma before the first member, if there is one, and closes the object.
  private mutating func endMembers(from start: Int) {
    shared.removeByte(at: start)
    shared.append("}")
  }

  private func appendIDs(of record: LogRecord, to bytes: inout ByteWriter) {
    if !record.traceID.isNone {
      bytes.append(",\"trace_id\":\"")
      bytes.appendHex(record.traceID)
      bytes.append("\"")
    }
    if record.spanID != 0 {
      bytes.append(",\"span_id\":\"")
      bytes.appendHex(record.spanID)
      bytes.append("\"")
    }
  }

  /// The record's event name, else that of its attribute `event.name`.
  private func eventName(of record: LogRecord, _ survey: KeySurvey, _ batch: borrowing LogBatch) -> ByteSlice {
    guard record.eventName.isEmpty, let index = survey.eventName else { return record.eventName }
    let value = batch.attributes[index].value
    return value.kind == .string ? value.slice : .empty
  }

  /// Appends `body.text` for a scalar and `body.structured` for a map or an array of maps; another array, which no
  /// mapping takes, is wrapped in an object.
  private mutating func appendBody(
    _ body: Value, _ batch: borrowing LogBatch, _ store: RawSpan, to bytes: inout ByteWriter
  ) {
    switch body.kind {
    case .empty: return
    case .map:
      bytes.append(",\"body\":{\"structured\":")
      objects.write(body, batch, store, to: &bytes)
    case .array:
      let isOfMaps = body.entries.indices.allSatisfy { batch.nested[$0].value.kind == .map }
      bytes.append(isOfMaps ? ",\"body\":{\"structured\":" : ",\"body\":{\"structured\":{\"value\":")
      objects.write(body, batch, store, to: &bytes)
      if !isOfMaps { bytes.append("}") }
    default:
      bytes.append(",\"body\":{\"text\":")
      bytes.appendScalar(body, store)
    }
    bytes.append("}")
  }
}

extension ByteWriter {
  /// Appends a string after its punctuated key, unless it is empty.
  @inline(__always)
  fileprivate mutating func appendText(_ text: ByteSlice, after label: StaticString, _ store: RawSpan) {
    if text.isEmpty { return }
    append(label)
    appendJSON(string: store.extracting(text.range))
  }

  /// Appends a number after its punctuated key, unless it is 0.
  @inline(__always)
  fileprivate mutating func appendNumber(_ number: Int64, after label: StaticString) {
    if number == 0 { return }
    append(label)
    appendDecimal(number)
  }

  /// Removes the byte at an offset, if there is one.
  fileprivate mutating func removeByte(at offset: Int) {
    guard offset >= 0, offset < count else { return }
    (base + offset).copyMemory(from: base + offset + 1, byteCount: count &- offset &- 1)
    truncate(to: count &- 1)
  }
}
