/// Changes records so that VictoriaLogs makes the rows of them that it would make of lines.
///
/// Over OTLP the server makes a field of whatever it finds. So before records are encoded, reserved names are changed;
/// of several fields with one name only the one stays that `FlatLayout` would keep; and maps become JSON text where a
/// stream has too many names. Most batches need none of this and stay as they are.
struct OTLPRows: ~Copyable {
  /// What the options say of names.
  struct Rules: Sendable {
    fileprivate let flattenDepth: Int
    fileprivate let maxFields: Int
    fileprivate let reserved: [[UInt8]]
    /// Whether some reserved name starts with a byte.
    fileprivate let startsReserved: [Bool]
    fileprivate let resourcePrefix: [UInt8]
    fileprivate let attributePrefix: [UInt8]
    fileprivate let streamNames: [UInt64]

    init(_ options: VictoriaLogsOptions) {
      flattenDepth = options.flattenDepth
      maxFields = options.maxFields
      let reserved = options.reservedNames + ["severity", "severity_text", "severity_number"].map { Array($0.utf8) }
      self.reserved = reserved
      startsReserved = (0..<256).map { byte in reserved.contains { $0.first == UInt8(byte) } }
      resourcePrefix = Array(options.resourcePrefix.utf8)
      attributePrefix = Array(options.attributePrefix.utf8)
      streamNames = options.streamFields.map { OTLPRows.fingerprint(Array($0.utf8)) }
    }
  }

  /// The hash of what names start with, and how deep the attributes lie that have them: 1 outside of any map.
  private struct Prefix {
    let hash: UInt64
    var depth = 1
  }

  /// What was changed.
  private(set) var changes = FieldChanges()
  private let rules: Rules
  private let names: FieldNameWindow

  private var needsEditing = false
  /// Resources that have an attribute which one of their records has too.
  private var repeated: Set<Int> = []
  /// Records that may have no more names, each with its stream.
  private var short: [Int: FieldNameWindow.Stream] = [:]
  /// The resource whose records are being looked at, the hash of its stream, and those of its keys.
  private var resource: UInt32?
  private var streamHash: UInt64 = 0
  private var resourceKeys: Set<UInt64> = []
  private var bodyMarks = MarkTable(bits: 11)
  private var hashes: [UInt64] = []
  /// Attributes of resources that may still be given to records, so that a request cannot grow without end.
  private var givesLeft = 0

  init(_ rules: Rules, names: FieldNameWindow) {
    self.rules = rules
    self.names = names
  }

  /// The batch as it is to be sent; nil if that is as it is.
  mutating func edited(_ batch: borrowing LogBatch) -> LogBatch? {
    inspect(batch)
    guard needsEditing else { return nil }
    givesLeft = 1000 &+ 4 &* batch.attributes.count
    var copy = batch.copied()
    edit(&copy)
    return copy
  }

  // MARK: Looking

  private mutating func inspect(_ batch: borrowing LogBatch) {
    var scope: UInt32?
    var stream: FieldNameWindow.Stream?
    for index in batch.records.indices {
      let record = batch.records[index]
      if scope != record.scope {
        stream = enter(batch.scopes[Int(record.scope)], of: batch)
        scope = record.scope
      }
      inspect(record, in: batch.scopes[Int(record.scope)].resource, of: batch)
      guard let stream else { continue }
      let bytes = fitNames(ofRecord: index, in: stream, of: batch)
      names.count(bytes: bytes, of: stream)
    }
  }

  /// Looks at what the records of a scope share, and finds their stream.
  private mutating func enter(_ scope: Scope, of batch: borrowing LogBatch) -> FieldNameWindow.Stream {
    hashes.removeAll(keepingCapacity: true)
    if resource != scope.resource {
      enter(batch.resources[Int(scope.resource)], at: Int(scope.resource), of: batch)
    }
    resource = scope.resource
    for index in scope.attributes.indices { collect(batch.attributes[index], under: Prefix(hash: 2), of: batch) }
    let stream = names.stream(streamHash, at: batch.receivedUnixNano)
    for name in hashes { names.add(name, to: stream) }
    return stream
  }

  private mutating func enter(_ resource: Resource, at place: Int, of batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    streamHash = 0
    resourceKeys.removeAll(keepingCapacity: true)
    for index in resource.attributes.indices {
      let entry = batch.attributes[index]
      if isReserved(entry.key, after: rules.resourcePrefix, in: store) { noteRenamed(in: place) }
      if rules.flattenDepth == 0 && entry.value.kind == .map { needsEditing = true }
      let name = Self.fingerprint(rules.resourcePrefix + store.extracting(entry.key.range).bytes)
      if rules.streamNames.contains(name), entry.value.kind == .string {
        streamHash ^= (Fingerprint.of(of: entry.value.slice, in: store) ^ name) &* 0xD6E8_FEB8_6659_FD93
      }
      collect(entry, under: Prefix(hash: 1), of: batch)
      // The rows of a resource with more have too many fields.
      if resource.attributes.count <= rules.maxFields && Self.isField(entry.value) {
        resourceKeys.insert(Self.fingerprint(entry.key, in: store))
      }
    }
  }

  private mutating func inspect(_ record: LogRecord, in resource: UInt32, of batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    for index in record.attributes.indices {
      let entry = batch.attributes[index]
      if isReserved(entry.key, after: rules.attributePrefix, in: store) { noteRenamed(in: Int(resource)) }
      if isOwn(entry, of: record, store) { needsEditing = true }
      if rules.flattenDepth == 0 && entry.value.kind == .map { needsEditing = true }
      if rules.attributePrefix == rules.resourcePrefix { noteRepeated(entry, in: resource, store) }
    }
    guard record.body.kind == .map else { return }
    bodyMarks.removeAll()
    for index in record.body.entries.indices {
      let entry = batch.nested[index]
      if isReserved(entry.key, after: [], in: store) { noteRenamed(in: Int(resource)) }
      _ = bodyMarks.set(Self.fingerprint(entry.key, in: store))
      if rules.resourcePrefix.isEmpty { noteRepeated(entry, in: resource, store) }
    }
    guard rules.attributePrefix.isEmpty else { return }
    for index in record.attributes.indices {
      let key = Self.fingerprint(batch.attributes[index].key, in: store)
      guard bodyMarks.mayHold(key) else { continue }
      let members = record.body.entries.indices
      if members.count > 64 || members.contains(where: { Self.fingerprint(batch.nested[$0].key, in: store) == key }) {
        needsEditing = true
      }
    }
  }

  /// Takes note of a field that will have another name, which may be one that the resource or a record has.
  private mutating func noteRenamed(in resource: Int) {
    needsEditing = true
    if rules.attributePrefix == rules.resourcePrefix { repeated.insert(resource) }
  }

  /// Takes note of an attribute of the resource that has a name of a record's.
  @inline(__always)
  private mutating func noteRepeated(_ entry: Attribute, in resource: UInt32, _ store: RawSpan) {
    guard resourceKeys.contains(Self.fingerprint(entry.key, in: store)), Self.isField(entry.value) else { return }
    repeated.insert(Int(resource))
    needsEditing = true
  }

  /// Counts the names of a record's fields, or notes that there may be no more; returns about how long its row is.
  private mutating func fitNames(
    ofRecord place: Int, in stream: FieldNameWindow.Stream, of batch: borrowing LogBatch
  ) -> Int {
    let record = batch.records[place]
    hashes.removeAll(keepingCapacity: true)
    for index in record.attributes.indices { collect(batch.attributes[index], under: Prefix(hash: 0), of: batch) }
    if record.body.kind == .map {
      let prefix = Prefix(hash: 0, depth: 2)
      for index in record.body.entries.indices { collect(batch.nested[index], under: prefix, of: batch) }
    }
    let new = hashes.reduce(0) { names.holds($1, in: stream) ? $0 : $0 &+ 1 }
    if new > 0 && names.count(of: stream) &+ new > names.flatLimit || hashes.count > rules.maxFields {
      short[place] = stream
      needsEditing = true
    } else {
      for name in hashes { names.add(name, to: stream) }
    }
    return 256 &+ Int(record.body.slice.count) &+ 32 &* hashes.count
  }

  /// Appends the hashes of an attribute's fields.
  private mutating func collect(_ entry: Attribute, under prefix: Prefix, of batch: borrowing LogBatch) {
    let name = (prefix.hash &* 0x9E37_79B9_7F4A_7C15) ^ Self.fingerprint(entry.key, in: batch.store.span.bytes)
    guard entry.value.kind == .map, prefix.depth <= rules.flattenDepth else {
      if entry.value.kind != .empty { hashes.append(name) }
      return
    }
    let inner = Prefix(hash: name | 1, depth: prefix.depth &+ 1)
    for index in entry.value.entries.indices { collect(batch.nested[index], under: inner, of: batch) }
  }

  // MARK: Changing

  /// Changes a copy of the batch, in whose store everything lies that is read here.
  private mutating func edit(_ copy: inout LogBatch) {
    var shared: [[Attribute]] = []
    for index in copy.resources.indices {
      let entries = copy.resources[index].attributes.indices.map { copy.attributes[$0] }
      let named = repeated.contains(index) ? flattened(entries, in: &copy) : entries
      shared.append(lastOfEachName(named.map { renamed($0, after: rules.resourcePrefix, in: &copy) }, in: copy))
    }
    let own = copy.records.indices.map { ownEntries(of: copy.records[$0], isShort: short[$0] != nil, in: &copy) }
    var names: [Int: (names: Set<[UInt8]>, records: Int)] = [:]
    for (index, entries) in own.enumerated() {
      let resource = Int(copy.scopes[Int(copy.records[index].scope)].resource)
      guard repeated.contains(resource) else { continue }
      names[resource, default: ([], 0)].names.formUnion((entries.attributes + entries.body).map { name($0, in: copy) })
      names[resource]?.records += 1
    }
    var given: [Int: [Attribute]] = [:]
    for index in shared.indices {
      let taken = shared[index].filter { names[index]?.names.contains(name($0, in: copy)) == true }
      let gifts = taken.count.multipliedReportingOverflow(by: names[index]?.records ?? 0)
      let mayGive = !gifts.overflow && gifts.partialValue <= givesLeft
      if mayGive { givesLeft &-= gifts.partialValue }
      given[index] = mayGive ? taken : []
      let kept =
        mayGive ? shared[index].filter { names[index]?.names.contains(name($0, in: copy)) != true } : shared[index]
      copy.resources[index].attributes = append(changed(kept, short: nil, in: &copy), to: &copy)
    }
    for (index, entries) in own.enumerated() {
      let resource = Int(copy.scopes[Int(copy.records[index].scope)].resource)
      var attributes = entries.attributes
      if let given = given[resource], !given.isEmpty {
        let own = Set((entries.attributes + entries.body).map { name($0, in: copy) })
        attributes += given.filter { !own.contains(name($0, in: copy)) }
      }
      let short = short[index]
      if copy.records[index].body.kind == .map {
        let members = changed(entries.body, short: short, in: &copy)
        let start = copy.nested.count
        copy.nested += members
        copy.records[index].body = .map(EntryRange(start..<copy.nested.count))
      }
      copy.records[index].attributes = append(
        changed(attributes, short: short, in: &copy), to: &copy)
      if short != nil { changes.unflattenedRecords &+= 1 }
    }
  }

  /// A record's attributes, without those that have a name of another field of it, and the members of its body.
  private mutating func ownEntries(
    of record: LogRecord, isShort: Bool, in copy: inout LogBatch
  ) -> (attributes: [Attribute], body: [Attribute]) {
    var attributes = record.attributes.indices.map { copy.attributes[$0] }
    attributes.removeAll { isOwn($0, of: record, copy.store.span.bytes) }
    if !isShort && (record.body.kind == .map || repeated.contains(Int(copy.scopes[Int(record.scope)].resource))) {
      attributes = flattened(attributes, in: &copy)
    }
    attributes = lastOfEachName(attributes.map { renamed($0, after: rules.attributePrefix, in: &copy) }, in: copy)
    guard record.body.kind == .map else { return (attributes, []) }
    let members = record.body.entries.indices.map { copy.nested[$0] }
    let message = Array("_msg".utf8)
    let fields = (isShort ? members : flattened(members, depth: 2, in: &copy))
      .map { name($0, in: copy) == message ? $0 : renamed($0, after: [], in: &copy) }
    let body = lastOfEachName(fields, in: copy)
    if rules.attributePrefix.isEmpty {
      let names = Set(body.map { name($0, in: copy) })
      attributes.removeAll { names.contains(name($0, in: copy)) }
    }
    return (attributes, body)
  }

  /// Entries with the members of maps in their stead, named as the server names them, and without those that are empty.
  private func flattened(_ entries: [Attribute], depth: Int = 1, in copy: inout LogBatch) -> [Attribute] {
    entries.flatMap { entry -> [Attribute] in
      let isShort = Int(entry.key.count) <= FlatLayout.maxPathBytes
      guard entry.value.kind == .map, depth <= rules.flattenDepth, isShort else { return [entry] }
      let members = entry.value.entries.indices.map { copy.nested[$0] }
      let named = members.compactMap { member in
        copy.store(name(entry, in: copy) + [UInt8(ascii: ".")] + name(member, in: copy))
          .map { Attribute(key: $0, value: member.value) }
      }
      return flattened(named, depth: depth + 1, in: &copy)
    }
    .filter { Self.isField($0.value) }
  }

  /// Entries of which each has another name: a new name may be one that there was.
  private func lastOfEachName(_ entries: [Attribute], in copy: borrowing LogBatch) -> [Attribute] {
    var names: Set<[UInt8]> = []
    return entries.reversed().filter { names.insert(name($0, in: copy)).inserted }.reversed()
  }

  private func append(_ entries: [Attribute], to copy: inout LogBatch) -> EntryRange {
    let start = copy.attributes.count
    copy.attributes += entries
    return EntryRange(start..<copy.attributes.count)
  }

  private func name(_ entry: Attribute, in copy: borrowing LogBatch) -> [UInt8] { Array(copy.store[entry.key.range]) }

  /// Entries with other values as needed; those that may have no name of their own come together in one.
  private mutating func changed(
    _ entries: [Attribute], short: FieldNameWindow.Stream?, in copy: inout LogBatch
  ) -> [Attribute] {
    var kept: [Attribute] = []
    var gathered: [Attribute] = []
    for entry in entries {
      if let short {
        let name = Self.fingerprint(entry.key, in: copy.store.span.bytes)
        guard names.holds(name, in: short) || names.count(of: short) < names.attributeLimit else {
          gathered.append(entry)
          continue
        }
        names.add(name, to: short)
      }
      kept.append(changed(entry, isShort: short != nil, in: &copy))
    }
    if gathered.isEmpty { return kept }
    let start = copy.nested.count
    copy.nested += gathered
    if let key = copy.store(Array("\(FlatLineWriter.gatheredName)".utf8)),
      let text = jsonText(.map(EntryRange(start..<copy.nested.count)), in: &copy)
    {
      kept.append(Attribute(key: key, value: text))
    }
    return kept
  }

  private func changed(_ entry: Attribute, isShort: Bool, in copy: inout LogBatch) -> Attribute {
    guard entry.value.kind == .map, isShort || rules.flattenDepth == 0 else { return entry }
    return Attribute(key: entry.key, value: jsonText(entry.value, in: &copy) ?? entry.value)
  }

  /// An entry whose name means nothing to the server.
  private mutating func renamed(_ entry: Attribute, after prefix: [UInt8], in copy: inout LogBatch) -> Attribute {
    guard isReserved(entry.key, after: prefix, in: copy.store.span.bytes) else { return entry }
    let key = entry.key.isEmpty ? Array("_msg".utf8) : name(entry, in: copy)
    guard let renamed = copy.store(key + Array("\(FlatLayout.reservedSuffix)".utf8)) else { return entry }
    changes.renamedFields &+= 1
    return Attribute(key: renamed, value: entry.value)
  }

  /// A text of the value's JSON; nil if the batch has no room for it.
  private func jsonText(_ value: Value, in copy: inout LogBatch) -> Value? {
    var text = ByteWriter(capacityBytes: 256)
    text.appendJSONText(value, of: copy)
    return copy.store(text.array).map { .string($0) }
  }

  // MARK: Names

  /// Whether a field of this name means something to the server; one without a name is a message.
  private func isReserved(_ key: ByteSlice, after prefix: [UInt8], in store: RawSpan) -> Bool {
    let key = store.extracting(key.range)
    let count = prefix.count &+ key.byteCount
    if count == 0 { return true }
    let first = prefix.first ?? key.unsafeLoad(as: UInt8.self)
    guard rules.startsReserved[Int(first)] else { return false }
    return rules.reserved.contains { name in
      name.count == count && name.starts(with: prefix)
        && key.withUnsafeBytes { $0.elementsEqual(name.dropFirst(prefix.count)) }
    }
  }

  /// Whether the server has a field of a value.
  private static func isField(_ value: Value) -> Bool {
    value.kind != .empty && !(value.kind == .string && value.slice.isEmpty)
  }

  /// Whether the record has a field of the attribute's name itself.
  private func isOwn(_ entry: Attribute, of record: LogRecord, _ store: RawSpan) -> Bool {
    guard rules.attributePrefix.isEmpty, (7...10).contains(entry.key.count) else { return false }
    let name = store.extracting(entry.key.range)
    return !record.traceID.isNone && name.isEqual(to: "trace_id")
      || record.spanID != 0 && name.isEqual(to: "span_id")
      || !record.eventName.isEmpty && name.isEqual(to: "event_name")
  }

  private static func fingerprint(_ key: ByteSlice, in store: RawSpan) -> UInt64 {
    Fingerprint.of(of: key, in: store)
  }

  fileprivate static func fingerprint(_ name: [UInt8]) -> UInt64 { name.withUnsafeBytes { Fingerprint.of($0) } }
}

extension Fingerprint {
  /// That of bytes of a store.
  @inline(__always)
  fileprivate static func of(of slice: ByteSlice, in store: RawSpan) -> UInt64 {
    store.extracting(slice.range).withUnsafeBytes { of($0) }
  }
}

extension RawSpan {
  /// A copy of the bytes.
  fileprivate var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
