/// A 16-byte trace id as two big-endian halves; all zero means there is none (logs.proto, `trace_id`).
package struct TraceID: Sendable, Equatable {
  package var high: UInt64
  package var low: UInt64

  package static let none = TraceID(high: 0, low: 0)

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package var isNone: Bool { high | low == 0 }
}

/// One `LogRecord` of OTLP (logs.proto), its strings and attributes in the batch that holds it.
package struct LogRecord: Sendable {
  /// Nanoseconds since 1970 when the event happened; 0 when the sender does not know.
  package var timeUnixNano: UInt64 = 0
  /// Nanoseconds since 1970 when the event was observed; 0 when unset.
  package var observedTimeUnixNano: UInt64 = 0
  package var traceID = TraceID.none
  /// An 8-byte span id, big-endian; 0 means there is none.
  package var spanID: UInt64 = 0
  package var body = Value.empty
  /// Entries of `LogBatch.attributes`.
  package var attributes = EntryRange.empty
  package var severityText = ByteSlice.empty
  package var eventName = ByteSlice.empty
  /// 0 is UNSPECIFIED; 1...24 are named; others are kept as they came.
  package var severityNumber: Int32 = 0
  package var flags: UInt32 = 0
  package var droppedAttributesCount: UInt32 = 0
  /// Index into `LogBatch.scopes`.
  package var scope: UInt32 = 0
  /// Which record of the request it is, from 0, as received: processors that remove records leave it as it is.
  package var index: UInt32 = 0

  package init() {}
}

/// One `ScopeLogs` of OTLP: an instrumentation scope with its records' common facts.
package struct Scope: Sendable {
  /// Index into `LogBatch.resources`.
  package var resource: UInt32 = 0
  package var name = ByteSlice.empty
  package var version = ByteSlice.empty
  package var schemaURL = ByteSlice.empty
  /// Entries of `LogBatch.attributes`.
  package var attributes = EntryRange.empty
  package var droppedAttributesCount: UInt32 = 0

  package init() {}
}

/// One `ResourceLogs` of OTLP: what produced the records.
package struct Resource: Sendable {
  package var schemaURL = ByteSlice.empty
  /// Entries of `LogBatch.attributes`.
  package var attributes = EntryRange.empty
  package var droppedAttributesCount: UInt32 = 0
  /// `entity_refs` (resource.proto, field 3) as protobuf fields back to back, tags included.
  package var entityRefs = ByteSlice.empty
  /// The tenant whose the records are; empty if none is known.
  package var tenant = ByteSlice.empty
  /// How many records of the request there are up to its end, as decoded.
  package var recordsEnd: UInt32 = 0
  /// Where it ends in the request as decoded.
  package var bodyEnd: UInt32 = 0

  package init() {}

  /// Notes where it ends: after so many records, and bytes, of the request.
  mutating func end(atRecord record: Int, byte: Int) {
    recordsEnd = UInt32(truncatingIfNeeded: record)
    bodyEnd = UInt32(truncatingIfNeeded: byte)
  }
}
