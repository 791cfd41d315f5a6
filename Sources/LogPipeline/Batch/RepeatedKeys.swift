// decision: docs/decisions/0204-one-value-a-key.md

import Glibc

extension LogBatch {
  /// Keeps only the last of the attributes, and of the members of a map, that have the same key, and counts what goes.
  ///
  /// The decoders call this, so that nothing behind them has to choose: conditions, routes, processors and exporters
  /// see one value a key. Takes linear time whatever the keys are.
  mutating func dropRepeatedKeys() {
    guard keysMayRepeat else { return }
    let store = store
    oddities.repeatedKeys &+= store.withUnsafeBytes { bytes in
      var keys = RepeatedKeys(store: bytes)
      for index in resources.indices { keys.drop(from: &resources[index].attributes, of: &attributes, &nested) }
      for index in scopes.indices { keys.drop(from: &scopes[index].attributes, of: &attributes, &nested) }
      for index in records.indices {
        keys.drop(from: &records[index].attributes, of: &attributes, &nested)
        keys.drop(fromMembersOf: &records[index].body, of: &nested)
      }
      return keys.dropped
    }
  }
}

/// Drops entries whose key a later entry of the same owner has.
private struct RepeatedKeys {
  /// Where keys lie.
  let store: UnsafeRawBufferPointer
  private(set) var dropped = 0
  /// The keys of an owner of many.
  private var seen: Set<Key> = []

  /// Entries up to which keys are compared with each other.
  private static let fewEntries = 16

  init(store: UnsafeRawBufferPointer) { self.store = store }

  /// A key as its bytes; the hash is keyed, so that no sender can make keys that collide.
  private struct Key: Hashable {
    let bytes: UnsafeRawBufferPointer

    static func == (a: Key, b: Key) -> Bool {
      guard a.bytes.count == b.bytes.count else { return false }
      guard let left = a.bytes.baseAddress, let right = b.bytes.baseAddress else { return true }
      return memcmp(left, right, a.bytes.count) == 0
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(bytes.count)
      hasher.combine(bytes: bytes)
    }
  }

  private func key(_ entry: Attribute) -> Key { Key(bytes: UnsafeRawBufferPointer(rebasing: store[entry.key.range])) }

  /// Drops attributes, and members of attributes that are maps.
  mutating func drop(from range: inout EntryRange, of attributes: inout [Attribute], _ nested: inout [Attribute]) {
    drop(from: &range, of: &attributes)
    if nested.isEmpty { return }
    for index in range.indices { drop(fromMembersOf: &attributes[index].value, of: &nested) }
  }

  /// Drops members of a map, and of the maps in it; nesting is bounded by the decoder.
  mutating func drop(fromMembersOf value: inout Value, of nested: inout [Attribute]) {
    guard value.kind == .map || value.kind == .array else { return }
    var members = value.entries
    if value.kind == .map {
      drop(from: &members, of: &nested)
      value = .map(members)
    }
    for index in members.indices where nested[index].value.kind == .map || nested[index].value.kind == .array {
      var member = nested[index].value
      drop(fromMembersOf: &member, of: &nested)
      nested[index].value = member
    }
  }

  /// Leaves the entries that stay, in their order, at the end of the range.
  private mutating func drop(from range: inout EntryRange, of entries: inout [Attribute]) {
    let indices = range.indices
    guard indices.count > 1 else { return }
    seen.removeAll(keepingCapacity: true)
    var kept = indices.upperBound
    for index in indices.reversed() {
      let key = key(entries[index])
      if indices.count > Self.fewEntries {
        guard seen.insert(key).inserted else { continue }
      } else if entries[kept..<indices.upperBound].contains(where: { self.key($0) == key }) {
        continue
      }
      kept -= 1
      if kept > index { entries[kept] = entries[index] }
    }
    dropped += kept - indices.lowerBound
    range = EntryRange(kept..<indices.upperBound)
  }
}
