/// Which records have equal resources, and equal scopes in these: each gets a number, in the order of the first.
struct RecordGroups {
  /// The numbers of a record's resource and scope.
  struct Place: Comparable {
    var resource: Int32
    var scope: Int32

    static func < (a: Place, b: Place) -> Bool { (a.resource, a.scope) < (b.resource, b.scope) }
  }

  private let lending: OTTLLending
  /// By what they were before they were lent, the numbers of resources, and of scopes whose resources are as they were.
  private var knownResources: [Int32: Int32] = [:]
  private var knownScopes: [Int32: Int32] = [:]
  private var resources = EqualOwners(areScopes: false)
  private var scopes = EqualOwners(areScopes: true)

  init(_ lending: OTTLLending) { self.lending = lending }

  /// The place of a record that has a scope and a resource of its own.
  mutating func place(of record: LogRecord, in batch: borrowing LogBatch) -> Place {
    let own = Int(record.scope)
    let (lentScope, lentResource) = (lending.scopes[own], lending.resources[own])
    let isWhole = lentResource != OTTLLending.edited && lentScope != OTTLLending.edited
    let resource = knownResources[lentResource] ?? resources.number(of: own, within: 0, in: batch)
    if lentResource != OTTLLending.edited { knownResources[lentResource] = resource }
    if isWhole, let scope = knownScopes[lentScope] { return Place(resource: resource, scope: scope) }
    let scope = scopes.number(of: own, within: resource, in: batch)
    if isWhole { knownScopes[lentScope] = scope }
    return Place(resource: resource, scope: scope)
  }
}

/// Scopes, or resources, told apart by what they hold: a table of those of which each is the first of its kind.
private struct EqualOwners {
  private let areScopes: Bool
  /// By number, the owner, within what it is one, and its hash.
  private var firsts: [(owner: Int, outer: Int32, hash: Int)] = []
  /// By hash, one plus a number. Its length is a power of two.
  private var slots = [Int32](repeating: 0, count: 64)

  init(areScopes: Bool) { self.areScopes = areScopes }

  /// The number of an owner, a new one if none that is equal was seen within the same.
  mutating func number(of owner: Int, within outer: Int32, in batch: borrowing LogBatch) -> Int32 {
    let hash = hash(of: owner, outer, batch)
    if firsts.count &* 2 >= slots.count { enlarge() }
    var slot = hash & (slots.count &- 1)
    while slots[slot] != 0 {
      let first = firsts[Int(slots[slot]) &- 1]
      if first.hash == hash, first.outer == outer, isEqual(first.owner, owner, batch) { return slots[slot] &- 1 }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    firsts.append((owner, outer, hash))
    slots[slot] = Int32(truncatingIfNeeded: firsts.count)
    return slots[slot] &- 1
  }

  private mutating func enlarge() {
    slots = Array(repeating: 0, count: slots.count &* 2)
    for (number, first) in firsts.enumerated() {
      var slot = first.hash & (slots.count &- 1)
      while slots[slot] != 0 { slot = (slot &+ 1) & (slots.count &- 1) }
      slots[slot] = Int32(truncatingIfNeeded: number &+ 1)
    }
  }

  /// The hash is keyed, so that no sender can make owners that collide.
  private func hash(of owner: Int, _ outer: Int32, _ batch: borrowing LogBatch) -> Int {
    var hasher = Hasher()
    hasher.combine(outer)
    let parts = parts(of: owner, batch)
    for text in [parts.texts.0, parts.texts.1, parts.texts.2] { Self.add(text, batch, to: &hasher) }
    hasher.combine(parts.dropped)
    Self.add(batch.attributes[parts.attributes.indices], batch, to: &hasher)
    return hasher.finalize()
  }

  private func isEqual(_ a: Int, _ b: Int, _ batch: borrowing LogBatch) -> Bool {
    let (a, b) = (parts(of: a, batch), parts(of: b, batch))
    return a.dropped == b.dropped && Self.isSame(a.texts.0, b.texts.0, batch)
      && Self.isSame(a.texts.1, b.texts.1, batch) && Self.isSame(a.texts.2, b.texts.2, batch)
      && Self.isSame(batch.attributes[a.attributes.indices], batch.attributes[b.attributes.indices], batch)
  }

  /// What an owner holds.
  private struct Parts {
    var texts: (ByteSlice, ByteSlice, ByteSlice)
    var dropped: UInt32
    var attributes: EntryRange
  }

  private func parts(of owner: Int, _ batch: borrowing LogBatch) -> Parts {
    let scope = batch.scopes[owner]
    if areScopes {
      return Parts(
        texts: (scope.name, scope.version, scope.schemaURL), dropped: scope.droppedAttributesCount,
        attributes: scope.attributes)
    }
    let resource = batch.resources[Int(scope.resource)]
    return Parts(
      texts: (resource.schemaURL, resource.entityRefs, resource.tenant), dropped: resource.droppedAttributesCount,
      attributes: resource.attributes)
  }

  private static func add(_ text: ByteSlice, _ batch: borrowing LogBatch, to hasher: inout Hasher) {
    hasher.combine(text.count)
    batch.store.withUnsafeBytes { hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0[text.range])) }
  }

  /// Nesting is bounded, here and below.
  private static func add(_ entries: ArraySlice<Attribute>, _ batch: borrowing LogBatch, to hasher: inout Hasher) {
    hasher.combine(entries.count)
    for entry in entries {
      add(entry.key, batch, to: &hasher)
      let value = entry.value
      hasher.combine(value.kind.rawValue)
      switch value.kind {
      case .empty: break
      case .string, .bytes: add(value.slice, batch, to: &hasher)
      case .bool: hasher.combine(value.boolValue)
      case .int: hasher.combine(value.intValue)
      case .double: hasher.combine(value.doubleValue.bitPattern)
      case .array, .map: add(batch.nested[value.entries.indices], batch, to: &hasher)
      }
    }
  }

  private static func isSame(_ a: ByteSlice, _ b: ByteSlice, _ batch: borrowing LogBatch) -> Bool {
    if a.count != b.count { return false }
    let bytes = batch.store.span.bytes
    return a == b || bytes.extracting(a.range).isEqual(to: bytes.extracting(b.range))
  }

  private static func isSame(
    _ a: ArraySlice<Attribute>, _ b: ArraySlice<Attribute>, _ batch: borrowing LogBatch
  ) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { isSame($0.key, $1.key, batch) && isSame($0.value, $1.value, batch) }
  }

  private static func isSame(_ a: Value, _ b: Value, _ batch: borrowing LogBatch) -> Bool {
    guard a.kind == b.kind else { return false }
    switch a.kind {
    case .string, .bytes: return isSame(a.slice, b.slice, batch)
    case .array, .map: return isSame(batch.nested[a.entries.indices], batch.nested[b.entries.indices], batch)
    case .double: return a.doubleValue.bitPattern == b.doubleValue.bitPattern
    case .empty, .bool, .int: return a == b
    }
  }
}
