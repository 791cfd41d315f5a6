import FrameQueues

/// Encodes one batch into action and document lines, keeping what the records of a resource or scope share.
struct BulkEncoder: ~Copyable {
  let options: ElasticsearchOptions
  let targets: BulkTargetWriter
  /// JSON text that records copy: first of the resource, then of the scope, then of the record at hand.
  var shared = ByteWriter(capacityBytes: 8 << 10)
  var objects: ObjectWriter
  /// What records with the same keys share, in the modes that order or rename fields, for the current scope.
  var templates: RecordTemplates
  /// The template that the record at hand is to become.
  var nextTemplate: Int?
  /// The keys of records, as `,"key":`.
  var keys: KeyTable
  /// Whether there are records enough to remember some for others.
  private let remembers: Bool
  var fields: FieldSet
  var times = TimestampWriter()
  /// A body on its way to `message`.
  var text = ByteWriter(capacityBytes: 64)
  /// Writes ids made of the request; nil unless that is asked for and the request's hash is known.
  private let requestIDs: DocumentIDWriter?
  let recordNames = ECSNames.record
  let resourceNames = ECSNames.resource

  /// What is known of the current resource.
  private(set) var resource = Level()
  /// What is known of the current scope, its resource included.
  private(set) var scope = Level()
  /// The target of the scope's records that do not say otherwise.
  private(set) var scopeTarget = BulkTarget()
  /// The whole action line of such records.
  private var scopeAction = 0..<0
  /// Whether the JSON of the scope's fields is kept. That waits for a record that is written, so that the work for
  /// scopes is bounded by what comes of it.
  private var isScopeShared = false

  /// What is known of a resource or scope.
  struct Level {
    var index: UInt32?
    var routing = RoutingValues()
    /// Its part of documents in `otel` mode.
    var fragment = 0..<0
    /// Bytes of `shared` and fields up to its end.
    var sharedEnd = 0
    var fields = FieldSet.Mark()
    /// Why no record of it can be encoded.
    var overflow: DropReason?
  }

  /// A record that becomes a document of its own making, with what its attributes say of it.
  struct Document {
    let record: LogRecord
    let survey: KeySurvey
    let routing: RoutingValues
    /// Where it goes.
    var target = BulkTarget()

    @inline(__always)
    init(_ record: LogRecord, of batch: borrowing LogBatch) {
      self.record = record
      survey = KeySurvey(record.attributes, of: batch.attributes, batch.store.span.bytes)
      routing = survey.mayRoute ? RoutingValues(record.attributes, of: batch) : RoutingValues()
    }
  }

  /// An encoder for a batch of so many records.
  init(options: ElasticsearchOptions, targets: BulkTargetWriter, requestHash: RequestHash?, records: Int) {
    self.options = options
    self.targets = targets
    objects = ObjectWriter(options)
    keys = KeyTable(records: records, before: ",\"", after: "\":")
    templates = RecordTemplates(records: records)
    remembers = records >= KeyTable.minRecords
    if options.documentID == .request, let requestHash {
      requestIDs = DocumentIDWriter(requestHash)
    } else {
      requestIDs = nil
    }
    fields = FieldSet(maxObjectDepth: options.mappingMode == .ecs ? Self.maxObjectDepth : 0, options: options)
    scope.fields = fields.mark
    resource.fields = fields.mark
  }

  /// Objects that a dotted key is parted into at most; Elasticsearch's own limit (`index.mapping.depth.limit`) is 20.
  private static let maxObjectDepth = 32

  /// Encodes one record as an action line and a document line.
  mutating func append(
    _ record: LogRecord, _ batch: borrowing LogBatch, to frames: inout FrameWriter
  ) throws(EncodeError) {
    if remembers && appendQuickly(record, batch, to: &frames.bytes) {
      try frames.endRecord()
      return
    }
    var document = Document(record, of: batch)
    let start = frames.bytes.count
    if let reason = refusal(of: document) ?? enter(record.scope, batch) {
      return try drop(record, because: reason, from: start, batch, in: &frames)
    }
    shared.truncate(to: scope.sharedEnd)
    document.target = appendAction(of: document, batch, to: &frames.bytes)
    if let reason = append(document, batch, to: &frames.bytes) {
      return try drop(record, because: reason, from: start, batch, in: &frames)
    }
    try frames.endRecord()
  }

  /// Drops a record, and keeps it for the dead letters unless it asked for that. Its own document cannot be made, so it
  /// is the one of `otel` mode, which has all of a record and no limits.
  @inline(never)
  private func drop(
    _ record: LogRecord, because reason: DropReason, from start: Int, _ batch: borrowing LogBatch,
    in frames: inout FrameWriter
  ) throws(EncodeError) {
    try frames.dropRecord(reason, from: start)
    guard frames.keepsDropped, reason != .notIndexed else { return }
    var whole = options
    whole.mappingMode = .otel
    var encoder = BulkEncoder(options: whole, targets: targets, requestHash: batch.requestHash, records: 1)
    var document = FrameWriter()
    try encoder.append(record, batch, to: &document)
    try frames.keep(document.bytes.array, because: reason)
  }

  /// Appends a record in a way that takes most, but not all; says false and appends nothing for others.
  @inline(__always)
  private mutating func appendQuickly(
    _ record: LogRecord, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) -> Bool {
    switch options.mappingMode {
    case .otel: appendKnown(record, batch, to: &bytes)
    case .ecs, .none, .raw: appendAlike(record, batch, to: &bytes)
    case .bodymap: false
    }
  }

  /// Puts the action line of a record that says nothing of it itself. Room is made for `bytes` after it.
  @inline(__always)
  func putAction(of record: LogRecord, before room: Int, with pen: inout Pen, in bytes: inout ByteWriter) {
    if requestIDs == nil {
      let action = shared.pointer(to: scopeAction)
      bytes.makeRoom(action.count &+ room, for: &pen)
      pen.put(shared: action)
    } else {
      requestIDs?.append(record.index, to: &bytes)
      bytes.append(shared.pointer(to: scopeTarget.index))
      bytes.append("}}\n")
      pen = bytes.pen
      bytes.makeRoom(room, for: &pen)
    }
  }

  /// Why a record is not sent whatever its scope.
  private func refusal(of document: Document) -> DropReason? {
    if document.routing.isNotIndexed { return .notIndexed }
    return options.mappingMode == .bodymap && document.record.body.kind != .map ? .bodyNotMap : nil
  }

  /// Appends the document's line; says why it cannot be sent if it cannot.
  @inline(__always)
  private mutating func append(
    _ document: Document, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) -> DropReason? {
    switch options.mappingMode {
    case .otel:
      appendOTel(document, batch, to: &bytes)
      return nil
    case .bodymap:
      objects.writeMap(document.record.body.entries, batch, to: &bytes)
      bytes.append(UInt8(ascii: "\n"))
      return nil
    case .ecs, .none, .raw:
      return appendFields(of: document, batch, to: &bytes)
    }
  }

  /// Adds the fields of a record.
  @inline(__always)
  private mutating func addFields(of document: Document, _ batch: borrowing LogBatch) {
    switch options.mappingMode {
    case .ecs: addECS(document.record, batch)
    case .none: addFlat(document.record, attributesUnder: "Attributes.", batch)
    case .raw, .otel, .bodymap: addFlat(document.record, attributesUnder: "", batch)
    }
    if document.target.dataStream != scopeTarget.dataStream { addDataStream(document.target) }
  }

  /// Writes the document of all fields.
  @inline(__always)
  private mutating func appendFields(
    of document: Document, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) -> DropReason? {
    addFields(of: document, batch)
    if let reason = fields.overflow { return reason }
    if !isScopeShared {
      shareScope(batch)
      addFields(of: document, batch)
    }
    fields.settle(from: scope.fields.fields)
    let start = bytes.count
    bytes.append(UInt8(ascii: "{"))
    if nextTemplate != nil { fields.notePlaces(from: scope.fields) }
    fields.writeMerged(from: scope.fields.fields, batch, shared: shared, to: &bytes)
    bytes.truncate(to: bytes.count &- 1)
    bytes.append("}\n")
    if nextTemplate != nil { keepTemplate(of: document.record, from: start, in: bytes) }
    return fields.overflow
  }

  /// Appends the action line and returns where the record goes.
  @inline(__always)
  private mutating func appendAction(
    of document: Document, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) -> BulkTarget {
    let store = batch.store.span.bytes
    let routing = document.routing
    let hasPipeline = options.logsDynamicPipelineEnabled && !routing.pipeline.isEmpty
    let isRouted = routing.routes && targets.readsAttributes
    if options.documentID == .none && !hasPipeline && !isRouted {
      shared.withUnsafeBytes(in: scopeAction) { bytes.append($0) }
      return scopeTarget
    }
    var target = scopeTarget
    if isRouted { target = writeTarget(routing.over(scope.routing), batch) }
    appendActionStart(of: document, store, to: &bytes)
    shared.withUnsafeBytes(in: target.index) { bytes.append($0) }
    if hasPipeline {
      bytes.append(",\"pipeline\":")
      bytes.appendJSON(routing.pipeline, in: store)
    }
    bytes.append("}}\n")
    return target
  }

  /// Appends the action's name and the `_id` if the record has one, which `BulkLines.hasID` looks for there.
  @inline(__always)
  private func appendActionStart(of document: Document, _ store: RawSpan, to bytes: inout ByteWriter) {
    if requestIDs != nil {
      requestIDs?.append(document.record.index, to: &bytes)
      return
    }
    bytes.append("{\"create\":{")
    if options.documentID == .attribute && !document.routing.documentID.isEmpty {
      bytes.append("\"_id\":")
      bytes.appendJSON(document.routing.documentID, in: store)
      bytes.append(",")
    }
  }

  private mutating func writeTarget(_ routing: RoutingValues, _ batch: borrowing LogBatch) -> BulkTarget {
    let name = batch.scopes[Int(scope.index ?? 0)].name
    let target = targets.write(
      routing, scopeName: name, nowUnixNano: batch.receivedUnixNano, batch.store.span.bytes, to: &shared)
    // What is copied a few bytes at a time is read beyond its end.
    shared.makeRoom(Pen.slackBytes)
    return target
  }

  /// Makes a scope the current one, and says why its records cannot be encoded if they cannot.
  @inline(__always)
  mutating func enter(_ index: UInt32, _ batch: borrowing LogBatch) -> DropReason? {
    if scope.index != index { enterScope(index, batch) }
    if scope.overflow == nil && usesFields { fields.begin(at: scope.fields) }
    return scope.overflow
  }

  var usesFields: Bool { options.mappingMode != .otel && options.mappingMode != .bodymap }

  @inline(never)
  private mutating func enterScope(_ index: UInt32, _ batch: borrowing LogBatch) {
    let entered = batch.scopes[Int(index)]
    if resource.index != entered.resource { enterResource(entered.resource, batch) }
    scope = resource
    scope.index = index
    shared.truncate(to: resource.sharedEnd)
    fields.begin(at: resource.fields)
    templates.removeAll()
    guard resource.overflow == nil else { return }
    scope.routing = RoutingValues(entered.attributes, of: batch).over(resource.routing)
    if options.mappingMode == .otel {
      appendOTelScope(entered, batch)
      scope.fragment = resource.fragment.lowerBound..<shared.count
    }
    scopeTarget = writeTarget(scope.routing, batch)
    scopeAction = writeScopeAction()
    if usesFields { addScopeFields(entered, batch) }
    scope.sharedEnd = shared.count
  }

  private mutating func writeScopeAction() -> Range<Int> {
    let start = shared.count
    shared.append("{\"create\":{")
    shared.append(copyOf: scopeTarget.index)
    shared.append("}}\n")
    shared.makeRoom(Pen.slackBytes)
    return start..<shared.count
  }

  /// Adds the fields of a scope to those of its resource.
  private mutating func addScopeFields(_ entered: Scope, _ batch: borrowing LogBatch) {
    if options.mappingMode == .ecs {
      addECSScope(entered, batch)
    } else {
      addFlatScope(entered, batch)
    }
    if !scopeTarget.dataStream.isEmpty { addDataStream(scopeTarget) }
    scope.overflow = fields.overflow
    scope.fields = fields.mark
    isScopeShared = false
  }

  /// Keeps the JSON of what records of the scope share, and forgets the fields of the record at hand.
  @inline(never)
  private mutating func shareScope(_ batch: borrowing LogBatch) {
    fields.begin(at: scope.fields)
    fields.shareScope(from: resource.fields.fields, batch, in: &shared)
    scope.sharedEnd = shared.count
    scope.fields = fields.mark
    isScopeShared = true
    fields.begin(at: scope.fields)
  }

  @inline(never)
  private mutating func enterResource(_ index: UInt32, _ batch: borrowing LogBatch) {
    let entered = batch.resources[Int(index)]
    resource = Level()
    resource.index = index
    resource.routing = RoutingValues(entered.attributes, of: batch)
    shared.truncate(to: 0)
    resource.fields = fields.empty
    fields.begin(at: resource.fields)
    switch options.mappingMode {
    case .otel: appendOTelResource(entered, batch)
    case .ecs: addECSResource(entered, batch)
    case .none, .raw: addFlatResource(entered, batch)
    case .bodymap: break
    }
    resource.fragment = 0..<shared.count
    resource.overflow = fields.overflow
    if usesFields && resource.overflow == nil { fields.shareResource(batch, in: &shared) }
    resource.sharedEnd = shared.count
    resource.fields = fields.mark
  }

  /// Adds `data_stream.*`, or takes it away from a record that does not go where the others of its scope go.
  private mutating func addDataStream(_ target: BulkTarget) {
    if options.mappingMode == .none {
      addDataStream(
        target, "Attributes.data_stream.type", "Attributes.data_stream.dataset",
        "Attributes.data_stream.namespace")
    } else {
      addDataStream(target, "data_stream.type", "data_stream.dataset", "data_stream.namespace")
    }
  }

  private mutating func addDataStream(
    _ target: BulkTarget, _ type: StaticString, _ dataset: StaticString, _ namespace: StaticString
  ) {
    addText(target.dataStream.isEmpty ? 0..<0 : target.type, as: type)
    addText(target.dataStream.isEmpty ? 0..<0 : target.dataset, as: dataset)
    addText(target.dataStream.isEmpty ? 0..<0 : target.namespace, as: namespace)
  }

  private mutating func addText(_ range: Range<Int>, as name: StaticString) {
    if range.isEmpty { return fields.remove(name) }
    let text = shared.pointer(to: range)
    fields.add(name) { $0.append(text) }
  }
}

extension Pen {
  /// Puts a text of `BulkEncoder.shared`, mostly at most 128 bytes.
  @inline(__always)
  mutating func put(shared text: UnsafeRawBufferPointer) {
    if let start = text.baseAddress { put(short: start, count: text.count) }
  }
}
