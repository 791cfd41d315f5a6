/// A body of `ResourceLogs` one after the other, which can be cut between any two of them; of `ResourceSpans` or
/// `ResourceMetrics` likewise, which are built alike. The records of these are spans and data points.
struct OTLPBody {
  private let countsPoints: Bool

  static let logs = OTLPBody(countsPoints: false)
  static let traces = OTLPBody(countsPoints: false)
  static let metrics = OTLPBody(countsPoints: true)

  /// The boundary of two `ResourceLogs` nearest the middle; nil if there is none or the body is malformed.
  func middle(of body: UnsafeRawBufferPointer) -> Split? {
    var fields = ProtobufFields(body)
    var best: Split?
    var records = 0
    while let field = fields.next() {
      if field.start > 0 {
        let split = Split(offset: field.start, recordsBefore: records)
        if let last = best, abs(last.offset - body.count / 2) <= abs(split.offset - body.count / 2) { break }
        best = split
      }
      records += self.records(inResourceLogs: field.content, of: body)
    }
    return fields.isMalformed ? nil : best
  }

  /// Each `ResourceLogs` with the number of its records; nothing if the body is malformed.
  func pieces(of body: UnsafeRawBufferPointer) -> [BodyFormat.Piece] {
    var fields = ProtobufFields(body)
    var pieces: [BodyFormat.Piece] = []
    while let field = fields.next() {
      let records = self.records(inResourceLogs: field.content, of: body)
      pieces.append(BodyFormat.Piece(range: field.start..<fields.index, records: records))
    }
    return fields.isMalformed ? [] : pieces
  }

  /// A body of one `ResourceLogs` as two, each with its resource and scopes and half of its records; nil if there are
  /// several, or a single record.
  func halves(of body: UnsafeRawBufferPointer) -> Halves? {
    var fields = ProtobufFields(body)
    guard let logs = fields.next(), logs.number == 1, fields.next() == nil, !fields.isMalformed else { return nil }
    var starts: [Int] = []
    let records = self.records(inResourceLogs: logs.content, of: body) { starts.append($0) }
    // A metric with many points cannot be cut.
    guard let second = starts.dropFirst().first else { return nil }
    let cut = starts.last { $0 <= records / 2 && $0 > 0 } ?? second
    return Halves(
      first: resourceLogs(logs.content, of: body) { $0 < cut }, recordsInFirst: cut,
      second: resourceLogs(logs.content, of: body) { $0 >= cut })
  }

  /// Those records of a body of one `ResourceLogs` of whose positions `isKept` is true.
  func part(of body: UnsafeRawBufferPointer, keeping isKept: (Int) -> Bool) -> [UInt8] {
    var fields = ProtobufFields(body)
    return fields.next().map { resourceLogs($0.content, of: body, keeping: isKept) } ?? []
  }

  /// Calls `use` with each `LogRecord`, `Span` or `Metric` of a body of one `ResourceLogs`.
  func forEachRecord(of body: UnsafeRawBufferPointer, _ use: (UnsafeRawBufferPointer) -> Void) {
    var outer = ProtobufFields(body)
    guard let logs = outer.next() else { return }
    var resourceLogs = ProtobufFields(body, in: logs.content)
    while let scopeLogs = resourceLogs.next() {
      guard scopeLogs.number == 2 else { continue }
      var fields = ProtobufFields(body, in: scopeLogs.content)
      while let field = fields.next() {
        if field.number == 2 { use(UnsafeRawBufferPointer(rebasing: body[field.content])) }
      }
    }
  }

  /// A body with those records of a `ResourceLogs` of whose positions `isKept` is true.
  private func resourceLogs(
    _ range: Range<Int>, of body: UnsafeRawBufferPointer, keeping isKept: (Int) -> Bool
  ) -> [UInt8] {
    var content: [UInt8] = []
    var position = 0
    var fields = ProtobufFields(body, in: range)
    while let field = fields.next() {
      if field.number != 2 {
        content += body[field.start..<fields.index]
      } else if let scope = scopeLogs(field.content, of: body, keeping: isKept, &position) {
        content += Self.message(2, scope)
      }
    }
    return Self.message(1, content)
  }

  /// The content of a `ScopeLogs` with those records of whose positions `isKept` is true; nil if there are none. Counts
  /// on from `position`.
  private func scopeLogs(
    _ range: Range<Int>, of body: UnsafeRawBufferPointer, keeping isKept: (Int) -> Bool, _ position: inout Int
  ) -> [UInt8]? {
    var content: [UInt8] = []
    var hasRecords = false
    var fields = ProtobufFields(body, in: range)
    while let field = fields.next() {
      let isRecord = field.number == 2
      let count = isRecord ? count(ofRecord: field.content, of: body) : 0
      if !isRecord || isKept(position) { content += body[field.start..<fields.index] }
      hasRecords = hasRecords || (count > 0 && isKept(position))
      position &+= count
    }
    return hasRecords ? content : nil
  }

  /// A length-delimited field.
  private static func message(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    var bytes = [number &<< 3 | 2]
    var count = content.count
    while count > 127 {
      bytes.append(UInt8(truncatingIfNeeded: count) | 0x80)
      count >>= 7
    }
    return bytes + [UInt8(truncatingIfNeeded: count)] + content
  }

  /// Counts `log_records` of each `scope_logs` (both field 2, logs.proto), or the points of metrics in their place;
  /// tells `begin` the number of records before each of them that has any.
  private func records(
    inResourceLogs range: Range<Int>, of body: UnsafeRawBufferPointer, _ begin: (Int) -> Void = { _ in }
  ) -> Int {
    var count = 0
    var resourceLogs = ProtobufFields(body, in: range)
    while let scopeLogs = resourceLogs.next() {
      guard scopeLogs.number == 2 else { continue }
      var fields = ProtobufFields(body, in: scopeLogs.content)
      while let field = fields.next() {
        guard field.number == 2 else { continue }
        let records = self.count(ofRecord: field.content, of: body)
        if records > 0 { begin(count) }
        count += records
      }
    }
    return count
  }

  /// How many records a `LogRecord`, a `Span` or a `Metric` counts as. A metric has its points (field 1) in what it is:
  /// `gauge` 5, `sum` 7, `histogram` 9, `exponential_histogram` 10, `summary` 11 (metrics.proto).
  private func count(ofRecord range: Range<Int>, of body: UnsafeRawBufferPointer) -> Int {
    guard countsPoints else { return 1 }
    var count = 0
    var metric = ProtobufFields(body, in: range)
    while let data = metric.next() {
      guard [5, 7, 9, 10, 11].contains(data.number) else { continue }
      var points = ProtobufFields(body, in: data.content)
      while let point = points.next() { count += point.number == 1 ? 1 : 0 }
    }
    return count
  }
}
