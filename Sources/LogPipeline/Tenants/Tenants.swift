import Synchronization

/// The tenants of requests: whose records are, and whether there is room for them. Each request takes one short lock by
/// its head and one once it is decoded.
package final class Tenants: Sendable {
  package let policy: TenantPolicy
  private let registry: TenantRegistry

  /// Tenants by a policy; what they hold and have had goes on from `former`.
  package init(_ policy: TenantPolicy, after former: Tenants? = nil) {
    self.policy = policy
    registry = former?.registry ?? TenantRegistry()
  }

  /// Those that have a place of their own now.
  package var count: Int { registry.table.withLock { $0.places.count } }

  /// Requests refused so far.
  package func refused(_ reason: TenantRefusal.Reason) -> Int { registry.counts.count(of: reason) }

  /// Counts a refusal of which the sender is told.
  package func note(_ refusal: TenantRefusal) { registry.counts.add(refusal.reason) }

  /// Says of each resource of a batch whose it is.
  func assign(_ batch: inout LogBatch, of request: inout RequestContext) throws(TenantRefusal) {
    var assignment = TenantAssignment(policy, request.tenant)
    try assignment.run(&batch, of: &request)
  }
}

extension Tenants {
  /// The share of the tenant whose all of a request is, if its head says so; of its sender if its resources have to be
  /// seen. Throws if the request may not be sent now.
  package func admit(
    _ head: HeadTenant?, from sender: [UInt8], _ ask: TenantAsk
  ) throws(TenantRefusal) -> TenantShare {
    guard let name = policy.decided(by: head) else { return share(of: head, from: sender, now: ask.now) }
    if name.isEmpty, policy.isRequired { throw .missing }
    let (share, refusal) = registry.table.withLock { table in
      let place = place(of: name, Asker(head, sender, now: ask.now), in: &table)
      let refusal = table.refusal(of: ask, at: place)
      return (self.share(of: name, at: place, in: table), refusal)
    }
    if let refusal { throw refusal.of(name, bytes: ask.bodyBytes) }
    return share
  }

  /// The same without a look at what has been had.
  package func share(of head: HeadTenant?, from sender: [UInt8], now: UInt64) -> TenantShare {
    registry.table.withLock { table in
      guard let name = policy.decided(by: head) else {
        let place = table.place(ofSender: sender, maxSenders: policy.maxTenants, now: now)
        return TenantShare(ofSender: table.entries[place].account, policy.whenIdle)
      }
      return share(of: name, at: place(of: name, Asker(head, sender, now: now), in: &table), in: table)
    }
  }

  private func share(of name: [UInt8], at place: TenantTable.Place, in table: TenantTable) -> TenantShare {
    let sender = place.sender.map { table.entries[$0].account }
    return TenantShare(name, table.entries[place.index].account, place.limits, within: sender)
  }

  /// Takes what a batch asks for off the quotas of its tenants if there is room for all of it; otherwise nothing.
  func take(_ demands: TenantDemands, of request: RequestContext) throws(TenantRefusal) -> TenantParts {
    let isDecided = policy.decided(by: request.tenant) != nil
    let asker = Asker(request.tenant, request.sender, now: request.monotonicNano)
    let (parts, refusal) = registry.table.withLock { table in
      var asks = demands.list.map { demand in
        TenantTable.Asked(demand: demand, place: place(of: demand.name, asker, in: &table))
      }
      let refusal = table.take(&asks, of: request, checksWork: !isDecided)
      return (self.parts(asks, in: table), refusal)
    }
    if let refusal { throw refusal }
    return parts
  }

  private func parts(_ asks: [TenantTable.Asked], in table: TenantTable) -> TenantParts {
    var parts = TenantParts()
    for asked in asks {
      let share = share(of: asked.demand.name, at: asked.place, in: table)
      parts.list.append(TenantPart(share: share, demand: asked.demand, isTaken: asked.isTaken))
      guard let whole = share.senders else { continue }
      var demand = parts.sender?.demand ?? TenantDemands.Demand(name: [], records: 0, bytes: 0)
      demand.records &+= asked.demand.records
      demand.bytes &+= asked.demand.bytes
      parts.sender = TenantPart(share: whole, demand: demand, isTaken: false)
    }
    return parts
  }

  /// Gives back what was taken for a request that is refused after all.
  func giveBack(_ parts: TenantParts) {
    if !parts.list.contains(where: \.isTaken) { return }
    registry.table.withLock { table in
      for part in parts.list where part.isTaken { table.giveBack(part.demand, part.share.limits.quota) }
    }
  }

  /// Counts the work of a body that could not be decoded to the tenant that its head names.
  func countWork(_ bytes: Int, of request: RequestContext) {
    guard let name = policy.decided(by: request.tenant) else { return }
    let asker = Asker(request.tenant, request.sender, now: request.monotonicNano)
    registry.table.withLock { table in
      table.charge(bytes, at: place(of: name, asker, in: &table), of: request)
    }
  }

  /// Who asks for a tenant, and when.
  private struct Asker {
    let head: HeadTenant?
    let sender: [UInt8]
    let now: UInt64

    init(_ head: HeadTenant?, _ sender: [UInt8], now: UInt64) {
      (self.head, self.sender, self.now) = (head, sender, now)
    }
  }

  /// Those without a place of their own have what one tenant has that is not named: all together, or of those that
  /// anybody could have named all of one sender.
  private func place(of name: [UInt8], _ asker: Asker, in table: inout TenantTable) -> TenantTable.Place {
    let unnamed = TenantLimits(quota: policy.quota, policy.whenIdle)
    if policy.vouches(for: name, by: asker.head) {
      let most = policy.names(name) ? .max : policy.maxTenants
      let index = table.place(of: name, maxTenants: most, now: asker.now)
      return TenantTable.Place(
        index: index, limits: index == TenantTable.sharedPlace ? unnamed : policy.limits(of: name))
    }
    let sender = table.place(ofSender: asker.sender, maxSenders: policy.maxTenants, now: asker.now)
    let index = table.place(of: name, isOpen: true, maxTenants: policy.maxTenants, now: asker.now)
    let isShared = index == TenantTable.sharedPlace
    return TenantTable.Place(
      index: isShared ? sender : index, limits: unnamed, sender: isShared ? nil : sender)
  }
}

/// What outlives a reload.
final class TenantRegistry: Sendable {
  let table = Mutex(TenantTable())
  let counts = TenantRefusalCounts()
}

/// Refusals by reason.
final class TenantRefusalCounts: Sendable {
  private final class Count: Sendable {
    let value = Atomic<Int>(0)
  }

  private let counts = TenantRefusal.Reason.allCases.map { (reason: $0, count: Count()) }

  func add(_ reason: TenantRefusal.Reason) {
    for (other, count) in counts where other == reason { count.value.add(1, ordering: .relaxed) }
  }

  func count(of reason: TenantRefusal.Reason) -> Int {
    counts.first { $0.reason == reason }?.count.value.load(ordering: .relaxed) ?? 0
  }
}
