/// What is the same in records that are duplicates of each other: 128 bits of a keyed hash of what they say.
///
/// The standard library's `Hasher` is keyed anew in each process, so that nobody can make records that suppress those
/// of others. The order of attributes and of a map's members does not count.
package struct DuplicateKey: Hashable, Sendable {
  fileprivate var first: Int
  fileprivate var second: Int

  fileprivate init(_ hasher: Hasher) {
    var other = hasher
    other.combine(true)
    first = hasher.finalize()
    second = other.finalize()
  }

  package static func == (a: DuplicateKey, b: DuplicateKey) -> Bool { a.first == b.first && a.second == b.second }
  package func hash(into hasher: inout Hasher) { hasher.combine(first) }
}

/// Which fields tell duplicates from other records.
package enum DuplicateFields: Sendable {
  /// Body, severity and attributes, except these fields.
  case allBut(RecordFields)
  /// These fields alone; all, for a record that has none of them.
  case only(RecordFields)
}

extension DuplicateFields {
  /// The keys of a batch's records, in their order.
  func keys(of batch: borrowing LogBatch) -> [DuplicateKey] {
    let store = batch.store.span.bytes
    let scopes = batch.scopes.indices.map { scopeHash(batch.scopes[$0], of: batch, store) }
    var keys: [DuplicateKey] = []
    keys.reserveCapacity(batch.records.count)
    for index in batch.records.indices {
      let record = batch.records[index]
      keys.append(key(of: record, after: scopes[Int(record.scope)], in: batch, store))
    }
    return keys
  }

  private func scopeHash(_ scope: Scope, of batch: borrowing LogBatch, _ store: RawSpan) -> Hasher {
    var hasher = Hasher()
    hasher.add(batch.attributes, batch.resources[Int(scope.resource)].attributes, .all, of: batch, store)
    hasher.add(scope.name, store)
    hasher.add(scope.version, store)
    hasher.add(batch.attributes, scope.attributes, .all, of: batch, store)
    return hasher
  }

  private func key(
    of record: LogRecord, after scope: Hasher, in batch: borrowing LogBatch, _ store: RawSpan
  ) -> DuplicateKey {
    var hasher = scope
    var excluded = RecordFields()
    switch self {
    case .allBut(let fields): excluded = fields
    case .only(let fields):
      var found = hasher.add(batch.attributes, record.attributes, .only(fields.attributes), of: batch, store)
      if record.body.kind == .map {
        found &+= hasher.add(batch.nested, record.body.entries, .only(fields.body), of: batch, store)
      }
      if found > 0 { return DuplicateKey(hasher) }
    }
    hasher.combine(record.severityNumber)
    hasher.add(record.severityText, store)
    hasher.add(record.body, .allBut(excluded.body), of: batch, store)
    hasher.add(batch.attributes, record.attributes, .allBut(excluded.attributes), of: batch, store)
    return DuplicateKey(hasher)
  }
}

/// Which members of a map are hashed.
private enum HashedMembers {
  case all
  case allBut(FieldTree)
  case only(FieldTree)
}

/// Adding values, with lengths and kinds, so that what differs differs in the hash.
extension Hasher {
  fileprivate mutating func add(_ slice: ByteSlice, _ store: RawSpan) {
    combine(slice.count)
    store.extracting(slice.range).withUnsafeBytes { combine(bytes: $0) }
  }

  /// Adds a value; false if it is a map of which only members were asked for that it does not have.
  @discardableResult
  fileprivate mutating func add(
    _ value: Value, _ members: HashedMembers, of batch: borrowing LogBatch, _ store: RawSpan
  ) -> Bool {
    combine(value.kind.rawValue)
    switch value.kind {
    case .empty: break
    case .string, .bytes: add(value.slice, store)
    case .bool: combine(value.boolValue)
    case .int: combine(value.intValue)
    case .double: combine(value.doubleValue.bitPattern)
    case .map:
      let added = add(batch.nested, value.entries, members, of: batch, store)
      if case .only = members { return added > 0 }
    case .array:
      combine(value.entries.count)
      for index in value.entries.indices { add(batch.nested[index].value, .all, of: batch, store) }
    }
    return true
  }

  /// Adds entries whose order does not count; returns how many.
  @discardableResult
  fileprivate mutating func add(
    _ entries: [Attribute], _ range: EntryRange, _ members: HashedMembers, of batch: borrowing LogBatch,
    _ store: RawSpan
  ) -> Int {
    var sum = (entries: 0, first: 0, second: 0)
    for index in range.indices {
      guard let below = members.below(entries[index], store) else { continue }
      var entry = Hasher()
      entry.add(entries[index].key, store)
      guard entry.add(entries[index].value, below, of: batch, store) else { continue }
      let key = DuplicateKey(entry)
      sum = (sum.entries &+ 1, sum.first &+ key.first, sum.second &+ key.second)
    }
    combine(sum.entries)
    combine(sum.first)
    combine(sum.second)
    return sum.entries
  }
}

extension HashedMembers {
  /// Which members of the entry's value are hashed; nil if the entry is not.
  @inline(__always)
  fileprivate func below(_ entry: Attribute, _ store: RawSpan) -> HashedMembers? {
    switch self {
    case .all: return .all
    case .allBut(let fields):
      if fields.isEmpty { return .all }
      let found = fields.find(entry.key, in: store)
      return found.isNamed ? nil : found.below.map { .allBut($0) } ?? .all
    case .only(let fields):
      let found = fields.find(entry.key, in: store)
      if found.isNamed { return .all }
      return entry.value.kind == .map ? found.below.map { .only($0) } : nil
    }
  }
}
