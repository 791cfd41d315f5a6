extension OTLPJSONDecoder {
  /// `LogRecord` (logs.proto).
  mutating func record(scope: Int, into batch: inout LogBatch, _ lost: inout DecodeError?) throws(DecodeError) {
    guard try openLogs(&lost) else { return }
    let index = pages.records.total
    try checkRoom(afterEntries: index)
    let record = pages.records.append(LogRecord(), to: &batch.records)
    record.pointee.scope = UInt32(truncatingIfNeeded: scope)
    record.pointee.index = UInt32(truncatingIfNeeded: index)
    let start = pages.attributes.total
    pages.keys.begin()
    var isFirst = true
    while true {
      try plainFields(&isFirst, of: record, into: &batch)
      guard let key = try json.nextKey(&isFirst) else { break }
      try field(key, of: record, into: &batch)
    }
    record.pointee.attributes = EntryRange(start..<pages.attributes.total)
  }

  /// Reads the value of any member of a `LogRecord`, in any form.
  @inline(never)
  private mutating func field(
    _ key: JSONKey, of record: UnsafeMutablePointer<LogRecord>, into batch: inout LogBatch
  ) throws(DecodeError) {
    switch key {
    case "timeUnixNano": record.pointee.timeUnixNano = try time()
    case "observedTimeUnixNano": record.pointee.observedTimeUnixNano = try time()
    case "severityNumber": record.pointee.severityNumber = try severityNumber()
    case "severityText": record.pointee.severityText = try text()
    case "body": record.pointee.body = try value(depth: 1, into: &batch)
    case "attributes": try attributes(into: &batch)
    case "traceId": record.pointee.traceID = try traceID()
    case "spanId": record.pointee.spanID = try spanID()
    case "flags": record.pointee.flags = try uint32()
    case "eventName": record.pointee.eventName = try text()
    case "droppedAttributesCount": record.pointee.droppedAttributesCount = try uint32()
    default: try skipUnknown(key)
    }
  }

  /// `EntityRef` (common.proto: schema_url = 1, type = 2, id_keys = 3, description_keys = 4) of each element of a list,
  /// as field 3 of a `Resource` in protobuf.
  mutating func entityRefs(into target: inout [UInt8]) throws(DecodeError) {
    var elements = try elements()
    while try next(&elements) {
      guard try openMessage() else { continue }
      var content: [UInt8] = []
      var isFirst = true
      while let key = try json.nextKey(&isFirst) {
        switch key {
        case "schemaUrl": try appendField(0x0A, to: &content)
        case "type": try appendField(0x12, to: &content)
        case "idKeys": try appendFields(0x1A, to: &content)
        case "descriptionKeys": try appendFields(0x22, to: &content)
        default: try skipUnknown(key)
        }
      }
      target.append(0x1A)
      Self.appendVarint(UInt64(content.count), to: &target)
      target.append(contentsOf: content)
    }
  }

  /// Reads a list of strings and appends each as a field.
  private mutating func appendFields(_ tag: UInt8, to content: inout [UInt8]) throws(DecodeError) {
    var elements = try elements()
    while try next(&elements) { try appendField(tag, to: &content) }
  }

  /// Reads a string and appends it as a field.
  private mutating func appendField(_ tag: UInt8, to content: inout [UInt8]) throws(DecodeError) {
    let text = try text()
    content.append(tag)
    Self.appendVarint(UInt64(text.count), to: &content)
    withBytes(of: text) { content.append(contentsOf: $0) }
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
