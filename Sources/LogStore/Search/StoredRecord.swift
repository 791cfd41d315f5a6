/// A record as it was stored.
package struct StoredRecord: Sendable {
  /// When it was, for search: its own time, else when it was observed; nanoseconds since 1970.
  package let unixNano: UInt64
  /// Its number in the store: records count on as they come.
  package let ordinal: UInt64
  package let streamID: UInt64
  let stream: SharedStream
  /// A `LogRecord` message.
  let message: [UInt8]

  /// The records of a request as the OTLP dialect writes it, as they would be stored; one without a time came at
  /// `receivedUnixNano`.
  package static func records(
    ofRequest body: [UInt8], receivedUnixNano: UInt64
  ) throws(StoreError) -> [StoredRecord] {
    try body.withUnsafeBytes { body in
      Result { () throws(StoreError) in try records(of: body, receivedUnixNano) }
    }.get()
  }

  private static func records(
    of body: UnsafeRawBufferPointer, _ receivedUnixNano: UInt64
  ) throws(StoreError) -> [StoredRecord] {
    var records: [StoredRecord] = []
    var stream: SharedStream?
    try RequestWalk.forEachRecord(of: body) { parts, isNew, range throws(StoreError) in
      try RequestWalk.check(range, of: body)
      if isNew { stream = SharedStream(BlockStream(parts)) }
      guard let stream else { return }
      let (time, observed) = times(of: range, in: body)
      records.append(
        StoredRecord(
          unixNano: time > 0 ? time : observed > 0 ? observed : receivedUnixNano, ordinal: 0, streamID: stream.id,
          stream: stream, message: Array(body.part(range))))
    }
    return records
  }

  private static func times(of record: Range<Int>, in body: UnsafeRawBufferPointer) -> (own: UInt64, observed: UInt64) {
    var times: (own: UInt64, observed: UInt64) = (0, 0)
    var fields = WireFields(body, in: record)
    while let field = fields.next() {
      if field.number == 1, field.kind == .fixed64 { times.own = field.value }
      if field.number == 11, field.kind == .fixed64 { times.observed = field.value }
    }
    return times
  }

  /// Whether it comes after another: later, or at the same time and stored later.
  static func isLater(_ a: StoredRecord, than b: StoredRecord) -> Bool {
    (a.unixNano, a.ordinal) > (b.unixNano, b.ordinal)
  }

  /// Records as an `ExportLogsServiceRequest`, in their order.
  package static func request(_ records: [StoredRecord]) -> [UInt8] {
    var request: [UInt8] = []
    for run in records.split(whereStreamChanges: ()) {
      guard let stream = run.first?.stream.parts else { continue }
      var scopeLogs: [UInt8] = []
      Varint.append(field: 1, stream.scope, to: &scopeLogs)
      for record in run { Varint.append(field: 2, record.message, to: &scopeLogs) }
      if !stream.scopeURL.isEmpty { Varint.append(field: 3, stream.scopeURL, to: &scopeLogs) }
      var logs: [UInt8] = []
      Varint.append(field: 1, stream.resource, to: &logs)
      Varint.append(field: 2, scopeLogs, to: &logs)
      if !stream.resourceURL.isEmpty { Varint.append(field: 3, stream.resourceURL, to: &logs) }
      Varint.append(field: 1, logs, to: &request)
    }
    return request
  }
}

/// The stream of some records.
package final class SharedStream: Sendable {
  let parts: BlockStream
  let id: UInt64

  init(_ parts: BlockStream) {
    self.parts = parts
    id = parts.id
  }

  /// Ids are hashes, which may be the same for others.
  func isSame(_ other: SharedStream) -> Bool { self === other || id == other.id && parts == other.parts }
}

extension [StoredRecord] {
  fileprivate func split(whereStreamChanges: Void) -> [ArraySlice<StoredRecord>] {
    var runs: [ArraySlice<StoredRecord>] = []
    var start = startIndex
    for index in indices where index > startIndex && !self[index].stream.isSame(self[index - 1].stream) {
      runs.append(self[start..<index])
      start = index
    }
    if start < endIndex { runs.append(self[start...]) }
    return runs
  }
}

extension Block {
  /// Some of its records as they came.
  func stored(_ rows: [Int]) throws -> [StoredRecord] {
    let (streams, streamOf) = try self.streams()
    let (times, observed) = try self.times()
    var shared: [Int: SharedStream] = [:]
    return try rows.map { row in
      let index = Int(streamOf[row])
      let stream = shared[index] ?? SharedStream(streams[index])
      shared[index] = stream
      return StoredRecord(
        unixNano: times[row] == 0 ? observed[row] : times[row], ordinal: entry.firstOrdinal &+ UInt64(row),
        streamID: stream.id, stream: stream, message: try message(row))
    }
  }

  /// A record as the `LogRecord` message that it came as.
  private func message(_ row: Int) throws -> [UInt8] {
    var message: [UInt8] = []
    let (times, observed) = try self.times()
    appendTime(1, times[row], to: &message)
    let (numbers, _, severityTexts) = try severities()
    if numbers[row] != 0 {
      message.append(0x10 as UInt8)
      Varint.append(UInt64(numbers[row]), to: &message)
    }
    append(3, severityTexts, row, to: &message)
    let (kinds, bodies) = try self.bodies()
    switch BodyKind(rawValue: kinds[row]) {
    case .text:
      var value: [UInt8] = []
      bodies.withUnsafeBytes { Varint.append(field: 1, $0.part(bodies.range(row)), to: &value) }
      Varint.append(field: 5, value, to: &message)
    case .value: bodies.withUnsafeBytes { Varint.append(field: 5, $0.part(bodies.range(row)), to: &message) }
    case .some(.none), nil: break
    }
    let (attributes, others, ids) = (try self.attributes(), try self.others(), try self.ids())
    attributes.withUnsafeBytes { message.append(contentsOf: $0.part(attributes.range(row))) }
    others.withUnsafeBytes { message.append(contentsOf: $0.part(others.range(row))) }
    if !ids.isEmpty {
      append(9, id: ids[row * 16..<row * 16 + 16], to: &message)
      append(10, id: ids[16 * records + row * 8..<16 * records + row * 8 + 8], to: &message)
    }
    appendTime(11, observed[row], to: &message)
    return message
  }

  private func append(_ field: UInt8, _ texts: Texts, _ row: Int, to message: inout [UInt8]) {
    if texts.range(row).isEmpty { return }
    texts.withUnsafeBytes { Varint.append(field: field, $0.part(texts.range(row)), to: &message) }
  }

  private func append(_ field: UInt8, id: ArraySlice<UInt8>, to message: inout [UInt8]) {
    if id.contains(where: { $0 != 0 }) { Varint.append(field: field, Array(id), to: &message) }
  }

  private func appendTime(_ field: UInt8, _ unixNano: UInt64, to message: inout [UInt8]) {
    if unixNano == 0 { return }
    message.append(field &<< 3 | WireKind.fixed64.rawValue)
    message.append(unixNano)
  }
}
