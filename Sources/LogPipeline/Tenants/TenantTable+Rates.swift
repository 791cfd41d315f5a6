extension TenantTable {
  /// What one tenant's part of a request asks for.
  struct Asked {
    let demand: TenantDemands.Demand
    let place: Int
    let limits: TenantLimits
    /// Whether it was taken off the tenant's quota.
    var isTaken = false
  }

  /// A sender is not asked to wait longer, however far its tenant is over.
  private static let maxWaitNano: UInt64 = 60_000_000_000

  /// Why a request is refused by its head; nil if it is not. A tenant that is over its quota is admitted as long as
  /// there is room to spare, unless `whenIdle` says otherwise. One without a rate has its share of the work.
  mutating func refusal(
    of ask: TenantAsk, at place: Int, _ limits: TenantLimits, _ whenIdle: TenantWhenIdle
  ) -> TenantRefusal? {
    work.ask(&entries[place].work, weight: limits.weight, now: ask.now)
    if !ask.isBusy, whenIdle == .admit { return nil }
    let entry = entries[place]
    if !limits.quota.hasRate { return ask.isBusy ? workRefusal(of: entry, limits) : nil }
    if let refusal = excess(of: entry, limits.quota, records: 1, bytes: max(ask.bodyBytes, 1), now: ask.now) {
      return refusal
    }
    if entry.paused <= ask.now { return nil }
    return TenantRefusal(
      .records, "a larger request of the tenant waits for its quota", retryAfter: Self.wait(entry.paused &- ask.now))
  }

  /// Takes what is asked for if there is room for all of it; otherwise nothing, and says why. What a tenant gets beyond
  /// its quota, as there is room to spare, is not held against it.
  mutating func take(
    _ asks: inout [Asked], of request: RequestContext, _ whenIdle: TenantWhenIdle, checksWork: Bool
  ) -> TenantRefusal? {
    let now = request.monotonicNano
    let isForgiven = whenIdle == .admit && !request.isBusy
    for asked in asks {
      if checksWork { work.ask(&entries[asked.place].work, weight: asked.limits.weight, now: now) }
      if isForgiven { continue }
      let entry = entries[asked.place]
      let (records, bytes) = (asked.demand.records, asked.demand.bytes)
      var refusal = excess(of: entry, asked.limits.quota, records: records, bytes: bytes, now: now)
      if let wait = refusal?.retryAfter { entries[asked.place].paused = now &+ Self.nano(wait) }
      if refusal == nil, checksWork, request.isBusy, !asked.limits.quota.hasRate {
        refusal = workRefusal(of: entry, asked.limits)
      }
      guard let refusal else { continue }
      for other in asks { charge(other.demand.bytes, at: other.place, other.limits, of: request) }
      return refusal.of(asked.demand.name, records: records, bytes: bytes)
    }
    for index in asks.indices {
      let asked = asks[index]
      charge(asked.demand.bytes, at: asked.place, asked.limits, of: request)
      asks[index].isTaken = take(asked, now: now)
    }
    return nil
  }

  /// Gives back what was taken for a request that has been refused after all.
  mutating func giveBack(records: Int, bytes: Int, at place: Int, _ quota: TenantQuota) {
    if let rate = quota.records { entries[place].records = rate.busyUntil(entries[place].records, without: records) }
    if let rate = quota.bytes { entries[place].bytes = rate.busyUntil(entries[place].bytes, without: bytes) }
  }

  /// Counts work that is done for a tenant.
  mutating func charge(_ bytes: Int, at place: Int, _ limits: TenantLimits, of request: RequestContext) {
    work.charge(bytes, to: &entries[place].work, weight: limits.weight, isBusy: request.isBusy)
  }

  /// Takes tokens, if there are as many.
  private mutating func take(_ asked: Asked, now: UInt64) -> Bool {
    let entry = entries[asked.place]
    let quota = asked.limits.quota
    let (records, bytes) = (asked.demand.records, asked.demand.bytes)
    if excess(of: entry, quota, records: records, bytes: bytes, now: now) != nil { return false }
    if let rate = quota.records {
      entries[asked.place].records = rate.busyUntil(entry.records, passing: records, now: now)
    }
    if let rate = quota.bytes {
      entries[asked.place].bytes = rate.busyUntil(entry.bytes, passing: bytes, now: now)
    }
    return quota.hasRate
  }

  /// Which rate has no room for so much, the one that takes longest; nil if both have.
  private func excess(
    of entry: Entry, _ quota: TenantQuota, records: Int, bytes: Int, now: UInt64
  ) -> TenantRefusal? {
    let ofRecords = quota.records?.wait(for: records, busyUntil: entry.records, now: now) ?? 0
    let ofBytes = quota.bytes?.wait(for: bytes, busyUntil: entry.bytes, now: now) ?? 0
    if ofRecords == 0 && ofBytes == 0 { return nil }
    let (reason, count, what, rate): (TenantRefusal.Reason, Int, String, Int) =
      ofRecords >= ofBytes
      ? (.records, records, "records", quota.records?.perSecond ?? 0)
      : (.bytes, bytes, "bytes", quota.bytes?.perSecond ?? 0)
    return TenantRefusal(
      reason, "\(count) more \(what) have to wait: the tenant's quota is \(rate) \(what) a second",
      retryAfter: Self.wait(max(ofRecords, ofBytes)))
  }

  private func workRefusal(of entry: Entry, _ limits: TenantLimits) -> TenantRefusal? {
    guard work.isAhead(entry.work, weight: limits.weight) else { return nil }
    let ahead = work.bytesAhead(entry.work, weight: limits.weight)
    return TenantRefusal(
      .workShare, "the tenant is \(ahead) bytes ahead of its share of the work, the limit is"
        + " \(Int(WorkShares.slack)) bytes; the gateway is busy", retryAfter: .seconds(1))
  }

  private static func wait(_ nano: UInt64) -> Duration { .nanoseconds(Int64(clamping: min(nano, maxWaitNano))) }

  private static func nano(_ wait: Duration) -> UInt64 {
    let (seconds, attoseconds) = wait.components
    return UInt64(clamping: seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
  }
}
