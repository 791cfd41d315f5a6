/// What paths give.
extension OTTLRun {
  /// The value at a path; nil if there is none.
  @inline(__always)
  mutating func get(_ path: OTTLPathIndex) throws(OTTLFault) -> OTTLValue {
    let path = code.paths[Int(path.index)]
    if path.keyCount == 0 { return try field(path.field) }
    if let key = path.soleKey, let owner = path.field.owner { return attribute(key, of: owner) }
    return try lookedUp(path)
  }

  /// The value of an attribute; nil if there is none of that key.
  @inline(__always)
  private func attribute(_ key: OTTLText, of owner: OTTLOwner) -> OTTLValue {
    let range = range(of: owner)
    guard let index = Self.index(of: bytes(key), in: batch.attributes, range, batch.store) else { return .none }
    return OTTLValue(batch.attributes[Int(range.start) &+ index].value)
  }

  private mutating func lookedUp(_ path: OTTLPathCode) throws(OTTLFault) -> OTTLValue {
    if path.field.isOfRequest { return try requestMember(path) }
    var value = try field(path.field)
    // A body that is no map or list has no members to ask for, not even missing ones.
    if value.isNone && path.field == .body { throw .notIndexable }
    for key in path.firstKey..<path.firstKey &+ path.keyCount {
      value = try member(of: value, at: code.operands[Int(key)])
    }
    return value
  }

  private mutating func requestMember(_ path: OTTLPathCode) throws(OTTLFault) -> OTTLValue {
    var value = try requested(path)
    for key in path.firstKey &+ 1..<path.firstKey &+ path.keyCount {
      value = try member(of: value, at: code.operands[Int(key)])
    }
    return value
  }

  /// What a key, the node of which is given, finds in a value.
  @inline(__always)
  mutating func member(of value: OTTLValue, at key: UInt32) throws(OTTLFault) -> OTTLValue {
    let key = try evaluate(key)
    if value.isNone { return .none }
    switch (value.kind, key.kind) {
    case (.map, .string):
      guard let index = index(of: bytes(key.text), in: value) else { return .none }
      return member(index, of: value)
    case (.list, .int):
      guard let index = Int(exactly: key.intValue), index >= 0, index < value.memberCount else { throw .outOfRange }
      return member(index, of: value)
    default: throw .notIndexable
    }
  }

  /// What a path without keys gives.
  @inline(__always)
  mutating func field(_ field: OTTLPathField) throws(OTTLFault) -> OTTLValue {
    switch field {
    case .attributes: return .map(range(of: .record), in: .attributes)
    case .body: return OTTLValue(batch.records[record].body)
    case .resourceAttributes: return .map(range(of: .resource), in: .attributes)
    case .scopeAttributes: return .map(range(of: .scope), in: .attributes)
    case .cache: return .map(range(of: .recordCache), in: .attributes)
    case .scopeCache: return .map(range(of: .scopeCache), in: .attributes)
    case .resourceCache: return .map(range(of: .resourceCache), in: .attributes)
    case .severityNumber: return .int(Int64(batch.records[record].severityNumber))
    case .severityText: return text(batch.records[record].severityText)
    default: return try rareField(field)
    }
  }

  @inline(__always)
  private func text(_ slice: ByteSlice) -> OTTLValue { .string(OTTLText(place: .batch, slice: slice)) }

  @inline(never)
  private mutating func rareField(_ field: OTTLPathField) throws(OTTLFault) -> OTTLValue {
    switch field {
    case .scopeName: return text(batch.scopes[scope].name)
    case .scopeVersion: return text(batch.scopes[scope].version)
    case .scopeSchemaURL: return text(batch.scopes[scope].schemaURL)
    case .scopeDroppedAttributesCount: return .int(Int64(batch.scopes[scope].droppedAttributesCount))
    case .resourceSchemaURL: return text(batch.resources[resource].schemaURL)
    case .resourceDroppedAttributesCount: return .int(Int64(batch.resources[resource].droppedAttributesCount))
    case .clientAddress: return try senderAddress()
    case .clientMetadata, .clientAuthAttributes, .grpcMetadata: return .none
    default: return try recordField(field)
    }
  }

  private mutating func recordField(_ field: OTTLPathField) throws(OTTLFault) -> OTTLValue {
    let own = batch.records[record]
    switch field {
    case .time: return .time(Int64(truncatingIfNeeded: own.timeUnixNano))
    case .timeUnixNano: return .int(Int64(truncatingIfNeeded: own.timeUnixNano))
    case .observedTime: return .time(Int64(truncatingIfNeeded: own.observedTimeUnixNano))
    case .observedTimeUnixNano: return .int(Int64(truncatingIfNeeded: own.observedTimeUnixNano))
    case .droppedAttributesCount: return .int(Int64(own.droppedAttributesCount))
    case .flags: return .int(Int64(own.flags))
    case .traceID: return .traceID(own.traceID)
    case .spanID: return .spanID(own.spanID)
    case .eventName: return text(own.eventName)
    case .bodyString: return .string(try textOf(OTTLValue(own.body)))
    case .traceIDString:
      out.appendHex(own.traceID)
      return .string(try finishText())
    case .spanIDString:
      out.appendHex(own.spanID)
      return .string(try finishText())
    default: throw .unavailable
    }
  }

  private mutating func senderAddress() throws(OTTLFault) -> OTTLValue {
    let slice = request.clientAddress
    return slice.isEmpty ? .none : .string(try text(of: request.store[slice.range]))
  }

  /// What the request says under the name that the first key is: a list of texts, of what authentication knows the text
  /// itself if it is one; nil if there is none.
  private mutating func requested(_ path: OTTLPathCode) throws(OTTLFault) -> OTTLValue {
    let name = try evaluate(code.operands[Int(path.firstKey)])
    let start = begin()
    while let slice = request.value(open.count &- start, of: bytes(name.text)) {
      try add(.string(try text(of: request.store[slice.range])))
    }
    let list = list(from: start)
    if list.memberCount == 0 { return .none }
    return path.field == .clientAuthAttributes && list.memberCount == 1 ? member(0, of: list) : list
  }

  /// A text of these bytes.
  mutating func text(of bytes: ArraySlice<UInt8>) throws(OTTLFault) -> OTTLText {
    try makeRoom(bytes.count)
    bytes.withUnsafeBytes { out.append($0) }
    return try finishText()
  }
}
