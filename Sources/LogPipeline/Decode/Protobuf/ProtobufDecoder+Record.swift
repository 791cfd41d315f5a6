extension ProtobufDecoder {
  /// `LogRecord`: time_unix_nano = 1, severity_number = 2, severity_text = 3, body = 5, attributes = 6,
  /// dropped_attributes_count = 7, flags = 8, trace_id = 9, span_id = 10, observed_time_unix_nano = 11,
  /// event_name = 12.
  mutating func record(_ message: ProtobufReader, scope: Int, into batch: inout LogBatch) throws(DecodeError) {
    let index = pages.records.total
    try checkRoom(afterEntries: index, at: message.position)
    var reader = message
    let record = pages.records.append(LogRecord(), to: &batch.records)
    record.pointee.scope = UInt32(truncatingIfNeeded: scope)
    record.pointee.index = UInt32(truncatingIfNeeded: index)
    let start = pages.attributes.total
    pages.keys.begin()
    while true {
      plainFields(&reader, of: record, into: &batch)
      if reader.isAtEnd { break }
      reader.position = try field(reader, of: record, into: &batch)
    }
    record.pointee.attributes = EntryRange(start..<pages.attributes.total)
  }

  /// Reads one field of a record, in any form, and returns where it ends.
  @inline(never)
  private mutating func field(
    _ field: ProtobufReader, of record: UnsafeMutablePointer<LogRecord>, into batch: inout LogBatch
  ) throws(DecodeError) -> Int {
    var reader = field
    let tag = try reader.tag()
    switch tag >> 3 {
    case 1: record.pointee.timeUnixNano = time(try fixed64(&reader, tag))
    case 2: record.pointee.severityNumber = Int32(truncatingIfNeeded: try varint(&reader, tag))
    case 3: record.pointee.severityText = try string(&reader, tag)
    case 5:
      let body = try value(try message(&reader, tag), depth: 1, into: &batch)
      record.pointee.body = try merged(record.pointee.body, body, at: reader.position, of: &batch)
    case 6: try attribute(try message(&reader, tag), into: &batch)
    case 7: record.pointee.droppedAttributesCount = UInt32(truncatingIfNeeded: try varint(&reader, tag))
    case 8: record.pointee.flags = try fixed32(&reader, tag)
    case 9: record.pointee.traceID = traceID(reader.bytes(try range(&reader, tag)))
    case 10: record.pointee.spanID = spanID(reader.bytes(try range(&reader, tag)))
    case 11: record.pointee.observedTimeUnixNano = time(try fixed64(&reader, tag))
    case 12: record.pointee.eventName = try string(&reader, tag)
    default: try reader.skip(tag)
    }
    return reader.position
  }

  /// A time that backends can represent; others (from 2^63, the year 2262) count as not given.
  @inline(__always)
  private mutating func time(_ time: UInt64) -> UInt64 {
    times.isNanoseconds(time) ? time : times.judge(time, &oddities)
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
