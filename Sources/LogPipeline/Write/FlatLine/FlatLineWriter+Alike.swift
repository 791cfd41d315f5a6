// decision: docs/decisions/0103-record-templates.md

/// The way of most records: like one before in all but values.
extension FlatLineWriter {
  /// Appends a record's line and says true if one like it was kept as a template; else appends nothing, says false
  /// and sets `nextTemplate` if the record shall become one.
  @inline(__always)
  mutating func appendAlike(_ record: LogRecord, of batch: borrowing LogBatch, to bytes: inout ByteWriter) -> Bool {
    nextTemplate = nil
    guard record.attributes.count <= RecordTemplates.maxKeys else { return false }
    var valueBytes = 0
    guard let index = template(of: record, batch, &valueBytes) else { return false }
    guard templates[index].slots != nil else {
      nextTemplate = index
      return false
    }
    // Lines that may be too long are judged in the other way.
    if templates[index].textBytes &+ valueBytes > layout.maxLineBytes { return false }
    let start = bytes.count
    if !layout.lead.isEmpty { bytes.append(layout.lead) }
    let lineStart = bytes.count
    templates.append(record, of: batch, as: FlatLineText.self, to: &bytes)
    if bytes.count &- lineStart &- 1 <= layout.maxLineBytes { return true }
    bytes.truncate(to: start)
    return false
  }

  /// The template of a record's shape; nil if the shape is new, or the record has none since fields of it depend on
  /// values. Adds up the bytes of strings.
  @inline(__always)
  private mutating func template(
    of record: LogRecord, _ batch: borrowing LogBatch, _ valueBytes: inout Int
  ) -> Int? {
    let store = batch.store.span.bytes
    let attributes = batch.attributes.span.extracting(record.attributes.indices)
    guard let body = Self.isField(record.body) else { return nil }
    templates.beginShape(of: record, hasBody: body)
    if record.body.kind == .string { valueBytes &+= Int(record.body.slice.count) }
    valueBytes &+= Int(record.severityText.count) &+ Int(record.eventName.count)
    var cursor = keys.begin()
    for index in attributes.indices {
      // The loop is over the span's own indices.
      let attribute = attributes[unchecked: index]
      guard Self.isField(attribute.value) == true,
        let key = keys.next(&cursor, attribute.key, in: store, isOrdinary: { !FlatLayout.isReserved($0) })
      else { return nil }
      if attribute.value.kind == .string { valueBytes &+= Int(attribute.value.slice.count) }
      templates.add(key.pointee.number)
    }
    return templates.find()
  }

  /// Whether a value is written as a field: false if it is left out, nil if it may be several fields or text of any
  /// length.
  @inline(__always)
  private static func isField(_ value: Value) -> Bool? {
    switch value.kind {
    case .string: !value.slice.isEmpty
    case .bool, .int, .double: true
    case .empty: false
    case .bytes, .array, .map: nil
    }
  }

  /// Makes `nextTemplate` of the line that a record was written as, from `start` on.
  @inline(never)
  mutating func keepTemplate(of record: LogRecord, from start: Int, in bytes: borrowing ByteWriter) {
    guard let nextTemplate else { return }
    self.nextTemplate = nil
    let sources = sources(of: record)
    // A field that was left out had a name that another has.
    guard sources.count == valuePlaces.count else { return }
    let places = zip(valuePlaces, sources).map { place, source in
      RecordTemplates.Place(start: place.lowerBound - start, end: place.upperBound - start, source: source)
    }
    bytes.withUnsafeBytes(in: start..<bytes.count) { templates.keep($0, values: places, as: nextTemplate) }
  }

  /// The fields of a record in the order of its line.
  private func sources(of record: LogRecord) -> [RecordTemplates.Source] {
    var sources: [RecordTemplates.Source] = []
    sources.reserveCapacity(2 * RecordTemplates.maxKeys)
    sources.append(RecordTemplates.time)
    if Self.isField(record.body) == true { sources.append(RecordTemplates.body) }
    if !record.severityText.isEmpty { sources.append(RecordTemplates.severityText) }
    if record.severityNumber != 0 { sources.append(RecordTemplates.severityNumber) }
    if !record.traceID.isNone { sources.append(RecordTemplates.traceID) }
    if record.spanID != 0 { sources.append(RecordTemplates.spanID) }
    if !record.eventName.isEmpty { sources.append(RecordTemplates.eventName) }
    sources += 0..<UInt8(truncatingIfNeeded: record.attributes.count)
    return sources
  }
}

/// Values as flat lines have them: a record with bytes or a container among them has no template.
private enum FlatLineText: ScalarText {
  @inline(__always)
  static func put(_ value: Value, in store: RawSpan, with pen: inout Pen) {
    switch value.kind {
    case .string: pen.put(json: value.slice, in: store)
    case .int: pen.put(decimal: value.intValue)
    case .bool: pen.put(value.boolValue)
    case .double: pen = pen.putting(json: value.doubleValue)
    case .empty, .bytes, .array, .map: break
    }
  }
}
