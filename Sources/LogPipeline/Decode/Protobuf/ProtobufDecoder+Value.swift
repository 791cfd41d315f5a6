extension ProtobufDecoder {
  /// `KeyValue` as an attribute of a record, scope or resource.
  mutating func attribute(_ message: ProtobufReader, into batch: inout LogBatch) throws(DecodeError) {
    try checkRoom(forValues: 1, at: message.position)
    let attribute = try keyValue(message, depth: 1, into: &batch)
    _ = pages.attributes.append(attribute, to: &batch.attributes)
    note(key: attribute.key, message)
    valuesLeft &-= 1
  }

  /// `KeyValue`: key = 1, value = 2, key_strindex = 3 (for profiles only; a key given that way reads as empty).
  private mutating func keyValue(_ message: ProtobufReader, depth: Int, into batch: inout LogBatch)
    throws(DecodeError) -> Attribute
  {
    var reader = message
    var attribute = Attribute(key: .empty, value: .empty)
    while !reader.isAtEnd {
      let tag = try reader.tag()
      switch tag >> 3 {
      case 1: attribute.key = try string(&reader, tag)
      case 2:
        let value = try value(try self.message(&reader, tag), depth: depth, into: &batch)
        attribute.value = try merged(attribute.value, value, at: reader.position, of: &batch)
      case 3: try stringIndex(&reader, tag)
      default: try reader.skip(tag)
      }
    }
    return attribute
  }

  /// `AnyValue`: string_value = 1, bool_value = 2, int_value = 3, double_value = 4, array_value = 5,
  /// kvlist_value = 6, bytes_value = 7, string_value_strindex = 8 (for profiles only). The last member wins.
  mutating func value(_ message: ProtobufReader, depth: Int, into batch: inout LogBatch) throws(DecodeError) -> Value {
    var reader = message
    var value = Value.empty
    while !reader.isAtEnd {
      let tag = try reader.tag()
      switch tag >> 3 {
      case 1: value = .string(try string(&reader, tag))
      case 2: value = .bool(try varint(&reader, tag) != 0)
      case 3: value = .int(Int64(bitPattern: try varint(&reader, tag)))
      case 4: value = .double(Double(bitPattern: try fixed64(&reader, tag)))
      case 5: value = .array(try members(try self.message(&reader, tag), keyed: false, depth: depth, into: &batch))
      case 6: value = .map(try members(try self.message(&reader, tag), keyed: true, depth: depth, into: &batch))
      case 7: value = .bytes(ByteSlice(try range(&reader, tag)))
      case 8:
        try stringIndex(&reader, tag)
        value = .empty
      default: try reader.skip(tag)
      }
    }
    return value
  }

  /// `ArrayValue` or `KeyValueList`: values = 1. Room for the members is taken first, so that they are neighbours;
  /// then each is decoded into its place.
  private mutating func members(_ message: ProtobufReader, keyed: Bool, depth: Int, into batch: inout LogBatch)
    throws(DecodeError) -> EntryRange
  {
    guard depth < limits.maxDepth else {
      throw DecodeError(.tooDeep(limit: limits.maxDepth), at: message.position)
    }
    let count = try memberCount(message)
    try checkRoom(forValues: count, at: message.position)
    valuesLeft &-= count
    let start = batch.nested.count
    batch.nested.append(contentsOf: repeatElement(Attribute(key: .empty, value: .empty), count: count))
    var reader = message
    var index = start
    while !reader.isAtEnd {
      let tag = try reader.tag()
      guard tag >> 3 == 1 else {
        try reader.skip(tag)
        continue
      }
      let member = try self.message(&reader, tag)
      if keyed {
        batch.nested[index] = try keyValue(member, depth: depth &+ 1, into: &batch)
      } else {
        batch.nested[index].value = try value(member, depth: depth &+ 1, into: &batch)
      }
      index &+= 1
    }
    if keyed && count > 1 { note(keysOf: batch.nested[start..<start &+ count], message) }
    return EntryRange(start..<start &+ count)
  }

  /// Looks whether keys of a map's members may repeat.
  @inline(never)
  private mutating func note(keysOf members: ArraySlice<Attribute>, _ reader: ProtobufReader) {
    pages.nestedKeys.begin()
    for member in members {
      let start = Int(member.key.offset)
      if start < bodyCount {
        pages.nestedKeys.note(reader.base + start, Int(member.key.count))
      } else {
        pages.nestedKeys.assumeRepeated()
      }
    }
  }

  private func memberCount(_ message: ProtobufReader) throws(DecodeError) -> Int {
    var reader = message
    var count = 0
    while !reader.isAtEnd {
      let tag = try reader.tag()
      try reader.skip(tag)
      if tag >> 3 == 1 { count &+= 1 }
    }
    return count
  }

  /// Steps over a reference into a string table, which logs do not have (common.proto, `string_value_strindex`).
  private mutating func stringIndex(_ reader: inout ProtobufReader, _ tag: UInt32) throws(DecodeError) {
    _ = try varint(&reader, tag)
    oddities.ignoredStringIndexes &+= 1
  }
}

extension ProtobufDecoder {
  /// What a value is that comes twice (protobuf encoding, "Last One Wins"): two arrays or two maps are joined, an
  /// empty second value changes nothing, any other second value replaces the first.
  @inline(__always)
  mutating func merged(_ first: Value, _ second: Value, at offset: Int, of batch: inout LogBatch)
    throws(DecodeError) -> Value
  {
    if first.kind == .empty { return second }
    if second.kind == .empty { return first }
    guard first.kind == second.kind, first.kind == .array || first.kind == .map else { return second }
    return try joined(first, second, at: offset, of: &batch)
  }

  @inline(never)
  private mutating func joined(_ first: Value, _ second: Value, at offset: Int, of batch: inout LogBatch)
    throws(DecodeError) -> Value
  {
    let count = Int(first.entries.count) &+ Int(second.entries.count)
    try checkRoom(forValues: count, at: offset)
    valuesLeft &-= count
    let start = batch.nested.count
    batch.nested.append(contentsOf: batch.nested[first.entries.indices])
    batch.nested.append(contentsOf: batch.nested[second.entries.indices])
    pages.keys.assumeRepeated()
    let range = EntryRange(start..<batch.nested.count)
    return first.kind == .array ? .array(range) : .map(range)
  }
}
