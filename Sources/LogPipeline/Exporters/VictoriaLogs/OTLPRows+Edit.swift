/// Changing what cannot be sent as it is.
extension OTLPRows {
  /// A field as it is to be sent: its name as the server has it, and what stands there.
  private struct Row {
    var name: [UInt8]
    let rank: UInt32
    var attribute: Attribute

    /// Whether the field is one that a record has beside body and attributes.
    var isFixed: Bool { rank == FlatFields.Rank.fixed.rawValue }
  }

  /// What a resource shares with its records, and what these have of their own, by index.
  private struct Rows {
    var shared: [Row]
    var own: [Int: [Row]] = [:]
    /// What is taken from the resource and given to each record that has none of that name.
    var given: [Row] = []
  }

  /// A copy of the batch in which nothing is odd any more.
  mutating func edit(_ batch: borrowing LogBatch) -> LogBatch {
    var copy = batch.copied()
    givesLeft = 1000 &+ 4 &* batch.attributes.count
    for scope in oddScopes {
      guard let rows = rows(of: scope, batch, in: &copy) else { continue }
      copy.scopes[scope.index].attributes = copy.append(rows.map(\.attribute))
    }
    for group in groups where group.isOdd { edit(group, of: batch, in: &copy) }
    return copy
  }

  /// Changes a resource and its records.
  private mutating func edit(_ group: Group, of batch: borrowing LogBatch, in copy: inout LogBatch) {
    let resource = group.odd ?? Odd(.resource, group.resource)
    guard var rows = rows(of: resource, batch, in: &copy).map({ Rows(shared: $0) }) else { return }
    for record in group.oddRecords { rows.own[record.index] = self.rows(of: record, batch, in: &copy) }
    let names = Set(rows.shared.map(\.name))
    let isClashing = rows.own.values.contains { own in own.contains { names.contains($0.name) } }
    if isClashing {
      for index in group.records where rows.own[index] == nil {
        rows.own[index] = self.rows(of: Odd(.record, index), batch, in: &copy)
      }
      part(&rows, in: &copy)
    }
    if group.odd != nil || isClashing {
      copy.resources[group.resource].attributes = copy.append(rows.shared.map(\.attribute))
    }
    for (index, own) in rows.own {
      let names = Set(rows.given.isEmpty ? [] : own.map(\.name))
      set(own, with: rows.given.filter { !names.contains($0.name) }, at: index, in: &copy)
    }
  }

  // MARK: Names that resource and record have

  /// Sees to it that no record has a name that its resource has too: the resource's field is taken away and given to
  /// the records that have it not. Where it cannot be a record's, since another prefix stands before theirs, or where
  /// that would make a request much larger, the record's gets another name.
  private mutating func part(_ rows: inout Rows, in copy: inout LogBatch) {
    var names = Set(rows.shared.map(\.name))
    var fixed: Set<[UInt8]> = []
    var ownNames: Set<[UInt8]> = []
    for row in rows.own.values.joined() {
      ownNames.insert(row.name)
      if row.isFixed { fixed.insert(row.name) }
    }
    var kept: [Row] = []
    for var row in rows.shared {
      if ownNames.contains(row.name) {
        if let given = given(row, to: rows.own.count, in: &copy) {
          rows.given.append(given)
          continue
        }
        if fixed.contains(row.name) {
          rename(&row, in: &copy) { names.contains($0) || ownNames.contains($0) }
          names.insert(row.name)
        }
      }
      kept.append(row)
    }
    rows.shared = kept
    let keptNames = Set(kept.map(\.name))
    for (index, own) in rows.own where own.contains(where: { !$0.isFixed && keptNames.contains($0.name) }) {
      var used = Set(own.map(\.name))
      for place in own.indices where !own[place].isFixed && keptNames.contains(own[place].name) {
        var row = own[place]
        rename(&row, in: &copy) { used.contains($0) || names.contains($0) }
        used.insert(row.name)
        rows.own[index]?[place] = row
      }
    }
  }

  /// A field of a resource as an attribute of so many records; nil if none can have that name, or they are too many.
  private mutating func given(_ row: Row, to records: Int, in copy: inout LogBatch) -> Row? {
    guard records <= givesLeft, row.name.starts(with: attributePrefix),
      let key = copy.store(row.name.dropFirst(attributePrefix.count))
    else { return nil }
    givesLeft &-= records
    return Row(name: row.name, rank: row.rank, attribute: Attribute(key: key, value: row.attribute.value))
  }

  /// Gives a field a name that no other has. A suffix makes the key longer as it does the name.
  private mutating func rename(_ row: inout Row, in copy: inout LogBatch, isUsed: ([UInt8]) -> Bool) {
    var name = row.name
    repeat { name += Array("\(FlatLayout.reservedSuffix)".utf8) } while isUsed(name)
    let keyBytes = Int(row.attribute.key.count) &+ name.count &- row.name.count
    guard let key = copy.store(name.suffix(keyBytes)) else { return }
    row.name = name
    row.attribute.key = key
    changes.renamedFields &+= 1
  }

  /// Sets the fields of a record, with those of its resource that it is given.
  private func set(_ rows: [Row], with given: [Row], at index: Int, in copy: inout LogBatch) {
    let ofRank = { (rank: FlatFields.Rank) in rows.filter { $0.rank == rank.rawValue }.map(\.attribute) }
    copy.records[index].attributes = copy.append(ofRank(.attribute) + given.map(\.attribute))
    guard copy.records[index].body.kind == .map else { return }
    let start = copy.nested.count
    copy.nested += ofRank(.body)
    copy.records[index].body = .map(EntryRange(start..<copy.nested.count))
  }

  // MARK: Fields

  /// The fields of a resource, scope or record as they are to be sent, each name once, in the order in which they came;
  /// nil if they are too many, or the batch has no room for them.
  private mutating func rows(of odd: Odd, _ batch: borrowing LogBatch, in copy: inout LogBatch) -> [Row]? {
    fields.begin(at: LineFields.Mark(), as: odd.stream == nil ? .flat : .gathering)
    if let stream = odd.stream { fields.enter(stream) }
    add(odd, batch)
    let prefix = prefix(of: odd.part)
    if odd.stream != nil {
      let name = odd.part == .resource ? LineFields.gatheredResourceName : LineFields.gatheredName
      prefix.withUnsafeBytes { fields.finishShort(as: name, under: $0, batch) }
    }
    if fields.overflow != nil { return nil }
    fields.settle()
    changes += fields.changes
    var rows: [Row] = []
    for index in fields.own {
      let entry = fields.flat.table.entries[index]
      let name = Array(fields.bytes(ofName: entry))
      let isAttribute = entry.rank == FlatFields.Rank.attribute.rawValue
      let rest = name.dropFirst(isAttribute ? prefix.count : 0)
      guard let key = copy.store(rest.isEmpty ? Array("\(FlatLayout.reservedSuffix)".utf8)[...] : rest),
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
