import FrameQueues

/// Whether the queues have room for a tenant.
extension Tenants {
  /// Throws if a tenant or its sender has no room in a queue for anything more; asked before a body is taken.
  package func checkRoom(for share: TenantShare, in outlets: [Outlet]) throws(TenantRefusal) {
    try checkRoom(for: share, in: outlets) { _ in 1 }
    if let senders = share.senders { try checkRoom(for: senders, in: outlets) { _ in 1 } }
  }

  /// Throws if a tenant has no room for its part of what is to be appended, so many bytes at each outlet.
  func checkRoom(for parts: TenantParts, in outlets: [Outlet], _ bytes: (Int) -> Int) throws(TenantRefusal) {
    let total = parts.bytes
    for tenant in parts.counted {
      try checkRoom(for: tenant.share, in: outlets) { proportion(tenant.demand.bytes, of: total, in: bytes($0)) }
    }
  }

  /// Notes what a request has appended.
  func note(_ bytes: Int, of parts: TenantParts, in destination: Destination) {
    let total = parts.bytes
    for tenant in parts.counted {
      destination.shares.note(
        proportion(tenant.demand.bytes, of: total, in: bytes), of: tenant.share.account, came: destination.came)
    }
  }

  private func checkRoom(
    for share: TenantShare, in outlets: [Outlet], _ bytes: (Int) -> Int
  ) throws(TenantRefusal) {
    var needed = 0
    var isHalfFull = false
    for (index, outlet) in outlets.enumerated() {
      let more = bytes(index)
      needed &+= more
      guard outlet.destination.isHalfFull, more > 0 else { continue }
      isHalfFull = true
      if outlet.destination.onFull == .refuse { try outlet.destination.checkShare(of: share, bytes: more) }
    }
    guard let limit = share.limits.quota.queuedBytes, isHalfFull || share.limits.whenIdle == .refuse else { return }
    for outlet in outlets { outlet.destination.shares.forget(before: outlet.destination.front) }
    let queued = share.account.queuedBytes
    // What is larger than the quota is taken when nothing else is there: it would be put off for ever.
    if queued == 0 || queued &+ needed <= limit { return }
    throw TenantRefusal(
      .queued, "\(needed) bytes more of the tenant's, of which \(queued) are queued: its quota is \(limit) bytes"
    ).of(share.name, bytes: needed)
  }
}

extension Destination {
  /// Bytes that have ever come into the queue.
  var came: Int { recovered.bytes &+ appended.bytes }

  /// As many of them are gone.
  var front: Int { came &- queue.queuedBytes }

  /// How many combinations of metadata the records on their way have; 1 if none are told apart.
  package var combinations: Int { metadata?.combinations(onTheirWayAfter: front) ?? 1 }

  /// Below that nobody's share can be reached.
  fileprivate var isHalfFull: Bool { queue.queuedBytes > queue.capacityBytes / 2 }

  /// Throws if a tenant that has some of the queue would have more than its share. Whoever has none gets some.
  fileprivate func checkShare(of share: TenantShare, bytes: Int) throws(TenantRefusal) {
    let held = shares.bytes(of: share.account, front: front)
    let limit = share.limits.share(ofFree: queue.capacityBytes &- queue.queuedBytes)
    if held == 0 || held &+ bytes <= limit { return }
    throw TenantRefusal(
      .queueShare,
      "\(bytes) bytes more of the \(share.who)'s in the queue of \(id), of which it has \(held):"
        + " its share is \(limit) bytes"
    ).of(share.name, bytes: bytes)
  }
}
