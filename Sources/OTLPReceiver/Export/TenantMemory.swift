import HTTPTransport
import LogPipeline

/// What one tenant may have of the memory that all requests of a receiver share, and of that of its sender's other
/// tenants.
final class TenantMemory: ByteAccount {
  private let shares: [TenantShare]
  private let whole: ByteBudget

  init(_ share: TenantShare, of whole: ByteBudget) {
    shares = [share] + [share.senders].compactMap(\.self)
    self.whole = whole
  }

  private func limit(of share: TenantShare) -> Int {
    share.mostInFlight(usedBytes: whole.usedBytes, capacityBytes: whole.capacityBytes)
  }

  var limitBytes: Int { shares.reduce(.max) { min($0, limit(of: $1)) } }

  var roomBytes: Int { shares.reduce(.max) { min($0, limit(of: $1) &- $1.account.inFlightBytes) } }

  /// What one request may come to, whatever else is there.
  var mostOfRequest: Int { shares.reduce(.max) { min($0, $1.limits.mostOfRequest) } }

  func reserve(_ bytes: Int) -> Bool {
    for (index, share) in shares.enumerated() where !share.account.take(inFlight: bytes, limit: limit(of: share)) {
      for taken in shares[..<index] { taken.account.give(inFlight: bytes) }
      return false
    }
    return true
  }

  func release(_ bytes: Int) { for share in shares { share.account.give(inFlight: bytes) } }

  /// The budget of a request that takes from it.
  var budget: ByteBudget { ByteBudget(from: whole, for: self) }

  /// Throws if it has no room for so many bytes more.
  func check(_ neededBytes: Int) throws(TenantRefusal) {
    for share in shares {
      let limit = limit(of: share)
      let sum = share.account.inFlightBytes.addingReportingOverflow(neededBytes)
      if sum.overflow || sum.partialValue > limit { throw share.refusal(inFlight: neededBytes, limitBytes: limit) }
    }
  }

  /// Why a request is refused that came to be so large that there was no room.
  func refusal(neededBytes: Int) -> TenantRefusal {
    do throws(TenantRefusal) {
      try check(neededBytes)
      return shares[0].refusal(inFlight: neededBytes, limitBytes: limitBytes)
    } catch {
      return error
    }
  }
}
