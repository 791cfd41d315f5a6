import NIOCore

/// The wait of one request for its plan: how long it may be, and what memory the bytes that came meanwhile hold.
struct HTTPPlanWait {
  private let start: NIODeadline
  private let within: Duration
  private let budget: ByteBudget?
  private var heldBytes = 0

  init(now: NIODeadline, within: Duration, budget: ByteBudget?) {
    start = now
    self.within = within
    self.budget = budget
  }

  /// Reserves memory for bytes that have come, or says why they cannot be held.
  mutating func hold(_ bytes: Int) -> HTTPBodyRefusal? {
    if let budget, !budget.reserve(bytes) {
      return .overBudget(neededBytes: bytes, capacityBytes: budget.capacityBytes)
    }
    heldBytes &+= bytes
    return nil
  }

  /// Gives the reservation back.
  mutating func release() {
    budget?.release(heldBytes)
    heldBytes = 0
  }

  /// The refusal that is due; nil while there is time.
  func refusal(now: NIODeadline) -> HTTPBodyRefusal? {
    now - start >= TimeAmount(within) ? .undecided(after: within) : nil
  }
}
