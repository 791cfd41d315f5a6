/// Documents of the `ecs` mapping mode: Elastic Common Schema, as nested objects.
///
/// `message` is the body as text: the JSON of one that is no string. `event.action` is the event's name, unless an
/// attribute `event.name` says another.
extension FieldEncoder {
  /// Adds the fields of a record.
  mutating func addECS(_ record: LogRecord, _ batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    fields.enter(.record)
    for index in record.attributes.indices {
      let attribute = batch.attributes[index]
      let key = store.extracting(attribute.key.range)
      if isRouting(key) { continue }
      if isRenamed(key), let name = ECSNames.rename(key, by: recordNames) {
        fields.add(name, attribute.value, batch)
      } else {
        fields.add(key, attribute.value, batch)
      }
    }
    fields.enter(.reserved)
    addTime(of: record, batch)
    addIDs(of: record, trace: "trace.id", span: "span.id")
    if record.severityNumber != 0 {
      fields.add("event.severity", .int(Int64(record.severityNumber)), batch)
    }
    if !record.severityText.isEmpty { fields.add("log.level", .string(record.severityText), batch) }
    if !record.eventName.isEmpty {
      fields.enter(.scope)
      fields.add("event.action", .string(record.eventName), batch)
      fields.enter(.reserved)
    }
    if record.body.kind == .string {
      fields.add("message", record.body, batch)
    } else if record.body.kind != .empty {
      text.removeAll()
      text.appendText(record.body, of: batch)
      let start = fields.rendered.count
      text.withUnsafeBytes { fields.rendered.appendJSON(string: $0) }
      fields.add("message", renderedFrom: start)
    }
  }

  /// Whether a record's key can be one that ECS names otherwise, by its first letters.
  @inline(__always)
  private func isRenamed(_ key: RawSpan) -> Bool {
    guard key.byteCount >= 10 else { return false }
    let letter = key.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
    return letter == UInt8(ascii: "e") || letter == UInt8(ascii: "h")
  }

  /// Adds the fields of a resource.
  mutating func addECSResource(_ resource: Resource, _ batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    let agent = ECSAgent(resource.attributes, of: batch)
    fields.enter(.resource)
    for index in resource.attributes.indices {
      let attribute = batch.attributes[index]
      let key = store.extracting(attribute.key.range)
      if isRouting(key) || ECSNames.describesAgent(key) { continue }
      guard let name = ECSNames.rename(key, by: resourceNames) else {
        fields.add(key, attribute.value, batch)
        continue
      }
      if key.isEqual(to: "host.name") {
        fields.add(key, attribute.value, batch)
        if agent.hasHostname { continue }
      }
      fields.add(name, attribute.value, batch)
    }
    fields.enter(.reserved)
    fields.add("agent.name") { agent.writeName(store, to: &$0) }
    if !agent.version.isEmpty { fields.add("agent.version", .string(agent.version), batch) }
    if let type = agent.hostOSType(store) { fields.add("host.os.type") { $0.append(type) } }
  }

  /// Adds the fields of a scope; its name and version have no place in this mode.
  mutating func addECSScope(_ scope: Scope, _ batch: borrowing LogBatch) {
    fields.enter(.scope)
    addAttributes(scope.attributes, batch)
  }
}

/// Documents of the `none` and `raw` mapping modes: flat dotted keys named as in OTLP's data model.
extension FieldEncoder {
  /// Adds the fields of a record.
  mutating func addFlat(_ record: LogRecord, attributesUnder prefix: StaticString, _ batch: borrowing LogBatch) {
    fields.enter(.record, under: prefix)
    addAttributes(record.attributes, batch)
    fields.enter(.reserved)
    addTime(of: record, batch)
    addIDs(of: record, trace: "TraceId", span: "SpanId")
    fields.add("TraceFlags", .int(Int64(record.flags)), batch)
    if !record.severityText.isEmpty { fields.add("SeverityText", .string(record.severityText), batch) }
    fields.add("SeverityNumber", .int(Int64(record.severityNumber)), batch)
    if !record.eventName.isEmpty { fields.add("EventName", .string(record.eventName), batch) }
    fields.add("Body", record.body, batch)
  }

  /// Adds the fields of a resource.
  mutating func addFlatResource(_ resource: Resource, _ batch: borrowing LogBatch) {
    fields.enter(.resource, under: "Resource.")
    addAttributes(resource.attributes, batch)
  }

  /// Adds the fields of a scope.
  mutating func addFlatScope(_ scope: Scope, _ batch: borrowing LogBatch) {
    fields.enter(.scope, under: "Scope.")
    addAttributes(scope.attributes, batch)
    fields.enter(.reserved)
    if !scope.name.isEmpty { fields.add("Scope.name", .string(scope.name), batch) }
    if !scope.version.isEmpty { fields.add("Scope.version", .string(scope.version), batch) }
  }
}

extension FieldEncoder {
  /// Adds attributes, of the rank and under the prefix that were entered.
  private mutating func addAttributes(_ attributes: EntryRange, _ batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    for index in attributes.indices {
      let attribute = batch.attributes[index]
      let key = store.extracting(attribute.key.range)
      if !isRouting(key) { fields.add(key, attribute.value, batch) }
    }
  }

  @inline(__always)
  private func isRouting(_ key: RawSpan) -> Bool { key.byteCount >= 16 && RoutingAttribute.of(key) != nil }

  private mutating func addTime(of record: LogRecord, _ batch: borrowing LogBatch) {
    let start = fields.rendered.count
    fields.rendered.append("\"")
    times.appendRFC3339(batch.effectiveTimeUnixNano(record), to: &fields.rendered)
    fields.rendered.append("\"")
    fields.add("@timestamp", renderedFrom: start)
  }

  private mutating func addIDs(of record: LogRecord, trace: StaticString, span: StaticString) {
    if !record.traceID.isNone {
      fields.add(trace) { $0.write(atMost: Pen.maxQuotedIDBytes) { $0.put(quoted: record.traceID) } }
    }
    if record.spanID != 0 {
      fields.add(span) { $0.write(atMost: Pen.maxQuotedIDBytes) { $0.put(quotedSpanID: record.spanID) } }
    }
  }
}
