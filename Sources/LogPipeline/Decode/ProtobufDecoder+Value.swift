extension ProtobufDecoder {
  /// `KeyValue` as an attribute of a record, scope or resource.
  mutating func attribute(_ message: ProtobufReader, into batch: inout LogBatch) throws(DecodeError) {
    try checkRoom(for: 1, in: batch, at: message.position)
    if let plain = Self.plainAttribute(message) { return batch.attributes.append(plain) }
    batch.attributes.append(try keyValue(message, depth: 1, into: &batch))
  }

  /// `KeyValue`: key = 1, value = 2, key_strindex = 3 (for profiles only; a key given that way reads as empty).
  @inline(__always)
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
        attribute.value = try batch.merged(attribute.value, value, limits: limits, at: reader.position)
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
    try checkRoom(for: count, in: batch, at: message.position)
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
    return EntryRange(start..<start &+ count)
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

  /// Makes sure that `count` more attributes or members may be added.
  @inline(__always)
  func checkRoom(for count: Int, in batch: borrowing LogBatch, at offset: Int) throws(DecodeError) {
    guard count <= limits.maxValues &- batch.attributes.count &- batch.nested.count else {
      throw DecodeError(.tooManyValues(limit: limits.maxValues), at: offset)
    }
  }
}

extension LogBatch {
  /// What a value is that comes twice (protobuf encoding, "Last One Wins"): two arrays or two maps are joined, an
  /// empty second value changes nothing, any other second value replaces the first.
  @inline(__always)
  mutating func merged(_ first: Value, _ second: Value, limits: DecodeLimits, at offset: Int)
    throws(DecodeError) -> Value
  {
    if first.kind == .empty { return second }
    if second.kind == .empty { return first }
    guard first.kind == second.kind, first.kind == .array || first.kind == .map else { return second }
    return try joined(first, second, limits: limits, at: offset)
  }

  @inline(never)
  private mutating func joined(_ first: Value, _ second: Value, limits: DecodeLimits, at offset: Int)
    throws(DecodeError) -> Value
  {
    let count = Int(first.entries.count) &+ Int(second.entries.count)
    guard count <= limits.maxValues &- attributes.count &- nested.count else {
      throw DecodeError(.tooManyValues(limit: limits.maxValues), at: offset)
    }
    let start = nested.count
    nested.append(contentsOf: nested[first.entries.indices])
    nested.append(contentsOf: nested[second.entries.indices])
    let range = EntryRange(start..<nested.count)
    return first.kind == .array ? .array(range) : .map(range)
  }
}
