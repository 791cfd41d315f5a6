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

/// What tells duplicates from other records beside their resource, body and attributes.
package struct RecordIdentity: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let severityNumber = RecordIdentity(rawValue: 1)
  package static let severityText = RecordIdentity(rawValue: 2)
  package static let eventName = RecordIdentity(rawValue: 4)
  package static let scopeName = RecordIdentity(rawValue: 8)
  package static let scopeVersion = RecordIdentity(rawValue: 16)
  /// Trace and span id.
  package static let traceIDs = RecordIdentity(rawValue: 32)

  /// All but trace and span ids.
  package static let standard: RecordIdentity = [
    .severityNumber, .severityText, .eventName, .scopeName, .scopeVersion,
  ]

  /// By the names that these fields have in the configuration.
  package static let named: [(name: String, field: RecordIdentity)] = [
    ("severity_number", .severityNumber), ("severity_text", .severityText), ("event_name", .eventName),
    ("scope.name", .scopeName), ("scope.version", .scopeVersion),
  ]
}

/// Which fields tell duplicates from other records.
package enum DuplicateFields: Sendable {
  /// Body, attributes and what the identity says, except these fields.
  case allBut(RecordFields)
  /// These fields alone; all, for a record that has none of them.
  case only(RecordFields)
}

extension DuplicateFields {
  /// The keys of a batch's records, in their order.
  func keys(of batch: borrowing LogBatch, identity: RecordIdentity = .standard) -> [DuplicateKey] {
    let scopes = batch.scopes.indices.map { scopeHash(batch.scopes[$0], identity, of: batch) }
    var keys: [DuplicateKey] = []
    keys.reserveCapacity(batch.records.count)
    for index in batch.records.indices {
      let record = batch.records[index]
      keys.append(key(of: record, identity, after: scopes[Int(record.scope)], in: batch))
    }
    return keys
  }

  private func scopeHash(_ scope: Scope, _ identity: RecordIdentity, of batch: borrowing LogBatch) -> Hasher {
    let store = batch.store.span.bytes
    var hasher = Hasher()
    let resource = batch.resources[Int(scope.resource)]
    hasher.add(resource.tenant, store)
    hasher.add(batch.attributes[resource.attributes.indices], .all, of: batch)
    if identity.contains(.scopeName) { hasher.add(scope.name, store) }
    if identity.contains(.scopeVersion) { hasher.add(scope.version, store) }
    hasher.add(batch.attributes[scope.attributes.indices], .all, of: batch)
    return hasher
  }

  private func key(
    of record: LogRecord, _ identity: RecordIdentity, after scope: Hasher, in batch: borrowing LogBatch
  ) -> DuplicateKey {
    let store = batch.store.span.bytes
    var hasher = scope
    if identity.contains(.traceIDs) {
      hasher.combine(record.traceID.high)
      hasher.combine(record.traceID.low)
      hasher.combine(record.spanID)
    }
    var excluded = RecordFields()
    switch self {
    case .allBut(let fields): excluded = fields
    case .only(let fields):
      var found = hasher.add(batch.attributes[record.attributes.indices], .only(fields.attributes), of: batch)
      if record.body.kind == .map {
        found &+= hasher.add(batch.nested[record.body.entries.indices], .only(fields.body), of: batch)
      }
      if found > 0 { return DuplicateKey(hasher) }
    }
    if identity.contains(.severityNumber) { hasher.combine(record.severityNumber) }
    if identity.contains(.severityText) { hasher.add(record.severityText, store) }
    if identity.contains(.eventName) { hasher.add(record.eventName, store) }
    hasher.add(record.body, .allBut(excluded.body), of: batch)
    hasher.add(batch.attributes[record.attributes.indices], .allBut(excluded.attributes), of: batch)
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
  fileprivate mutating func add(_ value: Value, _ members: HashedMembers, of batch: borrowing LogBatch) -> Bool {
    combine(value.kind.rawValue)
    switch value.kind {
    case .empty: break
    case .string, .bytes: add(value.slice, batch.store.span.bytes)
    case .bool: combine(value.boolValue)
    case .int: combine(value.intValue)
    case .double: combine(value.doubleValue.bitPattern)
    case .map:
      let added = add(batch.nested[value.entries.indices], members, of: batch)
      if case .only = members { return added > 0 }
    case .array:
      combine(value.entries.count)
      for index in value.entries.indices { add(batch.nested[index].value, .all, of: batch) }
    }
    return true
  }

  /// Adds entries whose order does not count; returns how many.
  @discardableResult
  fileprivate mutating func add(
    _ entries: ArraySlice<Attribute>, _ members: HashedMembers, of batch: borrowing LogBatch
  ) -> Int {
    let store = batch.store.span.bytes
    var sum = (entries: 0, first: 0, second: 0)
    for attribute in entries {
      guard let below = members.below(attribute, store) else { continue }
      var entry = Hasher()
      entry.add(attribute.key, store)
      guard entry.add(attribute.value, below, of: batch) else { continue }
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
