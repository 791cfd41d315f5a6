/// What is known of a request whose tenant is asked for.
package struct TenantAsk: Sendable {
  /// The size that the body is said to have; 0 if it is not said.
  package var bodyBytes: Int
  /// In nanoseconds of a clock that never goes back.
  package var now: UInt64
  /// Whether the gateway has no room to spare.
  package var isBusy = false
  /// Whether its cores are the reason, or one of several.
  package var areCoresBusy = false

  package init(bodyBytes: Int, now: UInt64) {
    self.bodyBytes = bodyBytes
    self.now = now
  }
}

/// One tenant as a request finds it: what it holds, and what it may have.
package struct TenantShare: Sendable {
  package let name: [UInt8]
  package let account: TenantAccount
  package let limits: TenantLimits
  /// What its sender holds of tenants that anybody could have named; nil if it is none of these.
  package let senderAccount: TenantAccount?
  /// Whether it is not a tenant's, but all that a sender holds of such.
  package let isSenders: Bool

  init(_ name: [UInt8], _ account: TenantAccount, _ limits: TenantLimits, within sender: TenantAccount? = nil) {
    self.name = name
    self.account = account
    self.limits = limits
    senderAccount = sender
    isSenders = false
  }

  /// All that a sender holds of tenants that anybody could have named.
  init(ofSender account: TenantAccount, _ whenIdle: TenantWhenIdle) {
    name = []
    self.account = account
    limits = TenantLimits(ofSender: whenIdle)
    senderAccount = nil
    isSenders = true
  }

  /// The share of its sender, in which it has a part.
  package var senders: TenantShare? { senderAccount.map { TenantShare(ofSender: $0, limits.whenIdle) } }

  /// Who has it, for messages.
  var who: String { isSenders ? "sender" : "tenant" }

  /// The most bytes in flight that it may have, of a memory of which so much is used.
  package func mostInFlight(usedBytes: Int, capacityBytes: Int) -> Int {
    let share = limits.share(ofFree: capacityBytes &- usedBytes)
    guard let quota = limits.quota.inFlightBytes else { return share }
    return limits.whenIdle == .admit && usedBytes <= capacityBytes / 2 ? share : min(quota, share)
  }

  /// Why a request is refused that would need so many bytes more in flight.
  package func refusal(inFlight bytes: Int, limitBytes: Int) -> TenantRefusal {
    if bytes > limits.mostOfRequest {
      let quota = limits.mostOfRequest
      return TenantRefusal(
        .tooLarge,
        "\(bytes) bytes of one request are more than the tenant may have in flight: the limit is \(quota) bytes"
      ).of(name, bytes: bytes)
    }
    return TenantRefusal(
      .inFlight,
      "\(bytes) bytes more of the \(who)'s requests, of which \(account.inFlightBytes) are in flight:"
        + " the limit is \(limitBytes) bytes"
    ).of(name, bytes: bytes)
  }
}

/// A tenant's part of a request that is being taken.
struct TenantPart: Sendable {
  let share: TenantShare
  let demand: TenantDemands.Demand
  /// Whether it was taken off the tenant's quota.
  let isTaken: Bool
}

/// What of a request that is being taken is whose.
struct TenantParts: Sendable {
  var list: [TenantPart] = []
  /// What of it is of tenants that anybody could have named, all as one; nil if nothing is.
  var sender: TenantPart?

  /// The bytes of all.
  var bytes: Int { list.reduce(0) { $0 &+ $1.demand.bytes } }
  /// All that count to somebody.
  var counted: [TenantPart] { sender.map { list + [$0] } ?? list }
}
