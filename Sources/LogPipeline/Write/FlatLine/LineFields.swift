/// The fields of a line or row in the making, over those that it shares with others of its scope and resource.
struct LineFields: ~Copyable {
  typealias Mark = Flattener<FlatFields>.Mark

  /// The field of attributes of a record or scope that share one, and that of those of a resource.
  static var gatheredName: StaticString { "other_attributes" }
  static var gatheredResourceName: StaticString { "other_resource_attributes" }
  /// What stands before the keys of a scope's attributes.
  static var scopePrefix: StaticString { "scope.attributes." }

  let layout: FlatLayout
  private(set) var flat: Flattener<FlatFields>
  /// Where the line's own fields start.
  private var start = Mark()
  /// Text of values that are not in the batch.
  var rendered = ByteWriter(capacityBytes: 256)
  /// JSON text on its way into a string.
  private var text = ByteWriter(capacityBytes: 512)

  init(_ layout: FlatLayout, names: FieldNameWindow?) {
    self.layout = layout
    flat = Flattener(
      FlatFields(layout, names: names),
      limits: FlattenLimits(maxDepth: layout.flattenDepth, maxPathBytes: FlatLayout.maxPathBytes))
    flat.table.reserve()
  }

  /// The line's own fields: in the order in which they came until they are sorted.
  var own: Range<Int> { start.table.entries..<max(flat.table.entries.count, start.table.entries) }
  var mark: Mark { flat.mark }
  /// Why the line cannot be sent.
  var overflow: DropReason? { flat.overflow }
  var changes: FieldChanges { flat.policy.changes }

  @inline(__always)
  func bytes(ofName entry: FieldEntry) -> UnsafeRawBufferPointer { flat.table.names.pointer(to: entry.range) }

  /// Starts a line over the fields that were there at `mark`.
  mutating func begin(at mark: Mark, as form: LineForm = .flat) {
    start = mark
    flat.begin(at: mark)
    rendered.removeAll()
    flat.limits.maxDepth = form == .flat ? layout.flattenDepth : 0
    flat.policy.begin(form)
  }

  /// Starts the line anew, with fewer names.
  mutating func restart(as form: LineForm) { begin(at: start, as: form) }

  /// Adds attributes whose keys stand behind a prefix.
  @inline(__always)
  mutating func add(_ attributes: EntryRange, under prefix: UnsafeRawBufferPointer, _ batch: borrowing LogBatch) {
    flat.enter(.attribute, under: prefix)
    flat.add(attributes, batch)
  }

  /// Adds attributes of a scope.
  mutating func add(scope attributes: EntryRange, _ batch: borrowing LogBatch) {
    flat.policy.mayStartReserved = true
    add(attributes, under: Self.scopePrefix.rawBytes, batch)
    flat.policy.mayStartReserved = false
  }

  /// Adds the members of a body.
  mutating func add(body members: EntryRange, _ batch: borrowing LogBatch) {
    flat.enter(.body)
    flat.addMembers(members, batch)
  }

  /// Adds a field of the record's own.
  @inline(__always)
  mutating func add(_ name: StaticString, _ value: Value) {
    let name = name.rawBytes
    add(name.bytes, value)
  }

  /// Adds a field of the record's own.
  @inline(__always)
  mutating func add(_ name: RawSpan, _ value: Value) {
    if overflow != nil || value.kind == .empty || value.kind == .string && value.slice.isEmpty { return }
    flat.enter(.fixed)
    flat.addField(name, value)
  }

  /// Adds a field of the record's own whose value is the text in `rendered` from `start` on.
  @inline(__always)
  mutating func add(_ name: StaticString, renderedFrom start: Int) {
    if overflow != nil { return }
    flat.enter(.fixed)
    flat.addField(name, rendered: ByteSlice(start..<rendered.count))
  }

  /// Adds the time, which no other field can stand for, from `start` on in `rendered`.
  @inline(__always)
  mutating func add(time name: RawSpan, renderedFrom start: Int) {
    flat.enter(.time)
    flat.addField(name, .string(ByteSlice(start..<rendered.count)), isRendered: true)
  }

  /// Leaves each name of the line's own fields once; says whether one was there twice.
  @inline(__always)
  @discardableResult
  mutating func settle() -> Bool {
    flat.policy.mayRepeat && dropRepeated()
  }

  @inline(never)
  private mutating func dropRepeated() -> Bool {
    let count = flat.table.entries.count
    flat.table.sort(from: own.lowerBound)
    flat.table.dropRepeated(from: own.lowerBound)
    flat.table.restoreSequence(from: own.lowerBound)
    return flat.table.entries.count < count
  }

  /// Leaves out those of the line's own fields that others have too.
  mutating func drop(_ shared: borrowing SharedNames) {
    var kept = own.lowerBound
    for index in own {
      let entry = flat.table.entries[index]
      if shared.find(entry, in: flat.table) != nil { continue }
      flat.table.entries[kept] = entry
      kept &+= 1
    }
    flat.table.entries.removeLast(flat.table.entries.count &- kept)
  }

  /// Sorts the line's own fields by name, for others to be compared with.
  mutating func sort() { flat.table.sort(from: own.lowerBound) }

  /// Says where the text of a field now stands.
  mutating func setText(_ text: ByteSlice, at index: Int) {
    flat.table.entries[index].value = .string(text)
    flat.table.entries[index].isRendered = true
  }
}

/// As many names as a stream may have.
extension LineFields {
  /// Finds the stream of a resource whose fields were just added.
  mutating func enterStream(_ batch: borrowing LogBatch) {
    guard let names = flat.policy.names else { return }
    var hash: UInt64 = 0
    for name in layout.streamNames {
      if let index = own.first(where: { flat.table.entries[$0].hint == name }) {
        text.removeAll()
        text.appendJSONText(flat.table.entries[index].value, of: batch)
        hash ^= text.withUnsafeBytes { Fingerprint.of($0) }
      }
      hash = hash &* 0xD6E8_FEB8_6659_FD93
      hash ^= hash &>> 32
    }
    flat.policy.stream = names.stream(hash, at: batch.receivedUnixNano)
  }

  /// Makes a stream the one at hand.
  mutating func enter(_ stream: FieldNameWindow.Stream) { flat.policy.stream = stream }

  /// Counts bytes of the stream's records.
  func count(bytes: Int) {
    if let names = flat.policy.names, let stream = flat.policy.stream { names.count(bytes: bytes, of: stream) }
  }

  /// Whether the line may keep the names that it has, which are counted then; there are `others` that it shares.
  mutating func fitsNames(others: Int) -> Bool {
    if let overflow { return overflow == .lineTooLong }
    if own.count &+ others > layout.maxFields { return false }
    guard let names = flat.policy.names, let stream = flat.policy.stream else { return true }
    var new = 0
    var isKnown = true
    for index in own {
      let name = flat.table.entries[index].hint
      if names.holdsNow(name, in: stream) { continue }
      isKnown = false
      if !names.holds(name, in: stream) { new &+= 1 }
    }
    if isKnown { return true }
    if new > 0 && names.count(of: stream) &+ new > names.flatLimit { return false }
    addNames()
    return true
  }

  /// Counts the names of the line.
  func addNames() {
    guard let names = flat.policy.names, let stream = flat.policy.stream else { return }
    for index in own { names.add(flat.table.entries[index].hint, to: stream) }
  }

  /// Ends the fields of a line that was started anew: those that share one become a field of this name under a prefix,
  /// the text of a JSON object.
  mutating func finishShort(
    as name: StaticString = Self.gatheredName, under prefix: UnsafeRawBufferPointer, _ batch: borrowing LogBatch
  ) {
    if !flat.policy.gathered.isEmpty && overflow == nil {
      text.removeAll()
      appendGathered(batch)
      let start = rendered.count
      text.withUnsafeBytes { layout.isForRows ? rendered.append($0) : rendered.appendJSON(string: $0) }
      flat.policy.form = .short
      flat.policy.mayStartReserved = true
      flat.policy.changes.keepsMaps = true
      flat.enter(.attribute, under: prefix)
      flat.addField(name, rendered: ByteSlice(start..<rendered.count))
      flat.policy.mayStartReserved = false
    }
    if overflow == nil { settle() }
    addNames()
  }

  private mutating func appendGathered(_ batch: borrowing LogBatch) {
    for (index, entry) in flat.policy.gathered.enumerated() {
      text.append(UInt8(ascii: index == 0 ? "{" : ","))
      text.appendJSON(string: bytes(ofName: entry))
      text.append(UInt8(ascii: ":"))
      text.appendJSONText(entry.value, of: batch)
    }
    text.append(UInt8(ascii: "}"))
  }
}
