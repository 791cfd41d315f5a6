/// The records of one request, flat: arrays of fixed-size entries whose strings are slices of one byte store.
///
/// The store starts as the request body; edits append to it. Records of one scope are neighbours, as are scopes
/// of one resource. No owner has a key twice: of those that a sender repeats the last is kept (`dropRepeatedKeys`).
/// Reused from request to request, so that the steady state allocates nothing.
/// Invariants: every slice lies in `store`; every `EntryRange` lies in the array it names;
/// `record.scope < scopes.count`, `scope.resource < resources.count`; nesting of values is at most
/// `DecodeLimits.maxDepth` levels; strings and keys are valid UTF-8.
package struct LogBatch: ~Copyable {
  package var store: [UInt8] = []
  package var resources: [Resource] = []
  package var scopes: [Scope] = []
  package var records: [LogRecord] = []
  /// The attributes of resources, scopes and records.
  package var attributes: [Attribute] = []
  /// The members of array and map values, at any depth.
  package var nested: [Attribute] = []
  /// When the gateway received the request, nanoseconds since 1970: the time of a record that brings none.
  package var receivedUnixNano: UInt64 = 0
  /// The hash of the request as received; nil unless some destination wants it.
  package var requestHash: RequestHash?
  /// What was odd in the request and mended.
  package var oddities = Oddities()
  /// Memory for the decoders.
  var pages: EntryPages?
  /// Whether the decoder has seen two keys of one owner that may be the same.
  var keysMayRepeat = false

  package init() {}

  /// Empties the batch and keeps its memory, unless it has grown beyond what ordinary requests need.
  package mutating func reset() {
    store = []
    Self.empty(&resources)
    Self.empty(&scopes)
    Self.empty(&records)
    Self.empty(&attributes)
    Self.empty(&nested)
    receivedUnixNano = 0
    requestHash = nil
    oddities = Oddities()
    keysMayRepeat = false
  }

  /// A copy that shares memory with this batch until one of the two is edited.
  package borrowing func copied() -> LogBatch {
    var copy = LogBatch()
    copy.store = store
    copy.resources = resources
    copy.scopes = scopes
    copy.records = records
    copy.attributes = attributes
    copy.nested = nested
    copy.receivedUnixNano = receivedUnixNano
    copy.requestHash = requestHash
    copy.oddities = oddities
    return copy
  }

  /// Memory of one array kept between requests, in bytes.
  private static var keptBytes: Int { 4 << 20 }

  private static func empty<T>(_ array: inout [T]) {
    if array.isEmpty { return }
    array.removeAll(keepingCapacity: array.capacity * MemoryLayout<T>.stride <= keptBytes)
  }

  /// The record's own time, else the observed time, else the time it was received (logs.proto, `time_unix_nano`).
  package func effectiveTimeUnixNano(_ record: LogRecord) -> UInt64 {
    if record.timeUnixNano != 0 { return record.timeUnixNano }
    return record.observedTimeUnixNano != 0 ? record.observedTimeUnixNano : receivedUnixNano
  }

  /// Appends bytes to the store and returns where they lie; nil when the store would pass `UInt32.max` bytes.
  package mutating func store(_ bytes: some Collection<UInt8>) -> ByteSlice? {
    let start = store.count
    guard start + bytes.count <= Int(UInt32.max) else { return nil }
    store.append(contentsOf: bytes)
    return ByteSlice(start..<store.count)
  }
}

/// How often each oddity was mended in a request, so that one odd field does not cost the batch.
package struct Oddities: Sendable, Equatable {
  /// Strings whose invalid UTF-8 became U+FFFD.
  package var repairedStrings = 0
  /// Trace ids that were not 16 bytes and were dropped.
  package var droppedTraceIDs = 0
  /// Span ids that were not 8 bytes and were dropped.
  package var droppedSpanIDs = 0
  /// Times outside 1970...2262 that were ignored.
  package var ignoredTimes = 0
  /// Times in seconds, milliseconds or microseconds, read as such.
  package var mendedTimes = 0
  /// `string_value_strindex` and `key_strindex`, which logs must not use, read as empty.
  package var ignoredStringIndexes = 0
  /// Attributes and members of maps that went since a later one has the same key.
  package var repeatedKeys = 0
  /// JSON values of a type or in a form that their field does not have, read as the nearest that it has.
  package var mendedValues = 0
  /// Members of JSON objects that OTLP does not name, skipped.
  package var unknownMembers = 0
  /// Such members in snake_case, which are fields of OTLP perhaps, but must not be named so in JSON.
  package var snakeCaseMembers = 0

  package init() {}

  package var isEmpty: Bool { self == Oddities() }
}

extension LogBatch {
  /// Removes the records that are not to be kept and returns how many there were.
  @discardableResult
  mutating func keepRecords(_ keep: [Bool]) -> Int {
    var kept = 0
    for index in records.indices where keep[index] {
      if kept < index { records[kept] = records[index] }
      kept += 1
    }
    let removed = records.count - kept
    records.removeLast(removed)
    return removed
  }
}
