import FrameQueues

/// One lease on its way: what is left to do for it, and what is done.
struct LeaseRun {
  let lease: FrameLease
  var work: LeaseWork
  var place = LeaseSchedule.Place.consumer
  var settled = FrameTotals.zero
  /// Rejected records that the desk has or had.
  var debts: [RejectionDesk.Debt] = []

  init(_ lease: FrameLease) {
    self.lease = lease
    work = LeaseWork(lease)
  }

  /// Whether the destination has said of other records of the lease what becomes of them.
  var isRest: Bool { !settled.isEmpty || !debts.isEmpty }

  /// Where it makes way for others before it is sent again, because it is put off again and again while others need
  /// not be; nil if it keeps its place.
  func placeAside(after outcome: LeaseWork.Outcome) -> LeaseSchedule.Place? {
    guard place == .consumer else { return nil }
    if isRest, outcome.attempts >= Self.attemptsInTurn { return .aside(bytes: lease.byteCount) }
    return work.isSuspect ? .suspect : nil
  }

  /// Attempts after which the rest of a lease, of which other records are settled, no longer takes up a consumer.
  private static let attemptsInTurn = 4
}
