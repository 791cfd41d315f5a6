/// What a batch asks for, by tenant.
struct TenantDemands {
  struct Demand {
    let name: [UInt8]
    var records: Int
    /// Of the decoded body; of several tenants each has a part by the texts of its records.
    var bytes: Int
  }

  /// What a record counts for beside its texts when the bytes of a body are parted.
  private static let recordBytes = 32

  private(set) var list: [Demand] = []

  init(_ list: [Demand]) { self.list = list }

  /// One for each tenant of the batch that has records.
  init(_ batch: borrowing LogBatch, bodyBytes: Int) {
    guard let first = batch.resources.first else { return }
    if batch.resources.allSatisfy({ $0.tenant == first.tenant }) {
      let name = Array(batch.store[first.tenant.range])
      list = [Demand(name: name, records: batch.records.count, bytes: bodyBytes)]
      return
    }
    let places = places(of: batch.resources, batch.store)
    for record in batch.records {
      let place = places[Int(batch.scopes[Int(record.scope)].resource)]
      list[place].records &+= 1
      list[place].bytes &+= batch.textBytes(of: record) &+ Self.recordBytes
    }
    list.removeAll { $0.records == 0 }
    share(out: bodyBytes)
  }

  /// For each resource the index of its tenant in `list`.
  private mutating func places(of resources: [Resource], _ store: [UInt8]) -> [Int] {
    var known: [[UInt8]: Int] = [:]
    return resources.map { resource in
      let name = Array(store[resource.tenant.range])
      if let place = known[name] { return place }
      known[name] = list.count
      list.append(Demand(name: name, records: 0, bytes: 0))
      return list.count &- 1
    }
  }

  private mutating func share(out bodyBytes: Int) {
    let total = list.reduce(0) { $0 &+ $1.bytes }
    for index in list.indices { list[index].bytes = proportion(list[index].bytes, of: total, in: bodyBytes) }
  }
}

/// So much of `whole` as `part` is of `total`.
func proportion(_ part: Int, of total: Int, in whole: Int) -> Int {
  guard total > 0, part > 0, whole > 0 else { return 0 }
  if part >= total { return whole }
  let product = UInt(part).multipliedFullWidth(by: UInt(whole))
  return Int(clamping: UInt(total).dividingFullWidth(product).quotient)
}
