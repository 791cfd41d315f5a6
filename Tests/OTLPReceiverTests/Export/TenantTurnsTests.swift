import Testing

@testable import OTLPReceiver

@Suite struct TenantTurnsTests {
  private func turn(_ tenant: String, _ bytes: Int, weight: Int = 1, connection: String = "") -> WorkTurn {
    WorkTurn(tenant: Array(tenant.utf8), weight: weight, owner: connection, bytes: bytes)
  }

  private func all(_ turns: consuming TenantTurns<String>) -> [String] {
    var order: [String] = []
    while let next = turns.popFirst() { order.append(next) }
    return order
  }

  @Test func tenantsTakeTurnsAndSoDoTheirConnections() {
    var turns = TenantTurns<String>(quantum: 10)
    for connection in ["1", "2"] {
      for _ in 0..<2 { turns.append("a\(connection)", of: turn("a", 10, connection: connection)) }
    }
    turns.append("b", of: turn("b", 10, connection: "3"))
    #expect(all(turns) == ["a1", "b", "a2", "a1", "a2"])
  }

  @Test func bytesCountAndSoDoWeights() {
    var turns = TenantTurns<String>(quantum: 10)
    for _ in 0..<4 {
      turns.append("large", of: turn("a", 30, connection: ""))
      for _ in 0..<3 { turns.append("small", of: turn("b", 10, connection: "")) }
      turns.append("twice", of: turn("c", 10, weight: 2, connection: ""))
    }
    var had = ["large": 0, "small": 0, "twice": 0]
    for _ in 0..<8 { if let next = turns.popFirst() { had[next, default: 0] += 1 } }
    #expect(had == ["large": 1, "small": 3, "twice": 4])
    #expect(all(turns).count == 12)
  }

  @Test func aTenantWithAThousandRequestsHoldsUpNobody() {
    var turns = TenantTurns<String>(quantum: 4 << 20)
    for _ in 0..<1000 { turns.append("noisy", of: turn("noisy", 1 << 20, connection: "x")) }
    for tenant in 0..<20 { turns.append("quiet", of: turn("\(tenant)", 1 << 20, connection: "y")) }
    let first = Array(all(turns).prefix(24))
    #expect(first.filter { $0 == "quiet" }.count == 20)
  }

  @Test func nothingWaitsWhereNothingWas() {
    var turns = TenantTurns<String>(quantum: 0)
    #expect(turns.isEmpty && turns.popFirst() == nil)
    turns.append("a", of: turn("", 1 << 30))
    #expect(!turns.isEmpty && turns.popFirst() == "a" && turns.isEmpty)
  }
}
