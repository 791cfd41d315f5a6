/// Putting values into the batch, so that they outlive the statement.
extension OTTLRun {
  /// A value of the batch that shares no members with another; at `depth` levels, 1 for an attribute or body.
  @inline(__always)
  mutating func stored(_ value: OTTLValue, depth: Int) throws(OTTLFault) -> Value {
    switch value.kind {
    case .none: return .empty
    case .bool: return .bool(value.boolValue)
    case .int: return .int(value.intValue)
    case .double: return .double(value.doubleValue)
    case .string: return .string(try storedText(value.text))
    case .bytes: return .bytes(try storedBytes(value.text))
    case .list: return .array(try storedMembers(value, depth: depth))
    case .map: return .map(try storedMembers(value, depth: depth))
    case .time, .duration, .traceID, .spanID: throw .notStorable
    }
  }

  /// Members are neighbours: places for all of them come first, then what is in them.
  private mutating func storedMembers(_ value: OTTLValue, depth: Int) throws(OTTLFault) -> EntryRange {
    if depth >= limits.maxDepth { throw tooDeep() }
    let count = value.memberCount
    try grow(by: count &* MemoryLayout<Attribute>.stride)
    let start = batch.nested.count
    guard count <= Int(UInt32.max) &- start else { throw .noRoom }
    batch.nested.append(contentsOf: repeatElement(Attribute(key: .empty, value: .empty), count: count))
    for index in 0..<count {
      let key = try value.kind == .map ? storedText(key(index, of: value)) : .empty
      let stored = try stored(member(index, of: value), depth: depth &+ 1)
      batch.nested[start &+ index] = Attribute(key: key, value: stored)
    }
    return EntryRange(start..<start &+ count)
  }

  /// A text in the batch's store, valid UTF-8: what is none becomes U+FFFD.
  @inline(__always)
  mutating func storedText(_ text: OTTLText) throws(OTTLFault) -> ByteSlice {
    if text.isEmpty { return .empty }
    if text.place == .program && code.isASCII { return try storedBytes(text) }
    let bytes = bytes(text)
    guard let base = bytes.baseAddress, UTF8Text.isValid(base, from: 0, to: bytes.count) else {
      return try repaired(text)
    }
    return try storedBytes(text)
  }

  @inline(never)
  private mutating func repaired(_ text: OTTLText) throws(OTTLFault) -> ByteSlice {
    var repaired: [UInt8] = []
    UTF8Text.appendRepaired(bytes(text), to: &repaired)
    try grow(by: repaired.count)
    guard let slice = batch.store(repaired) else { throw .noRoom }
    return slice
  }

  /// Bytes in the batch's store; those of the program are put there once for all that get them.
  @inline(__always)
  mutating func storedBytes(_ text: OTTLText) throws(OTTLFault) -> ByteSlice {
    switch text.place {
    case .batch, .attributes: return text.slice
    case .program:
      let start = if let storedProgram { storedProgram } else { try storeProgram() }
      return ByteSlice(offset: start &+ text.slice.offset, count: text.slice.count)
    case .scratch:
      try grow(by: text.count)
      let start = batch.store.count
      guard start &+ text.count <= Int(UInt32.max) else { throw .noRoom }
      batch.store.append(contentsOf: bytes(text))
      return ByteSlice(from: start, count: text.count)
    }
  }

  @inline(never)
  private mutating func storeProgram() throws(OTTLFault) -> UInt32 {
    // Not counted: it is what the configuration says, and not what a request makes of it.
    guard let slice = batch.store(code.bytes) else { throw .noRoom }
    storedProgram = slice.offset
    return slice.offset
  }

  /// Counts bytes that are about to be added to the batch; a fault if they are too many for a request.
  @inline(__always)
  mutating func grow(by bytes: Int) throws(OTTLFault) {
    if bytes > limits.maxGrowthBytes &- growth { throw noRoom(growth &+ bytes) }
    growth &+= bytes
  }

  /// Drops what statements have left behind in the batch; false if there is too little of it to be worth the time.
  @inline(never)
  mutating func compact() -> Bool {
    guard (growth &- compactGrowth) &* 8 >= limits.maxGrowthBytes &+ startBytes else { return false }
    forget()
    excess = nil
    batch.compact(keeping: &owners.ranges)
    edits &+= 1
    storedProgram = nil
    growth = batch.byteCount &- startBytes
    compactGrowth = growth
    return true
  }
}
