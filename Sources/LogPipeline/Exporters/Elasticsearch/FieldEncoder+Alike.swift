// decision: docs/decisions/0103-record-templates.md

/// The way of most records in the modes that order and rename fields: like one before in all but values.
extension FieldEncoder {
  /// Appends a record as its two lines and says true if one like it was kept as a template; else appends nothing, says
  /// false and sets `nextTemplate` if the record shall become one.
  @inline(__always)
  mutating func appendQuickly(_ record: LogRecord, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) -> Bool {
    nextTemplate = nil
    guard keys.isUsed, actions.scope.index == record.scope, scope.overflow == nil,
      record.attributes.count <= RecordTemplates.maxKeys
    else { return false }
    guard let index = template(of: record, batch) else { return false }
    guard templates[index].slots != nil else {
      nextTemplate = index
      return false
    }
    var pen = bytes.pen
    actions.putAction(of: record, before: 0, with: &pen, in: &bytes)
    bytes.take(pen)
    templates.append(record, of: batch, as: DocumentText.self, to: &bytes)
    return true
  }

  /// The template of a record's shape; nil if the shape is new, or the record has none since fields of it depend on
  /// values.
  @inline(__always)
  private mutating func template(of record: LogRecord, _ batch: borrowing LogBatch) -> Int? {
    let store = batch.store.span.bytes
    let attributes = batch.attributes.span.extracting(record.attributes.indices)
    guard let body = hasBody(record) else { return nil }
    templates.beginShape(of: record, hasBody: body)
    var cursor = keys.begin()
    for index in attributes.indices {
      // The loop is over the span's own indices.
      let attribute = attributes[unchecked: index]
      guard attribute.value.kind != .empty, !attribute.value.isContainer,
        let key = keys.next(&cursor, attribute.key, in: store, isOrdinary: { RoutingAttribute.of($0) == nil })
      else { return nil }
      templates.add(key.pointee.number)
    }
    return templates.find()
  }

  /// Whether the body is a field; nil if it may be several.
  @inline(__always)
  private func hasBody(_ record: LogRecord) -> Bool? {
    if mode == .ecs, record.body.kind != .empty { return record.body.kind == .string ? true : nil }
    return record.body.isContainer ? nil : record.body.kind != .empty
  }

  /// Makes `nextTemplate` of the line that a record was written as.
  @inline(never)
  mutating func keepTemplate(of record: LogRecord, from start: Int, in bytes: borrowing ByteWriter) {
    defer {
      nextTemplate = nil
      fields.places = nil
    }
    guard let nextTemplate, fields.overflow == nil, var places = fields.places else { return }
    let sources = sources(of: record)
    let attributes = Int(record.attributes.count)
    for index in places.indices {
      places[index].start -= start
      places[index].end -= start
      let added = Int(places[index].source) - attributes
      if added >= 0 {
        guard added < sources.count else { return }
        places[index].source = sources[added]
      }
    }
    bytes.withUnsafeBytes(in: start..<bytes.count) { templates.keep($0, values: places, as: nextTemplate) }
  }

  /// The fields that a record adds after its attributes, in order.
  private func sources(of record: LogRecord) -> [RecordTemplates.Source] {
    var sources: [RecordTemplates.Source] = []
    sources.reserveCapacity(8)
    sources.append(RecordTemplates.time)
    if !record.traceID.isNone { sources.append(RecordTemplates.traceID) }
    if record.spanID != 0 { sources.append(RecordTemplates.spanID) }
    if mode == .ecs {
      if record.severityNumber != 0 { sources.append(RecordTemplates.severityNumber) }
      if !record.severityText.isEmpty { sources.append(RecordTemplates.severityText) }
      if !record.eventName.isEmpty { sources.append(RecordTemplates.eventName) }
    } else {
      sources.append(RecordTemplates.flags)
      if !record.severityText.isEmpty { sources.append(RecordTemplates.severityText) }
      sources.append(RecordTemplates.severityNumber)
      if !record.eventName.isEmpty { sources.append(RecordTemplates.eventName) }
    }
    if hasBody(record) == true { sources.append(RecordTemplates.body) }
    return sources
  }
}

/// Values as documents have them.
private enum DocumentText: ScalarText {
  @inline(__always)
  static func put(_ value: Value, in store: RawSpan, with pen: inout Pen) { pen.put(scalar: value, in: store) }
}
