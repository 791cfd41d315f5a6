extension OTLPJSONDecoder {
  /// A list of `KeyValue` as attributes of a record, scope or resource; an element that is null is left out.
  mutating func attributes(into batch: inout LogBatch) throws(DecodeError) {
    if try json.openArray() { try attributeElements(into: &batch) }
  }

  /// The elements of a list of `KeyValue` that is open.
  mutating func attributeElements(into batch: inout LogBatch) throws(DecodeError) {
    var isFirst = true
    while true {
      plainAttributes(&isFirst, into: &batch)
      guard try json.nextElement(&isFirst) else { return }
      guard try json.openObject() else { continue }
      try takeRoomForValue()
      let attribute = try keyValue(depth: 1, into: &batch)
      _ = pages.attributes.append(attribute, to: &batch.attributes)
    }
  }

  /// `KeyValue` (common.proto), which is open; `keyStrindex` is for profiles only, and a key given that way reads as
  /// empty.
  @inline(__always)
  private mutating func keyValue(depth: Int, into batch: inout LogBatch) throws(DecodeError) -> Attribute {
    var attribute = Attribute(key: .empty, value: .empty)
    var isFirst = true
    // What nearly all senders write is stepped over without looking each key up.
    if json.stepOver(#""key":"#) {
      isFirst = false
      attribute.key = try text()
      if json.stepOver(#","value":"#) { attribute.value = try value(depth: depth, into: &batch) }
      if json.stepOver("}") { return attribute }
    }
    while let key = try json.nextKey(&isFirst) {
      switch key {
      case "key": attribute.key = try text()
      case "value": attribute.value = try value(depth: depth, into: &batch)
      case "keyStrindex": _ = try skipStringIndex()
      default: try json.skipValue()
      }
    }
    return attribute
  }

  /// `AnyValue` (common.proto): of several members, the last that is not null wins.
  mutating func value(depth: Int, into batch: inout LogBatch) throws(DecodeError) -> Value {
    var value = Value.empty
    var isFirst = true
    if json.stepOver(#"{"stringValue":"#) {
      isFirst = false
      if try !json.readNull() { value = .string(try text()) }
      if json.stepOver("}") { return value }
    } else {
      guard try json.openObject() else { return .empty }
    }
    while let key = try json.nextKey(&isFirst) {
      if try json.readNull() { continue }
      switch key {
      case "stringValue": value = .string(try text())
      case "intValue": value = .int(try int64())
      case "boolValue": value = .bool(try json.readBool())
      case "doubleValue": value = .double(try double())
      case "arrayValue": value = .array(try members(keyed: false, depth: depth, into: &batch))
      case "kvlistValue": value = .map(try members(keyed: true, depth: depth, into: &batch))
      case "bytesValue": value = .bytes(try base64())
      case "stringValueStrindex": if try skipStringIndex() { value = .empty }
      default: try json.skipValue()
      }
    }
    return value
  }

  /// `ArrayValue` or `KeyValueList`: the members wait in `open` until the last is read, so that they become neighbours
  /// whatever they hold themselves.
  private mutating func members(keyed: Bool, depth: Int, into batch: inout LogBatch) throws(DecodeError) -> EntryRange {
    guard try json.openObject() else { return .empty }
    guard depth < limits.maxDepth else { throw DecodeError(.tooDeep(limit: limits.maxDepth), at: json.position) }
    let first = open.count
    var isFirst = true
    while let key = try json.nextKey(&isFirst) {
      switch key {
      case "values": try openMembers(keyed: keyed, depth: depth &+ 1, into: &batch)
      default: try json.skipValue()
      }
    }
    let start = batch.nested.count
    batch.nested.append(contentsOf: open[first...])
    open.removeSubrange(first...)
    return EntryRange(start..<batch.nested.count)
  }

  /// The list of members: an element that is null is an empty value in an array, and is left out of a map.
  private mutating func openMembers(keyed: Bool, depth: Int, into batch: inout LogBatch) throws(DecodeError) {
    guard try json.openArray() else { return }
    var isFirst = true
    while try json.nextElement(&isFirst) {
      if keyed {
        guard try json.openObject() else { continue }
        try takeRoomForValue()
        open.append(try keyValue(depth: depth, into: &batch))
      } else {
        try takeRoomForValue()
        open.append(Attribute(key: .empty, value: try value(depth: depth, into: &batch)))
      }
    }
  }

  /// Steps over a reference into a string table, which logs do not have (common.proto, `string_value_strindex`); false
  /// if it is null.
  private mutating func skipStringIndex() throws(DecodeError) -> Bool {
    if try json.readNull() { return false }
    oddities.ignoredStringIndexes &+= 1
    try json.skipValue()
    return true
  }

  /// Counts one more attribute or member, if it may be added.
  @inline(__always)
  private mutating func takeRoomForValue() throws(DecodeError) {
    guard valueCount < limits.maxValues else {
      throw DecodeError(.tooManyValues(limit: limits.maxValues), at: json.position)
    }
    valueCount &+= 1
  }
}
