/// A value that the configuration gives, to be put into records or compared with theirs.
package indirect enum Constant: Sendable, Equatable {
  case empty
  case string(String)
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case array([Constant])
  case map([Member])

  /// One member of a map.
  package struct Member: Sendable, Equatable {
    package var key: String
    package var value: Constant

    package init(_ key: String, _ value: Constant) {
      self.key = key
      self.value = value
    }
  }

  /// Puts the constant into a batch, once for all records that get it; nil when the store has no room.
  func stored(in batch: inout LogBatch) -> Value? {
    switch self {
    case .empty: return .empty
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .double(let value): return .double(value)
    case .string(let text): return batch.store(text.utf8).map { .string($0) }
    case .array(let items): return Self.store(items.map { Member("", $0) }, in: &batch).map { .array($0) }
    case .map(let members): return Self.store(members, in: &batch).map { .map($0) }
    }
  }

  /// Members are neighbours in `LogBatch.nested`, so those of members go there first.
  private static func store(_ members: [Member], in batch: inout LogBatch) -> EntryRange? {
    var entries: [Attribute] = []
    for member in members {
      guard let key = batch.store(member.key.utf8), let value = member.value.stored(in: &batch) else { return nil }
      entries.append(Attribute(key: key, value: value))
    }
    let start = batch.nested.count
    batch.nested += entries
    return EntryRange(start..<batch.nested.count)
  }

  /// Whether a value of a batch is the same: of one kind and equal, maps in any order.
  func equals(_ value: Value, in batch: borrowing LogBatch) -> Bool {
    switch self {
    case .empty: value.kind == .empty
    case .bool(let expected): value.kind == .bool && value.boolValue == expected
    case .int(let expected): value.kind == .int && value.intValue == expected
    case .double(let expected): value.kind == .double && value.doubleValue == expected
    case .string(let text): value.kind == .string && Self.equal(text, value.slice, in: batch)
    case .array(let items): value.kind == .array && Self.equal(items, value.entries, in: batch)
    case .map(let members): value.kind == .map && Self.equal(members, value.entries, in: batch)
    }
  }

  private static func equal(_ text: String, _ slice: ByteSlice, in batch: borrowing LogBatch) -> Bool {
    text.utf8.count == Int(slice.count) && text.utf8.elementsEqual(batch.store[slice.range])
  }

  private static func equal(_ items: [Constant], _ entries: EntryRange, in batch: borrowing LogBatch) -> Bool {
    guard items.count == Int(entries.count) else { return false }
    for (item, index) in zip(items, entries.indices) where !item.equals(batch.nested[index].value, in: batch) {
      return false
    }
    return true
  }

  private static func equal(_ members: [Member], _ entries: EntryRange, in batch: borrowing LogBatch) -> Bool {
    guard members.count == Int(entries.count) else { return false }
    for member in members {
      var isFound = false
      for index in entries.indices where equal(member.key, batch.nested[index].key, in: batch) {
        isFound = isFound || member.value.equals(batch.nested[index].value, in: batch)
      }
      if !isFound { return false }
    }
    return true
  }
}
