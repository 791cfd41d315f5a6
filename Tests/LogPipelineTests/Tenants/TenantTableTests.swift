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
    #expect(place(&table, "b", most: 1) != TenantTable.sharedPlace)
    #expect(place(&table, "c", at: 10 * Self.second + 999_999_999, most: 1) == TenantTable.sharedPlace)
    #expect(place(&table, "c", at: 11 * Self.second, most: 1) != TenantTable.sharedPlace)
  }
}
