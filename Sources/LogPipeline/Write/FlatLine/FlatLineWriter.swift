/// Writes records as flat lines; see `FlatLayout` for what they hold.
///
/// What passes a limit is dropped with its reason. Limits are checked before values are copied, and a line may have
/// twice as many fields and bytes before repeated names are removed from it.
struct FlatLineWriter: ~Copyable {
  let layout: FlatLayout
  private let timeName: [UInt8]
  private let messageName: [UInt8]
  private let resourcePrefix: [UInt8]
  private let attributePrefix: [UInt8]

  private(set) var fields: LineFields
  private var resource = SharedFields()
  private var scope = SharedFields()
  /// The fields that `resource` has, and those that both have.
  private var resourceMark = LineFields.Mark()
  private var scopeMark = LineFields.Mark()
  /// What `resource` and `scope` were encoded from, and why no record of it can be sent.
  private var resourceIndex: UInt32?
  private var resourceProblem: DropReason?
  private var scopeIndex: UInt32?
  private var scopeProblem: DropReason?
  var times = TimestampWriter()
  /// JSON text on its way into a string.
  private var text = ByteWriter(capacityBytes: 512)
  /// Where in the frames the records of the stream at hand start.
  private var streamStart = 0
  /// The attribute keys of records.
  var keys: KeyTable
  /// What records of the same fields share, for the current scope.
  var templates: RecordTemplates
  /// The template that the record at hand is to become.
  var nextTemplate: Int?
  /// Where the values of such a record stand.
  private(set) var valuePlaces: [Range<Int>] = []
  /// What was changed in all records.
  private var changes = FieldChanges()

  /// A writer for a batch of so many records.
  init(_ layout: FlatLayout, records: Int, names: FieldNameWindow? = nil) {
    self.layout = layout
    fields = LineFields(layout, names: names)
    keys = KeyTable(records: records, before: "", after: "")
    templates = RecordTemplates(records: records)
    timeName = Array(layout.timeField.utf8)
    messageName = Array(layout.messageField.utf8)
    resourcePrefix = Array(layout.resourcePrefix.utf8)
    attributePrefix = Array(layout.attributePrefix.utf8)
  }

  /// Appends a record's line and ends the record, or drops it and says why.
  @discardableResult
  mutating func append(
    _ record: LogRecord, of batch: borrowing LogBatch, to frames: inout FrameWriter
  ) throws(EncodeError) -> DropReason? {
    if scopeIndex != record.scope { share(record.scope, of: batch, with: &frames.bytes) }
    let start = frames.bytes.count
    if keys.isUsed && appendAlike(record, of: batch, to: &frames.bytes) {
      try frames.endRecord()
    } else if let reason = resourceProblem ?? scopeProblem ?? write(record, of: batch, to: &frames.bytes) {
      try frames.dropRecord(reason, from: start)
      return reason
    } else {
      changes += fields.changes
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
    fields.count(bytes: max(frames.bytes.count &- streamStart, 0))
    frames.count(changes)
    try frames.finish()
  }

  /// Appends a line; returns why it cannot be sent.
  private mutating func write(
    _ record: LogRecord, of batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) -> DropReason? {
    fields.begin(at: scopeMark)
    addFields(of: record, batch)
    if fields.overflow == nil { settleNames() }
    if !fields.fitsNames(others: resource.count &+ scope.count) {
      fields.restart(as: .gathering)
      addFields(of: record, batch)
      let prefix = attributePrefix
      prefix.withUnsafeBytes { fields.finishShort(under: $0, batch) }
      if fields.overflow == nil { settleNames() }
      nextTemplate = nil
    }
    if let problem = fields.overflow { return problem }
    if fields.own.count &+ resource.count &+ scope.count > layout.maxFields { return .tooManyFields }
    if !layout.lead.isEmpty { bytes.append(layout.lead) }
    let start = bytes.count
    valuePlaces.removeAll(keepingCapacity: true)
    for index in fields.own { write(fields.flat.table.entries[index], batch, to: &bytes) }
    // In place of the comma before the first field, which is the time.
    bytes.base.storeBytes(of: UInt8(ascii: "{"), toByteOffset: start, as: UInt8.self)
    let lineBytes = bytes.count &- start &+ resource.byteCount &+ scope.byteCount &+ 1
    if lineBytes > layout.maxLineBytes { return .lineTooLong }
    scope.append(to: &bytes)
    resource.append(to: &bytes)
    bytes.append("}\n")
    keepTemplate(of: record, from: start, in: bytes)
    return nil
  }

  /// Leaves each name of a record's line once.
  private mutating func settleNames() {
    fields.settle()
    resource.override(by: fields)
    scope.override(by: fields)
  }

  /// Encodes the fields that all records of a scope share, using the end of `bytes` as scratch.
  private mutating func share(_ index: UInt32, of batch: borrowing LogBatch, with bytes: inout ByteWriter) {
    templates.removeAll()
    let entry = batch.scopes[Int(index)]
    if resourceIndex != entry.resource { share(resource: entry.resource, of: batch, with: &bytes) }
    fields.begin(at: resourceMark)
    addFields(of: entry, batch)
    if !fields.fitsNames(others: resource.names.fields.count) {
      fields.restart(as: .gathering)
      addFields(of: entry, batch)
      fields.finishShort(under: LineFields.scopePrefix.rawBytes, batch)
    }
    changes += fields.changes
    fields.drop(resource.names)
    let start = writeShared(batch, to: &bytes)
    scope.take(&fields, from: &bytes, start: start)
    scopeMark = fields.mark
    scopeProblem = fields.overflow ?? limitProblem(fields: scope.count, bytes: scope.byteCount)
    scopeIndex = index
  }

  private mutating func share(resource index: UInt32, of batch: borrowing LogBatch, with bytes: inout ByteWriter) {
    fields.count(bytes: max(bytes.count &- streamStart, 0))
    streamStart = bytes.count
    fields.begin(at: LineFields.Mark())
    addFields(of: batch.resources[Int(index)], batch)
    fields.enterStream(batch)
    if !fields.fitsNames(others: 0) {
      fields.restart(as: .gathering)
      addFields(of: batch.resources[Int(index)], batch)
      let prefix = resourcePrefix
      prefix.withUnsafeBytes { fields.finishShort(as: LineFields.gatheredResourceName, under: $0, batch) }
    }
    changes += fields.changes
    let start = writeShared(batch, to: &bytes)
    resource.take(&fields, from: &bytes, start: start)
    resourceMark = fields.mark
    resourceProblem = fields.overflow ?? limitProblem(fields: resource.count, bytes: resource.byteCount)
    resourceIndex = index
  }

  private func limitProblem(fields: Int, bytes: Int) -> DropReason? {
    if fields > layout.maxFields { return .tooManyFields }
    return bytes > layout.maxLineBytes ? .lineTooLong : nil
  }

  // MARK: Fields

  private mutating func addFields(of scope: Scope, _ batch: borrowing LogBatch) {
    fields.add("scope.name", .string(scope.name))
    fields.add("scope.version", .string(scope.version))
    fields.add(scope: scope.attributes, batch)
    fields.settle()
  }

  private mutating func addFields(of resource: Resource, _ batch: borrowing LogBatch) {
    let prefix = resourcePrefix
    prefix.withUnsafeBytes { fields.add(resource.attributes, under: $0, batch) }
    fields.settle()
  }

  private mutating func addFields(of record: LogRecord, _ batch: borrowing LogBatch) {
    addTime(batch.effectiveTimeUnixNano(record))
    if record.body.kind == .map {
      fields.add(body: record.body.entries, batch)
    } else {
      let name = messageName
      fields.add(name.span.bytes, record.body)
    }
    fields.add("severity_text", .string(record.severityText))
    if record.severityNumber != 0 { fields.add("severity_number", .int(Int64(record.severityNumber))) }
    addIDs(of: record)
    fields.add("event_name", .string(record.eventName))
    let prefix = attributePrefix
    prefix.withUnsafeBytes { fields.add(record.attributes, under: $0, batch) }
  }

  private mutating func addTime(_ unixNano: UInt64) {
    let start = fields.rendered.count
    fields.rendered.append("\"")
    times.appendRFC3339(unixNano, to: &fields.rendered)
    fields.rendered.append("\"")
    let name = timeName
    fields.add(time: name.span.bytes, renderedFrom: start)
  }

  private mutating func addIDs(of record: LogRecord) {
    if !record.traceID.isNone {
      let start = fields.rendered.count
      fields.rendered.write(atMost: Pen.maxQuotedIDBytes) { $0.put(quoted: record.traceID) }
      fields.add("trace_id", renderedFrom: start)
    }
    if record.spanID != 0 {
      let start = fields.rendered.count
      fields.rendered.write(atMost: Pen.maxQuotedIDBytes) { $0.put(quotedSpanID: record.spanID) }
      fields.add("span_id", renderedFrom: start)
    }
  }

  // MARK: JSON

  /// Writes the fields that were just added, which are to be shared, and says where they start.
  private mutating func writeShared(_ batch: borrowing LogBatch, to bytes: inout ByteWriter) -> Int {
    let first = bytes.count
    for index in fields.own {
      let start = bytes.count
      write(fields.flat.table.entries[index], batch, to: &bytes)
      fields.setText(ByteSlice(start &- first..<bytes.count &- first), at: index)
    }
    return first
  }

  /// Appends `,"name":value`.
  @inline(__always)
  private mutating func write(_ entry: FieldEntry, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    bytes.append(",\"")
    bytes.appendJSONEscaped(fields.bytes(ofName: entry))
    bytes.append("\":")
    let start = bytes.count
    if entry.isRendered {
      bytes.append(fields.rendered.pointer(to: entry.value.slice.range))
    } else {
      appendValue(entry.value, batch, to: &bytes)
    }
    if nextTemplate != nil { valuePlaces.append(start..<bytes.count) }
  }

  @inline(__always)
  private mutating func appendValue(_ value: Value, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    switch value.kind {
    case .string: bytes.appendJSON(value.slice, in: store)
    case .bool: bytes.appendJSON(value.boolValue)
    case .int: bytes.appendDecimal(value.intValue)
    case .double: bytes.appendJSON(value.doubleValue)
    case .bytes: bytes.appendJSON(base64: store.extracting(value.slice.range))
    case .empty, .array, .map:
      text.removeAll()
      text.appendJSONText(value, of: batch)
      text.withUnsafeBytes { bytes.appendJSON(string: $0) }
    }
  }
}
