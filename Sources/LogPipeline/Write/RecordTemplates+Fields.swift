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

  /// A pen that has put the texts of a template and a record's values in turn: times and ids as they always are, other
  /// values by `putValue`, for which there is room as `Pen.maxBytes(ofScalar:)` says.
  @inline(__always)
  func putting(
    _ template: Template, _ slots: Range<Int>, of record: LogRecord, _ attributes: Span<Attribute>,
    timeUnixNano: UInt64, _ times: inout TimestampWriter, with start: Pen, in bytes: inout ByteWriter,
    putValue: (Value, inout Pen) -> Void
  ) -> Pen {
    var pen = start
    for index in slots {
      let slot = self[slot: index]
      let value = Self.value(slot.source, of: record, attributes)
      bytes.makeRoom(slot.text.count &+ Pen.maxBytes(ofScalar: value) &+ TimestampWriter.maxBytes, for: &pen)
      put(slot.text, with: &pen)
      if value.kind != .empty {
        putValue(value, &pen)
      } else {
        Self.put(slot.source, of: record, timeUnixNano: timeUnixNano, &times, with: &pen)
      }
    }
    bytes.makeRoom(template.end.count, for: &pen)
    put(template.end, with: &pen)
    return pen
  }

  /// The value of a record that comes from a source; empty for times and ids.
  @inline(__always)
  static func value(_ source: Source, of record: LogRecord, _ attributes: Span<Attribute>) -> Value {
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

  /// Puts a time or id, quoted; `timeUnixNano` is the record's time.
  @inline(__always)
  static func put(
    _ source: Source, of record: LogRecord, timeUnixNano: UInt64, _ times: inout TimestampWriter, with pen: inout Pen
  ) {
    pen.put("\"")
    switch source {
    case traceID: pen.put(hex: record.traceID)
    case spanID: pen.put(hex: record.spanID)
    default: times.putRFC3339(timeUnixNano, with: &pen)
    }
    pen.put("\"")
  }
}
