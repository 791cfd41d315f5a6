import Access
import NIOCore

/// Whose turn a request waits for: its tenant's or sender's, and among the requests of that its owner's.
struct WorkTurn: Sendable {
  /// Empty if its head does not say whose it is.
  var tenant: [UInt8] = []
  var weight = 1
  /// Empty for its connection.
  var owner = ""
  /// What the request comes to.
  var bytes = 0
}

/// What waits, of tenants who take turns by the bytes of their requests and by their weights, and within each of
/// owners who take turns.
///
/// Each turn lets a tenant have `quantum` bytes for each share of its weight; what it has had beyond that it owes
/// (deficit round robin).
struct TenantTurns<Element> {
  fileprivate struct Waiting {
    var requests = FairQueue<(element: Element, bytes: Int)>()
    let weight: Int
    var credit = 0
  }

  private let quantum: Int
  private var waiting: [[UInt8]: Waiting] = [:]
  /// Whose turn it is, one after the other; each tenant that has something waiting once.
  private var turns = CircularBuffer<[UInt8]>()

  /// Turns of so many bytes.
  init(quantum: Int) { self.quantum = max(quantum, 1) }

  var isEmpty: Bool { turns.isEmpty }

  mutating func append(_ element: Element, of turn: WorkTurn) {
    if waiting[turn.tenant] == nil {
      turns.append(turn.tenant)
      waiting[turn.tenant] = Waiting(weight: max(turn.weight, 1))
    }
    waiting[turn.tenant]?.requests.append((element, turn.bytes), of: turn.owner)
  }

  /// The first of the tenant whose turn it is.
  mutating func popFirst() -> Element? {
    while let tenant = turns.first, let weight = waiting[tenant]?.weight {
      if waiting[tenant]?.credit ?? 0 <= 0 { waiting[tenant]?.credit &+= quantum &* weight }
      if waiting[tenant]?.credit ?? 0 > 0, let (element, bytes) = waiting[tenant]?.requests.popFirst() {
        waiting[tenant]?.credit &-= bytes
        endTurn(of: tenant)
        return element
      }
      turns.append(turns.removeFirst())
    }
    return nil
  }

  /// Has the next one go first if the tenant has had its bytes or has nothing more.
  private mutating func endTurn(of tenant: [UInt8]) {
    guard let left = waiting[tenant] else { return }
    if left.requests.isEmpty {
      waiting[tenant] = nil
      turns.removeFirst()
    } else if left.credit <= 0 {
      turns.append(turns.removeFirst())
    }
  }
}

extension TenantTurns.Waiting: Sendable where Element: Sendable {}
extension TenantTurns: Sendable where Element: Sendable {}
