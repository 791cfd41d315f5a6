import Testing

@testable import LogPipeline

@Suite struct TenantTableTests {
  private static let second: UInt64 = 1_000_000_000

  private func name(_ text: String) -> [UInt8] { Array(text.utf8) }

  private func place(
    _ table: inout TenantTable, _ text: String, at now: UInt64 = 10 * second, most: Int = 2
  ) -> Int {
    table.place(of: name(text), maxTenants: most, now: now)
  }

  @Test func eachHasItsPlaceAndThoseBeyondTheLimitOneTogether() {
    var table = TenantTable()
    let (a, b) = (place(&table, "a"), place(&table, "b"))
    #expect(Set([a, b, TenantTable.sharedPlace]).count == 3)
    #expect(place(&table, "a") == a)
    table.entries[a].records = 20 * Self.second
    table.entries[b].records = 20 * Self.second
    #expect(place(&table, "c") == TenantTable.sharedPlace)
    #expect(place(&table, "c", most: 3) != TenantTable.sharedPlace)
  }

  @Test func whoHoldsOrHasHadSomethingKeepsHisPlace() {
    var table = TenantTable()
    let (a, b) = (place(&table, "a"), place(&table, "b"))
    table.entries[a].account.add(queued: 1)
    #expect(table.entries[b].account.take(inFlight: 1, limit: 1))
    #expect(place(&table, "c", at: 20 * Self.second) == TenantTable.sharedPlace)
    table.entries[b].account.give(inFlight: 1)
    table.entries[b].paused = 40 * Self.second
    #expect(place(&table, "c", at: 30 * Self.second) == TenantTable.sharedPlace)
    #expect(place(&table, "c", at: 41 * Self.second) == b)
    #expect(table.places[name("b")] == nil && table.places[name("a")] == a)
    #expect(table.entries[b].account.isEmpty && table.entries[b].paused == 0)
  }

  /// A sender of names that are new each time has the table swept once a second at most.
  @Test func sweepsAreSeldom() {
    var table = TenantTable()
    _ = place(&table, "a", most: 1)
    #expect(place(&table, "b", at: 10 * Self.second + 1, most: 1) != TenantTable.sharedPlace)
    #expect(place(&table, "c", at: 11 * Self.second, most: 1) == TenantTable.sharedPlace)
    #expect(place(&table, "c", at: 11 * Self.second + 1, most: 1) != TenantTable.sharedPlace)
  }

  /// A request of many tenants does not lose the places that it has found to those that it asks for next.
  @Test func whatARequestHasFoundIsNotThrownOutForIt() {
    var table = TenantTable()
    let now = 10 * Self.second
    let (sender, first) = (
      table.place(ofSender: name("s"), maxSenders: 1, now: now),
      table.place(of: name("a"), isOpen: true, maxTenants: 1, now: now)
    )
    #expect(table.place(of: name("b"), isOpen: true, maxTenants: 1, now: now) == TenantTable.sharedPlace)
    #expect(table.place(ofSender: name("t"), maxSenders: 1, now: now) == TenantTable.sharedPlace)
    #expect(table.places[name("a")] == first && table.senders[name("s")] == sender && sender != first)
  }

  /// Names that anybody can make up take no place from those that are vouched for, nor do senders.
  @Test func eachKindHasItsOwnLimit() {
    var table = TenantTable()
    let now = 10 * Self.second
    var open: [Int] = []
    for name in ["x", "y", "z"] {
      open.append(table.place(of: self.name(name), isOpen: true, maxTenants: 2, now: now))
      _ = table.place(ofSender: self.name(name), maxSenders: 2, now: now)
    }
    #expect(open[2] == TenantTable.sharedPlace && Set(open).count == 3 && table.senders.count == 2)
    #expect(place(&table, "a") != TenantTable.sharedPlace && place(&table, "b") != TenantTable.sharedPlace)
    #expect(place(&table, "c") == TenantTable.sharedPlace)
    // One that comes to be vouched for keeps its place, and leaves another room.
    #expect(place(&table, "x") == open[0] && place(&table, "x", most: 2) == open[0])
    #expect(table.place(of: name("w"), isOpen: true, maxTenants: 2, now: now) != TenantTable.sharedPlace)
    // All are thrown out that hold nothing.
    #expect(table.place(ofSender: name("w"), maxSenders: 2, now: 20 * Self.second) != TenantTable.sharedPlace)
    #expect(table.senders.count == 1 && table.places.isEmpty)
  }
}
