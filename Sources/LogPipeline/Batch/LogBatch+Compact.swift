/// Memory that edits have left behind, given back.
extension LogBatch {
  /// Bytes of the store, and of attributes and members of values.
  var byteCount: Int { store.count &+ (attributes.count &+ nested.count) &* MemoryLayout<Attribute>.stride }

  /// Moves together what records, scopes and resources name, and other runs of attributes, and drops all else. Takes
  /// time for all of it.
  mutating func compact(keeping others: inout [[EntryRange]]) {
    var live = LiveParts(of: self)
    for resource in resources { keep(resource, &live) }
    for scope in scopes { keep(scope, &live) }
    for record in records { keep(record, &live) }
    for ranges in others { for range in ranges { keep(attributesIn: range, &live) } }
    live.settle()
    live.bytes.move(&store)
    live.attributes.move(&attributes)
    live.nested.move(&nested)
    for index in attributes.indices { attributes[index] = live.moved(attributes[index]) }
    for index in nested.indices { nested[index] = live.moved(nested[index]) }
    for index in resources.indices { resources[index] = live.moved(resources[index]) }
    for index in scopes.indices { scopes[index] = live.moved(scopes[index]) }
    for index in records.indices { records[index] = live.moved(records[index]) }
    for index in others.indices { others[index] = others[index].map { live.attributes.moved($0) } }
  }

  private func keep(_ resource: Resource, _ live: inout LiveParts) {
    live.keep(resource.schemaURL, resource.entityRefs, resource.tenant)
    keep(attributesIn: resource.attributes, &live)
  }

  private func keep(_ scope: Scope, _ live: inout LiveParts) {
    live.keep(scope.name, scope.version, scope.schemaURL)
    keep(attributesIn: scope.attributes, &live)
  }

  private func keep(_ record: LogRecord, _ live: inout LiveParts) {
    live.keep(record.severityText, record.eventName)
    keep(record.body, &live)
    keep(attributesIn: record.attributes, &live)
  }

  private func keep(attributesIn range: EntryRange, _ live: inout LiveParts) {
    if range.isEmpty { return }
    live.attributes.keep(range.indices)
    for index in range.indices { keep(attributes[index], &live) }
  }

  private func keep(_ entry: Attribute, _ live: inout LiveParts) {
    live.keep(entry.key)
    keep(entry.value, &live)
  }

  /// Nesting is bounded.
  private func keep(_ value: Value, _ live: inout LiveParts) {
    switch value.kind {
    case .string, .bytes: live.keep(value.slice)
    case .array, .map:
      if value.entries.isEmpty { return }
      live.nested.keep(value.entries.indices)
      for index in value.entries.indices { keep(nested[index], &live) }
    case .empty, .bool, .int, .double: return
    }
  }
}

/// What of a batch's arrays is named, and then where it goes.
private struct LiveParts {
  var bytes: LiveBlocks
  var attributes: LiveBlocks
  var nested: LiveBlocks

  init(of batch: borrowing LogBatch) {
    // Slices may share bytes, so that these move in blocks.
    bytes = LiveBlocks(of: batch.store.count, shift: 6)
    attributes = LiveBlocks(of: batch.attributes.count, shift: 0)
    nested = LiveBlocks(of: batch.nested.count, shift: 0)
  }

  mutating func keep(_ slices: ByteSlice...) { for slice in slices { keep(slice) } }

  mutating func keep(_ slice: ByteSlice) { if !slice.isEmpty { bytes.keep(slice.range) } }

  mutating func settle() {
    bytes.settle()
    attributes.settle()
    nested.settle()
  }

  func moved(_ slice: ByteSlice) -> ByteSlice {
    slice.isEmpty ? .empty : ByteSlice(from: bytes.moved(Int(slice.offset)), count: Int(slice.count))
  }

  func moved(_ entry: Attribute) -> Attribute { Attribute(key: moved(entry.key), value: moved(entry.value)) }

  private func moved(_ value: Value) -> Value {
    switch value.kind {
    case .string: .string(moved(value.slice))
    case .bytes: .bytes(moved(value.slice))
    case .array: .array(nested.moved(value.entries))
    case .map: .map(nested.moved(value.entries))
    case .empty, .bool, .int, .double: value
    }
  }

  func moved(_ resource: Resource) -> Resource {
    var resource = resource
    resource.schemaURL = moved(resource.schemaURL)
    resource.entityRefs = moved(resource.entityRefs)
    resource.tenant = moved(resource.tenant)
    resource.attributes = attributes.moved(resource.attributes)
    return resource
  }

  func moved(_ scope: Scope) -> Scope {
    var scope = scope
    scope.name = moved(scope.name)
    scope.version = moved(scope.version)
    scope.schemaURL = moved(scope.schemaURL)
    scope.attributes = attributes.moved(scope.attributes)
    return scope
  }

  func moved(_ record: LogRecord) -> LogRecord {
    var record = record
    record.severityText = moved(record.severityText)
    record.eventName = moved(record.eventName)
    record.body = moved(record.body)
    record.attributes = attributes.moved(record.attributes)
    return record
  }
}

/// Which blocks of an array are named, and where each goes; a block has two to the power of `shift` elements.
private struct LiveBlocks {
  /// First how many runs begin in a block less how many ended in the one before; when it is settled, where it goes.
  private var places: [Int32]
  private let count: Int
  private let shift: Int

  init(of count: Int, shift: Int) {
    self.count = count
    self.shift = shift
    places = Array(repeating: 0, count: ((count &+ (1 &<< shift) &- 1) &>> shift) &+ 1)
  }

  /// Notes a run that is named, which is not empty.
  mutating func keep(_ run: Range<Int>) {
    places[run.lowerBound &>> shift] &+= 1
    places[((run.upperBound &- 1) &>> shift) &+ 1] &-= 1
  }

  mutating func settle() {
    var (runs, next): (Int32, Int32) = (0, 0)
    for block in places.indices {
      runs &+= places[block]
      places[block] = next
      if runs > 0 { next &+= 1 }
    }
  }

  /// Moves the elements that are kept to where they go, and drops those behind.
  func move<T>(_ elements: inout [T]) {
    var kept = 0
    for block in 0..<places.count &- 1 where places[block] < places[block &+ 1] {
      let start = block &<< shift
      let end = min(start &+ (1 &<< shift), count)
      if kept < start { for index in start..<end { elements[kept &+ index &- start] = elements[index] } }
      kept &+= end &- start
    }
    elements.removeLast(elements.count &- kept)
  }

  /// Where an element goes that is kept.
  func moved(_ index: Int) -> Int { Int(places[index &>> shift]) &<< shift &+ (index & (1 &<< shift &- 1)) }

  func moved(_ range: EntryRange) -> EntryRange {
    range.isEmpty ? .empty : EntryRange(start: UInt32(truncatingIfNeeded: moved(Int(range.start))), count: range.count)
  }
}
