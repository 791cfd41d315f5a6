/// The fields of a document under flat dotted keys, from which sorted JSON without repeated keys is written.
///
/// Fields are added in two parts: those that all records of a scope share, whose JSON is kept, and those of a record.
/// Maps are flattened: `{"a": {"b": 1}}` is the field `a.b`. Empty values, empty maps and empty arrays are left out.
/// Of fields with the same key the one of the highest `Rank` counts, among those the last. Where `a` is a field and
/// `a.b` too, `a` becomes `a.value`, or is left out if that is taken; but a reserved `a` stays and `a.b` becomes `a_b`.
struct FieldSet: ~Copyable {
  /// Where a field comes from, lowest first.
  enum Rank: UInt32 {
    case resource = 1
    case scope, record
    /// A field that the mapping itself defines, such as `@timestamp`.
    case reserved
  }

  /// Fields under one first segment that all records of a resource or scope share.
  struct Group {
    /// As they were added, in order.
    var added: Range<Int>
    /// Settled.
    var fields: Range<Int>
    /// Their JSON: members with a comma after each.
    var json: Range<Int>
  }

  var sorter = KeySorter(isDotted: true)
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
  /// The path of the map that is being flattened.
  private var path = ByteWriter(capacityBytes: 256)
  private var sequence: UInt32 = 1
  private var namesBytes = 0
  /// Why the fields added since `begin` cannot be one document.
  private(set) var overflow: DropReason?
  /// Tells arrays that are written as text; nil if none are.
  var conflicts: ArrayConflicts?
  /// Whether the next array is to be looked at. Those inside one that was need no second look.
  var watchesArrays: Bool
  let maxObjectDepth: Int
  private let maxNameBytes: Int
  private let maxNamesBytes: Int

  /// A set that parts keys at their first `maxObjectDepth` dots into nested objects; 0 keeps keys flat.
  init(maxObjectDepth: Int, options: ElasticsearchOptions) {
    self.maxObjectDepth = maxObjectDepth
    maxNameBytes = options.maxFieldNameBytes
    maxNamesBytes = options.maxFieldNamesBytes
    watchesArrays = options.conflicts == .stringify
    conflicts = watchesArrays ? ArrayConflicts(options) : nil
    if options.mappingMode != .otel && options.mappingMode != .bodymap { sorter.reserve() }
  }

  /// How much is in the set.
  struct Mark {
    fileprivate var sorter = KeySorter.Mark()
    fileprivate var rendered = 0
    fileprivate(set) var sequence: UInt32 = 1
    var fields: Int { sorter.entries }
  }

  /// A set without fields.
  var empty: Mark { Mark() }
  var mark: Mark { Mark(sorter: sorter.mark, rendered: rendered.count, sequence: sequence) }

  /// Forgets the fields added since `mark` and counts names anew.
  mutating func begin(at mark: Mark) {
    sorter.truncate(to: mark.sorter)
    rendered.truncate(to: mark.rendered)
    sequence = mark.sequence
    namesBytes = 0
    overflow = nil
    path.truncate(to: 0)
  }

  /// Adds a value of the batch.
  mutating func add(_ key: RawSpan, _ value: Value, rank: Rank, _ batch: borrowing LogBatch) {
    path.truncate(to: 0)
    addMember(key, value, rank, batch)
  }

  /// Adds a value of the batch under a name made of a constant and a key.
  mutating func add(_ prefix: StaticString, _ key: RawSpan, _ value: Value, rank: Rank, _ batch: borrowing LogBatch) {
    path.truncate(to: 0)
    path.append(prefix)
    addMember(key, value, rank, batch)
  }

  /// Adds a value of the batch under a constant name.
  mutating func add(_ name: StaticString, _ value: Value, rank: Rank = .reserved, _ batch: borrowing LogBatch) {
    path.truncate(to: 0)
    let name = name.rawBytes
    addMember(name.bytes, value, rank, batch)
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
    path.truncate(to: 0)
    let slice = ByteSlice(start..<rendered.count)
    let name = name.rawBytes
    addField(name.bytes, .string(slice), .reserved, isRendered: true)
  }

  /// Takes a field away that the scope may have: adds it without a value, which is not written.
  mutating func remove(_ name: StaticString) {
    path.truncate(to: 0)
    let name = name.rawBytes
    addField(name.bytes, .empty, .reserved, isRendered: false)
  }

  private mutating func addMember(_ key: RawSpan, _ value: Value, _ rank: Rank, _ batch: borrowing LogBatch) {
    switch value.kind {
    case .empty: return
    case .map: addMap(key, value.entries, rank, batch)
    case .array where value.entries.isEmpty: return
    default: addField(key, value, rank, isRendered: false)
    }
  }

  /// Adds the members of a map under its key; nesting is bounded by the decoder.
  private mutating func addMap(_ key: RawSpan, _ members: EntryRange, _ rank: Rank, _ batch: borrowing LogBatch) {
    let outer = path.count
    path.append(key)
    path.append(UInt8(ascii: "."))
    addMembers(members, rank, batch)
    path.truncate(to: outer)
  }

  /// Adds the members of a map under the path.
  private mutating func addMembers(_ members: EntryRange, _ rank: Rank, _ batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    for index in members.indices where overflow == nil {
      let member = batch.nested[index]
      addMember(store.extracting(member.key.range), member.value, rank, batch)
    }
  }

  /// Adds a field under the path, unless a limit is passed.
  @inline(__always)
  private mutating func addField(_ key: RawSpan, _ value: Value, _ rank: Rank, isRendered: Bool) {
    let count = path.count &+ key.byteCount
    namesBytes &+= count
    guard count <= maxNameBytes, namesBytes <= maxNamesBytes else {
      overflow = count > maxNameBytes ? .fieldNameTooLong : .tooManyFields
      return
    }
    // The path is not touched while its bytes are copied.
    let head = UnsafeRawBufferPointer(start: path.base, count: path.count)
    sorter.add(head, key, order: rank.rawValue &<< KeySorter.rankShift | sequence & KeySorter.sequenceMask)
    sequence &+= 1
    sorter.setLast(value, isRendered: isRendered)
    if rank == .resource || rank == .scope { moveSharedOutOfReserved() }
  }

  /// Renames the field added last if it lies in a reserved one that is no object's member. What records share has to
  /// keep its first segment afterwards, whether a record has a `message` or not.
  private mutating func moveSharedOutOfReserved() {
    sorter.moveLast(outOf: "message")
    sorter.moveLast(outOf: "@timestamp")
  }

  /// Brings the fields from `start` on into order, one for each key.
  mutating func settle(from start: Int) {
    sorter.sort(from: start)
    sorter.dropRepeated(from: start)
    var index = start &+ 1
    while index < sorter.entries.count {
      if sorter.lies(sorter.entries[index], in: sorter.entries[index &- 1]) { return renameClashing(from: start) }
      index &+= 1
    }
  }

  /// Renames `a` to `a.value` where `a.b` is a field; what was `a.value` before stays.
  @inline(never)
  private mutating func renameClashing(from start: Int) {
    moveOutOfReserved(from: start)
    for index in start..<max(sorter.entries.count &- 1, start)
    where sorter.lies(sorter.entries[index &+ 1], in: sorter.entries[index]) {
      sorter.rename(index, appending: ".value")
    }
    sorter.sort(from: start)
    sorter.dropRepeated(from: start)
    var kept = start
    for index in start..<sorter.entries.count {
      let entry = sorter.entries[index]
      if index &+ 1 < sorter.entries.count, sorter.lies(sorter.entries[index &+ 1], in: entry) { continue }
      sorter.entries[kept] = entry
      kept &+= 1
    }
    sorter.entries.removeLast(sorter.entries.count &- kept)
  }

  /// Renames `a.b` to `a_b` where `a` is reserved, unless `a.b` is too; what was `a_b` before stays.
  private mutating func moveOutOfReserved(from start: Int) {
    let reserved = Rank.reserved.rawValue &<< KeySorter.rankShift
    var isMoved = false
    var outer: KeySorter.Entry?
    for index in start..<max(sorter.entries.count, start) {
      let entry = sorter.entries[index]
      if entry.order >= reserved {
        outer = entry
      } else if let outer, sorter.lies(entry, in: outer) {
        sorter.move(index, outOf: outer)
        isMoved = true
      }
    }
    guard isMoved else { return }
    sorter.sort(from: start)
    sorter.dropRepeated(from: start)
  }

  /// Writes an array's element that is a map: its members as an object of their own.
  mutating func writeElement(_ members: EntryRange, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let mark = sorter.mark
    path.truncate(to: 0)
    addMembers(members, .record, batch)
    settle(from: mark.entries)
    bytes.append(UInt8(ascii: "{"))
    write(mark.entries..<sorter.entries.count, batch, to: &bytes)
    if sorter.entries.count > mark.entries { bytes.truncate(to: bytes.count &- 1) }
    bytes.append(UInt8(ascii: "}"))
    sorter.truncate(to: mark)
  }
}
