/// What the resources of one request come to. Reused from request to request.
struct RequestUses {
  /// What one resource comes to.
  struct Use {
    /// Its `service.name`.
    var service = ByteSlice.empty
    /// As decoded.
    var records = 0
    /// Where it lies in the request, with what stands before it.
    var bytes = 0
    /// What was put into queues of it.
    var enqueuedBytes = 0
  }

  private(set) var uses: [Use] = []
  /// Whether the request was put into queues.
  var isAccepted = false
  private var records = 0
  /// For each outlet where its records by resource start in `kept`; nil if all records of the request are there.
  private var starts: [Int?] = []
  private var kept: [UInt32] = []
  private static let maxKept = 1 << 12
  private static let serviceKey: StaticString = "service.name"

  /// Forgets the request before.
  mutating func reset() {
    isAccepted = false
    records = 0
    uses.removeAll(keepingCapacity: uses.capacity <= Self.maxKept)
    starts.removeAll(keepingCapacity: true)
    kept.removeAll(keepingCapacity: kept.capacity <= Self.maxKept)
  }

  /// Notes the resources of a request that was just decoded from these bytes, before anything is edited.
  mutating func note(_ batch: borrowing LogBatch, from start: Int, to end: Int) {
    records = batch.records.count
    var (firstRecord, position) = (0, start)
    for index in batch.resources.indices {
      let resource = batch.resources[index]
      var use = Use(service: Self.service(of: resource, in: batch))
      use.records = max(Int(resource.recordsEnd) &- firstRecord, 0)
      use.bytes = max(Int(resource.bodyEnd) &- position, 0)
      firstRecord = max(Int(resource.recordsEnd), firstRecord)
      position = max(Int(resource.bodyEnd), position)
      uses.append(use)
    }
    if uses.isEmpty { uses.append(Use()) }
    uses[uses.count &- 1].bytes &+= max(end &- position, 0)
  }

  /// Notes the resources of a request of another signal that came in so many bytes.
  mutating func note(_ request: SignalRequest, bytes: Int) {
    records = request.items
    let total = request.byteCount
    var (before, given) = (0, 0)
    for piece in request.pieces {
      var use = Use(service: request.serviceName(of: piece))
      use.records = piece.records
      before &+= piece.range.count
      let end = Self.part(bytes, before, of: total)
      use.bytes = end &- given
      given = end
      uses.append(use)
    }
    if uses.isEmpty { uses.append(Use()) }
    uses[uses.count &- 1].bytes &+= bytes &- given
  }

  private static func service(of resource: Resource, in batch: borrowing LogBatch) -> ByteSlice {
    let store = batch.store.span.bytes
    for index in resource.attributes.indices {
      let attribute = batch.attributes[index]
      guard attribute.key.count == serviceKey.utf8CodeUnitCount, attribute.value.kind == .string else { continue }
      if store.extracting(attribute.key.range).isEqual(to: serviceKey.rawBytes) { return attribute.value.slice }
    }
    return .empty
  }

  /// Notes which of its records the batch still has that is encoded for the next outlet, where that is in question.
  mutating func noteKept(in batch: borrowing LogBatch, by outlet: Int) {
    guard uses.count > 1, batch.records.count < records else { return }
    while starts.count <= outlet { starts.append(nil) }
    let start = kept.count
    starts[outlet] = start
    kept.append(contentsOf: repeatElement(0, count: uses.count))
    var index = 0
    while index < batch.records.count {
      let resource = batch.resourceIndex(ofRecord: index)
      let end = batch.endOfResource(resource, from: index)
      if resource < uses.count { kept[start &+ resource] &+= UInt32(truncatingIfNeeded: end &- index) }
      index = end
    }
  }

  /// Shares out what was put into an outlet's queue: in proportion of the bytes that came of each resource, as far as
  /// its records are still there.
  mutating func share(enqueuedBytes bytes: Int, of outlet: Int) {
    if bytes == 0 { return }
    if uses.count == 1 {
      uses[0].enqueuedBytes &+= bytes
      return
    }
    let total = uses.indices.reduce(0) { $0 &+ weight(of: $1, for: outlet) }
    var (before, given) = (0, 0)
    for index in uses.indices {
      before &+= weight(of: index, for: outlet)
      let end = total == 0 ? bytes : Self.part(bytes, before, of: total)
      uses[index].enqueuedBytes &+= end &- given
      given = end
    }
  }

  private func weight(of index: Int, for outlet: Int) -> Int {
    let use = uses[index]
    if use.records == 0 { return 0 }
    guard outlet < starts.count, let start = starts[outlet] else { return use.bytes }
    return Self.part(use.bytes, Int(kept[start &+ index]), of: use.records)
  }

  /// `count` * `part` / `whole`, which is no more than `count`.
  private static func part(_ count: Int, _ part: Int, of whole: Int) -> Int {
    if part >= whole { return count }
    let product = count.multipliedFullWidth(by: part)
    return whole.dividingFullWidth(product).quotient
  }
}

extension LogBatch {
  fileprivate borrowing func resourceIndex(ofRecord index: Int) -> Int {
    Int(scopes[Int(records[index].scope)].resource)
  }

  /// Where the records of a resource end that `index` is one of: they are neighbours.
  fileprivate borrowing func endOfResource(_ resource: Int, from index: Int) -> Int {
    var (known, step) = (index, 1)
    while known &+ step < records.count, resourceIndex(ofRecord: known &+ step) == resource {
      known &+= step
      step &*= 2
    }
    // Between a record of the resource and one that is not, or the end.
    var end = min(known &+ step, records.count)
    while end &- known > 1 {
      let middle = known &+ (end &- known) / 2
      if resourceIndex(ofRecord: middle) == resource { known = middle } else { end = middle }
    }
    return end
  }
}
