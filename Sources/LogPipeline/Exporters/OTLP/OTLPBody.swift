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
