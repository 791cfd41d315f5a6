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
  /// memory from, nil where tenants are not told apart.
  func admit(_ head: HeadTenant?, from sender: [UInt8], bodyBytes: Int) throws(Refusal) -> TenantMemory? {
    guard let tenants else { return nil }
    let now = RequestContext.now
    do throws(TenantRefusal) {
      var ask = TenantAsk(bodyBytes: bodyBytes, now: now)
      ask.areCoresBusy = areCoresBusy(now: now)
      ask.isBusy = ask.areCoresBusy || isBusy(now: now)
      let share = try tenants.admit(head, from: sender, ask)
      try tenants.checkRoom(for: share, in: outlets)
      let memory = TenantMemory(share, of: budget)
      try memory.check(bodyBytes)
      return memory
    } catch {
      throw .tenant(error)
    }
  }

  /// The memory of a tenant that a head names, or of its sender if it does not say whose all of the request is; nil
  /// where tenants are not told apart.
  func memory(of head: HeadTenant?, from sender: [UInt8]) -> TenantMemory? {
    tenants.map { TenantMemory($0.share(of: head, from: sender, now: RequestContext.now), of: budget) }
  }

  /// Whose turn a request waits for where threads work on it: its tenant's, or its sender's if anybody could have named
  /// that, among whose tenants it then takes turns. The name of no tenant holds what stands before a sender's.
  func turn(of head: HeadTenant?, from sender: [UInt8]) -> WorkTurn {
    guard let share = tenants?.share(of: head, from: sender, now: RequestContext.now) else { return WorkTurn() }
    if share.isSenders { return WorkTurn(tenant: [0] + sender) }
    if share.senderAccount == nil { return WorkTurn(tenant: share.name, weight: share.limits.weight) }
    return WorkTurn(tenant: [0] + sender, owner: String(decoding: share.name, as: UTF8.self))
  }
}
