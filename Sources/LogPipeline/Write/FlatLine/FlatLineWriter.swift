/// Where attributes stand that are being written.
private struct FieldPath: ~Copyable {
  /// What stands before their keys: a prefix, or the names of the maps around them with a dot after each.
  var names = ByteWriter(capacityBytes: 512)
  /// 1 outside of any map.
  var depth = 1
  var rank = FieldRank.attribute
}

/// Writes records as flat lines; see `FlatLayout` for what they hold.
///
/// What passes a limit is dropped with its reason. Limits are checked before values are copied, and a line may grow
/// to twice its limits before repeated names are removed from it.
struct FlatLineWriter: ~Copyable {
  let layout: FlatLayout
  /// `{"_time":"` and `,"_msg":`, with the layout's names.
  private let timeHead: [UInt8]
  private let messageHead: [UInt8]
  private let messageName: [UInt8]
  private let resourcePrefix: [UInt8]
  private let attributePrefix: [UInt8]

  var own = FieldIndex()
  private var resource = SharedFields()
  private var scope = SharedFields()
  /// What `resource` and `scope` were encoded from, and why no record of it can be sent.
  private var resourceIndex: UInt32?
  private var resourceProblem: DropReason?
  private var scopeIndex: UInt32?
  private var scopeProblem: DropReason?
  var times = TimestampWriter()
  /// Where the attributes stand that are being written.
  private var path = FieldPath()
  /// JSON text on its way into a string.
  var text = ByteWriter(capacityBytes: 512)
  /// Where the line that is being written starts.
  private(set) var lineStart = 0
  /// The attribute keys of records.
  var keys: KeyTable
  /// What records of the same fields share, for the current scope.
  var templates: RecordTemplates
  /// Whether there are records enough to remember some for others.
  private let remembers: Bool
  /// The template that the record at hand is to become.
  var nextTemplate: Int?
  /// Why the line that is being written cannot be sent; once set nothing more is written to it.
  var problem: DropReason?
  /// Counts the names of each stream; nil for no bound.
  let names: FieldNameWindow?
  /// The stream of the records at hand, and where in the frames they start.
  var stream: FieldNameWindow.Stream?
  var streamStart = 0
  /// How the line at hand is written.
  var form = LineForm.flat
  /// Attributes of the line at hand that share a field, since there may be no more names.
  var gathered: [Attribute] = []
  /// What was changed in the line at hand, and in all that were written.
  var lineChanges = FieldChanges()
  var changes = FieldChanges()

  /// A writer for a batch of so many records.
  init(_ layout: FlatLayout, records: Int, names: FieldNameWindow? = nil) {
    self.layout = layout
    self.names = names
    keys = KeyTable(records: records, before: "", after: "")
    templates = RecordTemplates(records: records)
    remembers = records >= KeyTable.minRecords
    timeHead = Array("{\(Self.quoted(layout.timeField)):\"".utf8)
    messageHead = Array(",\(Self.quoted(layout.messageField)):".utf8)
    messageName = Array(layout.messageField.utf8)
    resourcePrefix = Array(layout.resourcePrefix.utf8)
    attributePrefix = Array(layout.attributePrefix.utf8)
  }

  private static func quoted(_ text: String) -> String {
    var writer = ByteWriter(capacityBytes: 64)
    Array(text.utf8).withUnsafeBytes { writer.appendJSON(string: $0) }
    return String(decoding: writer.array, as: UTF8.self)
  }

  /// Appends a record's line and ends the record, or drops it and says why.
  @discardableResult
  mutating func append(
    _ record: LogRecord, of batch: borrowing LogBatch, to frames: inout FrameWriter
  ) throws(EncodeError) -> DropReason? {
    if scopeIndex != record.scope { share(record.scope, of: batch, with: &frames.bytes) }
    let start = frames.bytes.count
    if remembers && appendAlike(record, of: batch, to: &frames.bytes) {
      try frames.endRecord()
    } else if let reason = resourceProblem ?? scopeProblem ?? write(record, of: batch, to: &frames.bytes) {
      try frames.dropRecord(reason, from: start)
      return reason
    } else {
      changes += lineChanges
      try frames.endRecord()
    }
    return nil
  }

  /// Keeps a record that is not sent for the dead letters, as its line without limits.
  @inline(never)
  static func keep(
    _ record: LogRecord, of batch: borrowing LogBatch, because reason: DropReason,
    as layout: FlatLayout, in frames: inout FrameWriter
  ) throws(EncodeError) {
    guard frames.keepsDropped else { return }
    var whole = layout
    whole.maxLineBytes = .max
    whole.maxFields = .max
    whole.maxFieldNameBytes = .max
    var lines = FlatLineWriter(whole, records: 1)
    var line = FrameWriter()
    try lines.append(record, of: batch, to: &line)
    try frames.keep(line.bytes.array, because: reason)
  }

  /// Ends the last frame.
  mutating func finish(_ frames: inout FrameWriter) throws(EncodeError) {
    leaveStream(at: frames.bytes.count)
    frames.count(changes)
    try frames.finish()
  }

  /// Appends a line; returns why it cannot be sent.
  private mutating func write(
    _ record: LogRecord, of batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) -> DropReason? {
    if !layout.lead.isEmpty { bytes.append(layout.lead) }
    start(at: bytes.count)
    appendOwnFields(record, of: batch, to: &bytes)
    if problem == nil { settleNames(in: &bytes) }
    if !fitsNames(problem, others: resource.count &+ scope.count) {
      restart(gathering: true, in: &bytes)
      appendOwnFields(record, of: batch, to: &bytes)
      finishShort(of: batch, to: &bytes)
      if problem == nil { settleNames(in: &bytes) }
    }
    if let problem { return problem }
    let fields = own.count &+ resource.count &+ scope.count
    if fields > layout.maxFields { return .tooManyFields }
    let lineBytes = bytes.count &- lineStart &+ resource.byteCount &+ scope.byteCount &+ 1
    if lineBytes > layout.maxLineBytes { return .lineTooLong }
    scope.append(to: &bytes)
    resource.append(to: &bytes)
    bytes.append("}\n")
    keepTemplate(of: record, in: bytes)
    return nil
  }

  /// Leaves each name of a record's line once.
  private mutating func settleNames(in bytes: inout ByteWriter) {
    own.removeRepeated(from: &bytes)
    resource.override(by: own, in: bytes)
    scope.override(by: own, in: bytes)
  }

  private mutating func start(at offset: Int) {
    lineStart = offset
    problem = nil
    own.removeAll()
    form = .flat
    lineChanges = FieldChanges()
  }

  /// Starts the line anew, with fewer names: maps stay JSON text and, if `gathering`, attributes share a field.
  private mutating func restart(gathering: Bool, in bytes: inout ByteWriter) {
    bytes.truncate(to: lineStart)
    start(at: lineStart)
    form = gathering ? .gathering : .short
  }

  /// Ends the fields of a line that was started anew.
  private mutating func finishShort(of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    appendGathered(of: batch, to: &bytes)
    if problem == nil { own.removeRepeated(from: &bytes) }
    addNames()
    nextTemplate = nil
  }

  /// Encodes the fields that all records of a scope share, using the end of `bytes` as scratch.
  private mutating func share(_ index: UInt32, of batch: borrowing LogBatch, with bytes: inout ByteWriter) {
    templates.removeAll()
    let entry = batch.scopes[Int(index)]
    if resourceIndex != entry.resource { share(resource: entry.resource, of: batch, with: &bytes) }
    start(at: bytes.count)
    appendFields(of: entry, of: batch, to: &bytes)
    if !fitsNames(problem, others: resource.count) {
      restart(gathering: false, in: &bytes)
      appendFields(of: entry, of: batch, to: &bytes)
      finishShort(of: batch, to: &bytes)
    }
    changes += lineChanges
    own.removeFields(of: resource, from: &bytes)
    scope.take(&own, from: &bytes, start: lineStart)
    scopeProblem = problem ?? limitProblem(fields: scope.count, bytes: scope.byteCount)
    scopeIndex = index
  }

  private mutating func appendFields(of scope: Scope, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    append("scope.name", scope.name, store, to: &bytes)
    append("scope.version", scope.version, store, to: &bytes)
    path.names.append("scope.attributes.")
    appendAttributes(scope.attributes, of: batch, to: &bytes)
    path.names.truncate(to: 0)
    own.removeRepeated(from: &bytes)
  }

  private mutating func share(resource index: UInt32, of batch: borrowing LogBatch, with bytes: inout ByteWriter) {
    leaveStream(at: bytes.count)
    start(at: bytes.count)
    appendFields(of: batch.resources[Int(index)], of: batch, to: &bytes)
    enterStream(at: batch.receivedUnixNano, in: bytes)
    if !fitsNames(problem, others: 0) {
      restart(gathering: false, in: &bytes)
      appendFields(of: batch.resources[Int(index)], of: batch, to: &bytes)
      finishShort(of: batch, to: &bytes)
    }
    changes += lineChanges
    resource.take(&own, from: &bytes, start: lineStart)
    resourceProblem = problem ?? limitProblem(fields: resource.count, bytes: resource.byteCount)
    resourceIndex = index
  }

  private mutating func appendFields(of resource: Resource, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    path.names.append(resourcePrefix)
    appendAttributes(resource.attributes, of: batch, to: &bytes)
    path.names.truncate(to: 0)
    own.removeRepeated(from: &bytes)
  }

  private func limitProblem(fields: Int, bytes: Int) -> DropReason? {
    if fields > layout.maxFields { return .tooManyFields }
    return bytes > layout.maxLineBytes ? .lineTooLong : nil
  }

  // MARK: Fields

  private mutating func appendOwnFields(_ record: LogRecord, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    appendTime(batch.effectiveTimeUnixNano(record), to: &bytes)
    appendBody(record.body, of: batch, to: &bytes)
    append("severity_text", record.severityText, store, to: &bytes)
    appendNumbers(of: record, to: &bytes)
    append("event_name", record.eventName, store, to: &bytes)
    if !attributePrefix.isEmpty { path.names.append(attributePrefix) }
    appendAttributes(record.attributes, of: batch, to: &bytes)
    path.names.truncate(to: 0)
  }

  @inline(__always)
  private mutating func appendTime(_ unixNano: UInt64, to bytes: inout ByteWriter) {
    let start = bytes.count
    bytes.append(timeHead)
    let nameEnd = bytes.count &- 3
    times.appendRFC3339(unixNano, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
    own.note(from: start, nameEnd: nameEnd, rank: .time, in: bytes)
  }

  @inline(__always)
  private mutating func appendBody(_ body: Value, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    if body.kind == .map {
      path.depth = 2
      path.rank = .body
      for index in body.entries.indices where problem == nil { append(batch.nested[index], of: batch, to: &bytes) }
      path.depth = 1
      path.rank = .attribute
      return
    }
    guard body.kind != .empty, !(body.kind == .string && body.slice.isEmpty) else { return }
    guard fits(body, of: batch, in: bytes) else { return }
    let start = bytes.count
    bytes.append(messageHead)
    let nameEnd = bytes.count &- 2
    appendValue(body, of: batch, to: &bytes)
    own.note(from: start, nameEnd: nameEnd, rank: .fixed, in: bytes)
  }

  @inline(__always)
  private mutating func appendNumbers(of record: LogRecord, to bytes: inout ByteWriter) {
    if record.severityNumber != 0 {
      let start = appendHead("severity_number", to: &bytes)
      bytes.appendDecimal(Int64(record.severityNumber))
      own.note(from: start, nameEnd: start &+ 17, rank: .fixed, in: bytes)
    }
    if !record.traceID.isNone {
      let start = appendHead("trace_id", to: &bytes)
      bytes.append(UInt8(ascii: "\""))
      bytes.appendHex(record.traceID)
      bytes.append(UInt8(ascii: "\""))
      own.note(from: start, nameEnd: start &+ 10, rank: .fixed, in: bytes)
    }
    if record.spanID != 0 {
      let start = appendHead("span_id", to: &bytes)
      bytes.append(UInt8(ascii: "\""))
      bytes.appendHex(record.spanID)
      bytes.append(UInt8(ascii: "\""))
      own.note(from: start, nameEnd: start &+ 9, rank: .fixed, in: bytes)
    }
  }

  /// Appends `,"name":` and returns where it starts.
  @inline(__always)
  func appendHead(_ name: StaticString, to bytes: inout ByteWriter) -> Int {
    let start = bytes.count
    bytes.append(",\"")
    bytes.append(name)
    bytes.append("\":")
    return start
  }

  /// Appends a field of a fixed name unless its text is empty.
  @inline(__always)
  private mutating func append(
    _ name: StaticString, _ slice: ByteSlice, _ store: RawSpan, to bytes: inout ByteWriter
  ) {
    guard !slice.isEmpty, fits(Int(slice.count), in: bytes) else { return }
    let start = appendHead(name, to: &bytes)
    bytes.appendJSON(slice, in: store)
    own.note(from: start, nameEnd: start &+ 2 &+ name.utf8CodeUnitCount, rank: .fixed, in: bytes)
  }

  @inline(__always)
  private mutating func appendAttributes(
    _ entries: EntryRange, of batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) {
    for index in entries.indices where problem == nil { append(batch.attributes[index], of: batch, to: &bytes) }
  }

  /// Appends an attribute, or the members of one that is a map, at `path`.
  @inline(__always)
  private mutating func append(_ entry: Attribute, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let nameBytes = path.names.count &+ Int(entry.key.count)
    switch entry.value.kind {
    case .empty: return
    case .string where entry.value.slice.isEmpty: return
    case .map where form == .flat && path.depth <= layout.flattenDepth && nameBytes <= FlatLayout.maxPathBytes:
      appendMembers(of: entry, of: batch, to: &bytes)
    default:
      let start = bytes.count
      if nameBytes == 0 {
        let name = messageName
        appendField(name.span.bytes, entry.value, of: batch, to: &bytes)
      } else {
        appendField(batch.store.span.bytes.extracting(entry.key.range), entry.value, of: batch, to: &bytes)
      }
      if form != .flat && problem == nil { makeShort(entry, from: start, in: &bytes) }
    }
  }

  private mutating func appendMembers(
    of entry: Attribute, of batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) {
    let outer = path.names.count
    path.names.append(batch.store.span.bytes.extracting(entry.key.range))
    path.names.append(UInt8(ascii: "."))
    path.depth &+= 1
    for index in entry.value.entries.indices where problem == nil {
      append(batch.nested[index], of: batch, to: &bytes)
    }
    path.depth &-= 1
    path.names.truncate(to: outer)
  }

  @inline(__always)
  private mutating func appendField(
    _ key: RawSpan, _ value: Value, of batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) {
    if path.names.count &+ key.byteCount > layout.maxFieldNameBytes {
      problem = .fieldNameTooLong
      return
    }
    guard fits(value, of: batch, in: bytes) else { return }
    let start = bytes.count
    bytes.append(",\"")
    if path.names.count > 0 { path.names.withUnsafeBytes { bytes.appendJSONEscaped($0) } }
    key.withUnsafeBytes { bytes.appendJSONEscaped($0) }
    if !layout.reserved.isEmpty { rename(from: start, rank: path.rank, in: &bytes) }
    let nameEnd = bytes.count
    bytes.append("\":")
    appendValue(value, of: batch, to: &bytes)
    own.note(from: start, nameEnd: nameEnd, rank: path.rank, in: bytes)
  }
}
