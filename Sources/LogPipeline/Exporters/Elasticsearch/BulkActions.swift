/// Writes the action lines of a batch, and keeps what the records of a resource or scope share.
struct BulkActions: ~Copyable {
  let options: ElasticsearchOptions
  private let targets: BulkTargetWriter
  /// Writes ids made of the request; nil unless that is asked for and the request's hash is known.
  private let requestIDs: DocumentIDWriter?
  /// JSON text that records copy: first of the resource, then of the scope, then of the record at hand.
  var shared = ByteWriter(capacityBytes: 8 << 10)
  /// What is known of the current resource, and of the current scope, its resource included.
  private var resource = Level()
  private(set) var scope = Level()
  /// The target of the scope's records that do not say otherwise.
  private(set) var scopeTarget = BulkTarget()
  /// The whole action line of such records.
  private var scopeAction = 0..<0

  /// What is known of a resource or scope.
  struct Level {
    fileprivate(set) var index: UInt32?
    fileprivate var routing = RoutingValues()
    /// Bytes of `shared` up to its end.
    fileprivate var sharedEnd = 0
  }

  init(_ options: ElasticsearchOptions, targets: BulkTargetWriter, requestHash: RequestHash?) {
    self.options = options
    self.targets = targets
    if options.documentID == .request, let requestHash {
      requestIDs = DocumentIDWriter(requestHash)
    } else {
      requestIDs = nil
    }
  }

  // MARK: Levels

  /// Makes a resource the current one, of which nothing is in `shared` yet; false if it is that already.
  mutating func enterResource(_ index: UInt32, _ batch: borrowing LogBatch) -> Bool {
    if resource.index == index { return false }
    resource = Level()
    resource.index = index
    resource.routing = RoutingValues(batch.resources[Int(index)].attributes, of: batch)
    resource.routing.tenant = batch.resources[Int(index)].tenant
    shared.truncate(to: 0)
    return true
  }

  /// Keeps what is in `shared` for the records of the current resource.
  mutating func keepForResource() { resource.sharedEnd = shared.count }

  /// Makes a scope of the current resource the current one.
  mutating func enterScope(_ index: UInt32, _ batch: borrowing LogBatch) {
    scope = resource
    scope.index = index
    scope.routing = RoutingValues(batch.scopes[Int(index)].attributes, of: batch).over(resource.routing)
    shared.truncate(to: resource.sharedEnd)
  }

  /// Finds where the records of the current scope go.
  mutating func findTarget(_ batch: borrowing LogBatch) {
    scopeTarget = writeTarget(scope.routing, batch)
    scopeAction = writeScopeAction()
    keepForScope()
  }

  /// Keeps what is in `shared` for the records of the current scope.
  mutating func keepForScope() { scope.sharedEnd = shared.count }

  // MARK: Lines

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

  /// Appends the action line and returns where the record goes.
  @inline(__always)
  mutating func appendAction(
    of document: BulkDocument, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) -> BulkTarget {
    shared.truncate(to: scope.sharedEnd)
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
  private func appendActionStart(of document: BulkDocument, _ store: RawSpan, to bytes: inout ByteWriter) {
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

  private mutating func writeScopeAction() -> Range<Int> {
    let start = shared.count
    shared.append("{\"create\":{")
    shared.append(copyOf: scopeTarget.index)
    shared.append("}}\n")
    shared.makeRoom(Pen.slackBytes)
    return start..<shared.count
  }
}

extension Pen {
  /// Puts a text of `BulkEncoder.shared`, mostly at most 128 bytes.
  @inline(__always)
  mutating func put(shared text: UnsafeRawBufferPointer) {
    if let start = text.baseAddress { put(short: start, count: text.count) }
  }
}
