/// Looks at records as the rows that VictoriaLogs makes of them over OTLP, and changes them to those that it would make
/// of lines.
///
/// Over OTLP the server makes a field of whatever it finds. So before records are encoded, reserved names are changed;
/// of several fields with one name only the one stays that `FlatLayout` would keep; where a stream has too many names,
/// maps become JSON text and attributes share a field, as they do where names are too long or fields too many. Most
/// batches need none of this and stay as they are.
struct OTLPRows: ~Copyable {
  /// What has attributes of its own.
  enum Part { case resource, scope, record }

  /// A resource, scope or record that cannot be sent as it is.
  struct Odd {
    let part: Part
    let index: Int
    /// The stream that may have no more names.
    var stream: FieldNameWindow.Stream?

    init(_ part: Part, _ index: Int, stream: FieldNameWindow.Stream? = nil) {
      (self.part, self.index, self.stream) = (part, index, stream)
    }
  }

  /// Records of one resource, neighbours.
  struct Group {
    let resource: Int
    var records: Range<Int>
    /// The resource, if it cannot be sent as it is, and those of the records that cannot.
    let odd: Odd?
    var oddRecords: [Odd] = []

    var isOdd: Bool { odd != nil || !oddRecords.isEmpty }
  }

  /// What was changed.
  var changes = FieldChanges()
  /// Why the server would drop a record; nil for one that it takes.
  private(set) var problems: [DropReason?] = []
  /// The records by resource; and scopes that cannot be sent as they are.
  private(set) var groups: [Group] = []
  private(set) var oddScopes: [Odd] = []
  var fields: LineFields
  /// Attributes of resources that may still be given to records, so that a request cannot grow without end.
  var givesLeft = 0
  private let layout: FlatLayout
  private let resourcePrefix: [UInt8]
  let attributePrefix: [UInt8]

  private var resourceNames = SharedNames()
  /// Whether the resource has more names than these, as it was looked at up to one that cannot be sent as it is.
  private var hasFurtherNames = false
  private var resourceMark = LineFields.Mark()
  private var scopeMark = LineFields.Mark()
  /// What rows have of the resource, and of resource and scope.
  private var resourceSize = RowSize()
  private var sharedSize = RowSize()
  /// Why no record of the resource, or of resource and scope, can be sent.
  private var resourceProblem: DropReason?
  private var sharedProblem: DropReason?
  private var scope: UInt32?
  private var resource: UInt32?
  private var text = ByteWriter(capacityBytes: 512)

  init(_ layout: FlatLayout, names: FieldNameWindow) {
    self.layout = layout
    fields = LineFields(layout, names: names)
    resourcePrefix = Array(layout.resourcePrefix.utf8)
    attributePrefix = Array(layout.attributePrefix.utf8)
  }

  /// Looks at a batch; returns it as it is to be sent, nil if that is as it is. `problems` are those of what is sent.
  mutating func edited(_ batch: borrowing LogBatch) -> LogBatch? {
    inspect(batch)
    guard !oddScopes.isEmpty || groups.contains(where: \.isOdd) else { return nil }
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
      fields.begin(at: scopeMark)
      add(Odd(.record, index), batch)
      let isOdd = hasOddNames()
      let size = size(of: record, batch)
      problems.append(problem(with: size))
      if let odd = odd(.record, index, hasOddNames: isOdd, others: size.fields &- fields.own.count) {
        groups[last].oddRecords.append(odd)
      }
      fields.count(bytes: 256 &+ Int(record.body.slice.count) &+ 32 &* fields.own.count)
    }
  }

  /// Says how large the rows of a batch are.
  private mutating func measure(_ batch: borrowing LogBatch) {
    restart(records: batch.records.count)
    for index in batch.records.indices {
      let record = batch.records[index]
      if scope != record.scope { enter(record.scope, of: batch) }
      fields.begin(at: scopeMark)
      add(Odd(.record, index), batch)
      problems.append(problem(with: size(of: record, batch)))
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
    add(Odd(.scope, Int(index)), batch)
    let hasOddNames = settle()
    sharedSize = resourceSize
    if !entered.isBare {
      sharedSize.add(name: "scope.name".utf8.count, value: max(Int(entered.name.count), "unknown".utf8.count))
      sharedSize.add(name: "scope.version".utf8.count, value: max(Int(entered.version.count), "unknown".utf8.count))
    }
    let others = sharedSize.fields
    sharedSize += ownSize(batch)
    sharedProblem = resourceProblem ?? fields.overflow
    if let odd = odd(.scope, Int(index), hasOddNames: hasOddNames, others: others) { oddScopes.append(odd) }
    scopeMark = fields.mark
  }

  private mutating func enter(resource index: UInt32, of batch: borrowing LogBatch) {
    fields.begin(at: LineFields.Mark())
    add(Odd(.resource, Int(index)), batch)
    resource = index
    let hasOddNames = settle()
    resourceSize = ownSize(batch)
    resourceProblem = fields.overflow
    hasFurtherNames = fields.overflow != nil
    fields.enterStream(batch)
    let odd = odd(.resource, Int(index), hasOddNames: hasOddNames, others: 0)
    groups.append(Group(resource: Int(index), records: 0..<0, odd: odd))
    resourceNames.take(&fields)
    resourceMark = fields.mark
  }

  /// Adds what a resource or scope has, or a record beside its own.
  mutating func add(_ odd: Odd, _ batch: borrowing LogBatch) {
    switch odd.part {
    case .resource:
      let prefix = resourcePrefix
      prefix.withUnsafeBytes { fields.add(batch.resources[odd.index].attributes, under: $0, batch) }
    case .scope: fields.add(scope: batch.scopes[odd.index].attributes, batch)
    case .record: addOwn(batch.records[odd.index], batch)
    }
  }

  /// What the server finds before the keys of a part's attributes.
  func prefix(of part: Part) -> [UInt8] {
    switch part {
    case .resource: resourcePrefix
    case .scope: LineFields.scopePrefix.withUTF8Buffer { Array($0) }
    case .record: attributePrefix
    }
  }

  /// Adds what a record has beside its resource and scope.
  private mutating func addOwn(_ record: LogRecord, _ batch: borrowing LogBatch) {
    if !record.traceID.isNone { fields.add("trace_id", .string(ByteSlice(from: 0, count: 32))) }
    if record.spanID != 0 { fields.add("span_id", .string(ByteSlice(from: 0, count: 16))) }
    fields.add("event_name", .string(record.eventName))
    if record.body.kind == .map { fields.add(body: record.body.entries, batch) }
    let prefix = attributePrefix
    prefix.withUnsafeBytes { fields.add(record.attributes, under: $0, batch) }
  }

  /// The part whose fields were just added, if it cannot be sent as it is; if it can, its names are counted. In a row
  /// there are so many `others`.
  private mutating func odd(_ part: Part, _ index: Int, hasOddNames: Bool, others: Int) -> Odd? {
    if !fields.fitsNames(others: others) { return Odd(part, index, stream: fields.flat.policy.stream) }
    return hasOddNames ? Odd(part, index) : nil
  }

  /// Leaves each name of the fields just added once; says whether one was there twice or was changed, or whether a key
  /// is empty: the server leaves out what stands there.
  private mutating func settle() -> Bool {
    fields.settle() || fields.flat.policy.isMended || fields.flat.hasEmptyKey
  }

  /// Whether a name of the record just added was changed, is there twice, or is, or may be, one of the resource.
  private mutating func hasOddNames() -> Bool {
    if settle() || hasFurtherNames { return true }
    for index in fields.own where resourceNames.find(fields.flat.table.entries[index], in: fields.flat.table) != nil {
      return true
    }
    return false
  }

  // MARK: Sizes

  /// What the row of the record just added comes to.
  private mutating func size(of record: LogRecord, _ batch: borrowing LogBatch) -> RowSize {
    var size = sharedSize
    if record.body.kind != .map {
      size.add(name: "_msg".utf8.count, value: record.body.kind == .empty ? 0 : bytes(of: record.body, batch))
    }
    size.add(name: "severity_text".utf8.count, value: Int(record.severityText.count))
    size.add(name: "severity_number".utf8.count, value: 2)
    size += ownSize(batch)
    return size
  }

  /// Why the server would drop the record just added, whose row comes to this; nil if it takes it.
  private func problem(with size: RowSize) -> DropReason? {
    if let problem = sharedProblem ?? fields.overflow { return problem }
    if size.longestName > layout.maxFieldNameBytes { return .fieldNameTooLong }
    if size.fields > layout.maxFields { return .tooManyFields }
    return size.bytes &+ RowSize.baseBytes > VictoriaLogsOptions.maxRowBytes ? .lineTooLong : nil
  }

  /// What the fields just added come to.
  private mutating func ownSize(_ batch: borrowing LogBatch) -> RowSize {
    var size = RowSize()
    for index in fields.own {
      let entry = fields.flat.table.entries[index]
      size.add(name: Int(entry.count), value: bytes(of: entry.value, batch))
    }
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
