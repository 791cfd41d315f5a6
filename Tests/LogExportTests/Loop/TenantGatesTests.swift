import Testing

@testable import LogExport

@Suite struct TenantGatesTests {
  private let tenant: [UInt8] = [1]

  /// Which of some leases are admitted, asked in this order.
  private func admitted(_ leases: [UInt64], _ gates: inout TenantGates) -> [UInt64] {
    leases.filter { gates.admits($0, of: tenant) }
  }

  @Test func aTenantThatIsNotRefusedHasNoGate() {
    var gates = TenantGates(most: 1)
    #expect(admitted([1, 2, 3], &gates) == [1, 2, 3])
    let (woken, successors) = (gates.delivered(tenant), gates.left(3))
    #expect(woken.isEmpty && successors.isEmpty)
  }

  @Test func aFewTryAndTheOthersWaitForThem() {
    var gates = TenantGates(most: 2)
    gates.refused(1, of: tenant)
    #expect(admitted([2, 1, 3, 4], &gates) == [2, 1])
    gates.waits(3, for: tenant)
    gates.waits(4, for: tenant)
    let woken = gates.delivered(tenant)
    #expect(woken == [3, 4])
    #expect(admitted([3, 4, 5], &gates) == [3, 4, 5])
  }

  @Test func whoLeavesHasASuccessor() {
    var gates = TenantGates(most: 1)
    gates.refused(1, of: tenant)
    gates.waits(2, for: tenant)
    let (other, first) = (gates.left(9), gates.left(1))
    #expect(other.isEmpty && first == [2])
    #expect(admitted([2, 3], &gates) == [2])
    gates.waits(3, for: tenant)
    let (waiting, second) = (gates.left(3), gates.left(2))
    #expect(waiting.isEmpty && second.isEmpty)
    #expect(admitted([4, 5], &gates) == [4, 5])
  }

  /// Those that were under way when the first was refused try on.
  @Test func moreThanAFewMayTryAtFirst() {
    var gates = TenantGates(most: 1)
    for lease in 1...3 as ClosedRange<UInt64> { gates.refused(lease, of: tenant) }
    #expect(admitted([3, 4], &gates) == [3])
  }
}
