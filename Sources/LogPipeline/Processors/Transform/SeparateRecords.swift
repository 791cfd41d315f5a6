/// Records with a resource and a scope of their own, so that an edit of these is an edit for one record.
extension LogBatch {
  /// Gives every record such a resource and scope; false, with nothing done, if that takes more than so many bytes.
  mutating func separateRecords(maxBytes: Int) -> Bool {
    guard copiedEntries(atMost: maxBytes / MemoryLayout<Attribute>.stride) else { return false }
    var (ownResources, ownScopes): ([Resource], [Scope]) = ([], [])
    ownResources.reserveCapacity(records.count)
    ownScopes.reserveCapacity(records.count)
    // The first record of each keeps what is there.
    var (keptResources, keptScopes) = (KeptOnce(resources.count), KeptOnce(scopes.count))
    for index in records.indices {
      let place = Int(records[index].scope)
      var scope = scopes[place]
      var resource = resources[Int(scope.resource)]
      if !keptResources.isFirst(Int(scope.resource)) { resource.attributes = copied(resource.attributes) }
      if !keptScopes.isFirst(place) { scope.attributes = copied(scope.attributes) }
      scope.resource = UInt32(truncatingIfNeeded: index)
      records[index].scope = UInt32(truncatingIfNeeded: index)
      ownResources.append(resource)
      ownScopes.append(scope)
    }
    (resources, scopes) = (ownResources, ownScopes)
    return true
  }

  /// Which of some things were seen before.
  private struct KeptOnce {
    private var isSeen: [Bool]

    init(_ count: Int) { isSeen = Array(repeating: false, count: count) }

    mutating func isFirst(_ index: Int) -> Bool {
      defer { isSeen[index] = true }
      return !isSeen[index]
    }
  }

  /// Whether copies for all records have no more than so many attributes and members of values.
  private func copiedEntries(atMost limit: Int) -> Bool {
    let ofResources = resources.map { entryCount($0.attributes.indices, of: attributes) }
    let ofScopes = scopes.map { entryCount($0.attributes.indices, of: attributes) }
    var left = limit
    for record in records {
      left &-= ofScopes[Int(record.scope)] &+ ofResources[Int(scopes[Int(record.scope)].resource)]
      if left < 0 { return false }
    }
    return true
  }

  /// How many entries there are in some, with those inside of them; no more than the batch has.
  private func entryCount(_ range: Range<Int>, of entries: [Attribute]) -> Int {
    var count = range.count
    for entry in entries[range] where entry.value.kind == .map || entry.value.kind == .array {
      count &+= entryCount(entry.value.entries.indices, of: nested)
    }
    return count
  }

  private mutating func copied(_ range: EntryRange) -> EntryRange {
    let start = attributes.count
    for index in range.indices {
      attributes.append(Attribute(key: attributes[index].key, value: copied(attributes[index].value)))
    }
    return EntryRange(start..<attributes.count)
  }
}

/// The way back.
extension LogBatch {
  /// Puts records of equal resources, and of equal scopes in these, together again, in the order in which these come
  /// first. Equal are those with the same attributes in the same order.
  mutating func joinRecords() {
    if records.isEmpty { return }
    var (ofResources, ofScopes): ([Int], [Int]) = ([], [])
    var (knownResources, knownScopes): ([[UInt8]: Int], [[UInt8]: Int]) = ([:], [:])
    var key = ByteWriter(capacityBytes: 256)
    for record in records {
      let scope = scopes[Int(record.scope)]
      append(resources[Int(scope.resource)], to: &key)
      let resource = Self.group(of: &key, in: &knownResources)
      ofResources.append(resource)
      key.appendDecimal(UInt64(resource))
      append(scope, to: &key)
      ofScopes.append(Self.group(of: &key, in: &knownScopes))
    }
    let order = records.indices.sorted {
      (ofResources[$0], ofScopes[$0], $0) < (ofResources[$1], ofScopes[$1], $1)
    }
    var (joinedResources, joinedScopes, joined): ([Resource], [Scope], [LogRecord]) = ([], [], [])
    var last: (resource: Int, scope: Int) = (-1, -1)
    for index in order {
      var record = records[index]
      var scope = scopes[Int(record.scope)]
      if ofResources[index] != last.resource { joinedResources.append(resources[Int(scope.resource)]) }
      if ofScopes[index] != last.scope {
        scope.resource = UInt32(truncatingIfNeeded: joinedResources.count &- 1)
        joinedScopes.append(scope)
      }
      last = (ofResources[index], ofScopes[index])
      record.scope = UInt32(truncatingIfNeeded: joinedScopes.count &- 1)
      joined.append(record)
    }
    (resources, scopes, records) = (joinedResources, joinedScopes, joined)
  }

  /// The number of what a key is of, a new one if it was not known; empties the key.
  private static func group(of key: inout ByteWriter, in known: inout [[UInt8]: Int]) -> Int {
    let bytes = key.array
    key.removeAll()
    if let group = known[bytes] { return group }
    known[bytes] = known.count
    return known.count &- 1
  }

  private func append(_ resource: Resource, to key: inout ByteWriter) {
    for slice in [resource.schemaURL, resource.entityRefs, resource.tenant] { append(slice, to: &key) }
    key.append(number: UInt64(resource.droppedAttributesCount))
    append(attributes[resource.attributes.indices], to: &key)
  }

  private func append(_ scope: Scope, to key: inout ByteWriter) {
    for slice in [scope.name, scope.version, scope.schemaURL] { append(slice, to: &key) }
    key.append(number: UInt64(scope.droppedAttributesCount))
    append(attributes[scope.attributes.indices], to: &key)
  }

  /// Lengths go first, so that what differs has another key.
  private func append(_ slice: ByteSlice, to key: inout ByteWriter) {
    key.append(number: UInt64(slice.count))
    store.withUnsafeBytes { key.append(UnsafeRawBufferPointer(rebasing: $0[slice.range])) }
  }

  private func append(_ entries: ArraySlice<Attribute>, to key: inout ByteWriter) {
    key.append(number: UInt64(entries.count))
    for entry in entries {
      append(entry.key, to: &key)
      key.append(entry.value.kind.rawValue)
      switch entry.value.kind {
      case .empty: break
      case .string, .bytes: append(entry.value.slice, to: &key)
      case .bool: key.append(number: entry.value.boolValue ? 1 : 0)
      case .int: key.append(number: UInt64(bitPattern: entry.value.intValue))
      case .double: key.append(number: entry.value.doubleValue.bitPattern)
      case .array, .map: append(nested[entry.value.entries.indices], to: &key)
      }
    }
  }
}

extension ByteWriter {
  fileprivate mutating func append(number: UInt64) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append($0) }
  }
}
