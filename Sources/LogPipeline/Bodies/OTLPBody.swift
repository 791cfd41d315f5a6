/// A body of `ResourceLogs` one after the other, which can be cut between any two of them.
enum OTLPBody {
  /// The boundary of two `ResourceLogs` nearest the middle; nil if there is none or the body is malformed.
  static func middle(of body: UnsafeRawBufferPointer) -> Split? {
    var fields = ProtobufFields(body)
    var best: Split?
    var records = 0
    while let field = fields.next() {
      if field.start > 0 {
        let split = Split(offset: field.start, recordsBefore: records)
        if let last = best, abs(last.offset - body.count / 2) <= abs(split.offset - body.count / 2) { break }
        best = split
      }
      records += Self.records(inResourceLogs: field.content, of: body)
    }
    return fields.isMalformed ? nil : best
  }

  /// Each `ResourceLogs` with the number of its records; nothing if the body is malformed.
  static func pieces(of body: UnsafeRawBufferPointer) -> [BodyFormat.Piece] {
    var fields = ProtobufFields(body)
    var pieces: [BodyFormat.Piece] = []
    while let field = fields.next() {
      let records = records(inResourceLogs: field.content, of: body)
      pieces.append(BodyFormat.Piece(range: field.start..<fields.index, records: records))
    }
    return fields.isMalformed ? [] : pieces
  }

  /// A body of one `ResourceLogs` as two, each with its resource and scopes and half of its records; nil if there are
  /// several, or a single record.
  static func halves(of body: UnsafeRawBufferPointer) -> Halves? {
    var fields = ProtobufFields(body)
    guard let logs = fields.next(), logs.number == 1, fields.next() == nil, !fields.isMalformed else { return nil }
    let records = records(inResourceLogs: logs.content, of: body)
    guard records > 1 else { return nil }
    return Halves(
      first: resourceLogs(logs.content, of: body, keeping: 0..<records / 2), recordsInFirst: records / 2,
      second: resourceLogs(logs.content, of: body, keeping: records / 2..<records))
  }

  /// A body with those records of a `ResourceLogs` whose positions are `kept`.
  private static func resourceLogs(
    _ range: Range<Int>, of body: UnsafeRawBufferPointer, keeping kept: Range<Int>
  ) -> [UInt8] {
    var content: [UInt8] = []
    var position = 0
    var fields = ProtobufFields(body, in: range)
    while let field = fields.next() {
      if field.number != 2 {
        content += body[field.start..<fields.index]
      } else if let scope = scopeLogs(field.content, of: body, keeping: kept, &position) {
        content += message(2, scope)
      }
    }
    return message(1, content)
  }

  /// The content of a `ScopeLogs` with those records whose positions are `kept`; nil if there are none. Counts on from
  /// `position`.
  private static func scopeLogs(
    _ range: Range<Int>, of body: UnsafeRawBufferPointer, keeping kept: Range<Int>, _ position: inout Int
  ) -> [UInt8]? {
    var content: [UInt8] = []
    var hasRecords = false
    var fields = ProtobufFields(body, in: range)
    while let field = fields.next() {
      let isRecord = field.number == 2
      if !isRecord || kept.contains(position) { content += body[field.start..<fields.index] }
      hasRecords = hasRecords || (isRecord && kept.contains(position))
      position &+= isRecord ? 1 : 0
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

  /// Counts `log_records` of each `scope_logs` (both field 2, logs.proto).
  private static func records(inResourceLogs range: Range<Int>, of body: UnsafeRawBufferPointer) -> Int {
    var count = 0
    var resourceLogs = ProtobufFields(body, in: range)
    while let scopeLogs = resourceLogs.next() {
      guard scopeLogs.number == 2 else { continue }
      var fields = ProtobufFields(body, in: scopeLogs.content)
      while let field = fields.next() {
        if field.number == 2 { count += 1 }
      }
    }
    return count
  }
}
