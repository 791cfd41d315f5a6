/// Encodes the records of one batch in one mapping mode, each as an action line and a document line.
protocol BulkEncoder: ~Copyable {
  /// An encoder for a batch of so many records.
  init(_ actions: consuming BulkActions, records: Int)
  /// Appends a record in a way that takes most, but not all; says false and appends nothing for others.
  mutating func appendQuickly(_ record: LogRecord, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) -> Bool
  /// Appends the lines of any record; says why it cannot be sent if it cannot.
  mutating func append(
    _ document: BulkDocument, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) -> DropReason?
}

extension BulkEncoder where Self: ~Copyable {
  /// Appends a record's lines and ends the record, or drops it and says why.
  @inline(__always)
  mutating func append(
    _ record: LogRecord, _ batch: borrowing LogBatch, to frames: inout FrameWriter
  ) throws(EncodeError) -> DropReason? {
    if appendQuickly(record, batch, to: &frames.bytes) {
      try frames.endRecord()
      return nil
    }
    let document = BulkDocument(record, of: batch)
    let start = frames.bytes.count
    let reason = document.routing.isNotIndexed ? .notIndexed : append(document, batch, to: &frames.bytes)
    if let reason {
      try frames.dropRecord(reason, from: start)
      return reason
    }
    try frames.endRecord()
    return nil
  }
}

/// A record that becomes a document of its own making, with what its attributes say of it.
struct BulkDocument {
  let record: LogRecord
  let survey: KeySurvey
  let routing: RoutingValues

  @inline(__always)
  init(_ record: LogRecord, of batch: borrowing LogBatch) {
    self.record = record
    survey = KeySurvey(record.attributes, of: batch.attributes, batch.store.span.bytes)
    routing = survey.mayRoute ? RoutingValues(record.attributes, of: batch) : RoutingValues()
  }
}

/// Documents of the `bodymap` mode: the body itself.
struct BodyMapEncoder: ~Copyable, BulkEncoder {
  private var actions: BulkActions
  private var objects: ObjectWriter

  init(_ actions: consuming BulkActions, records: Int) {
    objects = ObjectWriter(actions.options)
    self.actions = actions
  }

  @inline(__always)
  mutating func appendQuickly(_ record: LogRecord, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) -> Bool {
    false
  }

  mutating func append(
    _ document: BulkDocument, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) -> DropReason? {
    guard document.record.body.kind == .map else { return .bodyNotMap }
    if actions.scope.index != document.record.scope { enter(document.record.scope, batch) }
    _ = actions.appendAction(of: document, batch, to: &bytes)
    objects.writeMap(document.record.body.entries, batch, to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    return nil
  }

  private mutating func enter(_ index: UInt32, _ batch: borrowing LogBatch) {
    _ = actions.enterResource(batch.scopes[Int(index)].resource, batch)
    actions.enterScope(index, batch)
    actions.findTarget(batch)
  }
}
