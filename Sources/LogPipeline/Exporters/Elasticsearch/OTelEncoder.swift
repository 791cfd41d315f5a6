/// Documents of the `otel` mapping mode: attributes under flat dotted keys, resource and scope beside them.
struct OTelEncoder: ~Copyable, BulkEncoder {
  var actions: BulkActions
  var objects: ObjectWriter
  /// The keys of records, as `,"key":`.
  var keys: KeyTable
  private var times = TimestampWriter()
  /// What documents have of resource and scope: first of the resource, then of the scope, in `actions.shared`.
  private(set) var fragment = 0..<0

  init(_ actions: consuming BulkActions, records: Int) {
    objects = ObjectWriter(actions.options)
    keys = KeyTable(records: records, before: ",\"", after: "\":")
    self.actions = actions
  }

  mutating func append(
    _ document: BulkDocument, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) -> DropReason? {
    let record = document.record
    enter(record.scope, batch)
    let target = actions.appendAction(of: document, batch, to: &bytes)
    let dataStream = actions.shared.pointer(to: target.dataStream)
    bytes.write(atMost: Self.maxHeadBytes &+ dataStream.count &+ Pen.maxBytes(ofJSON: Int(record.severityText.count))) {
      putHead(of: record, batch, dataStream: dataStream, with: &$0)
    }
    objects.writeAttributes(record.attributes, survey: document.survey, batch, to: &bytes)
    appendEnd(of: record, eventName: document.survey.eventName, batch, to: &bytes)
    return nil
  }

  /// Makes a scope the current one.
  @inline(__always)
  mutating func enter(_ index: UInt32, _ batch: borrowing LogBatch) {
    if actions.scope.index != index { enterScope(index, batch) }
  }

  @inline(never)
  private mutating func enterScope(_ index: UInt32, _ batch: borrowing LogBatch) {
    let entered = batch.scopes[Int(index)]
    if actions.enterResource(entered.resource, batch) {
      appendResource(batch.resources[Int(entered.resource)], batch)
      actions.keepForResource()
    }
    actions.enterScope(index, batch)
    appendScope(entered, batch)
    fragment = 0..<actions.shared.count
    actions.findTarget(batch)
  }

  /// Appends what stands after the attributes to the end of the line; `eventName` is the attribute `event.name`.
  @inline(__always)
  mutating func appendEnd(
    of record: LogRecord, eventName: Int?, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) {
    let store = batch.store.span.bytes
    bytes.appendNumber(Int64(record.droppedAttributesCount), after: ",\"dropped_attributes_count\":")
    var name = record.eventName
    if name.isEmpty, let eventName, batch.attributes[eventName].value.kind == .string {
      name = batch.attributes[eventName].value.slice
    }
    bytes.appendText(name, after: ",\"event_name\":", store)
    let fragment = actions.shared.pointer(to: fragment)
    if record.body.isContainer {
      bytes.append(fragment)
      appendContainer(record.body, batch, to: &bytes)
    } else {
      bytes.write(atMost: fragment.count &+ 32 &+ Pen.maxBytes(ofScalar: record.body)) { pen in
        pen.put(fragment)
        if record.body.kind == .empty { return pen.put("}\n") }
        pen.put(",\"body\":{\"text\":")
        pen.put(scalar: record.body, in: store)
        pen.put("}}\n")
      }
    }
  }

  /// Bytes that a document takes at most before its attributes, their label included, but for its target and severity
  /// text.
  static var maxHeadBytes: Int { 192 &+ 2 &* TimestampWriter.maxBytes &+ 20 &+ 48 }

  /// Puts what stands before the attributes.
  @inline(__always)
  mutating func putHead(
    of record: LogRecord, _ batch: borrowing LogBatch, dataStream: UnsafeRawBufferPointer, with pen: inout Pen
  ) {
    pen.put("{\"@timestamp\":\"")
    times.putEpochMillis(batch.effectiveTimeUnixNano(record), with: &pen)
    pen.put("\",\"observed_timestamp\":\"")
    times.putEpochMillis(record.observedTimeUnixNano, with: &pen)
    pen.put("\"")
    if !dataStream.isEmpty {
      pen.put(",\"data_stream\":")
      pen.put(shared: dataStream)
    }
    if !record.severityText.isEmpty {
      pen.put(",\"severity_text\":")
      pen.put(json: record.severityText, in: batch.store.span.bytes)
    }
    if record.severityNumber != 0 {
      pen.put(",\"severity_number\":")
      pen.put(decimal: Int64(record.severityNumber))
    }
    if !record.traceID.isNone {
      pen.put(",\"trace_id\":")
      pen.put(quoted: record.traceID)
    }
    if record.spanID != 0 {
      pen.put(",\"span_id\":")
      pen.put(quotedSpanID: record.spanID)
    }
  }

  /// Appends a resource's part of documents to what records share.
  private mutating func appendResource(_ resource: Resource, _ batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    actions.shared.append(",\"resource\":{")
    let start = actions.shared.count
    actions.shared.appendText(resource.schemaURL, after: ",\"schema_url\":", store)
    let survey = KeySurvey(resource.attributes, of: batch.attributes, store)
    objects.writeAttributes(resource.attributes, survey: survey, batch, to: &actions.shared)
    actions.shared.appendNumber(Int64(resource.droppedAttributesCount), after: ",\"dropped_attributes_count\":")
    endMembers(from: start)
  }

  /// Appends a scope's part of documents to what records share.
  private mutating func appendScope(_ scope: Scope, _ batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    actions.shared.append(",\"scope\":{")
    let start = actions.shared.count
    actions.shared.appendText(scope.schemaURL, after: ",\"schema_url\":", store)
    actions.shared.appendText(scope.name, after: ",\"name\":", store)
    actions.shared.appendText(scope.version, after: ",\"version\":", store)
    let survey = KeySurvey(scope.attributes, of: batch.attributes, store)
    objects.writeAttributes(scope.attributes, survey: survey, batch, to: &actions.shared)
    actions.shared.appendNumber(Int64(scope.droppedAttributesCount), after: ",\"dropped_attributes_count\":")
    endMembers(from: start)
  }

  /// Removes the comma before the first member, if there is one, and closes the object.
  private mutating func endMembers(from start: Int) {
    actions.shared.removeByte(at: start)
    actions.shared.append("}")
  }

  /// Appends `body.structured` for a map or an array of maps, and the end of the line; another array, which no mapping
  /// takes, is wrapped in an object. Inside it all arrays fit: the field is `flattened`.
  private mutating func appendContainer(_ body: Value, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let isTaken = body.kind == .map || body.entries.indices.allSatisfy { batch.nested[$0].value.kind == .map }
    bytes.append(isTaken ? ",\"body\":{\"structured\":" : ",\"body\":{\"structured\":{\"value\":")
    objects.writeAsIs(body, batch, to: &bytes)
    bytes.append(isTaken ? "}}\n" : "}}}\n")
  }
}

extension ByteWriter {
  /// Appends a string after its punctuated key, unless it is empty.
  @inline(__always)
  fileprivate mutating func appendText(_ text: ByteSlice, after label: StaticString, _ store: RawSpan) {
    if text.isEmpty { return }
    append(label)
    appendJSON(text, in: store)
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
