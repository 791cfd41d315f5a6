extension TenantTable {
  /// What one tenant's part of a request asks for.
  struct Asked {
    let demand: TenantDemands.Demand
    let place: Place
    /// Whether it was taken off the tenant's quota.
    var isTaken = false
  }

  /// What a rate is asked for.
  private struct Need {
    let records: Int
    let bytes: Int
    let now: UInt64
  }

  /// A sender is not asked to wait longer, however far its tenant is over.
  private static let maxWaitNano: UInt64 = 60_000_000_000

  /// Why a request is refused by its head; nil if it is not. A tenant that is over its quota is admitted as long as
  /// there is room to spare, unless `when_idle` says otherwise. One without a rate has its share of the work.
  mutating func refusal(of ask: TenantAsk, at place: Place) -> TenantRefusal? {
    let limits = place.limits
    askForWork(at: place, now: ask.now)
    if !ask.isBusy, limits.whenIdle == .admit { return nil }
    if ask.areCoresBusy, let refusal = workRefusal(at: place) { return refusal }
    if !limits.quota.hasRate { return nil }
    let entry = entries[place.index]
    let need = Need(records: 1, bytes: max(ask.bodyBytes, 1), now: ask.now)
    if let refusal = excess(of: entry, limits.quota, need) {
      // It is asked to wait until there is room for as much as it had last.
      let bytes = ask.bodyBytes > 0 ? ask.bodyBytes : entry.lastBytes
      let usual = Need(records: entry.lastRecords, bytes: bytes, now: ask.now)
      return excess(of: entry, limits.quota, usual) ?? refusal
    }
    if entry.paused <= ask.now { return nil }
    return TenantRefusal(
      .records, "a larger request of the tenant waits for its quota", retryAfter: Self.wait(entry.paused &- ask.now))
  }

  /// Takes what is asked for if there is room for all of it; otherwise nothing, and says why. What a tenant gets beyond
  /// its quota, as there is room to spare, is not held against it.
  mutating func take(_ asks: inout [Asked], of request: RequestContext, checksWork: Bool) -> TenantRefusal? {
    for asked in asks {
      let refusal = refusal(of: asked, request, checksWork: checksWork)
      guard let refusal else { continue }
      for other in asks { charge(other.demand.bytes, at: other.place, of: request) }
      return refusal.of(asked.demand.name, records: asked.demand.records, bytes: asked.demand.bytes)
    }
    for index in asks.indices {
      charge(asks[index].demand.bytes, at: asks[index].place, of: request)
      asks[index].isTaken = take(asks[index], now: request.monotonicNano)
    }
    return nil
  }

  private mutating func refusal(
    of asked: Asked, _ request: RequestContext, checksWork: Bool
  ) -> TenantRefusal? {
    let (now, place, limits) = (request.monotonicNano, asked.place.index, asked.place.limits)
    if checksWork { askForWork(at: asked.place, now: now) }
    if limits.whenIdle == .admit && !request.isBusy { return nil }
    let need = Need(records: asked.demand.records, bytes: asked.demand.bytes, now: now)
    (entries[place].lastRecords, entries[place].lastBytes) = (need.records, need.bytes)
    if let refusal = excess(of: entries[place], limits.quota, need) {
      if let wait = refusal.retryAfter { entries[place].paused = now &+ Self.nano(wait) }
      return refusal
    }
    return checksWork && request.areCoresBusy ? workRefusal(at: asked.place) : nil
  }

  /// Gives back what was taken for a request that has been refused after all.
  mutating func giveBack(_ demand: TenantDemands.Demand, _ quota: TenantQuota) {
    guard let place = places[demand.name] else { return }
    if let rate = quota.records {
      entries[place].records = rate.busyUntil(entries[place].records, without: demand.records)
    }
    if let rate = quota.bytes { entries[place].bytes = rate.busyUntil(entries[place].bytes, without: demand.bytes) }
  }

  /// Counts work that is done for a tenant.
  mutating func charge(_ bytes: Int, at place: Place, of request: RequestContext) {
    let isBusy = request.areCoresBusy
    guard let sender = place.sender else { return work.charge(bytes, to: &entries[place.index].work, isBusy: isBusy) }
    var (own, whole) = (entries[place.index].work, entries[sender].work)
    work.charge(bytes, to: &own, within: &whole, isBusy: isBusy)
    (entries[place.index].work, entries[sender].work) = (own, whole)
  }

  private mutating func askForWork(at place: Place, now: UInt64) {
    guard let sender = place.sender else {
      return work.ask(&entries[place.index].work, weight: place.limits.weight, now: now)
    }
    var (own, whole) = (entries[place.index].work, entries[sender].work)
    work.ask(&own, within: &whole, now: now)
    (entries[place.index].work, entries[sender].work) = (own, whole)
  }

  /// Takes tokens, if there are as many.
  private mutating func take(_ asked: Asked, now: UInt64) -> Bool {
    let (place, quota) = (asked.place.index, asked.place.limits.quota)
    let need = Need(records: asked.demand.records, bytes: asked.demand.bytes, now: now)
    if excess(of: entries[place], quota, need) != nil { return false }
    if let rate = quota.records {
      entries[place].records = rate.busyUntil(entries[place].records, passing: need.records, now: now)
    }
    if let rate = quota.bytes {
      entries[place].bytes = rate.busyUntil(entries[place].bytes, passing: need.bytes, now: now)
    }
    return quota.hasRate
  }

  /// Which rate has no room for so much, the one that takes longest; nil if both have.
  private func excess(of entry: Entry, _ quota: TenantQuota, _ need: Need) -> TenantRefusal? {
    let ofRecords = quota.records?.wait(for: need.records, busyUntil: entry.records, now: need.now) ?? 0
    let ofBytes = quota.bytes?.wait(for: need.bytes, busyUntil: entry.bytes, now: need.now) ?? 0
    if ofRecords == 0 && ofBytes == 0 { return nil }
    let (reason, count, what, rate): (TenantRefusal.Reason, Int, String, Int) =
      ofRecords >= ofBytes
      ? (.records, need.records, "records", quota.records?.perSecond ?? 0)
      : (.bytes, need.bytes, "bytes", quota.bytes?.perSecond ?? 0)
    return TenantRefusal(
      reason, "the tenant's quota of \(rate) \(what) a second is used up: \(count) more have to wait",
      retryAfter: Self.wait(max(ofRecords, ofBytes)))
  }

  /// Why a tenant has no more of the cores, if it is not sure of a rate. A sender that brings several tenants has its
  /// share whatever their rates: anybody could have named them.
  private func workRefusal(at place: Place) -> TenantRefusal? {
    let hasRate = place.limits.quota.hasRate
    if let sender = place.sender, !hasRate || entries[sender].work.hasSeveralNames,
      let refusal = workRefusal(of: entries[sender], who: "sender")
    {
      return refusal
    }
    return hasRate ? nil : workRefusal(of: entries[place.index], who: "tenant")
  }

  private func workRefusal(of entry: Entry, who: String) -> TenantRefusal? {
    guard work.isAhead(entry.work) else { return nil }
    let (ahead, most) = (work.bytesAhead(entry.work), Int(WorkShares.slack))
    return TenantRefusal(
      .workShare,
      "the gateway is busy, and the \(who) is \(ahead) bytes ahead of its share of work: the limit is \(most) bytes",
      retryAfter: .seconds(1))
  }

  private static func wait(_ nano: UInt64) -> Duration { .nanoseconds(Int64(clamping: min(nano, maxWaitNano))) }

  private static func nano(_ wait: Duration) -> UInt64 {
    let (seconds, attoseconds) = wait.components
    return UInt64(clamping: seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
  }
}
