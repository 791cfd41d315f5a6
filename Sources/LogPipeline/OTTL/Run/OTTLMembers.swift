/// The members of a map or list at a path, while they are edited where they lie.
///
/// To keep some and drop the others: `keep` those that stay, in their order, then `finish`. Anything else that changes
/// the run's batch must not come between.
struct OTTLMembers: Sendable {
  /// Whose members they are, and where they lie.
  fileprivate(set) var home: OTTLHome
  /// How many of them were kept so far.
  private var kept = 0

  init(_ home: OTTLHome) { self.home = home }

  var isList: Bool { home.isList }
  var count: Int { Int(home.range.count) }
  var indices: Range<Int> { 0..<count }

  /// The map or list as a value; valid until it is edited.
  var value: OTTLValue {
    let place = home.isNested ? OTTLPlace.batch : .attributes
    return home.isList ? .list(home.range, in: place) : .map(home.range, in: place)
  }

  /// The key of a member.
  @inline(__always)
  func key(_ index: Int, _ run: borrowing OTTLRun) -> UnsafeRawBufferPointer { run.bytes(run.key(index, of: value)) }

  /// The value of a member.
  @inline(__always)
  func value(_ index: Int, _ run: borrowing OTTLRun) -> OTTLValue { run.member(index, of: value) }

  /// Gives a member another value.
  func set(_ index: Int, to value: OTTLValue, _ run: inout OTTLRun) throws(OTTLFault) {
    let stored = try run.stored(value, depth: home.depth &+ 1)
    run.setEntryValue(Int(home.range.start) &+ index, to: stored, isNested: home.isNested)
  }

  /// Keeps a member; each must come behind those that were kept before.
  @inline(__always)
  mutating func keep(_ index: Int, _ run: inout OTTLRun) {
    if index > kept { run.moveEntry(from: index, to: kept, of: home) }
    kept &+= 1
  }

  /// Removes one member; those behind it move up.
  mutating func remove(_ index: Int, _ run: inout OTTLRun) {
    run.closeGap(at: index, of: home)
    home.range.count &-= 1
    run.setRange(of: home)
  }

  /// Drops what was not kept.
  mutating func finish(_ run: inout OTTLRun) {
    run.keepEnd(of: home)
    home.range.count = UInt32(truncatingIfNeeded: kept)
    run.setRange(of: home)
    kept = 0
  }

  /// Adds a member at the end, of a key that no other has; an element if it is a list.
  mutating func append(_ key: OTTLText, _ value: OTTLValue, _ run: inout OTTLRun) throws(OTTLFault) {
    try append(try stored(key, value, &run), &run)
    settle(&run)
  }
}

/// Adding many members: `stored` and `append` for each, then `settle`.
extension OTTLMembers {
  /// Whether the members lie in `LogBatch.nested`, where those of what is stored go too.
  var isNested: Bool { home.isNested }

  /// A member with its key and value in the batch.
  @inline(__always)
  func stored(_ key: OTTLText, _ value: OTTLValue, _ run: inout OTTLRun) throws(OTTLFault) -> Attribute {
    let storedKey = try isList ? ByteSlice.empty : run.storedText(key)
    return Attribute(key: storedKey, value: try run.stored(value, depth: home.depth &+ 1))
  }

  /// Adds a member at the end; the owner knows of it when `settle` was called.
  @inline(__always)
  mutating func append(_ entry: Attribute, _ run: inout OTTLRun) throws(OTTLFault) {
    try run.append(entry, to: &home)
  }

  /// Tells the owner where the members lie.
  func settle(_ run: inout OTTLRun) { run.setRange(of: home) }
}

/// Whose members are edited: where the owner is that names the range, and the range.
struct OTTLHome: Sendable {
  enum Owner: Sendable {
    /// The attributes of the record, scope or resource at hand, or one of their caches.
    case attributes(OTTLOwner)
    /// The body of the record at hand.
    case body
    /// An entry of `LogBatch.attributes`, or of `nested`.
    case attribute(UInt32)
    case nested(UInt32)
  }

  var owner: Owner
  var range: EntryRange
  var isList = false
  /// How deep the list or map lies: 1 for attributes themselves, whose members are values of level 1.
  var depth = 0

  /// Whether the members lie in `LogBatch.nested`.
  var isNested: Bool { if case .attributes = owner { false } else { true } }
}
