import Testing

@testable import OTLPReceiver

@Suite struct TenantTurnsTests {
  private func turn(_ tenant: String, weight: Int = 1) -> WorkTurn {
    WorkTurn(tenant: Array(tenant.utf8), weight: weight)
  }

  private func all(_ turns: consuming TenantTurns<String>) -> [String] {
    var order: [String] = []
    while let next = turns.popFirst() { order.append(next) }
    return order
  }

  @Test func tenantsTakeTurnsAndSoDoTheirConnections() {
    var turns = TenantTurns<String>(quantum: 10)
    for connection in ["1", "2"] {
      for _ in 0..<2 { turns.append("a\(connection)", bytes: 10, of: turn("a"), connection: connection) }
    }
    turns.append("b", bytes: 10, of: turn("b"), connection: "3")
    #expect(all(turns) == ["a1", "b", "a2", "a1", "a2"])
  }

  @Test func bytesCountAndSoDoWeights() {
    var turns = TenantTurns<String>(quantum: 10)
    for _ in 0..<4 {
      turns.append("large", bytes: 30, of: turn("a"), connection: "")
      for _ in 0..<3 { turns.append("small", bytes: 10, of: turn("b"), connection: "") }
      turns.append("twice", bytes: 10, of: turn("c", weight: 2), connection: "")
    }
    var had = ["large": 0, "small": 0, "twice": 0]
    for _ in 0..<8 { if let next = turns.popFirst() { had[next, default: 0] += 1 } }
    #expect(had == ["large": 1, "small": 3, "twice": 4])
    #expect(all(turns).count == 12)
  }

  @Test func aTenantWithAThousandRequestsHoldsUpNobody() {
    var turns = TenantTurns<String>(quantum: 4 << 20)
    for _ in 0..<1000 { turns.append("noisy", bytes: 1 << 20, of: turn("noisy"), connection: "x") }
    for tenant in 0..<20 { turns.append("quiet", bytes: 1 << 20, of: turn("\(tenant)"), connection: "y") }
    let first = Array(all(turns).prefix(24))
    #expect(first.filter { $0 == "quiet" }.count == 20)
  }

  @Test func nothingWaitsWhereNothingWas() {
    var turns = TenantTurns<String>(quantum: 0)
    #expect(turns.isEmpty && turns.popFirst() == nil)
    turns.append("a", bytes: 1 << 30, of: WorkTurn(), connection: "")
    #expect(!turns.isEmpty && turns.popFirst() == "a" && turns.isEmpty)
  }
}
