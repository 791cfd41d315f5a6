extension OTLPJSONDecoder {
  /// A list of `KeyValue` as attributes of a record, scope or resource; an element that is null is left out.
  mutating func attributes(into batch: inout LogBatch) throws(DecodeError) {
    switch json.peek() {
    case UInt8(ascii: "["):
      json.position &+= 1
      try attributeElements(into: &batch)
    case UInt8(ascii: "{"): try attributesOfObject(into: &batch)
    default: if try !json.readNull() { try skipOdd() }
    }
  }

  /// The elements of a list of `KeyValue` that is open.
  mutating func attributeElements(into batch: inout LogBatch) throws(DecodeError) {
    var isFirst = true
    while true {
      plainAttributes(&isFirst, into: &batch)
      guard try json.nextElement(&isFirst) else { return }
      guard try openMessage() else { continue }
      try takeRoomForValue()
      add(try keyValue(depth: 1, into: &batch), to: &batch)
    }
  }

  /// Adds an attribute to those of the current owner.
  mutating func add(_ attribute: Attribute, to batch: inout LogBatch) {
    _ = pages.attributes.append(attribute, to: &batch.attributes)
    let start = Int(attribute.key.offset)
    if start < json.end {
      pages.keys.note(json.base + start, Int(attribute.key.count))
    } else {
      pages.keys.assumeRepeated()
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
      default: try skipUnknown(key)
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
      guard json.peek() == UInt8(ascii: "{") else { return try bareValue(depth: depth, into: &batch) }
      json.position &+= 1
    }
    while let key = try json.nextKey(&isFirst) {
      if try json.readNull() { continue }
      switch key {
      case "stringValue": value = .string(try text())
      case "intValue": value = try int(depth: depth, into: &batch)
      case "boolValue": value = try bool(depth: depth, into: &batch)
      case "doubleValue": value = try double(depth: depth, into: &batch)
      case "arrayValue": value = try array(depth: depth, into: &batch)
      case "kvlistValue": value = try map(depth: depth, into: &batch)
      case "bytesValue": value = try bytes(depth: depth, into: &batch)
      case "stringValueStrindex": if try skipStringIndex() { value = .empty }
      default: try skipUnknown(key)
      }
    }
    return value
  }

  /// `ArrayValue`.
  private mutating func array(depth: Int, into batch: inout LogBatch) throws(DecodeError) -> Value {
    guard json.peek() == UInt8(ascii: "{") else { return try bareValue(depth: depth, into: &batch) }
    return .array(try members(keyed: false, depth: depth, into: &batch))
  }

  /// `KeyValueList`.
  private mutating func map(depth: Int, into batch: inout LogBatch) throws(DecodeError) -> Value {
    switch json.peek() {
    case UInt8(ascii: "{"), UInt8(ascii: "["): return .map(try members(keyed: true, depth: depth, into: &batch))
    default: return try bareValue(depth: depth, into: &batch)
    }
  }

  /// `ArrayValue` or `KeyValueList`, or the list in it alone: the members wait in `open` until the last is read, so
  /// that they become neighbours whatever they hold themselves.
  mutating func members(keyed: Bool, depth: Int, into batch: inout LogBatch) throws(DecodeError) -> EntryRange {
    guard depth < limits.maxDepth else { throw DecodeError(.tooDeep(limit: limits.maxDepth), at: json.position) }
    let first = open.count
    if json.peek() == UInt8(ascii: "[") {
      oddities.mendedValues &+= 1
      try openMembers(keyed: keyed, depth: depth &+ 1, into: &batch)
    } else {
      json.position &+= 1
      var isFirst = true
      while let key = try json.nextKey(&isFirst) {
        switch key {
        case "values": try openMembers(keyed: keyed, depth: depth &+ 1, into: &batch)
        default: try skipUnknown(key)
        }
      }
    }
    let start = batch.nested.count
    batch.nested.append(contentsOf: open[first...])
    open.removeSubrange(first...)
    if keyed { note(keysOf: batch.nested[start...]) }
    return EntryRange(start..<batch.nested.count)
  }

  /// Looks whether keys of a map's members may repeat.
  private mutating func note(keysOf members: ArraySlice<Attribute>) {
    guard members.count > 1 else { return }
    pages.nestedKeys.begin()
    for member in members {
      let start = Int(member.key.offset)
      if start < json.end {
        pages.nestedKeys.note(json.base + start, Int(member.key.count))
      } else {
        pages.nestedKeys.assumeRepeated()
      }
    }
  }

  /// The list of members: an element that is null is an empty value in an array, and is left out of a map.
  private mutating func openMembers(keyed: Bool, depth: Int, into batch: inout LogBatch) throws(DecodeError) {
    var elements = try elements()
    while try next(&elements) {
      if keyed {
        guard try openMessage() else { continue }
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
  mutating func takeRoomForValue() throws(DecodeError) {
    guard valueCount < limits.maxValues else {
      throw DecodeError(.tooManyValues(limit: limits.maxValues), at: json.position)
    }
    valueCount &+= 1
  }
}
