// decision: docs/decisions/0103-record-templates.md

/// Fields of records that are no attributes, as sources of values.
extension RecordTemplates {
  static var time: Source { UInt8(maxKeys) }
  static var traceID: Source { time + 1 }
  static var spanID: Source { time + 2 }
  static var flags: Source { time + 3 }
  static var severityNumber: Source { time + 4 }
  static var severityText: Source { time + 5 }
  static var body: Source { time + 6 }
  static var eventName: Source { time + 7 }

  /// Starts the shape of a record with what it has beside at most `maxKeys` attributes.
  @inline(__always)
  mutating func beginShape(of record: LogRecord, hasBody: Bool) {
    beginShape(
      (record.traceID.isNone ? 0 : 1) | (record.spanID == 0 ? 0 : 2) | (record.severityNumber == 0 ? 0 : 4)
        | (record.severityText.isEmpty ? 0 : 8) | (record.eventName.isEmpty ? 0 : 16) | (hasBody ? 32 : 0))
  }

  /// Appends a record, whose template was found last, as the template's texts and its own values in turn: times and
  /// ids as they always are, other values as `Text` has them.
  @inline(never)
  mutating func append<Text: ScalarText>(
    _ record: LogRecord, of batch: borrowing LogBatch, as _: Text.Type, to bytes: inout ByteWriter
  ) {
    let template = found
    guard let slots = template.slots else { return }
    let store = batch.store.span.bytes
    let attributes = batch.attributes.span.extracting(record.attributes.indices)
    let timeUnixNano = batch.effectiveTimeUnixNano(record)
    var pen = bytes.pen
    for index in slots {
      let slot = self[slot: index]
      let value = Self.value(slot.source, of: record, attributes)
      bytes.makeRoom(slot.text.count &+ Pen.maxBytes(ofScalar: value) &+ TimestampWriter.maxBytes, for: &pen)
      put(slot.text, with: &pen)
      if value.kind != .empty {
        Text.put(value, in: store, with: &pen)
      } else if slot.source == Self.time {
        pen.put("\"")
        times.putRFC3339(timeUnixNano, with: &pen)
        pen.put("\"")
      } else if slot.source == Self.traceID {
        pen.put(quoted: record.traceID)
      } else {
        pen.put(quotedSpanID: record.spanID)
      }
    }
    bytes.makeRoom(template.end.count, for: &pen)
    put(template.end, with: &pen)
    bytes.take(pen)
  }

  /// The value of a record that comes from a source; empty for times and ids.
  @inline(__always)
  private static func value(_ source: Source, of record: LogRecord, _ attributes: Span<Attribute>) -> Value {
    if source < time { return attributes[Int(source)].value }
    switch source {
    case flags: return .int(Int64(record.flags))
    case severityNumber: return .int(Int64(record.severityNumber))
    case severityText: return .string(record.severityText)
    case body: return record.body
    case eventName: return .string(record.eventName)
    default: return .empty
    }
  }
}

/// How an encoder writes values that have no members.
protocol ScalarText {
  /// Puts a value, for which there is room as `Pen.maxBytes(ofScalar:)` says.
  static func put(_ value: Value, in store: RawSpan, with pen: inout Pen)
}
