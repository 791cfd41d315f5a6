/// Ranges of attributes and of members, and the entries in them, being changed.
extension OTTLRun {
  /// The index of the record, scope or resource at hand.
  @inline(__always)
  func index(of owner: OTTLOwner) -> Int {
    switch owner {
    case .record, .recordCache: record
    case .scope, .scopeCache: scope
    case .resource, .resourceCache: resource
    }
  }

  /// The attributes of the owner at hand.
  @inline(__always)
  func range(of owner: OTTLOwner) -> EntryRange {
    switch owner {
    case .record: batch.records[record].attributes
    case .scope: batch.scopes[scope].attributes
    case .resource: batch.resources[resource].attributes
    case .recordCache, .scopeCache, .resourceCache: owners.cache(owner, index(of: owner))
    }
  }

  @inline(__always)
  mutating func setRange(_ range: EntryRange, of owner: OTTLOwner) {
    switch owner {
    case .record: batch.records[record].attributes = range
    case .scope: batch.scopes[scope].attributes = range
    case .resource: batch.resources[resource].attributes = range
    case .recordCache: owners.setCache(owner, record, of: batch.records.count, to: range)
    case .scopeCache: owners.setCache(owner, scope, of: batch.scopes.count, to: range)
    case .resourceCache: owners.setCache(owner, resource, of: batch.resources.count, to: range)
    }
  }

  /// Tells the owner of a map or list where its members lie now.
  mutating func setRange(of home: OTTLHome) {
    let value = home.isList ? Value.array(home.range) : .map(home.range)
    switch home.owner {
    case .attributes(let owner): setRange(home.range, of: owner)
    case .body: batch.records[record].body = value
    case .attribute(let index): batch.attributes[Int(index)].value = value
    case .nested(let index): batch.nested[Int(index)].value = value
    }
    edits &+= 1
  }

  mutating func setEntryValue(_ index: Int, to value: Value, isNested: Bool) {
    if isNested { batch.nested[index].value = value } else { batch.attributes[index].value = value }
    edits &+= 1
  }

  /// Copies an entry of a map or list to a lower place of the same.
  @inline(__always)
  mutating func moveEntry(from index: Int, to place: Int, of home: OTTLHome) {
    let start = Int(home.range.start)
    if home.isNested {
      batch.nested[start &+ place] = batch.nested[start &+ index]
    } else {
      batch.attributes[start &+ place] = batch.attributes[start &+ index]
    }
  }

  /// Moves the entries behind one up by one.
  mutating func closeGap(at index: Int, of home: OTTLHome) {
    let range = home.range.indices
    let removed = range.lowerBound &+ index
    guard removed < range.upperBound else { return }
    if home.isNested {
      Self.move(removed &+ 1..<range.upperBound, to: removed, in: &batch.nested)
    } else {
      Self.move(removed &+ 1..<range.upperBound, to: removed, in: &batch.attributes)
      keepEnd(of: home)
    }
  }

  @inline(__always)
  private static func move(_ moved: Range<Int>, to place: Int, in entries: inout [Attribute]) {
    entries.withUnsafeMutableBufferPointer { entries in
      guard let base = entries.baseAddress, place >= 0, place <= moved.lowerBound, moved.upperBound <= entries.count
      else { return }
      (base + place).update(from: base + moved.lowerBound, count: moved.count)
    }
  }

  /// Remembers that the places of attributes belong to their owner, which is about to have fewer.
  mutating func keepEnd(of home: OTTLHome) {
    guard case .attributes(let owner) = home.owner else { return }
    let (index, start, end) = (index(of: owner), home.range.start, home.range.indices.upperBound)
    if owners.end(owner, index, from: start) ?? 0 < end { owners.setEnd(owner, index, from: start, to: end) }
  }

  /// Adds an entry at the end; the range moves if it does not end where its array does, or has room behind it.
  @inline(__always)
  mutating func append(_ entry: Attribute, to home: inout OTTLHome) throws(OTTLFault) {
    if case .attributes(let owner) = home.owner {
      try append(entry, to: &home.range, of: owner)
    } else {
      try appendNested(entry, to: &home.range)
    }
  }

  @inline(__always)
  mutating func append(_ entry: Attribute, to range: inout EntryRange, of owner: OTTLOwner) throws(OTTLFault) {
    let end = range.indices.upperBound
    if end == batch.attributes.count {
      try growEntries(by: 1, of: batch.attributes.count)
      batch.attributes.append(entry)
    } else if let ownEnd = owners.end(owner, index(of: owner), from: range.start), end < ownEnd {
      batch.attributes[end] = entry
    } else {
      try move(&range, of: owner)
      batch.attributes[range.indices.upperBound] = entry
    }
    range.count &+= 1
  }

  /// Moves attributes to the end with a place behind them, and with as many as there are if it is not the first time.
  @inline(never)
  private mutating func move(_ range: inout EntryRange, of owner: OTTLOwner) throws(OTTLFault) {
    let index = index(of: owner)
    let isFirst = owners.end(owner, index, from: range.start) == nil
    let room = isFirst ? 1 : Int(range.count) &+ 1
    let start = batch.attributes.count
    try growEntries(by: Int(range.count) &+ room, of: start)
    let places = Int(range.count) &+ room
    batch.attributes.append(contentsOf: repeatElement(Attribute(key: .empty, value: .empty), count: places))
    Self.copy(range.indices, to: start, in: &batch.attributes)
    range.start = UInt32(truncatingIfNeeded: start)
    owners.setEnd(owner, index, from: range.start, to: batch.attributes.count)
  }

  /// Copies entries to places behind them that are there already.
  @inline(__always)
  private static func copy(_ copied: Range<Int>, to place: Int, in entries: inout [Attribute]) {
    entries.withUnsafeMutableBufferPointer { entries in
      guard let base = entries.baseAddress, copied.upperBound <= place, place &+ copied.count <= entries.count
      else { return }
      (base + place).update(from: base + copied.lowerBound, count: copied.count)
    }
  }

  @inline(never)
  private mutating func appendNested(_ entry: Attribute, to range: inout EntryRange) throws(OTTLFault) {
    let end = range.indices.upperBound
    if end != batch.nested.count {
      let start = batch.nested.count
      try growEntries(by: Int(range.count), of: start)
      for index in range.indices { batch.nested.append(batch.nested[index]) }
      range.start = UInt32(truncatingIfNeeded: start)
    }
    try growEntries(by: 1, of: batch.nested.count)
    batch.nested.append(entry)
    range.count &+= 1
  }

  /// A fault if so many entries more are too many.
  private mutating func growEntries(by count: Int, of present: Int) throws(OTTLFault) {
    if count > Int(UInt32.max) &- present { throw .noRoom }
    try grow(by: count &* MemoryLayout<Attribute>.stride)
  }
}
