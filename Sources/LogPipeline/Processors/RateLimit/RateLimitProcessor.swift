import Synchronization

/// `processors.rate_limit`: lets so many records or bytes a second pass, for all or for each key.
///
/// Records of one key are limited together. The bytes of a record are those of its texts: the body, and the keys and
/// values of its attributes, nested ones included, with 8 for each number or truth value. Takes one lock a batch.
package struct RateLimitProcessor: Processor {
  /// What tells records apart.
  package enum Key: Sendable, Equatable {
    case none
    /// The text of an attribute of the resource; what has none is one key.
    case resourceAttribute(String)
    /// The first value of a header field or entry of gRPC metadata, likewise.
    case field(String)
    /// The first value of what authentication knows of the sender, likewise.
    case claim(String)
  }

  /// What becomes of records beyond the rate.
  package enum OnLimit: String, Sendable, CaseIterable {
    /// The request is refused with a hint when to send it again.
    case refuse
    /// They are dropped and counted as filtered.
    case drop
  }

  /// Bytes of a key that tell it apart from others.
  package static let maxKeyBytes = 256
  /// A sender is not asked to wait longer, however far its key is over the rate.
  package static let maxRetryAfter = Duration.seconds(60)

  package let id: String
  private let options: RateLimitOptions
  private let keyName: [UInt8]
  private let table: Table

  /// The table has an address of its own, since the pipelines that name the processor share it.
  private final class Table: Sendable {
    let state: Mutex<RateTable>

    init(maxKeys: Int) { state = Mutex(RateTable(maxKeys: maxKeys)) }
  }

  package init(id: String, options: RateLimitOptions) {
    self.id = id
    self.options = options
    keyName =
      switch options.key {
      case .none: []
      case .resourceAttribute(let name): Array(name.utf8)
      case .field(let name): RequestContext.fieldName(name)
      case .claim(let name): RequestContext.claimName(name)
      }
    table = Table(maxKeys: options.maxKeys)
  }

  package var needsContext: Bool { true }
  package var contextFields: [[UInt8]] {
    switch options.key {
    case .field, .claim: [keyName]
    case .none, .resourceAttribute: []
    }
  }

  /// Keys that have a bucket now.
  package var keyCount: Int { table.state.withLock { $0.keyCount } }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) throws(ProcessorRefusal) {
    // What the gateway itself has to tell comes without a time, and passes.
    if batch.records.isEmpty || request.monotonicNano == 0 { return }
    let demands = demands(batch, of: request)
    switch options.onLimit {
    case .refuse:
      if let refusal = table.state.withLock({ take(demands, in: &$0) }) { throw refusal }
    case .drop:
      let keep = table.state.withLock { sift(batch, demands, in: &$0) }
      if keep.contains(false) { batch.keepRecords(keep) }
    }
  }
}

extension RateLimitProcessor {
  /// Limits requests of other signals by their items and bytes; one beyond the rate passes whole or not at all.
  package func process(_ passing: inout SignalRequest, of request: inout RequestContext) throws(ProcessorRefusal) {
    if passing.items == 0 || request.monotonicNano == 0 { return }
    var demands = Demands(now: request.monotonicNano, sizes: [])
    let place = demands.place(of: requestKey(request))
    demands.list[place].records = passing.items
    demands.list[place].bytes = options.bytes == nil ? 0 : passing.byteCount
    guard let refusal = table.state.withLock({ take(demands, in: &$0) }) else { return }
    if options.onLimit == .refuse { throw refusal }
    passing.removeItems()
  }

  /// The key of a request as a whole.
  private func requestKey(_ request: RequestContext) -> [UInt8] {
    guard case .none = options.key else {
      let value = request.firstValue(of: keyName)
      return value.map { Array(request.store[$0.range].prefix(Self.maxKeyBytes)) } ?? []
    }
    return []
  }
}

extension RateLimitProcessor {
  /// What a batch asks for, by key.
  private struct Demands {
    struct Demand {
      var key: [UInt8]
      var records = 0
      var bytes = 0
    }

    /// When the batch came.
    let now: UInt64
    /// The bytes of each record; empty if they are not counted.
    let sizes: [Int]
    var list: [Demand] = []
    /// For each resource the index in `list`; empty if all are one.
    var ofResource: [Int] = []
    private var places: [[UInt8]: Int] = [:]

    init(now: UInt64, sizes: [Int]) {
      self.now = now
      self.sizes = sizes
    }

    mutating func place(of key: [UInt8]) -> Int {
      if let place = places[key] { return place }
      places[key] = list.count
      list.append(Demand(key: key))
      return list.count - 1
    }
  }

  /// What is asked of each bucket; keys without one of their own ask the shared one together.
  private struct Shares {
    struct Share {
      /// The bucket, as an index in the table.
      let place: Int
      var records: Int
      var bytes: Int
    }

    private(set) var list: [Share] = []
    /// For each demand the index in `list`.
    private var ofDemand: [Int] = []

    /// The index in `list` for a demand; the only one's is 0.
    func share(of demand: Int) -> Int { list.count == 1 ? 0 : ofDemand[demand] }

    init(of demands: Demands, in table: inout RateTable) {
      table.makeRoom(forNew: demands.list.count { !table.has($0.key) }, now: demands.now)
      var shared: Int?
      for demand in demands.list {
        let place = table.place(of: demand.key)
        if demands.list.count == 1 {
          list.append(Share(place: place, records: demand.records, bytes: demand.bytes))
          return
        }
        if place == RateTable.sharedPlace, let shared {
          list[shared].records &+= demand.records
          list[shared].bytes &+= demand.bytes
          ofDemand.append(shared)
          continue
        }
        if place == RateTable.sharedPlace { shared = list.count }
        ofDemand.append(list.count)
        list.append(Share(place: place, records: demand.records, bytes: demand.bytes))
      }
    }
  }

  private func demands(_ batch: borrowing LogBatch, of request: RequestContext) -> Demands {
    let sizes = options.bytes == nil ? [] : batch.records.map { batch.textBytes(of: $0) }
    var demands = Demands(now: request.monotonicNano, sizes: sizes)
    switch options.key {
    case .none, .field, .claim: _ = demands.place(of: requestKey(request))
    case .resourceAttribute:
      demands.ofResource.reserveCapacity(batch.resources.count)
      for resource in batch.resources.indices {
        demands.ofResource.append(demands.place(of: keyText(resource, in: batch)))
      }
    }
    for index in batch.records.indices {
      let place = place(of: batch.records[index], demands, batch.scopes)
      demands.list[place].records &+= 1
      if !sizes.isEmpty { demands.list[place].bytes &+= sizes[index] }
    }
    return demands
  }

  private func place(of record: LogRecord, _ demands: Demands, _ scopes: [Scope]) -> Int {
    demands.ofResource.isEmpty ? 0 : demands.ofResource[Int(scopes[Int(record.scope)].resource)]
  }

  private func keyText(_ resource: Int, in batch: borrowing LogBatch) -> [UInt8] {
    let attributes = AttributeEditor(batch.resources[resource].attributes)
    guard let found = keyName.withUnsafeBytes({ attributes.index(of: $0, in: batch) }) else { return [] }
    let value = batch.attributes[found].value
    if value.kind == .string { return Array(batch.store[value.slice.range].prefix(Self.maxKeyBytes)) }
    var text = ByteWriter(capacityBytes: 64)
    text.appendText(value, of: batch)
    return text.withUnsafeBytes { Array($0.prefix(Self.maxKeyBytes)) }
  }

  /// Takes all that is demanded if there is room for it; otherwise nothing.
  private func take(_ demands: Demands, in table: inout RateTable) -> ProcessorRefusal? {
    let shares = Shares(of: demands, in: &table)
    var longest: (wait: UInt64, reason: String)?
    for demand in shares.list where demand.records > 0 {
      let bucket = table.buckets[demand.place]
      for (rate, count, busy, what) in [
        (options.records, demand.records, bucket.records, "records"),
        (options.bytes, demand.bytes, bucket.bytes, "bytes"),
      ] {
        guard let rate else { continue }
        let wait = rate.wait(for: count, busyUntil: busy, now: demands.now)
        if wait > longest?.wait ?? 0 { longest = (wait, "\(count) \(what) at a rate of \(rate.perSecond) a second") }
      }
    }
    if let longest {
      let wait = min(Duration.nanoseconds(Int64(clamping: longest.wait)), Self.maxRetryAfter)
      return ProcessorRefusal(processor: id, reason: longest.reason + " have to wait", retryAfter: wait)
    }
    for share in shares.list { charge(share, to: &table, now: demands.now) }
    return nil
  }

  /// Says for each record whether there is room for it, and takes that.
  private func sift(_ batch: borrowing LogBatch, _ demands: Demands, in table: inout RateTable) -> [Bool] {
    let now = demands.now
    let shares = Shares(of: demands, in: &table)
    var room = shares.list.map { share in
      let bucket = table.buckets[share.place]
      return (
        records: options.records?.room(busyUntil: bucket.records, now: now) ?? .max,
        bytes: options.bytes?.room(busyUntil: bucket.bytes, now: now) ?? .max
      )
    }
    var taken = shares.list.map { Shares.Share(place: $0.place, records: 0, bytes: 0) }
    var keep = [Bool](repeating: false, count: batch.records.count)
    for index in keep.indices {
      let place = shares.share(of: place(of: batch.records[index], demands, batch.scopes))
      guard room[place].records > 0 && room[place].bytes > 0 else { continue }
      let size = demands.sizes.isEmpty ? 0 : demands.sizes[index]
      keep[index] = true
      room[place].records &-= 1
      room[place].bytes &-= size
      taken[place].records &+= 1
      taken[place].bytes &+= size
    }
    for share in taken { charge(share, to: &table, now: now) }
    return keep
  }

  /// Takes what is asked of a bucket.
  private func charge(_ share: Shares.Share, to table: inout RateTable, now: UInt64) {
    let bucket = table.buckets[share.place]
    if let rate = options.records {
      table.buckets[share.place].records = rate.busyUntil(bucket.records, passing: share.records, now: now)
    }
    if let rate = options.bytes {
      table.buckets[share.place].bytes = rate.busyUntil(bucket.bytes, passing: share.bytes, now: now)
    }
  }
}

extension LogBatch {
  /// The bytes of a record's texts, 8 for each value that is none.
  func textBytes(of record: LogRecord) -> Int {
    var total = textBytes(of: record.body)
    for index in record.attributes.indices {
      total &+= Int(attributes[index].key.count) &+ textBytes(of: attributes[index].value)
    }
    return total
  }

  private func textBytes(of value: Value) -> Int {
    switch value.kind {
    case .empty: return 0
    case .bool, .int, .double: return 8
    case .string, .bytes: return Int(value.slice.count)
    case .array, .map:
      var total = 0
      for index in value.entries.indices {
        total &+= Int(nested[index].key.count) &+ textBytes(of: nested[index].value)
      }
      return total
    }
  }
}
