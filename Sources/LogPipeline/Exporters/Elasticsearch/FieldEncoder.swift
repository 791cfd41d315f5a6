/// Documents of the modes that order and rename fields: `ecs`, `none` and `raw`.
struct FieldEncoder: ~Copyable, BulkEncoder {
  var actions: BulkActions
  let mode: ElasticsearchOptions.MappingMode
  /// What records with the same keys share, for the current scope.
  var templates: RecordTemplates
  /// The template that the record at hand is to become.
  var nextTemplate: Int?
  /// The keys of records.
  var keys: KeyTable
  var fields: FieldSet
  var times = TimestampWriter()
  /// A body on its way to `message`.
  var text = ByteWriter(capacityBytes: 64)
  let recordNames = ECSNames.record
  let resourceNames = ECSNames.resource

  /// The fields of the current resource, and of the current scope with those of its resource.
  private var resource = Level()
  private(set) var scope = Level()
  /// Whether the JSON of the scope's fields is kept. That waits for a record that is written, so that the work for
  /// scopes is bounded by what comes of it.
  private var isScopeShared = false

  /// What is known of the fields of a resource or scope.
  struct Level {
    fileprivate var fields = FieldSet.Mark()
    /// Why no record of it can be encoded.
    fileprivate(set) var overflow: DropReason?
  }

  init(_ actions: consuming BulkActions, records: Int) {
    mode = actions.options.mappingMode
    keys = KeyTable(records: records, before: ",\"", after: "\":")
    templates = RecordTemplates(records: records)
    fields = FieldSet(maxObjectDepth: mode == .ecs ? Self.maxObjectDepth : 0, options: actions.options)
    self.actions = actions
  }

  /// Objects that a dotted key is parted into at most; Elasticsearch's own limit (`index.mapping.depth.limit`) is 20.
  private static let maxObjectDepth = 32

  mutating func append(
    _ document: BulkDocument, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) -> DropReason? {
    if actions.scope.index != document.record.scope { enterScope(document.record.scope, batch) }
    if let reason = scope.overflow { return reason }
    let target = actions.appendAction(of: document, batch, to: &bytes)
    addFields(of: document.record, to: target, batch)
    if let reason = fields.overflow { return reason }
    if !isScopeShared {
      shareScope(batch)
      addFields(of: document.record, to: target, batch)
    }
    fields.settle(from: scope.fields.fields)
    let start = bytes.count
    bytes.append(UInt8(ascii: "{"))
    if nextTemplate != nil { fields.notePlaces(from: scope.fields) }
    fields.writeMerged(from: scope.fields.fields, batch, shared: actions.shared, to: &bytes)
    bytes.truncate(to: bytes.count &- 1)
    bytes.append("}\n")
    if nextTemplate != nil { keepTemplate(of: document.record, from: start, in: bytes) }
    return fields.overflow
  }

  /// Adds the fields of a record.
  @inline(__always)
  private mutating func addFields(of record: LogRecord, to target: BulkTarget, _ batch: borrowing LogBatch) {
    fields.begin(at: scope.fields)
    switch mode {
    case .ecs: addECS(record, batch)
    case .none: addFlat(record, attributesUnder: "Attributes.", batch)
    case .raw, .otel, .bodymap: addFlat(record, attributesUnder: "", batch)
    }
    if target.dataStream != actions.scopeTarget.dataStream { addDataStream(target) }
  }

  // MARK: What records share

  @inline(never)
  private mutating func enterScope(_ index: UInt32, _ batch: borrowing LogBatch) {
    let entered = batch.scopes[Int(index)]
    if actions.enterResource(entered.resource, batch) { enterResource(entered.resource, batch) }
    actions.enterScope(index, batch)
    scope = resource
    fields.begin(at: resource.fields)
    templates.removeAll()
    guard resource.overflow == nil else { return }
    actions.findTarget(batch)
    if mode == .ecs { addECSScope(entered, batch) } else { addFlatScope(entered, batch) }
    if !actions.scopeTarget.dataStream.isEmpty { addDataStream(actions.scopeTarget) }
    scope.overflow = fields.overflow
    scope.fields = fields.mark
    isScopeShared = false
  }

  private mutating func enterResource(_ index: UInt32, _ batch: borrowing LogBatch) {
    let entered = batch.resources[Int(index)]
    fields.begin(at: fields.empty)
    if mode == .ecs { addECSResource(entered, batch) } else { addFlatResource(entered, batch) }
    resource.overflow = fields.overflow
    if resource.overflow == nil { fields.shareResource(batch, in: &actions.shared) }
    actions.keepForResource()
    resource.fields = fields.mark
  }

  /// Keeps the JSON of what records of the scope share, and forgets the fields of the record at hand.
  @inline(never)
  private mutating func shareScope(_ batch: borrowing LogBatch) {
    fields.begin(at: scope.fields)
    fields.shareScope(from: resource.fields.fields, batch, in: &actions.shared)
    actions.keepForScope()
    scope.fields = fields.mark
    isScopeShared = true
  }

  /// Adds `data_stream.*`, or takes it away from a record that does not go where the others of its scope go.
  private mutating func addDataStream(_ target: BulkTarget) {
    let isAttribute = mode == .none
    let (type, dataset, namespace) =
      target.dataStream.isEmpty ? (0..<0, 0..<0, 0..<0) : (target.type, target.dataset, target.namespace)
    addText(type, as: isAttribute ? "Attributes.data_stream.type" : "data_stream.type")
    addText(dataset, as: isAttribute ? "Attributes.data_stream.dataset" : "data_stream.dataset")
    addText(namespace, as: isAttribute ? "Attributes.data_stream.namespace" : "data_stream.namespace")
  }

  private mutating func addText(_ range: Range<Int>, as name: StaticString) {
    if range.isEmpty { return fields.remove(name) }
    let text = actions.shared.pointer(to: range)
    fields.add(name) { $0.append(text) }
  }
}
