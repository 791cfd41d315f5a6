/// The fields of a document under flat dotted keys, from which sorted JSON without repeated keys is written.
///
/// Fields are added in two parts: those that all records of a scope share, whose JSON is kept, and those of a record.
/// Maps are flattened: `{"a": {"b": 1}}` is the field `a.b`. Empty values, empty maps and empty arrays are left out.
/// Of fields with the same key the one of the highest `Rank` counts, among those the last. Where `a` is a field and
/// `a.b` too, `a` becomes `a.value`, or is left out if that is taken; but a reserved `a` stays and `a.b` becomes `a_b`.
struct FieldSet: ~Copyable {
  typealias Rank = DocumentFields.Rank

  /// Fields under one first segment that all records of a resource or scope share.
  struct Group {
    /// As they were added, in order.
    var added: Range<Int>
    /// Settled.
    var fields: Range<Int>
    /// Their JSON: members with a comma after each.
    var json: Range<Int>
  }

  var flat: Flattener<DocumentFields>
  /// What the records of the current resource share, by first segment.
  var resourceGroups: [Group] = []
  /// What the records of the current scope share, its resource's fields included.
  var groups: [Group] = []
  /// Where the values of fields added after `mark` stand in what was written since it was set; nil if nobody asks.
  /// The source of each is its place among the fields added.
  var places: [RecordTemplates.Place]?
  /// The first field whose place is noted.
  var firstPlaced: UInt32 = 0
  /// JSON text of values that are not in the batch.
  var rendered = ByteWriter(capacityBytes: 1 << 10)
  /// Tells arrays that are written as text; nil if none are.
  var conflicts: ArrayConflicts?
  /// Whether the next array is to be looked at. Those inside one that was need no second look.
  var watchesArrays: Bool
  let maxObjectDepth: Int

  /// A set that parts keys at their first `maxObjectDepth` dots into nested objects; 0 keeps keys flat.
  init(maxObjectDepth: Int, options: ElasticsearchOptions) {
    self.maxObjectDepth = maxObjectDepth
    flat = Flattener(
      DocumentFields(),
      limits: FlattenLimits(maxNameBytes: options.maxFieldNameBytes, maxNamesBytes: options.maxFieldNamesBytes))
    watchesArrays = options.conflicts == .stringify
    conflicts = watchesArrays ? ArrayConflicts(options) : nil
    if options.mappingMode != .otel && options.mappingMode != .bodymap { flat.table.reserve() }
  }

  /// How much is in the set.
  struct Mark {
    fileprivate var flat = Flattener<DocumentFields>.Mark()
    fileprivate var rendered = 0
    var fields: Int { flat.table.entries }
    var sequence: UInt32 { flat.sequence }
  }

  /// A set without fields.
  var empty: Mark { Mark() }
  var mark: Mark { Mark(flat: flat.mark, rendered: rendered.count) }
  /// Why the fields added since `begin` cannot be one document.
  var overflow: DropReason? { flat.overflow }

  /// Forgets the fields added since `mark` and counts names anew.
  mutating func begin(at mark: Mark) {
    flat.begin(at: mark.flat)
    rendered.truncate(to: mark.rendered)
  }

  /// Starts fields of a rank, whose keys follow this prefix.
  @inline(__always)
  mutating func enter(_ rank: Rank, under prefix: StaticString = "") { flat.enter(rank, under: prefix.rawBytes) }

  /// Adds a value of the batch, of the rank and under the prefix that were entered.
  @inline(__always)
  mutating func add(_ key: RawSpan, _ value: Value, _ batch: borrowing LogBatch) { flat.add(key, value, batch) }

  /// Adds a value of the batch under a constant name, of the rank that was entered.
  @inline(__always)
  mutating func add(_ name: StaticString, _ value: Value, _ batch: borrowing LogBatch) {
    let name = name.rawBytes
    flat.add(name.bytes, value, batch)
  }

  /// Adds a reserved field whose value `render` writes as JSON.
  @inline(__always)
  mutating func add(_ name: StaticString, rendering render: (inout ByteWriter) -> Void) {
    let start = rendered.count
    render(&rendered)
    add(name, renderedFrom: start)
  }

  /// Adds a reserved field whose value is the JSON in `rendered` from `start` on.
  @inline(__always)
  mutating func add(_ name: StaticString, renderedFrom start: Int) {
    flat.enter(.reserved)
    flat.addField(name, rendered: ByteSlice(start..<rendered.count))
  }

  /// Takes a field away that the scope may have: adds it without a value, which is not written.
  mutating func remove(_ name: StaticString) {
    flat.enter(.reserved)
    let name = name.rawBytes
    flat.addField(name.bytes, .empty)
  }

  /// Brings the fields from `start` on into order, one for each key.
  mutating func settle(from start: Int) {
    flat.table.sort(from: start)
    flat.table.dropRepeated(from: start)
    var index = start &+ 1
    while index < flat.table.entries.count {
      let (outer, inner) = (flat.table.entries[index &- 1], flat.table.entries[index])
      if flat.table.lies(inner, in: outer) { return renameClashing(from: start) }
      index &+= 1
    }
  }

  /// Renames `a` to `a.value` where `a.b` is a field; what was `a.value` before stays.
  @inline(never)
  private mutating func renameClashing(from start: Int) {
    moveOutOfReserved(from: start)
    for index in start..<max(flat.table.entries.count &- 1, start)
    where flat.table.lies(flat.table.entries[index &+ 1], in: flat.table.entries[index]) {
      flat.table.rename(index, appending: (".value" as StaticString).rawBytes)
      flat.table.entries[index].lowerRank()
    }
    flat.table.sort(from: start)
    flat.table.dropRepeated(from: start)
    var kept = start
    for index in start..<flat.table.entries.count {
      let entry = flat.table.entries[index]
      if index &+ 1 < flat.table.entries.count, flat.table.lies(flat.table.entries[index &+ 1], in: entry) { continue }
      flat.table.entries[kept] = entry
      kept &+= 1
    }
    flat.table.entries.removeLast(flat.table.entries.count &- kept)
  }

  /// Renames `a.b` to `a_b` where `a` is reserved, unless `a.b` is too; what was `a_b` before stays.
  private mutating func moveOutOfReserved(from start: Int) {
    var isMoved = false
    var outer: FieldEntry?
    for index in start..<max(flat.table.entries.count, start) {
      let entry = flat.table.entries[index]
      if entry.rank >= Rank.reserved.rawValue {
        outer = entry
      } else if let outer, flat.table.lies(entry, in: outer) {
        flat.table.move(index, outOf: outer)
        isMoved = true
      }
    }
    guard isMoved else { return }
    flat.table.sort(from: start)
    flat.table.dropRepeated(from: start)
  }

  /// Writes an array's element that is a map: its members as an object of their own.
  mutating func writeElement(_ members: EntryRange, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let mark = flat.table.mark
    flat.enter(.record)
    flat.addMembers(members, batch)
    settle(from: mark.entries)
    bytes.append(UInt8(ascii: "{"))
    write(mark.entries..<flat.table.entries.count, batch, to: &bytes)
    if flat.table.entries.count > mark.entries { bytes.truncate(to: bytes.count &- 1) }
    bytes.append(UInt8(ascii: "}"))
    flat.table.truncate(to: mark)
  }
}

/// What Elasticsearch documents want of fields. Empty values, empty maps and empty arrays are left out.
struct DocumentFields: FieldPolicy {
  typealias Order = DocumentOrder

  /// Where a field comes from, lowest first.
  enum Rank: UInt32 {
    case resource = 1
    case scope, record
    /// A field that the mapping itself defines, such as `@timestamp`.
    case reserved
  }

  @inline(__always)
  func isField(_ value: Value) -> Bool {
    value.kind != .empty && !(value.kind == .array && value.entries.isEmpty)
  }

  /// Renames a field that lies in a reserved one that is no object's member. What records share has to keep its first
  /// segment afterwards, whether a record has a `message` or not.
  @inline(__always)
  mutating func note(_ pathBytes: Int, in table: inout FieldTable<DocumentOrder>) -> DropReason? {
    if let entry = table.entries.last, entry.rank < Rank.record.rawValue { Self.moveSharedOutOfReserved(in: &table) }
    return nil
  }

  @inline(never)
  private static func moveSharedOutOfReserved(in table: inout FieldTable<DocumentOrder>) {
    table.moveLast(outOf: "message")
    table.moveLast(outOf: "@timestamp")
  }
}
