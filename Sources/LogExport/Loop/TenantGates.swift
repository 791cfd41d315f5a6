/// Which leases try the records of a tenant again while the destination refuses that tenant: a few, and all others wait
/// until something of it is delivered. So a tenant that is refused costs a few requests, however much of it waits.
///
/// Tenants that share a place, as in `TenantTallies`, share a gate.
struct TenantGates {
  private struct Gate {
    var trying: Set<UInt64> = []
    var waiting: Set<UInt64> = []
  }

  private let most: Int
  private var gates: [Int: Gate] = [:]

  /// Gates that let so many leases of a tenant through.
  init(most: Int) { self.most = max(most, 1) }

  /// Whether a lease may send records of a tenant now, which then is one of the few if the tenant is refused.
  mutating func admits(_ lease: UInt64, of tenant: [UInt8]) -> Bool {
    let place = TenantTallies.place(of: tenant)
    guard var gate = gates.removeValue(forKey: place) else { return true }
    gate.waiting.remove(lease)
    let isAdmitted = gate.trying.contains(lease) || gate.trying.count < most
    if isAdmitted { gate.trying.insert(lease) }
    gates[place] = gate
    return isAdmitted
  }

  /// Takes note that a lease which was not admitted waits for the tenant.
  mutating func waits(_ lease: UInt64, for tenant: [UInt8]) {
    gates[TenantTallies.place(of: tenant)]?.waiting.insert(lease)
  }

  /// Takes note that records of a tenant were refused and are to be sent again.
  mutating func refused(_ lease: UInt64, of tenant: [UInt8]) {
    gates[TenantTallies.place(of: tenant), default: Gate()].trying.insert(lease)
  }

  /// Takes note that records of a tenant were delivered, and returns who need not wait any more.
  mutating func delivered(_ tenant: [UInt8]) -> Set<UInt64> {
    gates.removeValue(forKey: TenantTallies.place(of: tenant))?.waiting ?? []
  }

  /// Takes note that a lease tries no more, and returns who may try in its stead.
  mutating func left(_ lease: UInt64) -> Set<UInt64> {
    var next: Set<UInt64> = []
    for (place, gate) in gates where gate.trying.contains(lease) || gate.waiting.contains(lease) {
      var gate = gate
      gate.waiting.remove(lease)
      if gate.trying.remove(lease) != nil, let successor = gate.waiting.popFirst() {
        gate.trying.insert(successor)
        next.insert(successor)
      }
      gates[place] = gate.trying.isEmpty && gate.waiting.isEmpty ? nil : gate
    }
    return next
  }
}
