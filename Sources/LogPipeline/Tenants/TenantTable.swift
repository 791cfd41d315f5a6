/// What tenants have had and hold, at most so many of them; those beyond share one place. Besides, what each sender has
/// had and holds of tenants that anybody could have named.
///
/// A tenant that holds nothing and has had nothing lately is as good as none, so such are thrown out when the table is
/// full, once a second at most.
struct TenantTable {
  struct Entry {
    var account = TenantAccount()
    /// Whether anybody could have named it.
    var isOpen = false
    /// When it was asked for last: a request that has found it goes on with its place.
    fileprivate var seen: UInt64 = 0
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
    /// Where its sender is, of whose shares it has a part; nil if it has shares of its own.
    var sender: Int?
  }

  /// Where those are that have no place of their own.
  static let sharedPlace = 0

  private(set) var places: [[UInt8]: Int] = [:]
  private(set) var senders: [[UInt8]: Int] = [:]
  /// Those of `places` that anybody could have named, who leave the others their places.
  private var openCount = 0
  var entries = [Entry()]
  var work = WorkShares()
  private var free: [Int] = []
  private var lastSweepNano: UInt64 = 0

  /// The index in `entries` of a tenant, which gets one if there are fewer of its kind than `maxTenants`.
  mutating func place(of name: [UInt8], isOpen: Bool = false, maxTenants: Int, now: UInt64) -> Int {
    if let place = places[name] {
      if !isOpen { close(place) }
      entries[place].seen = now
      return place
    }
    if count(isOpen) >= maxTenants { sweep(now: now) }
    if count(isOpen) >= maxTenants { return Self.sharedPlace }
    let place = newPlace(now)
    entries[place].isOpen = isOpen
    openCount &+= isOpen ? 1 : 0
    places[name] = place
    return place
  }

  /// The index in `entries` of a sender, likewise.
  mutating func place(ofSender sender: [UInt8], maxSenders: Int, now: UInt64) -> Int {
    if let place = senders[sender] {
      entries[place].seen = now
      return place
    }
    if senders.count >= maxSenders { sweep(now: now) }
    if senders.count >= maxSenders { return Self.sharedPlace }
    let place = newPlace(now)
    senders[sender] = place
    return place
  }

  private func count(_ isOpen: Bool) -> Int { isOpen ? openCount : places.count &- openCount }

  /// Has a tenant be one that not anybody can name.
  private mutating func close(_ place: Int) {
    if !entries[place].isOpen { return }
    entries[place].isOpen = false
    openCount &-= 1
  }

  private mutating func newPlace(_ now: UInt64) -> Int {
    let place = free.popLast() ?? entries.count
    if place == entries.count { entries.append(Entry()) } else { entries[place] = Entry() }
    entries[place].seen = now
    return place
  }

  private mutating func sweep(now: UInt64) {
    guard now >= lastSweepNano &+ 1_000_000_000 else { return }
    lastSweepNano = now
    for (name, place) in places where isIdle(place, now: now) {
      close(place)
      places[name] = nil
      free.append(place)
    }
    for (sender, place) in senders where isIdle(place, now: now) {
      senders[sender] = nil
      free.append(place)
    }
  }

  private func isIdle(_ place: Int, now: UInt64) -> Bool {
    entries[place].seen < now && !entries[place].isBusy(now: now) && work.isIdle(entries[place].work, now: now)
  }
}
