/// Writes records as `ExportLogsServiceRequest` fields (logs.proto, common.proto, resource.proto).
///
/// A body is a run of `ResourceLogs`; it can be cut only between two of them. So one ends where a frame does and
/// once it holds `groupBytes`, and a record larger than that has one of its own.
struct OTLPEncoder: ~Copyable {
  /// Where a `ResourceLogs` ends although more records of its resource follow.
  static var groupBytes: Int { 64 << 10 }

  var values: OTLPValueWriter
  private let resourcePrefix: [UInt8]
  private let attributePrefix: [UInt8]
  private var group: OpenGroup?

  /// A `ResourceLogs` and the `ScopeLogs` in it that records are being added to.
  private struct OpenGroup {
    var resourceLogs: OpenField
    var scopeLogs: OpenField
    var resource: UInt32
    var scope: UInt32
    /// Where its first record starts; a group with nothing before this has no records.
    var firstRecord: Int
  }

  /// An encoder that puts the prefixes before the keys of resources and records.
  init(
    values: consuming OTLPValueWriter = OTLPValueWriter(), resourcePrefix: [UInt8] = [], attributePrefix: [UInt8] = []
  ) {
    self.values = values
    self.resourcePrefix = resourcePrefix
    self.attributePrefix = attributePrefix
  }

  /// Appends a record and ends it, within a group of its scope.
  mutating func append(
    _ record: LogRecord, of batch: borrowing LogBatch, to frames: inout FrameWriter
  ) throws(EncodeError) {
    let first = openGroup(for: record.scope, of: batch, in: &frames.bytes)
    let start = frames.bytes.count
    appendRecord(record, of: batch, to: &frames.bytes)
    if frames.bytes.count &- start > Self.groupBytes, start > first {
      frames.bytes.truncate(to: start)
      closeGroup(of: batch, in: &frames.bytes)
      _ = openGroup(for: record.scope, of: batch, in: &frames.bytes)
      appendRecord(record, of: batch, to: &frames.bytes)
    }
    let grouped = frames.bytes.count &- (group?.resourceLogs.start ?? 0)
    if grouped >= Self.groupBytes || frames.isFrameFull { closeGroup(of: batch, in: &frames.bytes) }
    try frames.endRecord()
  }

  /// Ends the last group and the last frame.
  mutating func finish(_ batch: borrowing LogBatch, in frames: inout FrameWriter) throws(EncodeError) {
    closeGroup(of: batch, in: &frames.bytes)
    try frames.finish()
  }

  /// Has a group open for records of a scope; returns where the first record of the group starts.
  @inline(__always)
  private mutating func openGroup(for scope: UInt32, of batch: borrowing LogBatch, in bytes: inout ByteWriter) -> Int {
    if let group, group.scope == scope { return group.firstRecord }
    return startScope(scope, of: batch, in: &bytes)
  }

  private mutating func startScope(_ scope: UInt32, of batch: borrowing LogBatch, in bytes: inout ByteWriter) -> Int {
    let resource = batch.scopes[Int(scope)].resource
    if var group, group.resource == resource {
      closeScope(group, of: batch, in: &bytes)
      group.scopeLogs = openScope(batch.scopes[Int(scope)], of: batch, in: &bytes)
      group.scope = scope
      self.group = group
      return group.firstRecord
    }
    closeGroup(of: batch, in: &bytes)
    let resourceLogs = bytes.openField(0x0A, room: 3)
    appendResource(batch.resources[Int(resource)], of: batch, to: &bytes)
    let scopeLogs = openScope(batch.scopes[Int(scope)], of: batch, in: &bytes)
    group = OpenGroup(
      resourceLogs: resourceLogs, scopeLogs: scopeLogs, resource: resource, scope: scope, firstRecord: bytes.count)
    return bytes.count
  }

  private mutating func openScope(
    _ scope: Scope, of batch: borrowing LogBatch, in bytes: inout ByteWriter
  ) -> OpenField {
    let store = batch.store.span.bytes
    let scopeLogs = bytes.openField(0x12, room: 3)
    // The server names a scope that it is sent, if only "unknown".
    if values.isForRows && scope.isBare { return scopeLogs }
    let message = bytes.openField(0x0A, room: 1)
    if !scope.name.isEmpty { bytes.appendField(0x0A, store.extracting(scope.name.range)) }
    if !scope.version.isEmpty { bytes.appendField(0x12, store.extracting(scope.version.range)) }
    for index in scope.attributes.indices {
      values.append(batch.attributes[index], tag: 0x1A, prefix: [], of: batch, to: &bytes)
    }
    if scope.droppedAttributesCount != 0 {
      bytes.appendField(0x20, varint: UInt64(scope.droppedAttributesCount))
    }
    bytes.close(message)
    return scopeLogs
  }

  private mutating func closeScope(_ group: OpenGroup, of batch: borrowing LogBatch, in bytes: inout ByteWriter) {
    let url = batch.scopes[Int(group.scope)].schemaURL
    if !url.isEmpty { bytes.appendField(0x1A, batch.store.span.bytes.extracting(url.range)) }
    bytes.close(group.scopeLogs)
  }

  /// Ends the group that records are being added to, so that what follows stands by itself.
  mutating func closeGroup(of batch: borrowing LogBatch, in bytes: inout ByteWriter) {
    guard let group else { return }
    closeScope(group, of: batch, in: &bytes)
    let url = batch.resources[Int(group.resource)].schemaURL
    if !url.isEmpty { bytes.appendField(0x1A, batch.store.span.bytes.extracting(url.range)) }
    bytes.close(group.resourceLogs)
    self.group = nil
  }

  /// Appends the `resource` of a `ResourceLogs`.
  mutating func appendResource(_ resource: Resource, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let message = bytes.openField(0x0A, room: 2)
    for index in resource.attributes.indices {
      values.append(batch.attributes[index], tag: 0x0A, prefix: resourcePrefix, of: batch, to: &bytes)
    }
    if resource.droppedAttributesCount != 0 {
      bytes.appendField(0x10, varint: UInt64(resource.droppedAttributesCount))
    }
    bytes.append(batch.store.span.bytes.extracting(resource.entityRefs.range))
    bytes.close(message)
  }

  /// Appends a `LogRecord` with the fields that are set, in the order of their numbers.
  private mutating func appendRecord(_ record: LogRecord, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    let message = bytes.openField(0x12, room: 2)
    bytes.write(atMost: 32 &+ Int(record.severityText.count)) { pen in
      if record.timeUnixNano != 0 { pen.put(tag: 0x09, fixed64: record.timeUnixNano) }
      if record.severityNumber != 0 {
        pen.put(0x10)
        pen.put(varint: UInt64(truncatingIfNeeded: record.severityNumber))
      }
      if !record.severityText.isEmpty { pen.put(tag: 0x1A, record.severityText, in: store) }
    }
    values.append(body: record.body, of: batch, to: &bytes)
    let isPlain = attributePrefix.isEmpty
    for index in record.attributes.indices {
      let attribute = batch.attributes[index]
      if isPlain && bytes.appendShort(attribute, tag: 0x32, store) { continue }
      values.append(attribute, tag: 0x32, prefix: attributePrefix, of: batch, to: &bytes)
    }
    bytes.write(atMost: 80 &+ Int(record.eventName.count)) { putEnd(of: record, store, with: &$0) }
    bytes.close(message)
  }

  /// Puts the fields that come after the attributes.
  @inline(__always)
  private func putEnd(of record: LogRecord, _ store: RawSpan, with pen: inout Pen) {
    if record.droppedAttributesCount != 0 {
      pen.put(0x38)
      pen.put(varint: UInt64(record.droppedAttributesCount))
    }
    if record.flags != 0 {
      pen.put(0x45)
      pen.put(word: UInt64(record.flags), count: 4)
    }
    if !record.traceID.isNone {
      pen.put(tag: 0x4A, count: 16)
      pen.put(word: record.traceID.high.byteSwapped, count: 8)
      pen.put(word: record.traceID.low.byteSwapped, count: 8)
    }
    if record.spanID != 0 {
      pen.put(tag: 0x52, count: 8)
      pen.put(word: record.spanID.byteSwapped, count: 8)
    }
    if record.observedTimeUnixNano != 0 { pen.put(tag: 0x59, fixed64: record.observedTimeUnixNano) }
    if !record.eventName.isEmpty { pen.put(tag: 0x62, record.eventName, in: store) }
  }
}

extension Scope {
  /// Whether a row has nothing of the scope.
  var isBare: Bool { name.isEmpty && version.isEmpty && attributes.count == 0 }
}
