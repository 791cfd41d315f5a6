/// Reading maps and lists, wherever their members lie.
extension OTTLRun {
  /// The key of a member of a map; empty for an element of a list, and for an index outside.
  @inline(__always)
  func key(_ index: Int, of value: OTTLValue) -> OTTLText {
    guard let place = place(index, of: value) else { return .empty }
    switch value.members.place {
    case .batch: return OTTLText(place: .batch, slice: batch.nested[place].key)
    case .attributes: return OTTLText(place: .batch, slice: batch.attributes[place].key)
    case .scratch: return members[place].key
    case .program: return code.members[place].key
    }
  }

  /// The value of a member of a map, or an element of a list, counted from 0; nil for an index outside.
  @inline(__always)
  func member(_ index: Int, of value: OTTLValue) -> OTTLValue {
    guard let place = place(index, of: value) else { return .none }
    switch value.members.place {
    case .batch: return OTTLValue(batch.nested[place].value)
    case .attributes: return OTTLValue(batch.attributes[place].value)
    case .scratch: return members[place].value
    case .program: return code.members[place].value
    }
  }

  @inline(__always)
  private func place(_ index: Int, of value: OTTLValue) -> Int? {
    guard value.kind == .map || value.kind == .list, index >= 0, index < value.memberCount else { return nil }
    return Int(value.members.range.start) &+ index
  }

  /// Which member of a map has this key; nil if none has.
  func index(of key: UnsafeRawBufferPointer, in value: OTTLValue) -> Int? {
    guard value.kind == .map else { return nil }
    let (place, range) = value.members
    switch place {
    case .batch: return Self.index(of: key, in: batch.nested, range, batch.store)
    case .attributes: return Self.index(of: key, in: batch.attributes, range, batch.store)
    case .scratch, .program:
      for index in 0..<value.memberCount where isSame(bytes(self.key(index, of: value)), key) { return index }
      return nil
    }
  }

  @inline(__always)
  static func index(
    of key: UnsafeRawBufferPointer, in entries: borrowing [Attribute], _ range: EntryRange, _ store: borrowing [UInt8]
  ) -> Int? {
    let bytes = store.span.bytes
    return entries.withUnsafeBufferPointer { entries in
      let start = Int(range.start)
      let end = min(start &+ Int(range.count), entries.count)
      var index = start
      while index < end {
        let slice = entries[index].key
        if Int(slice.count) == key.count, bytes.extracting(slice.range).isEqual(to: key) { return index &- start }
        index &+= 1
      }
      return nil
    }
  }

  /// Whether these are the same bytes.
  @inline(__always)
  func isSame(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    a.count == b.count && RawSpan(_unsafeBytes: a).isEqual(to: b)
  }
}

/// Building maps and lists, innermost first: `begin`, then `add` for each member, then `list` or `map`.
extension OTTLRun {
  /// Starts a list or map; what is given back says where.
  @inline(__always)
  func begin() -> Int { open.count }

  /// Adds an element to the list that was started last.
  @inline(__always)
  mutating func add(_ value: OTTLValue) throws(OTTLFault) { try add(.empty, value) }

  /// Adds a member to the map that was started last. Keys must not repeat if `map` ends it.
  @inline(__always)
  mutating func add(_ key: OTTLText, _ value: OTTLValue) throws(OTTLFault) {
    try makeRoom(MemoryLayout<OTTLMember>.stride)
    open.append(OTTLMember(key: key, value: value))
  }

  /// The list of the elements that were added since.
  mutating func list(from start: Int) -> OTTLValue { .list(close(start), in: .scratch) }

  /// The map of the members that were added since.
  mutating func map(from start: Int) -> OTTLValue { .map(close(start), in: .scratch) }

  /// The map of the members that were added since; of those that have the same key the last is kept.
  mutating func uniqueMap(from start: Int) -> OTTLValue {
    let map = map(from: start)
    return mayRepeatKeys(map) ? withoutRepeatedKeys(map) : map
  }

  private mutating func close(_ start: Int) -> EntryRange {
    let first = members.count
    members.append(contentsOf: open[start...])
    open.removeLast(open.count &- start)
    return EntryRange(first..<members.count)
  }
}
