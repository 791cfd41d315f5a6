/// Where the keys of a map are, for looking up many of them: a table if there are many, so that time stays linear.
struct KeyPlaces {
  /// By hash, one plus the index of a member; empty for maps of few. Its length is a power of two.
  private var slots: [UInt32] = []
  private var count = 0

  /// Members up to which a map is searched from one end to the other.
  static let few = 16

  /// The keys of a map, which do not repeat.
  init(of map: OTTLValue, in run: borrowing OTTLRun) {
    guard map.memberCount > Self.few else { return }
    makeSlots(for: map.memberCount)
    for index in 0..<map.memberCount { put(index, run.bytes(run.key(index, of: map))) }
  }

  /// No keys, but with a table for so many; without one if there are to be none.
  init(room: Int) { if room > 0 { makeSlots(for: room) } }

  private mutating func makeSlots(for keys: Int) {
    var length = 64
    while length < keys &* 2 { length &*= 2 }
    slots = Array(repeating: 0, count: length)
  }

  /// The hash is keyed, so that no sender can make keys that collide.
  private static func hash(_ key: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: key)
    return hasher.finalize()
  }

  /// Notes the key of a member, which was not noted before.
  mutating func put(_ index: Int, _ key: UnsafeRawBufferPointer) {
    let mask = slots.count &- 1
    var slot = Self.hash(key) & mask
    while slots[slot] != 0 { slot = (slot &+ 1) & mask }
    slots[slot] = UInt32(truncatingIfNeeded: index &+ 1)
  }

  /// Which member of the map has a key; nil if none that was noted has.
  func place(of key: UnsafeRawBufferPointer, in map: OTTLValue, _ run: borrowing OTTLRun) -> Int? {
    if slots.isEmpty { return run.index(of: key, in: map) }
    let mask = slots.count &- 1
    var slot = Self.hash(key) & mask
    while slots[slot] != 0 {
      let index = Int(slots[slot]) &- 1
      if run.isSame(run.bytes(run.key(index, of: map)), key) { return index }
      slot = (slot &+ 1) & mask
    }
    return nil
  }
}

extension OTTLRun {
  /// Whether a computed map may have a key twice; seldom wrong.
  @inline(__always)
  mutating func mayRepeatKeys(_ map: OTTLValue) -> Bool {
    let range = map.members.range.indices
    if range.count < 2 { return false }
    if marks == nil { marks = KeyMarks() }
    marks?.begin()
    guard let mark = marks?.mark else { return true }
    var hits = 0
    for index in range {
      let key = bytes(members[index].key)
      if let start = key.baseAddress { hits &+= mark.set(start, key.count) } else { hits &+= 1 }
    }
    return hits > 0
  }

  /// Of members of a computed map that have the same key only the last; takes linear time.
  mutating func withoutRepeatedKeys(_ map: OTTLValue) -> OTTLValue {
    let range = map.members.range.indices
    guard map.members.place == .scratch, range.count > 1 else { return map }
    var seen = KeyPlaces(room: range.count > KeyPlaces.few ? range.count : 0)
    var kept = range.upperBound
    for index in range.reversed() {
      if isSeen(index, kept..<range.upperBound, &seen, map) { continue }
      kept &-= 1
      if kept > index { members[kept] = members[index] }
    }
    return .map(EntryRange(kept..<range.upperBound), in: .scratch)
  }

  /// Whether the key of a member is that of one that is kept; notes it if not.
  private func isSeen(_ index: Int, _ kept: Range<Int>, _ seen: inout KeyPlaces, _ map: OTTLValue) -> Bool {
    let key = bytes(members[index].key)
    guard map.memberCount > KeyPlaces.few else {
      return kept.contains { isSame(bytes(members[$0].key), key) }
    }
    if seen.place(of: key, in: map, self) != nil { return true }
    seen.put(kept.lowerBound &- 1 &- map.members.range.indices.lowerBound, key)
    return false
  }
}
