extension LogBatch {
  /// Decodes an `ExportLogsServiceRequest` in OTLP's JSON mapping (OTLP specification, "JSON Protobuf Encoding")
  /// into this batch, which must be empty.
  ///
  /// Strings without escapes become slices of the body, which becomes the batch's store; the others are unescaped
  /// behind it. Unknown fields are skipped and counted, null is as good as absent, and a known field of another JSON
  /// type is read as the nearest that it can mean, and counted; what is no JSON is an error, and so is a request that
  /// has something in the place of records, but no record. Where a field comes twice in one object, or a key in a list
  /// of attributes, the last wins; lists are joined. After an error the batch is to be reset.
  package mutating func decode(json body: consuming [UInt8], limits: DecodeLimits) throws(DecodeError) {
    guard body.count < Int(UInt32.max) else {
      throw DecodeError(.tooLarge(limitBytes: Int(UInt32.max)), at: 0)
    }
    let edits = try body.span.withUnsafeBytes { (bytes) throws(DecodeError) -> ByteWriter in
      let unescapedKey = UnsafeMutableRawPointer.allocate(byteCount: JSONKey.maxBytes, alignment: 1)
      defer { unescapedKey.deallocate() }
      let times = TimeUnit(receivedUnixNano: receivedUnixNano, isMended: limits.mendsTimeUnits)
      var decoder = OTLPJSONDecoder(
        body: bytes, limits: limits, times: times, unescapedKey: unescapedKey, pages: startPages())
      try decoder.request(into: &self)
      return decoder.finish(&self)
    }
    store = body
    if edits.count > 0 { edits.withUnsafeBytes { store.append(contentsOf: $0) } }
    dropRepeatedKeys()
  }
}

/// Decodes the objects around records; `OTLPJSONDecoder+Record.swift` has records, `+Value.swift` their values,
/// `+Scalar.swift` and `+Text.swift` what those are made of, `+Odd.swift` what stands where it should not.
struct OTLPJSONDecoder: ~Copyable {
  var json: JSONReader
  let limits: DecodeLimits
  let times: TimeUnit
  /// Bytes that are not in the body as they are, which will stand behind it in the store.
  var edits = ByteWriter(capacityBytes: 64)
  var pages: EntryPages
  /// Members of arrays and maps that are still open, innermost last.
  var open: [Attribute] = []
  /// Attributes and members so far.
  var valueCount = 0
  var oddities = Oddities()

  /// A decoder of `body`; both it and the `JSONKey.maxBytes` at `unescapedKey` must outlive it.
  init(
    body: UnsafeRawBufferPointer, limits: DecodeLimits, times: TimeUnit, unescapedKey: UnsafeMutableRawPointer,
    pages: consuming EntryPages
  ) {
    self.pages = pages
    json = JSONReader(body, maxDepth: limits.maxDepth, unescapedKey: unescapedKey)
    self.limits = limits
    self.times = times
  }

  /// Gives the batch what it is to have beside the edits, which are returned.
  consuming func finish(_ batch: inout LogBatch) -> ByteWriter {
    batch.oddities = oddities
    batch.finish(pages)
    return edits
  }

  /// `ExportLogsServiceRequest` (logs_service.proto), and nothing after it.
  mutating func request(into batch: inout LogBatch) throws(DecodeError) {
    guard json.peek() == UInt8(ascii: "{") else { throw json.expected("expected '{'") }
    json.position &+= 1
    var lost: DecodeError?
    var level = Level(.request)
    var isFirst = true
    while let key = try json.nextKey(&isFirst) {
      switch key {
      case "resourceLogs":
        var elements = try elements(of: &level, &lost)
        while try next(&elements) { try resourceLogs(into: &batch, &lost) }
      default: try skipUnknown(key, in: &level)
      }
    }
    level.end(&lost)
    guard json.peek() == 0, json.position == json.end else { throw json.expected("expected nothing after the request") }
    if let lost, pages.records.total == 0 { throw lost }
  }

  /// `ResourceLogs` (logs.proto).
  private mutating func resourceLogs(into batch: inout LogBatch, _ lost: inout DecodeError?) throws(DecodeError) {
    guard try openLogs(&lost) else { return }
    let index = batch.resources.count
    try checkRoom(afterEntries: index)
    batch.resources.append(Resource())
    var level = Level(.resourceLogs)
    var isFirst = true
    while let key = try json.nextKey(&isFirst) {
      switch key {
      case "resource": try resource(at: index, of: &batch)
      case "scopeLogs":
        var elements = try elements(of: &level, &lost)
        while try next(&elements) { try scopeLogs(resource: index, into: &batch, &lost) }
      case "schemaUrl": batch.resources[index].schemaURL = try text()
      default: try skipUnknown(key, in: &level)
      }
    }
    level.end(&lost)
    batch.resources[index].end(atRecord: pages.records.total, byte: json.position)
  }

  /// `Resource` (resource.proto).
  private mutating func resource(at index: Int, of batch: inout LogBatch) throws(DecodeError) {
    guard try openMessage() else { return }
    var resource = Resource()
    resource.schemaURL = batch.resources[index].schemaURL
    let start = pages.attributes.total
    pages.keys.begin()
    var entityRefs: [UInt8] = []
    var isFirst = true
    while let key = try json.nextKey(&isFirst) {
      switch key {
      case "attributes": try attributes(into: &batch)
      case "droppedAttributesCount": resource.droppedAttributesCount = try uint32()
      case "entityRefs": try self.entityRefs(into: &entityRefs)
      default: try skipUnknown(key)
      }
    }
    resource.attributes = EntryRange(start..<pages.attributes.total)
    resource.entityRefs = try append(edit: entityRefs)
    batch.resources[index] = resource
  }

  /// `ScopeLogs` (logs.proto).
  private mutating func scopeLogs(
    resource: Int, into batch: inout LogBatch, _ lost: inout DecodeError?
  ) throws(DecodeError) {
    guard try openLogs(&lost) else { return }
    let index = batch.scopes.count
    try checkRoom(afterEntries: index)
    var scope = Scope()
    scope.resource = UInt32(truncatingIfNeeded: resource)
    batch.scopes.append(scope)
    var level = Level(.scopeLogs)
    var isFirst = true
    while let key = try json.nextKey(&isFirst) {
      switch key {
      case "scope": try self.scope(at: index, of: &batch)
      case "logRecords":
        var elements = try elements(of: &level, &lost)
        while try next(&elements) { try record(scope: index, into: &batch, &lost) }
      case "schemaUrl": batch.scopes[index].schemaURL = try text()
      default: try skipUnknown(key, in: &level)
      }
    }
    level.end(&lost)
  }

  /// `InstrumentationScope` (common.proto).
  private mutating func scope(at index: Int, of batch: inout LogBatch) throws(DecodeError) {
    guard try openMessage() else { return }
    var scope = Scope()
    scope.resource = batch.scopes[index].resource
    scope.schemaURL = batch.scopes[index].schemaURL
    let start = pages.attributes.total
    pages.keys.begin()
    var isFirst = true
    while let key = try json.nextKey(&isFirst) {
      switch key {
      case "name": scope.name = try text()
      case "version": scope.version = try text()
      case "attributes": try attributes(into: &batch)
      case "droppedAttributesCount": scope.droppedAttributesCount = try uint32()
      default: try skipUnknown(key)
      }
    }
    scope.attributes = EntryRange(start..<pages.attributes.total)
    batch.scopes[index] = scope
  }

  /// Makes sure that one more resource, scope or record may be added to `count` of its kind.
  @inline(__always)
  func checkRoom(afterEntries count: Int) throws(DecodeError) {
    guard count < limits.maxRecords else {
      throw DecodeError(.tooManyRecords(limit: limits.maxRecords), at: json.position)
    }
  }
}
