extension ProtobufDecoder {
  /// `LogRecord`: time_unix_nano = 1, severity_number = 2, severity_text = 3, body = 5, attributes = 6,
  /// dropped_attributes_count = 7, flags = 8, trace_id = 9, span_id = 10, observed_time_unix_nano = 11,
  /// event_name = 12.
  mutating func record(_ message: ProtobufReader, scope: Int, into batch: inout LogBatch) throws(DecodeError) {
    try checkRoom(afterEntries: batch.records.count, at: message.position)
    var reader = message
    var record = LogRecord()
    record.scope = UInt32(truncatingIfNeeded: scope)
    record.index = UInt32(truncatingIfNeeded: batch.records.count)
    let start = batch.attributes.count
    while !reader.isAtEnd {
      let tag = try reader.tag()
      switch tag >> 3 {
      case 6: try attribute(try self.message(&reader, tag), into: &batch)
      case 1: record.timeUnixNano = time(try fixed64(&reader, tag))
      case 11: record.observedTimeUnixNano = time(try fixed64(&reader, tag))
      case 2: record.severityNumber = Int32(truncatingIfNeeded: try varint(&reader, tag))
      case 3: record.severityText = try string(&reader, tag)
      case 5:
        let body = try value(try self.message(&reader, tag), depth: 1, into: &batch)
        record.body = try batch.merged(record.body, body, limits: limits, at: reader.position)
      case 7: record.droppedAttributesCount = UInt32(truncatingIfNeeded: try varint(&reader, tag))
      case 8: record.flags = try fixed32(&reader, tag)
      case 9: record.traceID = traceID(reader.bytes(try range(&reader, tag)))
      case 10: record.spanID = spanID(reader.bytes(try range(&reader, tag)))
      case 12: record.eventName = try string(&reader, tag)
      default: try reader.skip(tag)
      }
    }
    record.attributes = EntryRange(start..<batch.attributes.count)
    batch.records.append(record)
  }

  /// A time that backends can represent; others (from 2^63, the year 2262) count as not given.
  @inline(__always)
  private mutating func time(_ nanoseconds: UInt64) -> UInt64 {
    if nanoseconds <= UInt64(Int64.max) { return nanoseconds }
    oddities.ignoredTimes &+= 1
    return 0
  }

  @inline(__always)
  private mutating func traceID(_ bytes: UnsafeRawBufferPointer) -> TraceID {
    guard bytes.count == 16 else {
      if !bytes.isEmpty { oddities.droppedTraceIDs &+= 1 }
      return .none
    }
    return TraceID(
      high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
      low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }

  @inline(__always)
  private mutating func spanID(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    guard bytes.count == 8 else {
      if !bytes.isEmpty { oddities.droppedSpanIDs &+= 1 }
      return 0
    }
    return UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
  }

  /// `EntityRef` (common.proto): schema_url = 1, type = 2, id_keys = 3, description_keys = 4; kept as protobuf with
  /// its tag in the resource, with unknown fields left out.
  mutating func entityRef(_ message: ProtobufReader, of resource: inout Resource) throws(DecodeError) {
    var reader = message
    var content: [UInt8] = []
    while !reader.isAtEnd {
      let tag = try reader.tag()
      guard (1...4).contains(tag >> 3) else {
        try reader.skip(tag)
        continue
      }
      let text = try string(&reader, tag)
      content.append(UInt8(truncatingIfNeeded: tag))
      Self.appendVarint(UInt64(text.count), to: &content)
      append(text, from: reader, to: &content)
    }
    let start = resource.entityRefs.isEmpty ? entityRefs.count : Int(resource.entityRefs.offset)
    entityRefs.append(0x1A)
    Self.appendVarint(UInt64(content.count), to: &entityRefs)
    entityRefs.append(contentsOf: content)
    resource.entityRefs = ByteSlice(start..<entityRefs.count)
  }

  private func append(_ text: ByteSlice, from reader: ProtobufReader, to content: inout [UInt8]) {
    if Int(text.offset) < bodyCount {
      content.append(contentsOf: reader.bytes(text.range))
    } else {
      let start = Int(text.offset) &- bodyCount
      content.append(contentsOf: edits[start..<start &+ Int(text.count)])
    }
  }

  private static func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
