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

  private(set) var own = FieldIndex()
  private var resource = SharedFields()
  private var scope = SharedFields()
  /// What `resource` and `scope` were encoded from, and why no record of it can be sent.
  private var resourceIndex: UInt32?
  private var resourceProblem: DropReason?
  private var scopeIndex: UInt32?
  private var scopeProblem: DropReason?
  var times = TimestampWriter()
  /// What stands before the keys that are being written: a prefix, or the names of the maps around them.
  private var path = ByteWriter(capacityBytes: 512)
  /// JSON text on its way into a string.
  private var text = ByteWriter(capacityBytes: 512)
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
  private var problem: DropReason?

  /// A writer for a batch of so many records.
  init(_ layout: FlatLayout, records: Int) {
    self.layout = layout
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

  /// Appends a record's line and ends the record, or drops it.
  mutating func append(
    _ record: LogRecord, of batch: borrowing LogBatch, _ store: RawSpan, to frames: inout FrameWriter
  ) throws(EncodeError) {
    if scopeIndex != record.scope { share(record.scope, of: batch, store, with: &frames.bytes) }
    let start = frames.bytes.count
    if remembers && appendAlike(record, of: batch, store, to: &frames.bytes) {
      try frames.endRecord()
    } else if let reason = resourceProblem ?? scopeProblem ?? write(record, of: batch, store, to: &frames.bytes) {
      try frames.dropRecord(reason, from: start)
    } else {
      try frames.endRecord()
    }
  }

  /// Appends a line; returns why it cannot be sent.
  private mutating func write(
    _ record: LogRecord, of batch: borrowing LogBatch, _ store: RawSpan, to bytes: inout ByteWriter
  ) -> DropReason? {
    if !layout.lead.isEmpty { bytes.append(layout.lead) }
    start(at: bytes.count)
    appendOwnFields(record, of: batch, store, to: &bytes)
    if let problem { return problem }
    own.removeRepeated(from: &bytes)
    resource.override(by: own, in: bytes)
    scope.override(by: own, in: bytes)
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

  private mutating func start(at offset: Int) {
    lineStart = offset
    problem = nil
    own.removeAll()
  }

  /// Encodes the fields that all records of a scope share, using the end of `bytes` as scratch.
  private mutating func share(
    _ index: UInt32, of batch: borrowing LogBatch, _ store: RawSpan, with bytes: inout ByteWriter
  ) {
    templates.removeAll()
    let entry = batch.scopes[Int(index)]
    if resourceIndex != entry.resource { share(resource: entry.resource, of: batch, store, with: &bytes) }
    start(at: bytes.count)
    append("scope.name", entry.name, rank: .fixed, store, to: &bytes)
    append("scope.version", entry.version, rank: .fixed, store, to: &bytes)
    path.append("scope.attributes.")
    appendAttributes(entry.attributes, rank: .attribute, of: batch, store, to: &bytes)
    path.truncate(to: 0)
    own.removeRepeated(from: &bytes)
    own.removeFields(of: resource, from: &bytes)
    scope.take(&own, from: &bytes, start: lineStart)
    scopeProblem = problem ?? limitProblem(fields: scope.count, bytes: scope.byteCount)
    scopeIndex = index
  }

  private mutating func share(
    resource index: UInt32, of batch: borrowing LogBatch, _ store: RawSpan, with bytes: inout ByteWriter
  ) {
    start(at: bytes.count)
    path.append(resourcePrefix)
    appendAttributes(batch.resources[Int(index)].attributes, rank: .attribute, of: batch, store, to: &bytes)
    path.truncate(to: 0)
    own.removeRepeated(from: &bytes)
    resource.take(&own, from: &bytes, start: lineStart)
    resourceProblem = problem ?? limitProblem(fields: resource.count, bytes: resource.byteCount)
    resourceIndex = index
  }

  private func limitProblem(fields: Int, bytes: Int) -> DropReason? {
    if fields > layout.maxFields { return .tooManyFields }
    return bytes > layout.maxLineBytes ? .lineTooLong : nil
  }

  // MARK: Fields

  private mutating func appendOwnFields(
    _ record: LogRecord, of batch: borrowing LogBatch, _ store: RawSpan, to bytes: inout ByteWriter
  ) {
    appendTime(batch.effectiveTimeUnixNano(record), to: &bytes)
    appendBody(record.body, of: batch, store, to: &bytes)
    append("severity_text", record.severityText, rank: .fixed, store, to: &bytes)
    appendNumbers(of: record, to: &bytes)
    append("event_name", record.eventName, rank: .fixed, store, to: &bytes)
    if !attributePrefix.isEmpty { path.append(attributePrefix) }
    appendAttributes(record.attributes, rank: .attribute, of: batch, store, to: &bytes)
    path.truncate(to: 0)
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
  private mutating func appendBody(
    _ body: Value, of batch: borrowing LogBatch, _ store: RawSpan, to bytes: inout ByteWriter
  ) {
    if body.kind == .map {
      for index in body.entries.indices where problem == nil {
        append(batch.nested[index], rank: .body, depth: 2, of: batch, store, to: &bytes)
      }
      return
    }
    guard body.kind != .empty, !(body.kind == .string && body.slice.isEmpty) else { return }
    guard fits(body, of: batch, store, in: bytes) else { return }
    let start = bytes.count
    bytes.append(messageHead)
    let nameEnd = bytes.count &- 2
    appendValue(body, of: batch, store, to: &bytes)
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
  private func appendHead(_ name: StaticString, to bytes: inout ByteWriter) -> Int {
    let start = bytes.count
    bytes.append(",\"")
    bytes.append(name)
    bytes.append("\":")
    return start
  }

  /// Appends a field of a fixed name unless its text is empty.
  @inline(__always)
  private mutating func append(
    _ name: StaticString, _ slice: ByteSlice, rank: FieldRank, _ store: RawSpan, to bytes: inout ByteWriter
  ) {
    guard !slice.isEmpty, fits(Int(slice.count), in: bytes) else { return }
    let start = appendHead(name, to: &bytes)
    bytes.appendJSON(slice, in: store)
    own.note(from: start, nameEnd: start &+ 2 &+ name.utf8CodeUnitCount, rank: rank, in: bytes)
  }

  @inline(__always)
  private mutating func appendAttributes(
    _ entries: EntryRange, rank: FieldRank, of batch: borrowing LogBatch, _ store: RawSpan,
    to bytes: inout ByteWriter
  ) {
    for index in entries.indices where problem == nil {
      append(batch.attributes[index], rank: rank, depth: 1, of: batch, store, to: &bytes)
    }
  }

  /// Appends an attribute, or the members of one that is a map, under the names that `path` starts.
  @inline(__always)
  private mutating func append(
    _ entry: Attribute, rank: FieldRank, depth: Int, of batch: borrowing LogBatch, _ store: RawSpan,
    to bytes: inout ByteWriter
  ) {
    let nameBytes = path.count &+ Int(entry.key.count)
    switch entry.value.kind {
    case .empty: return
    case .string where entry.value.slice.isEmpty: return
    case .map where depth <= FlatLayout.maxDepth && nameBytes <= FlatLayout.maxPathBytes:
      appendMembers(of: entry, rank: rank, depth: depth &+ 1, of: batch, store, to: &bytes)
    default:
      if nameBytes == 0 {
        let name = messageName
        appendField(name.span.bytes, entry.value, rank: rank, of: batch, store, to: &bytes)
      } else {
        appendField(store.extracting(entry.key.range), entry.value, rank: rank, of: batch, store, to: &bytes)
      }
    }
  }

  private mutating func appendMembers(
    of entry: Attribute, rank: FieldRank, depth: Int, of batch: borrowing LogBatch, _ store: RawSpan,
    to bytes: inout ByteWriter
  ) {
    let outer = path.count
    path.append(store.extracting(entry.key.range))
    path.append(UInt8(ascii: "."))
    for index in entry.value.entries.indices where problem == nil {
      append(batch.nested[index], rank: rank, depth: depth, of: batch, store, to: &bytes)
    }
    path.truncate(to: outer)
  }

  @inline(__always)
  private mutating func appendField(
    _ key: RawSpan, _ value: Value, rank: FieldRank, of batch: borrowing LogBatch, _ store: RawSpan,
    to bytes: inout ByteWriter
  ) {
    if path.count &+ key.byteCount > layout.maxFieldNameBytes {
      problem = .fieldNameTooLong
      return
    }
    guard fits(value, of: batch, store, in: bytes) else { return }
    let start = bytes.count
    bytes.append(",\"")
    if path.count > 0 { path.withUnsafeBytes { bytes.appendJSONEscaped($0) } }
    key.withUnsafeBytes { bytes.appendJSONEscaped($0) }
    let nameEnd = bytes.count
    bytes.append("\":")
    appendValue(value, of: batch, store, to: &bytes)
    own.note(from: start, nameEnd: nameEnd, rank: rank, in: bytes)
  }

  // MARK: Values

  /// Whether the line has room for one more field of this value, whose JSON text is put into `text` if it needs one.
  @inline(__always)
  private mutating func fits(
    _ value: Value, of batch: borrowing LogBatch, _ store: RawSpan, in bytes: borrowing ByteWriter
  ) -> Bool {
    switch value.kind {
    case .string, .bytes: return fits(Int(value.slice.count), in: bytes)
    case .bool, .int, .double: return fits(0, in: bytes)
    case .empty, .array, .map:
      text.removeAll()
      text.appendJSONText(value, of: batch, store)
      return fits(text.count, in: bytes)
    }
  }

  /// Whether the line has room for one more field of `count` bytes; if not, sets `problem`.
  @inline(__always)
  private mutating func fits(_ count: Int, in bytes: borrowing ByteWriter) -> Bool {
    if (bytes.count &- lineStart &+ count) / 2 > layout.maxLineBytes { problem = .lineTooLong }
    if own.count / 2 > layout.maxFields { problem = .tooManyFields }
    return problem == nil
  }

  /// Appends a value that `fits` was asked about just before.
  @inline(__always)
  private mutating func appendValue(
    _ value: Value, of batch: borrowing LogBatch, _ store: RawSpan, to bytes: inout ByteWriter
  ) {
    switch value.kind {
    case .string: bytes.appendJSON(value.slice, in: store)
    case .bool: bytes.appendJSON(value.boolValue)
    case .int: bytes.appendDecimal(value.intValue)
    case .double: bytes.appendJSON(value.doubleValue)
    case .bytes: bytes.appendJSON(base64: store.extracting(value.slice.range))
    case .empty, .array, .map: text.withUnsafeBytes { bytes.appendJSON(string: $0) }
    }
  }
}
