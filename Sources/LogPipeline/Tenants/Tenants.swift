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
  /// The tenant whose all of a request is, if its head says so; nil if its resources have to be seen. Throws if the
  /// request may not be sent now.
  package func admit(_ head: HeadTenant?, _ ask: TenantAsk) throws(TenantRefusal) -> TenantShare? {
    guard let name = policy.decided(by: head) else { return nil }
    if name.isEmpty, policy.isRequired { throw .missing }
    let (share, refusal) = registry.table.withLock { table in
      let place = place(of: name, in: &table, now: ask.now)
      let refusal = table.refusal(of: ask, at: place)
      return (TenantShare(name, table.entries[place.index].account, place.limits), refusal)
    }
    if let refusal { throw refusal.of(name, bytes: ask.bodyBytes) }
    return share
  }

  /// The same without a look at what has been had; nil if the head does not say.
  package func share(of head: HeadTenant?, now: UInt64) -> TenantShare? {
    guard let name = policy.decided(by: head) else { return nil }
    return registry.table.withLock { table in
      let place = place(of: name, in: &table, now: now)
      return TenantShare(name, table.entries[place.index].account, place.limits)
    }
  }

  /// Takes what a batch asks for off the quotas of its tenants if there is room for all of it; otherwise nothing.
  func take(_ demands: TenantDemands, of request: RequestContext) throws(TenantRefusal) -> [TenantPart] {
    let isDecided = policy.decided(by: request.tenant) != nil
    let (parts, refusal) = registry.table.withLock { table in
      var asks = demands.list.map { demand in
        TenantTable.Asked(demand: demand, place: place(of: demand.name, in: &table, now: request.monotonicNano))
      }
      let refusal = table.take(&asks, of: request, checksWork: !isDecided)
      let parts = asks.map { asked in
        let account = table.entries[asked.place.index].account
        let share = TenantShare(asked.demand.name, account, asked.place.limits)
        return TenantPart(share: share, demand: asked.demand, isTaken: asked.isTaken)
      }
      return (parts, refusal)
    }
    if let refusal { throw refusal }
    return parts
  }

  /// Gives back what was taken for a request that is refused after all.
  func giveBack(_ parts: [TenantPart]) {
    if !parts.contains(where: \.isTaken) { return }
    registry.table.withLock { table in
      for part in parts where part.isTaken { table.giveBack(part.demand, part.share.limits.quota) }
    }
  }

  /// Counts the work of a body that could not be decoded to the tenant that its head names.
  func countWork(_ bytes: Int, of request: RequestContext) {
    guard let name = policy.decided(by: request.tenant) else { return }
    registry.table.withLock { table in
      table.charge(bytes, at: place(of: name, in: &table, now: request.monotonicNano), of: request)
    }
  }

  /// Those without a place of their own have what one tenant has that is not named.
  private func place(of name: [UInt8], in table: inout TenantTable, now: UInt64) -> TenantTable.Place {
    let most = policy.names(name) ? .max : policy.maxTenants
    let index = table.place(of: name, maxTenants: most, now: now)
    let isShared = index == TenantTable.sharedPlace
    return TenantTable.Place(
      index: index,
      limits: isShared ? TenantLimits(quota: policy.quota, policy.whenIdle) : policy.limits(of: name))
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
