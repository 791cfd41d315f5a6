/// The bytes that tell one stream from another: a resource and a scope with their schemas, as they came.
struct StreamParts {
  var resource: UnsafeRawBufferPointer
  var resourceURL: UnsafeRawBufferPointer
  var scope: UnsafeRawBufferPointer
  var scopeURL: UnsafeRawBufferPointer

  /// What names the stream outside: the same for the same bytes, in every store and version.
  var id: UInt64 {
    [resource, resourceURL, scope, scopeURL].reduce(0) { id, part in
      (id ^ WordSet.hash(ofID: part)) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(part.count)
    }
  }
}

/// The records of an `ExportLogsServiceRequest` as the OTLP dialect writes it (logs_service.proto, logs.proto).
enum RequestWalk {
  /// Calls `visit` for each record, with its stream, `isNew` for the first of a stream's run.
  static func forEachRecord(
    of body: UnsafeRawBufferPointer,
    _ visit: (_ stream: StreamParts, _ isNew: Bool, _ record: Range<Int>) throws(StoreError) -> Void
  ) throws(StoreError) {
    var request = WireFields(body)
    while let logs = request.next() {
      if logs.number == 1 { try resourceLogs(logs.content, of: body, visit) }
    }
    if request.isMalformed { throw .malformed(byte: request.index) }
  }

  private static func resourceLogs(
    _ range: Range<Int>, of body: UnsafeRawBufferPointer,
    _ visit: (StreamParts, Bool, Range<Int>) throws(StoreError) -> Void
  ) throws(StoreError) {
    let (resource, resourceURL) = try shared(range, of: body)
    var fields = WireFields(body, in: range)
    while let field = fields.next() {
      guard field.number == 2 else { continue }
      let (scope, scopeURL) = try shared(field.content, of: body)
      let stream = StreamParts(resource: resource, resourceURL: resourceURL, scope: scope, scopeURL: scopeURL)
      var records = WireFields(body, in: field.content)
      var isNew = true
      while let record = records.next() {
        guard record.number == 2 else { continue }
        try visit(stream, isNew, record.content)
        isNew = false
      }
    }
  }

  /// What records share, `resource` or `scope` (1), and `schema_url` (3), wherever they stand in the message.
  private static func shared(
    _ range: Range<Int>, of body: UnsafeRawBufferPointer
  ) throws(StoreError) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
    var (message, url) = (0..<0, 0..<0)
    var fields = WireFields(body, in: range)
    while let field = fields.next() {
      if field.number == 1 { message = field.content }
      if field.number == 3 { url = field.content }
    }
    if fields.isMalformed { throw .malformed(byte: fields.index) }
    return (body.part(message), body.part(url))
  }

  /// How many records a request holds, each of which can be taken.
  static func count(_ body: UnsafeRawBufferPointer) throws(StoreError) -> Int {
    var count = 0
    try forEachRecord(of: body) { _, _, record throws(StoreError) in
      try check(record, of: body)
      count += 1
    }
    return count
  }

  /// Throws if a record cannot be taken.
  static func check(_ record: Range<Int>, of body: UnsafeRawBufferPointer) throws(StoreError) {
    if record.count > StoreFormat.maxRecordBytes {
      throw .recordTooLarge(bytes: record.count, limit: StoreFormat.maxRecordBytes)
    }
    var fields = WireFields(body, in: record)
    while fields.next() != nil {}
    if fields.isMalformed { throw .malformed(byte: fields.index) }
  }
}
