extension FieldSet {
  /// Keeps the JSON of the resource's fields, which are all so far, in `shared`.
  mutating func shareResource(_ batch: borrowing LogBatch, in shared: inout ByteWriter) {
    resourceGroups.removeAll(keepingCapacity: true)
    let end = flat.table.entries.count
    flat.table.sort(from: 0)
    var start = 0
    while start < end {
      let next = endOfGroup(from: start, to: end)
      resourceGroups.append(group(of: start..<next, nil, batch, in: &shared))
      start = next
    }
  }

  /// Keeps the JSON of what the scope's fields, those from `start` on, change; the rest is as for the resource alone.
  mutating func shareScope(from start: Int, _ batch: borrowing LogBatch, in shared: inout ByteWriter) {
    groups.removeAll(keepingCapacity: true)
    let end = flat.table.entries.count
    flat.table.sort(from: start)
    var own = start
    var outer = 0
    while own < end || outer < resourceGroups.count {
      let order = compareGroups(own, end, resourceGroups, outer)
      if order > 0 {
        groups.append(resourceGroups[outer])
        outer &+= 1
        continue
      }
      let next = endOfGroup(from: own, to: end)
      groups.append(group(of: own..<next, order == 0 ? resourceGroups[outer].added : nil, batch, in: &shared))
      if order == 0 { outer &+= 1 }
      own = next
    }
  }

  /// Settles copies of fields under one first segment and writes their JSON to `shared`.
  private mutating func group(
    of added: Range<Int>, _ outer: Range<Int>?, _ batch: borrowing LogBatch, in shared: inout ByteWriter
  ) -> Group {
    let start = flat.table.entries.count
    for index in outer ?? 0..<0 { flat.table.entries.append(flat.table.entries[index]) }
    for index in added { flat.table.entries.append(flat.table.entries[index]) }
    settle(from: start)
    let json = shared.count
    write(start..<flat.table.entries.count, batch, to: &shared)
    return Group(added: added, fields: start..<flat.table.entries.count, json: json..<shared.count)
  }

  /// Writes the shared fields and the settled ones from `start` on, merged, as members with a comma after each.
  mutating func writeMerged(
    from start: Int, _ batch: borrowing LogBatch, shared: borrowing ByteWriter, to bytes: inout ByteWriter
  ) {
    let end = flat.table.entries.count
    var own = start
    var group = 0
    while own < end || group < groups.count {
      let order = compareGroups(own, end, groups, group)
      if order > 0 {
        shared.withUnsafeBytes(in: groups[group].json) { bytes.append($0) }
        group &+= 1
        continue
      }
      let ownEnd = endOfGroup(from: own, to: end)
      if order < 0 {
        write(own..<ownEnd, batch, to: &bytes)
      } else {
        writeTogether(own..<ownEnd, groups[group].fields, batch, to: &bytes)
        group &+= 1
      }
      own = ownEnd
    }
  }

  /// Below zero if the record's fields at `own` come first, above if the shared group does, zero if they are of the
  /// same object.
  @inline(__always)
  private func compareGroups(_ own: Int, _ end: Int, _ groups: borrowing [Group], _ group: Int) -> Int {
    if own >= end { return 1 }
    if group >= groups.count { return -1 }
    let a = flat.table.entries[own]
    let b = flat.table.entries[groups[group].fields.lowerBound]
    if a.hint != b.hint { return a.hint < b.hint ? -1 : 1 }
    return isSameGroup(a, b) ? 0 : DocumentOrder.compare(a, b, flat.table.names.base)
  }

  /// Writes fields of the record and shared fields of the same object.
  @inline(never)
  private mutating func writeTogether(
    _ own: Range<Int>, _ shared: Range<Int>, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) {
    let mark = flat.table.mark
    for index in shared { flat.table.entries.append(flat.table.entries[index]) }
    for index in own { flat.table.entries.append(flat.table.entries[index]) }
    settle(from: mark.entries)
    write(mark.entries..<flat.table.entries.count, batch, to: &bytes)
    flat.table.truncate(to: mark)
  }

  /// Where the run of fields with the same first segment ends.
  @inline(__always)
  private func endOfGroup(from start: Int, to end: Int) -> Int {
    var next = start &+ 1
    while next < end, isSameGroup(flat.table.entries[start], flat.table.entries[next]) { next &+= 1 }
    return next
  }

  /// Whether two fields have the same first segment, of which the hints hold the first bytes.
  @inline(__always)
  private func isSameGroup(_ a: FieldEntry, _ b: FieldEntry) -> Bool {
    if a.hint != b.hint { return false }
    let left = flat.table.names.base + Int(a.start)
    let right = flat.table.names.base + Int(b.start)
    let dot = UInt8(ascii: ".")
    let count = Int(min(a.count, b.count))
    for offset in 0..<count {
      let byte = left.load(fromByteOffset: offset, as: UInt8.self)
      if byte != right.load(fromByteOffset: offset, as: UInt8.self) { return false }
      if byte == dot { return true }
    }
    if a.count == b.count { return true }
    let longer = a.count > b.count ? left : right
    return longer.load(fromByteOffset: count, as: UInt8.self) == dot
  }

  /// Writes settled fields as members with a comma after each, keys parted at dots into nested objects.
  mutating func write(_ fields: Range<Int>, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    var open = OpenObjects()
    for index in fields {
      let entry = flat.table.entries[index]
      if entry.value.kind == .empty { continue }
      let key = entry.range
      if open.count > 0 { closeObjects(notIn: key, &open, to: &bytes) }
      open.key = key.lowerBound
      var at = open.count
      while open.depth < maxObjectDepth, let dot = firstDot(in: key, from: at) {
        writeKey(key.lowerBound &+ at..<dot, to: &bytes)
        bytes.append(UInt8(ascii: "{"))
        open.depth &+= 1
        at = dot &+ 1 &- key.lowerBound
      }
      open.count = at
      writeKey(key.lowerBound &+ at..<key.upperBound, to: &bytes)
      let start = bytes.count
      writeValue(entry, batch, to: &bytes)
      if places != nil { notePlace(of: entry, start..<bytes.count) }
      bytes.append(UInt8(ascii: ","))
    }
    while open.depth > 0 { closeObject(&open.depth, to: &bytes) }
  }

  /// Has the places of values noted for the fields that were added after `mark`.
  mutating func notePlaces(from mark: Mark) {
    places = []
    places?.reserveCapacity(RecordTemplates.maxKeys)
    firstPlaced = mark.sequence
  }

  @inline(never)
  private mutating func notePlace(of entry: FieldEntry, _ range: Range<Int>) {
    let sequence = entry.sequence
    guard sequence >= firstPlaced, let source = UInt8(exactly: sequence &- firstPlaced) else { return }
    places?.append(RecordTemplates.Place(start: range.lowerBound, end: range.upperBound, source: source))
  }

  /// The objects that are open.
  private struct OpenObjects {
    var depth = 0
    /// Where the key begins that was written last, and how many of its bytes name them, the dot after each included.
    var key = 0
    var count = 0
  }

  /// Closes the objects that the next key does not lie in.
  @inline(__always)
  private func closeObjects(notIn key: Range<Int>, _ open: inout OpenObjects, to bytes: inout ByteWriter) {
    let base = flat.table.names.base
    var kept = UnsafeRawPointer.sharedBytes(base + open.key, base + key.lowerBound, min(open.count, key.count))
    if kept == open.count { return }
    while kept > 0, base.load(fromByteOffset: open.key &+ kept &- 1, as: UInt8.self) != UInt8(ascii: ".") {
      kept &-= 1
    }
    for offset in kept..<open.count
    where base.load(fromByteOffset: open.key &+ offset, as: UInt8.self) == UInt8(ascii: ".") {
      closeObject(&open.depth, to: &bytes)
    }
    open.count = kept
  }

  @inline(__always)
  private func closeObject(_ depth: inout Int, to bytes: inout ByteWriter) {
    bytes.truncate(to: bytes.count &- 1)
    bytes.append("},")
    depth &-= 1
  }

  @inline(__always)
  private func firstDot(in key: Range<Int>, from offset: Int) -> Int? {
    for index in key.lowerBound &+ offset..<key.upperBound
    where flat.table.names.base.load(fromByteOffset: index, as: UInt8.self) == UInt8(ascii: ".") {
      return index
    }
    return nil
  }

  @inline(__always)
  private func writeKey(_ range: Range<Int>, to bytes: inout ByteWriter) {
    flat.table.names.withUnsafeBytes(in: range) { bytes.appendJSON(string: $0) }
    bytes.append(UInt8(ascii: ":"))
  }

  @inline(__always)
  private mutating func writeValue(_ entry: FieldEntry, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    if entry.isRendered {
      rendered.withUnsafeBytes(in: entry.value.slice.range) { bytes.append($0) }
    } else if entry.value.kind == .array {
      if watchesArrays { return writeWatched(entry.value, batch, to: &bytes) }
      writeArray(entry.value.entries, batch, to: &bytes)
    } else {
      bytes.appendScalar(entry.value, batch.store.span.bytes)
    }
  }

  /// Writes an array, as text if it has to be.
  @inline(never)
  private mutating func writeWatched(_ array: Value, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    if conflicts?.appendText(of: array, batch, to: &bytes) == true { return }
    watchesArrays = false
    writeArray(array.entries, batch, to: &bytes)
    watchesArrays = true
  }

  private mutating func writeArray(_ elements: EntryRange, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    bytes.append(UInt8(ascii: "["))
    for index in elements.indices {
      let value = batch.nested[index].value
      switch value.kind {
      case .array: writeArray(value.entries, batch, to: &bytes)
      case .map: writeElement(value.entries, batch, to: &bytes)
      default: bytes.appendScalar(value, store)
      }
      bytes.append(UInt8(ascii: ","))
    }
    if !elements.isEmpty { bytes.truncate(to: bytes.count &- 1) }
    bytes.append(UInt8(ascii: "]"))
  }
}
