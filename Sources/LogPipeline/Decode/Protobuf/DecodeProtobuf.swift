extension LogBatch {
  /// Decodes an `ExportLogsServiceRequest` (logs_service.proto) into this batch, which must be empty.
  ///
  /// The request starts at `start` of the body, from where offsets of errors count too. Strings become slices of the
  /// body, which becomes the batch's store and should not be held elsewhere. Unknown fields are skipped, groups too; a
  /// known field in another wire type is an error. Where a singular message comes twice it is merged; of attributes
  /// with the same key the last is kept.
  package mutating func decode(
    protobuf body: consuming [UInt8], from start: Int = 0, limits: DecodeLimits
  ) throws(DecodeError) {
    guard body.count < Int(UInt32.max) else {
      throw DecodeError(.tooLarge(limitBytes: Int(UInt32.max)), at: 0)
    }
    let times = TimeUnit(receivedUnixNano: receivedUnixNano, isMended: limits.mendsTimeUnits)
    var decoder = ProtobufDecoder(bodyCount: body.count, limits: limits, times: times, pages: startPages())
    try body.span.withUnsafeBytes { (bytes) throws(DecodeError) in
      guard let base = bytes.baseAddress, (0..<bytes.count).contains(start) else { return }
      var reader = ProtobufReader(base: base, range: start..<bytes.count)
      do throws(DecodeError) {
        try decoder.request(&reader, into: &self)
      } catch {
        throw DecodeError(error.reason, at: error.offset &- start)
      }
    }
    oddities = decoder.oddities
    store = body
    if !decoder.edits.isEmpty { store.append(contentsOf: decoder.edits) }
    if !decoder.entityRefs.isEmpty { try appendEntityRefs(decoder.entityRefs) }
    finish(decoder.pages)
    dropRepeatedKeys()
  }
}

/// Decodes the messages around records; `ProtobufDecoder+Record.swift` has records, `+Value.swift` their values.
struct ProtobufDecoder: ~Copyable {
  let bodyCount: Int
  let limits: DecodeLimits
  let times: TimeUnit
  var pages: EntryPages
  /// Attributes, map members and array elements that may still come.
  var valuesLeft: Int
  /// Repaired strings, which will stand behind the body in the store.
  var edits: [UInt8] = []
  /// Entity references, which will stand behind the edits; until then a resource's slice counts from here.
  var entityRefs: [UInt8] = []
  var oddities = Oddities()

  init(bodyCount: Int, limits: DecodeLimits, times: TimeUnit, pages: consuming EntryPages) {
    self.pages = pages
    self.bodyCount = bodyCount
    self.limits = limits
    self.times = times
    valuesLeft = limits.maxValues
  }

  /// `ExportLogsServiceRequest`: resource_logs = 1.
  mutating func request(_ reader: inout ProtobufReader, into batch: inout LogBatch) throws(DecodeError) {
    while !reader.isAtEnd {
      let tag = try reader.tag()
      switch tag >> 3 {
      case 1: try resourceLogs(try message(&reader, tag), into: &batch)
      default: try reader.skip(tag)
      }
    }
  }

  /// `ResourceLogs`: resource = 1, scope_logs = 2, schema_url = 3.
  private mutating func resourceLogs(_ message: ProtobufReader, into batch: inout LogBatch) throws(DecodeError) {
    var reader = message
    let index = batch.resources.count
    try checkRoom(afterEntries: index, at: message.position)
    batch.resources.append(Resource())
    while !reader.isAtEnd {
      let tag = try reader.tag()
      switch tag >> 3 {
      case 1: try resource(try self.message(&reader, tag), at: index, of: &batch)
      case 2: try scopeLogs(try self.message(&reader, tag), resource: index, into: &batch)
      case 3: batch.resources[index].schemaURL = try string(&reader, tag)
      default: try reader.skip(tag)
      }
    }
    batch.resources[index].end(atRecord: pages.records.total, byte: reader.position)
  }

  /// `Resource`: attributes = 1, dropped_attributes_count = 2, entity_refs = 3.
  private mutating func resource(_ message: ProtobufReader, at index: Int, of batch: inout LogBatch)
    throws(DecodeError)
  {
    var reader = message
    var resource = batch.resources[index]
    let start = try reopen(resource.attributes, of: &batch, at: message.position)
    pages.keys.begin()
    while !reader.isAtEnd {
      let tag = try reader.tag()
      switch tag >> 3 {
      case 1:
        try attribute(try self.message(&reader, tag), into: &batch)
        _ = plainAttributes(tag: 0x0A, &reader, into: &batch)
      case 2: resource.droppedAttributesCount = UInt32(truncatingIfNeeded: try varint(&reader, tag))
      case 3: try entityRef(try self.message(&reader, tag), of: &resource)
      default: try reader.skip(tag)
      }
    }
    resource.attributes = EntryRange(start..<pages.attributes.total)
    batch.resources[index] = resource
  }

  /// `ScopeLogs`: scope = 1, log_records = 2, schema_url = 3.
  private mutating func scopeLogs(_ message: ProtobufReader, resource: Int, into batch: inout LogBatch)
    throws(DecodeError)
  {
    var reader = message
    let index = batch.scopes.count
    try checkRoom(afterEntries: index, at: message.position)
    var scope = Scope()
    scope.resource = UInt32(truncatingIfNeeded: resource)
    batch.scopes.append(scope)
    while !reader.isAtEnd {
      let tag = try reader.tag()
      switch tag >> 3 {
      case 1: try self.scope(try self.message(&reader, tag), at: index, of: &batch)
      case 2: try record(try self.message(&reader, tag), scope: index, into: &batch)
      case 3: batch.scopes[index].schemaURL = try string(&reader, tag)
      default: try reader.skip(tag)
      }
    }
  }

  /// `InstrumentationScope`: name = 1, version = 2, attributes = 3, dropped_attributes_count = 4.
  private mutating func scope(_ message: ProtobufReader, at index: Int, of batch: inout LogBatch) throws(DecodeError) {
    var reader = message
    var scope = batch.scopes[index]
    let start = try reopen(scope.attributes, of: &batch, at: message.position)
    pages.keys.begin()
    while !reader.isAtEnd {
      let tag = try reader.tag()
      switch tag >> 3 {
      case 1: scope.name = try string(&reader, tag)
      case 2: scope.version = try string(&reader, tag)
      case 3:
        try attribute(try self.message(&reader, tag), into: &batch)
        _ = plainAttributes(tag: 0x1A, &reader, into: &batch)
      case 4: scope.droppedAttributesCount = UInt32(truncatingIfNeeded: try varint(&reader, tag))
      default: try reader.skip(tag)
      }
    }
    scope.attributes = EntryRange(start..<pages.attributes.total)
    batch.scopes[index] = scope
  }
}

extension ProtobufDecoder {
  /// The message in a field of wire type 2.
  @inline(__always)
  func message(_ reader: inout ProtobufReader, _ tag: UInt32) throws(DecodeError) -> ProtobufReader {
    guard tag & 7 == ProtobufReader.WireType.length else { throw reader.wrongWireType() }
    return reader.inside(try reader.lengthDelimited())
  }

  @inline(__always)
  func varint(_ reader: inout ProtobufReader, _ tag: UInt32) throws(DecodeError) -> UInt64 {
    guard tag & 7 == ProtobufReader.WireType.varint else { throw reader.wrongWireType() }
    return try reader.varint()
  }

  @inline(__always)
  func fixed64(_ reader: inout ProtobufReader, _ tag: UInt32) throws(DecodeError) -> UInt64 {
    guard tag & 7 == ProtobufReader.WireType.fixed64 else { throw reader.wrongWireType() }
    return try reader.fixed64()
  }

  @inline(__always)
  func fixed32(_ reader: inout ProtobufReader, _ tag: UInt32) throws(DecodeError) -> UInt32 {
    guard tag & 7 == ProtobufReader.WireType.fixed32 else { throw reader.wrongWireType() }
    return try reader.fixed32()
  }

  /// The bytes of a field of wire type 2, as they are.
  @inline(__always)
  func range(_ reader: inout ProtobufReader, _ tag: UInt32) throws(DecodeError) -> Range<Int> {
    guard tag & 7 == ProtobufReader.WireType.length else { throw reader.wrongWireType() }
    return try reader.lengthDelimited()
  }

  /// A string of valid UTF-8: where it lies in the body, or behind it if it had to be repaired.
  @inline(__always)
  mutating func string(_ reader: inout ProtobufReader, _ tag: UInt32) throws(DecodeError) -> ByteSlice {
    let range = try range(&reader, tag)
    if UTF8Text.isValid(reader.base, from: range.lowerBound, to: range.upperBound) { return ByteSlice(range) }
    return try mended(reader.bytes(range), range)
  }

  /// The string of a range of the body that is not valid.
  @inline(never)
  private mutating func mended(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(DecodeError) -> ByteSlice {
    guard let invalid = UTF8Text.firstInvalid(in: bytes) else { return ByteSlice(range) }
    guard limits.invalidUTF8 == .replace else { throw DecodeError(.invalidUTF8, at: range.lowerBound &+ invalid) }
    oddities.repairedStrings &+= 1
    let start = edits.count
    UTF8Text.appendRepaired(bytes, to: &edits)
    return try edited(from: start)
  }

  /// Notes a key of the current owner.
  @inline(__always)
  mutating func note(key: ByteSlice, _ reader: ProtobufReader) {
    let start = Int(key.offset)
    if start < bodyCount { pages.keys.note(reader.base + start, Int(key.count)) } else { pages.keys.assumeRepeated() }
  }

  /// The slice of what was appended to `edits` from `start` on.
  func edited(from start: Int) throws(DecodeError) -> ByteSlice {
    let end = bodyCount &+ edits.count
    guard end < Int(UInt32.max) else {
      throw DecodeError(.tooLarge(limitBytes: Int(UInt32.max)), at: bodyCount)
    }
    return ByteSlice(bodyCount &+ start..<end)
  }
}

extension ProtobufDecoder {
  /// Makes sure that one more resource, scope or record may be added to `count` of its kind.
  @inline(__always)
  func checkRoom(afterEntries count: Int, at offset: Int) throws(DecodeError) {
    guard count < limits.maxRecords else {
      throw DecodeError(.tooManyRecords(limit: limits.maxRecords), at: offset)
    }
  }

  /// Makes sure that `count` more attributes or members may be added.
  @inline(__always)
  func checkRoom(forValues count: Int, at offset: Int) throws(DecodeError) {
    guard count <= valuesLeft else { throw DecodeError(.tooManyValues(limit: limits.maxValues), at: offset) }
  }

  /// Where the attributes of a message start that may have come before: if others follow what it has so far, that is
  /// copied to the end of `attributes`, so that more can follow.
  private mutating func reopen(_ range: EntryRange, of batch: inout LogBatch, at offset: Int) throws(DecodeError) -> Int
  {
    if range.isEmpty { return pages.attributes.total }
    pages.keys.assumeRepeated()
    if range.indices.upperBound == pages.attributes.total { return range.indices.lowerBound }
    try checkRoom(forValues: range.indices.count, at: offset)
    valuesLeft &-= range.indices.count
    pages.attributes.move(to: &batch.attributes)
    let start = pages.attributes.total
    for index in range.indices { _ = pages.attributes.append(batch.attributes[index], to: &batch.attributes) }
    return start
  }
}

extension LogBatch {
  /// Appends decoded entity references to the store and lets the resources point there.
  private mutating func appendEntityRefs(_ bytes: [UInt8]) throws(DecodeError) {
    guard store.count &+ bytes.count < Int(UInt32.max) else {
      throw DecodeError(.tooLarge(limitBytes: Int(UInt32.max)), at: store.count)
    }
    let start = UInt32(truncatingIfNeeded: store.count)
    store.append(contentsOf: bytes)
    for index in resources.indices where !resources[index].entityRefs.isEmpty {
      resources[index].entityRefs.offset &+= start
    }
  }
}
