/// Scopes and resources that each are of one record, but have their attributes in common until they are edited.
struct OTTLLending: Sendable {
  /// By index, which it was before every record had its own; `edited` once it was edited.
  private(set) var scopes: [Int32] = []
  private(set) var resources: [Int32] = []

  static let edited: Int32 = -1

  /// Notes the scope and the resource of the next record.
  mutating func add(scope: UInt32, resource: UInt32) {
    scopes.append(Int32(truncatingIfNeeded: scope))
    resources.append(Int32(truncatingIfNeeded: resource))
  }

  /// Whether the attributes of an owner are those of others too.
  func isLent(_ owner: OTTLOwner, _ index: Int) -> Bool {
    switch owner {
    case .scope: index < scopes.count && scopes[index] != Self.edited
    case .resource: index < resources.count && resources[index] != Self.edited
    case .record, .recordCache, .scopeCache, .resourceCache: false
    }
  }

  /// Notes that an owner is edited.
  mutating func takeBack(_ owner: OTTLOwner, _ index: Int) {
    if owner == .scope { scopes[index] = Self.edited } else { resources[index] = Self.edited }
  }
}

extension OTTLRun {
  /// Gives an owner that is about to be edited attributes of its own.
  @inline(__always)
  mutating func own(_ owner: OTTLOwner) throws(OTTLFault) {
    if owner != .record, !lending.scopes.isEmpty { try copyLent(owner) }
  }

  @inline(never)
  private mutating func copyLent(_ owner: OTTLOwner) throws(OTTLFault) {
    guard lending.isLent(owner, index(of: owner)) else { return }
    let lent = range(of: owner)
    let start = batch.attributes.count
    guard lent.indices.count <= Int(UInt32.max) &- start else { throw .noRoom }
    try grow(by: entryCount(batch.attributes[lent.indices]) &* MemoryLayout<Attribute>.stride)
    lending.takeBack(owner, index(of: owner))
    for index in lent.indices {
      let entry = batch.attributes[index]
      batch.attributes.append(Attribute(key: entry.key, value: batch.copied(entry.value)))
    }
    setRange(EntryRange(start..<batch.attributes.count), of: owner)
    edits &+= 1
  }

  /// How many entries there are in some, with those inside of them.
  private func entryCount(_ entries: ArraySlice<Attribute>) -> Int {
    var count = entries.count
    for entry in entries where entry.value.kind == .map || entry.value.kind == .array {
      count &+= entryCount(batch.nested[entry.value.entries.indices])
    }
    return count
  }
}
