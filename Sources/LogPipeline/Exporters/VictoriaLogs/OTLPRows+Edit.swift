/// Changing what cannot be sent as it is.
extension OTLPRows {
  /// A field as it is to be sent: its name as the server has it, and what stands there.
  private struct Row {
    let name: [UInt8]
    let rank: UInt32
    let attribute: Attribute
  }

  /// A copy of the batch in which nothing is odd any more.
  mutating func edit(_ batch: borrowing LogBatch) -> LogBatch {
    var copy = batch.copied()
    givesLeft = 1000 &+ 4 &* batch.attributes.count
    for index in oddScopes { edit(scope: index, of: batch, in: &copy) }
    for group in groups where group.isOdd || !group.odd.isEmpty { edit(group, of: batch, in: &copy) }
    return copy
  }

  private mutating func edit(scope index: Int, of batch: borrowing LogBatch, in copy: inout LogBatch) {
    fields.begin(at: LineFields.Mark())
    let prefix: StaticString = "scope.attributes."
    fields.add(batch.scopes[index].attributes, under: prefix.rawBytes, batch)
    guard let rows = rows(prefix: prefix.utf8CodeUnitCount, of: batch, in: &copy) else { return }
    copy.scopes[index].attributes = copy.append(rows.map(\.attribute))
  }

  /// Changes records of one resource. An attribute of the resource that one of them has too is taken from the resource
  /// and given to those that have it not, unless prefixes keep it from being theirs.
  private mutating func edit(_ group: Group, of batch: borrowing LogBatch, in copy: inout LogBatch) {
    fields.begin(at: LineFields.Mark())
    let prefix = resourcePrefix
    prefix.withUnsafeBytes { fields.add(batch.resources[group.resource].attributes, under: $0, batch) }
    guard let shared = rows(prefix: prefix.count, of: batch, in: &copy) else { return }
    var own: [Int: [Row]] = [:]
    for odd in group.odd { own[odd.index] = rows(of: odd, batch, in: &copy) }
    let ownNames = own.mapValues { Set($0.map(\.name)) }
    let allNames = ownNames.values.reduce(into: Set()) { $0.formUnion($1) }
    let taken = shared.compactMap { allNames.contains($0.name) ? asRecords($0, in: &copy) : nil }
    let gives = taken.count.multipliedReportingOverflow(by: group.records.count)
    let mayGive = !gives.overflow && gives.partialValue <= givesLeft
    if mayGive { givesLeft &-= gives.partialValue }
    if group.isOdd || mayGive && !taken.isEmpty {
      let names = Set(mayGive ? taken.map(\.name) : [])
      copy.resources[group.resource].attributes = copy.append(
        shared.filter { !names.contains($0.name) }.map(\.attribute))
    }
    for index in group.records where own[index] != nil || mayGive && !taken.isEmpty {
      var kept = own[index]
      if kept == nil { kept = rows(of: OddRecord(index: index), batch, in: &copy) }
      let names = ownNames[index] ?? []
      let given = mayGive ? taken.filter { !names.contains($0.name) }.map(\.attribute) : []
      set((kept, given), at: index, in: &copy)
    }
  }

  /// A field of a resource as an attribute of a record; nil if none can have that name.
  private func asRecords(_ row: Row, in copy: inout LogBatch) -> Row? {
    guard row.name.starts(with: attributePrefix), let key = copy.store(row.name.dropFirst(attributePrefix.count)) else {
      return nil
    }
    return Row(name: row.name, rank: row.rank, attribute: Attribute(key: key, value: row.attribute.value))
  }

  /// Sets the fields of a record, nil for those that it has, with those of its resource that it is given.
  private func set(_ fields: (own: [Row]?, given: [Attribute]), at index: Int, in copy: inout LogBatch) {
    guard let rows = fields.own else {
      let attributes = copy.records[index].attributes.indices.map { copy.attributes[$0] }
      copy.records[index].attributes = copy.append(attributes + fields.given)
      return
    }
    let ofRank = { (rank: FlatFields.Rank) in rows.filter { $0.rank == rank.rawValue }.map(\.attribute) }
    copy.records[index].attributes = copy.append(ofRank(.attribute) + fields.given)
    guard copy.records[index].body.kind == .map else { return }
    let start = copy.nested.count
    copy.nested += ofRank(.body)
    copy.records[index].body = .map(EntryRange(start..<copy.nested.count))
  }

  /// The fields of a record as they are to be sent; nil if the batch has no room for them.
  private mutating func rows(of odd: OddRecord, _ batch: borrowing LogBatch, in copy: inout LogBatch) -> [Row]? {
    fields.begin(at: LineFields.Mark(), as: odd.stream == nil ? .flat : .gathering)
    if let stream = odd.stream { fields.enter(stream) }
    addOwn(batch.records[odd.index], batch)
    let prefix = attributePrefix
    if odd.stream != nil {
      prefix.withUnsafeBytes { fields.finishShort(under: $0, batch, isQuoted: false) }
      changes.unflattenedRecords &+= 1
    }
    return rows(prefix: prefix.count, of: batch, in: &copy)
  }

  /// The fields just added, each name once, in the order in which they came; nil if they are too many.
  private mutating func rows(prefix: Int, of batch: borrowing LogBatch, in copy: inout LogBatch) -> [Row]? {
    if fields.overflow != nil { return nil }
    fields.settle()
    changes.renamedFields &+= fields.changes.renamedFields
    var rows: [Row] = []
    for index in fields.own {
      let entry = fields.flat.table.entries[index]
      let name = Array(fields.bytes(ofName: entry))
      let isAttribute = entry.rank == FlatFields.Rank.attribute.rawValue
      guard let key = copy.store(name.dropFirst(isAttribute ? prefix : 0)),
        let value = value(of: entry, batch, in: &copy)
      else { return nil }
      rows.append(Row(name: name, rank: entry.rank, attribute: Attribute(key: key, value: value)))
    }
    return rows
  }

  /// What is sent as a field's value: of a map its JSON text, since it was not to be flattened.
  private func value(of entry: FieldEntry, _ batch: borrowing LogBatch, in copy: inout LogBatch) -> Value? {
    if entry.isRendered {
      return copy.store(fields.rendered.pointer(to: entry.value.slice.range)).map { .string($0) }
    }
    guard entry.value.kind == .map else { return entry.value }
    var text = ByteWriter(capacityBytes: 256)
    text.appendJSONText(entry.value, of: batch)
    return copy.store(text.array).map { .string($0) }
  }
}

extension LogBatch {
  /// Appends attributes and returns where they lie.
  fileprivate mutating func append(_ entries: [Attribute]) -> EntryRange {
    let start = attributes.count
    attributes += entries
    return EntryRange(start..<attributes.count)
  }
}
