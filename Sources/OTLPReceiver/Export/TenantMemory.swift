import HTTPTransport
import LogPipeline

/// What one tenant may have of the memory that all requests of a receiver share.
final class TenantMemory: ByteAccount {
  private let share: TenantShare
  private let whole: ByteBudget

  init(_ share: TenantShare, of whole: ByteBudget) {
    self.share = share
    self.whole = whole
  }

  var limitBytes: Int { share.mostInFlight(usedBytes: whole.usedBytes, capacityBytes: whole.capacityBytes) }

  func reserve(_ bytes: Int) -> Bool { share.account.take(inFlight: bytes, limit: limitBytes) }

  func release(_ bytes: Int) { share.account.give(inFlight: bytes) }

  /// The budget of a request that takes from it.
  var budget: ByteBudget { ByteBudget(from: whole, for: self) }

  /// Why a request is refused that needs so much more, where all of the memory was not the reason.
  func refusal(neededBytes: Int) -> TenantRefusal? {
    let limit = limitBytes
    let sum = share.account.inFlightBytes.addingReportingOverflow(neededBytes)
    guard sum.overflow || sum.partialValue > limit, limit < whole.capacityBytes else { return nil }
    return share.refusal(inFlight: neededBytes, limitBytes: limit)
  }

  /// Why the tenant is the reason of a refusal for lack of memory; nil if it is not.
  func instead(of refusal: Refusal) -> Refusal? {
    guard case .overBudget(let needed, _) = refusal else { return nil }
    return self.refusal(neededBytes: needed).map { .tenant($0) }
  }
}
