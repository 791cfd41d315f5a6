/// Looks at records as the rows that VictoriaLogs makes of them over OTLP, and changes them to those that it would make
/// of lines.
///
/// Over OTLP the server makes a field of whatever it finds. So before records are encoded, reserved names are changed;
/// of several fields with one name only the one stays that `FlatLayout` would keep; and maps become JSON text where a
/// stream has too many names. Most batches need none of this and stay as they are.
struct OTLPRows: ~Copyable {
  /// Records of one resource, neighbours.
  struct Group {
    let resource: Int
    var records: Range<Int>
    /// Whether the resource has a name twice, or one that is reserved.
    var isOdd = false
    /// Those that cannot be sent as they are.
    var odd: [OddRecord] = []
  }

  /// A record that cannot be sent as it is.
  struct OddRecord {
    let index: Int
    /// The stream that may have no more names.
    var stream: FieldNameWindow.Stream?
  }

  /// What was changed.
  var changes = FieldChanges()
  /// Why the server would drop a record; nil for one that it takes.
  private(set) var problems: [DropReason?] = []
  /// The records by resource; and scopes that have a name twice.
  private(set) var groups: [Group] = []
  private(set) var oddScopes: [Int] = []
  var fields: LineFields
  /// Attributes of resources that may still be given to records, so that a request cannot grow without end.
  var givesLeft = 0
  private let options: VictoriaLogsOptions
  let resourcePrefix: [UInt8]
  let attributePrefix: [UInt8]

  private var resourceNames = SharedNames()
  private var resourceMark = LineFields.Mark()
  private var scopeMark = LineFields.Mark()
  /// What rows have of the resource, and of resource and scope.
  private var resourceSize = RowSize()
  private var sharedSize = RowSize()
  private var scope: UInt32?
  private var resource: UInt32?
  private var text = ByteWriter(capacityBytes: 512)

  init(_ options: VictoriaLogsOptions, names: FieldNameWindow) {
    self.options = options
    fields = LineFields(options.rowLayout, names: names)
    resourcePrefix = Array(options.resourcePrefix.utf8)
    attributePrefix = Array(options.attributePrefix.utf8)
  }

  /// Looks at a batch; returns it as it is to be sent, nil if that is as it is. `problems` are those of what is sent.
  mutating func edited(_ batch: borrowing LogBatch) -> LogBatch? {
    inspect(batch)
    guard !oddScopes.isEmpty || groups.contains(where: { $0.isOdd || !$0.odd.isEmpty }) else { return nil }
    let copy = edit(batch)
    measure(copy)
    return copy
  }

  /// Finds what is odd, counts names, and says how large rows are.
  private mutating func inspect(_ batch: borrowing LogBatch) {
    restart(records: batch.records.count)
    for index in batch.records.indices {
      let record = batch.records[index]
      if scope != record.scope { enter(record.scope, of: batch) }
      let last = groups.count - 1
      let first = groups[last].records.isEmpty ? index : groups[last].records.lowerBound
      groups[last].records = first..<index + 1
      add(record, batch)
      problems.append(problem(with: record, batch))
      let isOdd = hasOddNames()
      let fits = fields.fitsNames(others: 0)
      fields.count(bytes: 256 &+ Int(record.body.slice.count) &+ 32 &* fields.own.count)
      if isOdd || !fits {
        groups[last].odd.append(OddRecord(index: index, stream: fits ? nil : fields.flat.policy.stream))
      }
    }
  }

  /// Says how large the rows of a batch are.
  private mutating func measure(_ batch: borrowing LogBatch) {
    restart(records: batch.records.count)
    for index in batch.records.indices {
      let record = batch.records[index]
      if scope != record.scope { enter(record.scope, of: batch) }
      add(record, batch)
      problems.append(problem(with: record, batch))
    }
  }

  private mutating func restart(records: Int) {
    (scope, resource) = (nil, nil)
    problems.removeAll(keepingCapacity: true)
    problems.reserveCapacity(records)
    groups.removeAll(keepingCapacity: true)
    oddScopes.removeAll(keepingCapacity: true)
  }

  // MARK: Fields

  /// Looks at what the records of a scope share.
  private mutating func enter(_ index: UInt32, of batch: borrowing LogBatch) {
    let entered = batch.scopes[Int(index)]
    if resource != entered.resource { enter(resource: entered.resource, of: batch) }
    scope = index
    fields.begin(at: resourceMark)
    let prefix: StaticString = "scope.attributes."
    fields.add(entered.attributes, under: prefix.rawBytes, batch)
    sharedSize = resourceSize
    sharedSize.add(name: "scope.name".utf8.count, value: max(Int(entered.name.count), "unknown".utf8.count))
    sharedSize.add(name: "scope.version".utf8.count, value: max(Int(entered.version.count), "unknown".utf8.count))
    sharedSize += ownSize(batch)
    if fields.settle() { oddScopes.append(Int(index)) }
    fields.addNames()
    scopeMark = fields.mark
  }

  private mutating func enter(resource index: UInt32, of batch: borrowing LogBatch) {
    fields.begin(at: LineFields.Mark())
    let prefix = resourcePrefix
    prefix.withUnsafeBytes { fields.add(batch.resources[Int(index)].attributes, under: $0, batch) }
    resource = index
    resourceSize = ownSize(batch)
    let isRenamed = fields.changes.renamedFields > 0
    let isRepeated = fields.settle()
    groups.append(Group(resource: Int(index), records: 0..<0, isOdd: isRenamed || isRepeated))
    fields.enterStream(batch)
    fields.addNames()
    resourceNames.take(&fields)
    resourceMark = fields.mark
  }

  /// Adds the fields of a record, all names of which are then those of one row.
  private mutating func add(_ record: LogRecord, _ batch: borrowing LogBatch) {
    fields.begin(at: scopeMark)
    addOwn(record, batch)
  }

  /// Adds what a record has beside its resource and scope.
  mutating func addOwn(_ record: LogRecord, _ batch: borrowing LogBatch) {
    if !record.traceID.isNone { fields.add("trace_id", .string(ByteSlice(from: 0, count: 32))) }
    if record.spanID != 0 { fields.add("span_id", .string(ByteSlice(from: 0, count: 16))) }
    fields.add("event_name", .string(record.eventName))
    if record.body.kind == .map { fields.add(body: record.body.entries, batch) }
    let prefix = attributePrefix
    prefix.withUnsafeBytes { fields.add(record.attributes, under: $0, batch) }
  }

  /// Whether a name of the record just added was changed, is there twice, or is one of the resource.
  private mutating func hasOddNames() -> Bool {
    let isRenamed = fields.changes.renamedFields > 0
    if fields.settle() || isRenamed { return true }
    for index in fields.own where resourceNames.find(fields.flat.table.entries[index], in: fields.flat.table) != nil {
      return true
    }
    return false
  }

  // MARK: Sizes

  /// Why the server would drop the record just added; nil if it takes it.
  private mutating func problem(with record: LogRecord, _ batch: borrowing LogBatch) -> DropReason? {
    var size = sharedSize
    if record.body.kind != .map {
      size.add(name: "_msg".utf8.count, value: record.body.kind == .empty ? 0 : bytes(of: record.body, batch))
    }
    size.add(name: "severity_text".utf8.count, value: Int(record.severityText.count))
    size.add(name: "severity_number".utf8.count, value: 2)
    size += ownSize(batch)
    if size.longestName > options.maxFieldNameBytes { return .fieldNameTooLong }
    if size.fields > options.maxFields { return .tooManyFields }
    return size.bytes &+ RowSize.baseBytes > VictoriaLogsOptions.maxRowBytes ? .lineTooLong : nil
  }

  /// What the fields just added come to.
  private mutating func ownSize(_ batch: borrowing LogBatch) -> RowSize {
    var size = RowSize()
    for index in fields.own {
      let entry = fields.flat.table.entries[index]
      size.add(name: Int(entry.count), value: bytes(of: entry.value, batch))
    }
    let empty = fields.flat.policy.emptyTexts
    size.fields &+= empty.count
    size.longestName = max(size.longestName, empty.longestName)
    return size
  }

  @inline(__always)
  private mutating func bytes(of value: Value, _ batch: borrowing LogBatch) -> Int {
    switch value.kind {
    case .string: return Int(value.slice.count)
    case .bytes: return (Int(value.slice.count) &+ 2) / 3 &* 4
    case .bool: return 5
    case .empty, .int, .double, .array, .map:
      text.removeAll()
      text.appendJSONText(value, of: batch)
      return text.count
    }
  }
}

/// What the fields of a row add up to, counted as the server does: for each that has a value its name and value with
/// six bytes of punctuation. Counted are the fields of any version of it.
struct RowSize {
  /// Bytes that the server counts for braces and time.
  static let baseBytes = 48

  var fields = 0
  var bytes = 0
  var longestName = 0

  @inline(__always)
  mutating func add(name: Int, value: Int) {
    fields &+= 1
    if value > 0 { bytes &+= name &+ value &+ 6 }
    longestName = max(longestName, name)
  }

  static func += (a: inout RowSize, b: RowSize) {
    a.fields &+= b.fields
    a.bytes &+= b.bytes
    a.longestName = max(a.longestName, b.longestName)
  }
}
