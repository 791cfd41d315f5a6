/// What tenants have had and hold, at most so many of them; those beyond share one place.
///
/// A tenant that holds nothing and has had nothing lately is as good as none, so such are thrown out when the table is
/// full, once a second at most.
struct TenantTable {
  struct Entry {
    var account = TenantAccount()
    /// Until when its rates are busy, in nanoseconds of the clock of requests (`Rate`).
    var records: UInt64 = 0
    var bytes: UInt64 = 0
    /// Until when requests are refused by their heads, since a larger one waits for its turn.
    var paused: UInt64 = 0
    var work = WorkShares.Part()
    /// What the latest request that was decoded had of it.
    var lastRecords = 1
    var lastBytes = 1

    func isBusy(now: UInt64) -> Bool { max(records, bytes, paused) > now || !account.isEmpty }
  }

  /// Where a tenant is, and what it may have.
  struct Place {
    /// In `entries`.
    let index: Int
    let limits: TenantLimits
  }

  /// Where those are that have no place of their own.
  static let sharedPlace = 0

  private(set) var places: [[UInt8]: Int] = [:]
  var entries = [Entry()]
  var work = WorkShares()
  private var free: [Int] = []
  private var lastSweepNano: UInt64 = 0

  /// The index in `entries` of a tenant, which gets one if there are fewer than `maxTenants`.
  mutating func place(of name: [UInt8], maxTenants: Int, now: UInt64) -> Int {
    if let place = places[name] { return place }
    if places.count >= maxTenants { sweep(now: now) }
    if places.count >= maxTenants { return Self.sharedPlace }
    let place = free.popLast() ?? entries.count
    if place == entries.count { entries.append(Entry()) } else { entries[place] = Entry() }
    places[name] = place
    return place
  }

  private mutating func sweep(now: UInt64) {
    guard now >= lastSweepNano &+ 1_000_000_000 else { return }
    lastSweepNano = now
    for (name, place) in places where !entries[place].isBusy(now: now) && work.isIdle(entries[place].work, now: now) {
      places[name] = nil
      free.append(place)
    }
  }
}
