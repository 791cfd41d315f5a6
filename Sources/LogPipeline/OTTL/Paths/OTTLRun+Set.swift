/// Setting paths.
extension OTTLRun {
  /// Gives the path a value, which is copied; nil empties a body or an attribute.
  @inline(__always)
  mutating func set(_ path: OTTLPathIndex, to value: OTTLValue) throws(OTTLFault) {
    edits &+= 1
    let path = code.paths[Int(path.index)]
    if path.keyCount == 0 { return try setField(path.field, to: value) }
    if let key = path.soleKey, let owner = path.field.owner { return try setAttribute(key, of: owner, to: value) }
    try setMember(path, to: value)
  }

  /// Gives an attribute a value, or adds it.
  private mutating func setAttribute(
    _ key: OTTLText, of owner: OTTLOwner, to value: OTTLValue
  ) throws(OTTLFault) {
    let stored = try stored(value, depth: 1)
    try own(owner)
    var range = range(of: owner)
    if let index = Self.index(of: bytes(key), in: batch.attributes, range, batch.store) {
      batch.attributes[Int(range.start) &+ index].value = stored
      return
    }
    try append(Attribute(key: try storedText(key), value: stored), to: &range, of: owner)
    setRange(range, of: owner)
  }

  /// Sets what keys lead to; maps and lists on the way are made if they are missing.
  private mutating func setMember(_ path: OTTLPathCode, to value: OTTLValue) throws(OTTLFault) {
    let isOfBody = path.field == .body
    let depth = Int(path.keyCount) &+ (isOfBody ? 1 : 0)
    if depth > limits.maxDepth { throw tooDeep() }
    let stored = try stored(value, depth: depth)
    let keys = path.firstKey..<path.firstKey &+ path.keyCount
    var home = try root(of: path.field, startsList: try isIndex(keys.lowerBound))
    for key in keys {
      let entry = try entry(of: code.operands[Int(key)], in: &home)
      if key &+ 1 == keys.upperBound {
        setEntryValue(entry, to: stored, isNested: home.isNested)
      } else {
        home = try memberHome(entry, of: home, startsList: try isIndex(key &+ 1))
      }
    }
  }

  /// Whether a key is a whole number, so that what it is looked up in is a list.
  private mutating func isIndex(_ key: UInt32) throws(OTTLFault) -> Bool {
    try evaluate(code.operands[Int(key)]).kind == .int
  }

  /// The map or list that a path's keys begin at; an empty body becomes a list if that is said, else a map.
  private mutating func root(of field: OTTLPathField, startsList: Bool?) throws(OTTLFault) -> OTTLHome {
    if let owner = field.owner {
      try own(owner)
      return OTTLHome(owner: .attributes(owner), range: range(of: owner))
    }
    guard field == .body else { throw .notIndexable }
    return try home(of: batch.records[record].body, .body, depth: 1, startsList: startsList)
  }

  /// The map or list that a member is, or becomes if it is empty.
  private func memberHome(_ entry: Int, of home: OTTLHome, startsList: Bool?) throws(OTTLFault) -> OTTLHome {
    let index = UInt32(truncatingIfNeeded: entry)
    let value = home.isNested ? batch.nested[entry].value : batch.attributes[entry].value
    return try self.home(
      of: value, home.isNested ? .nested(index) : .attribute(index), depth: home.depth &+ 1, startsList: startsList)
  }

  private func home(
    of value: Value, _ owner: OTTLHome.Owner, depth: Int, startsList: Bool?
  ) throws(OTTLFault) -> OTTLHome {
    switch value.kind {
    case .map: return OTTLHome(owner: owner, range: value.entries, depth: depth)
    case .array: return OTTLHome(owner: owner, range: value.entries, isList: true, depth: depth)
    case .empty:
      guard let startsList else { throw .nothing }
      return OTTLHome(owner: owner, range: .empty, isList: startsList, depth: depth)
    case .string, .bool, .int, .double, .bytes: throw .notIndexable
    }
  }

  /// The entry that a key leads to, added to a map that has none, and to a list that was empty.
  private mutating func entry(of key: UInt32, in home: inout OTTLHome) throws(OTTLFault) -> Int {
    let key = try evaluate(key)
    switch (home.isList, key.kind) {
    case (false, .string):
      let place = home.isNested ? OTTLPlace.batch : .attributes
      if let found = index(of: bytes(key.text), in: .map(home.range, in: place)) {
        return Int(home.range.start) &+ found
      }
      let slice = try storedText(key.text)
      try append(Attribute(key: slice, value: .empty), to: &home)
      setRange(of: home)
      return home.range.indices.upperBound &- 1
    case (true, .int):
      guard let index = Int(exactly: key.intValue), index >= 0, index < Int(UInt32.max) else { throw .outOfRange }
      if home.range.isEmpty { try pad(&home, to: index &+ 1) }
      guard index < home.range.indices.count else { throw .outOfRange }
      return Int(home.range.start) &+ index
    default: throw .notIndexable
    }
  }

  /// Fills an empty list with empty values.
  private mutating func pad(_ home: inout OTTLHome, to count: Int) throws(OTTLFault) {
    if count > limits.maxGrowthBytes / MemoryLayout<Attribute>.stride { throw .noRoom }
    for _ in 0..<count { try append(Attribute(key: .empty, value: .empty), to: &home) }
    setRange(of: home)
  }

  /// The members of the map or list at a path; a fault if there is none.
  mutating func openMembers(at path: OTTLPathIndex) throws(OTTLFault) -> OTTLMembers {
    let path = code.paths[Int(path.index)]
    var home = try root(of: path.field, startsList: nil)
    for key in path.firstKey..<path.firstKey &+ path.keyCount {
      guard let entry = try presentEntry(of: code.operands[Int(key)], in: home) else { throw .nothing }
      let index = UInt32(truncatingIfNeeded: entry)
      let value = home.isNested ? batch.nested[entry].value : batch.attributes[entry].value
      home = try self.home(
        of: value, home.isNested ? .nested(index) : .attribute(index), depth: home.depth &+ 1, startsList: nil)
    }
    return OTTLMembers(home)
  }

  /// The entry that a key leads to; nil if a map has none.
  private mutating func presentEntry(of key: UInt32, in home: OTTLHome) throws(OTTLFault) -> Int? {
    let key = try evaluate(key)
    switch (home.isList, key.kind) {
    case (false, .string):
      return index(of: bytes(key.text), in: OTTLMembers(home).value).map { Int(home.range.start) &+ $0 }
    case (true, .int):
      guard let index = Int(exactly: key.intValue), index >= 0, index < home.range.indices.count else {
        throw .outOfRange
      }
      return Int(home.range.start) &+ index
    default: throw .notIndexable
    }
  }
}
