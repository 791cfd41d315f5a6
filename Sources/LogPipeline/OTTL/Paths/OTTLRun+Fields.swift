/// Setting what has no keys.
extension OTTLRun {
  /// Gives a field a value of the type that it has.
  mutating func setField(_ field: OTTLPathField, to value: OTTLValue) throws(OTTLFault) {
    if let owner = field.owner { return try replace(owner, by: value) }
    switch field {
    case .body: batch.records[record].body = try stored(value, depth: 1)
    case .bodyString: batch.records[record].body = .string(try ownText(value))
    case .severityText: batch.records[record].severityText = try ownText(value)
    case .eventName: batch.records[record].eventName = try ownText(value)
    case .severityNumber: batch.records[record].severityNumber = Int32(truncatingIfNeeded: try int(value))
    case .flags: batch.records[record].flags = UInt32(truncatingIfNeeded: try int(value))
    case .droppedAttributesCount:
      batch.records[record].droppedAttributesCount = UInt32(truncatingIfNeeded: try int(value))
    case .time: batch.records[record].timeUnixNano = try nanoseconds(value, .time)
    case .timeUnixNano: batch.records[record].timeUnixNano = try nanoseconds(value, .int)
    case .observedTime: batch.records[record].observedTimeUnixNano = try nanoseconds(value, .time)
    case .observedTimeUnixNano: batch.records[record].observedTimeUnixNano = try nanoseconds(value, .int)
    case .traceID: batch.records[record].traceID = try wanted(value, .traceID).traceIDValue
    case .spanID: batch.records[record].spanID = try wanted(value, .spanID).spanIDValue
    case .traceIDString: batch.records[record].traceID = try traceID(value)
    case .spanIDString: batch.records[record].spanID = try spanID(value)
    default: try setOuterField(field, to: value)
    }
  }

  /// Fields of the scope and the resource.
  private mutating func setOuterField(_ field: OTTLPathField, to value: OTTLValue) throws(OTTLFault) {
    try own(field.isOfResource ? .resource : .scope)
    switch field {
    case .scopeName: batch.scopes[scope].name = try ownText(value)
    case .scopeVersion: batch.scopes[scope].version = try ownText(value)
    case .scopeSchemaURL: batch.scopes[scope].schemaURL = try ownText(value)
    case .scopeDroppedAttributesCount:
      batch.scopes[scope].droppedAttributesCount = UInt32(truncatingIfNeeded: try int(value))
    case .resourceSchemaURL: batch.resources[resource].schemaURL = try ownText(value)
    case .resourceDroppedAttributesCount:
      batch.resources[resource].droppedAttributesCount = UInt32(truncatingIfNeeded: try int(value))
    default: throw .readOnly
    }
  }

  /// A value of a kind; a fault for another.
  private func wanted(_ value: OTTLValue, _ kind: OTTLValue.Kind) throws(OTTLFault) -> OTTLValue {
    if value.kind != kind { throw value.isNone ? .nothing : .wrongType }
    return value
  }

  private func int(_ value: OTTLValue) throws(OTTLFault) -> Int64 { try wanted(value, .int).intValue }

  private mutating func ownText(_ value: OTTLValue) throws(OTTLFault) -> ByteSlice {
    try storedText(try wanted(value, .string).text)
  }

  /// Nanoseconds since 1970, not before.
  private func nanoseconds(_ value: OTTLValue, _ kind: OTTLValue.Kind) throws(OTTLFault) -> UInt64 {
    let value = try wanted(value, kind)
    let nanoseconds = kind == .int ? value.intValue : value.nanoseconds
    guard let nanoseconds = UInt64(exactly: nanoseconds) else { throw .outOfRange }
    return nanoseconds
  }

  /// A trace id of 32 hexadecimal digits.
  private func traceID(_ value: OTTLValue) throws(OTTLFault) -> TraceID {
    let digits = bytes(try wanted(value, .string).text)
    guard digits.count == 32, let base = digits.baseAddress else { throw .badText }
    guard let high = HexText.uint64(base), let low = HexText.uint64(base + 16) else { throw .badText }
    return TraceID(high: high, low: low)
  }

  /// A span id of 16 hexadecimal digits.
  private func spanID(_ value: OTTLValue) throws(OTTLFault) -> UInt64 {
    let digits = bytes(try wanted(value, .string).text)
    guard digits.count == 16, let base = digits.baseAddress, let id = HexText.uint64(base) else { throw .badText }
    return id
  }

  /// Gives attributes, or a cache, other members.
  private mutating func replace(_ owner: OTTLOwner, by value: OTTLValue) throws(OTTLFault) {
    let value = try wanted(value, .map)
    try own(owner)
    var entries: [Attribute] = []
    try grow(by: value.memberCount &* MemoryLayout<Attribute>.stride)
    entries.reserveCapacity(value.memberCount)
    for index in 0..<value.memberCount {
      let key = try storedText(key(index, of: value))
      entries.append(Attribute(key: key, value: try stored(member(index, of: value), depth: 1)))
    }
    let start = batch.attributes.count
    guard entries.count <= Int(UInt32.max) &- start else { throw .noRoom }
    batch.attributes += entries
    setRange(EntryRange(start..<batch.attributes.count), of: owner)
  }
}
