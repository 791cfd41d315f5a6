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
