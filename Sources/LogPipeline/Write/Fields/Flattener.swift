/// How far maps are flattened, and how long names may be.
struct FlattenLimits {
  /// Levels of nested maps that are flattened; a map below is one field.
  var maxDepth = Int.max
  /// Bytes of the longest name of a map that is flattened, since each member repeats it; another is one field.
  var maxPathBytes = Int.max
  /// Bytes of the longest name of a field.
  var maxNameBytes = Int.max
  /// Bytes of all names between two calls of `begin`.
  var maxNamesBytes = Int.max
}

/// How one kind of destination wants its fields.
protocol FieldPolicy: ~Copyable {
  associatedtype Order: FieldOrder
  /// Where fields come from, lowest first: of one name the highest rank counts, among those the last.
  associatedtype Rank: RawRepresentable<UInt32>

  /// Whether a value that is not flattened is a field.
  func isField(_ value: Value) -> Bool
  /// Takes note of the field that was added last, `pathBytes` of whose name stand before its key; may rename it or take
  /// it back. Says why the record cannot be sent if it cannot.
  mutating func note(_ pathBytes: Int, in table: inout FieldTable<Order>) -> DropReason?
}

/// Flattens values into the fields of a table: a map `a` with a member `b` is the field `a.b`, as an attribute `a.b`
/// is, so that the two meet as one name.
///
/// What is added lies on a stack: the fields of a resource, those of a scope, those of a record.
struct Flattener<Policy: FieldPolicy & ~Copyable>: ~Copyable {
  var table = FieldTable<Policy.Order>()
  var policy: Policy
  var limits: FlattenLimits
  /// Why the fields added since `begin` cannot be sent.
  private(set) var overflow: DropReason?
  /// Whether a key among those added since `begin` is empty.
  private(set) var hasEmptyKey = false
  /// What stands before the keys that are added: a prefix, or the names of the maps around them with a dot after each.
  private var path = ByteWriter(capacityBytes: 256)
  /// The rank of what is added, as entries have it.
  private var rank: UInt32 = 0
  /// 1 outside of any map.
  private var depth = 1
  private var sequence: UInt32 = 1
  private var namesBytes = 0

  init(_ policy: consuming Policy, limits: FlattenLimits) {
    self.policy = policy
    self.limits = limits
  }

  /// How much is in the table.
  struct Mark {
    var table = FieldTable<Policy.Order>.Mark()
    var sequence: UInt32 = 1
  }

  var mark: Mark { Mark(table: table.mark, sequence: sequence) }

  /// Forgets the fields added since `mark`, and counts names anew.
  mutating func begin(at mark: Mark) {
    table.truncate(to: mark.table)
    sequence = mark.sequence
    namesBytes = 0
    overflow = nil
    hasEmptyKey = false
    path.truncate(to: 0)
  }

  /// Sets where the fields come from that are added next, and what stands before their keys.
  @inline(__always)
  mutating func enter(_ rank: Policy.Rank, under prefix: UnsafeRawBufferPointer = .empty) {
    self.rank = rank.rawValue &<< FieldEntry.rankShift
    path.truncate(to: 0)
    path.append(prefix)
  }

  /// Adds a value of the batch.
  @inline(__always)
  mutating func add(_ key: RawSpan, _ value: Value, _ batch: borrowing LogBatch) {
    if key.byteCount == 0 { hasEmptyKey = true }
    if value.kind == .map, depth <= limits.maxDepth, path.count &+ key.byteCount <= limits.maxPathBytes {
      addMap(key, value.entries, batch)
    } else if policy.isField(value) {
      addField(key, value)
    }
  }

  /// Adds attributes, up to one that cannot be sent.
  mutating func add(_ attributes: EntryRange, _ batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    for index in attributes.indices where overflow == nil {
      let attribute = batch.attributes[index]
      add(store.extracting(attribute.key.range), attribute.value, batch)
    }
  }

  /// Adds the members of a map under its key; nesting is bounded by the decoder.
  private mutating func addMap(_ key: RawSpan, _ members: EntryRange, _ batch: borrowing LogBatch) {
    let outer = path.count
    path.append(key)
    path.append(UInt8(ascii: "."))
    addMembers(members, batch)
    path.truncate(to: outer)
  }

  /// Adds the members of a map, up to one that cannot be sent, as if they were attributes.
  mutating func addMembers(_ members: EntryRange, _ batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    depth &+= 1
    for index in members.indices where overflow == nil {
      let member = batch.nested[index]
      add(store.extracting(member.key.range), member.value, batch)
    }
    depth &-= 1
  }

  /// Adds a field of a constant name whose value is text that was written for it.
  @inline(__always)
  mutating func addField(_ name: StaticString, rendered: ByteSlice) {
    let name = name.rawBytes
    addField(name.bytes, .string(rendered), isRendered: true)
  }

  /// Adds a field, unless a limit is passed; a map or array is one too.
  @inline(__always)
  mutating func addField(_ key: RawSpan, _ value: Value, isRendered: Bool = false) {
    let count = path.count &+ key.byteCount
    namesBytes &+= count
    guard count <= limits.maxNameBytes, namesBytes <= limits.maxNamesBytes else {
      overflow = count > limits.maxNameBytes ? .fieldNameTooLong : .tooManyFields
      return
    }
    // The path is not touched while its bytes are copied.
    let head = UnsafeRawBufferPointer(start: path.base, count: path.count)
    table.add(head, key, order: rank | sequence & FieldEntry.sequenceMask)
    sequence &+= 1
    table.setLast(value, isRendered: isRendered)
    if let reason = policy.note(path.count, in: &table) { overflow = reason }
  }
}
