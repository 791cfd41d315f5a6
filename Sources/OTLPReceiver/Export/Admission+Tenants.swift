import FrameQueues
import HTTPTransport
import LogPipeline

/// Whether a request's tenant has room for it, as far as its head says whose it is.
extension Admission {
  /// Of the cores, what may be used while there is room to spare.
  private static let busyLoad = 0.8

  /// Whether there is no room to spare: a queue or the memory for requests is more than half full, or the cores are
  /// busy.
  func isBusy(now: UInt64) -> Bool {
    if areCoresBusy(now: now) || budget.usedBytes > budget.capacityBytes / 2 { return true }
    return outlets.contains { outlet in
      let queue = outlet.destination.queue
      return outlet.destination.onFull == .refuse && queue.queuedBytes > queue.capacityBytes / 2
    }
  }

  /// Whether the cores are busy.
  func areCoresBusy(now: UInt64) -> Bool { load?.value(now: now) ?? 0 > Self.busyLoad }

  /// Throws if a tenant may not send a request now that declares a body of `bodyBytes`; gives what the body takes its
  /// memory from.
  func admit(_ head: HeadTenant?, bodyBytes: Int) throws(Refusal) -> ByteBudget {
    guard let tenants else { return budget }
    let now = RequestContext.now
    do throws(TenantRefusal) {
      var ask = TenantAsk(bodyBytes: bodyBytes, now: now)
      ask.areCoresBusy = areCoresBusy(now: now)
      ask.isBusy = ask.areCoresBusy || isBusy(now: now)
      guard let share = try tenants.admit(head, ask) else { return budget }
      try tenants.checkRoom(for: share, in: outlets)
      let memory = TenantMemory(share, of: budget)
      if let refusal = memory.refusal(neededBytes: bodyBytes) { throw refusal }
      return memory.budget
    } catch {
      throw .tenant(error)
    }
  }

  /// The memory of a tenant that a head names; nil if it does not say whose all of the request is.
  func memory(of head: HeadTenant?) -> TenantMemory? {
    tenants?.share(of: head, now: RequestContext.now).map { TenantMemory($0, of: budget) }
  }

  /// Whose turn a request waits for where threads work on it.
  func turn(of head: HeadTenant?) -> WorkTurn {
    guard let share = tenants?.share(of: head, now: RequestContext.now) else { return WorkTurn() }
    return WorkTurn(tenant: share.name, weight: share.limits.weight)
  }
}
