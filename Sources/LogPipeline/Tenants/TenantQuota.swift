/// What one tenant may have; nil for no limit of its own.
package struct TenantQuota: Sendable, Equatable {
  /// Records, and bytes of decoded bodies, that are taken in a second.
  package var records: Rate?
  package var bytes: Rate?
  /// Bytes of its requests that are being received and worked on.
  package var inFlightBytes: Int?
  /// Bytes in queues that requests to this process have brought.
  package var queuedBytes: Int?

  package init() {}

  /// Whether it says how much may come in a second.
  var hasRate: Bool { records != nil || bytes != nil }
}

/// What becomes of a tenant that is over its quota while the gateway has room.
package enum TenantWhenIdle: String, Sendable, CaseIterable {
  case admit, refuse
}

/// What one tenant may have, and how much its shares count for.
package struct TenantLimits: Sendable, Equatable {
  package var quota: TenantQuota
  package var weight: Int
  package var whenIdle: TenantWhenIdle
  /// How often the room that is left it may hold for each of its weight.
  private let shareOfRoom: Int

  package init(quota: TenantQuota = TenantQuota(), weight: Int = 1, _ whenIdle: TenantWhenIdle = .admit) {
    self.quota = quota
    self.weight = max(weight, 1)
    self.whenIdle = whenIdle
    shareOfRoom = Self.shareOfRoom
  }

  /// What a sender may have for all tenants that anybody could have named: a little more than one of them, so that one
  /// leaves room for the others.
  init(ofSender whenIdle: TenantWhenIdle) {
    quota = TenantQuota()
    weight = 1
    self.whenIdle = whenIdle
    shareOfRoom = Self.shareOfRoom &+ 1
  }

  /// What one request of the tenant may ever come to.
  package var mostOfRequest: Int { whenIdle == .refuse ? quota.inFlightBytes ?? .max : .max }

  /// How often the room that is left one tenant of weight 1 may hold: of four fifths of a queue it alone, of four
  /// ninths each of two, and so on. Something is always left for one that comes next.
  private static let shareOfRoom = 4

  /// The most that the tenant may hold of what has so much room left.
  package func share(ofFree freeBytes: Int) -> Int {
    let share = max(freeBytes, 0).multipliedReportingOverflow(by: weight &* shareOfRoom)
    return share.overflow ? .max : share.partialValue
  }
}
