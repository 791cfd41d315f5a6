import FrameQueues
import LogPipeline

/// One lease on its way: what is left to do for it, and what is done.
struct LeaseRun {
  private(set) var lease: FrameLease
  var work: LeaseWork
  var place = LeaseSchedule.Place.consumer
  var settled = FrameTotals.zero
  /// Rejected records that the desk has or had.
  var debts: [RejectionDesk.Debt] = []

  /// A run of a lease whose frames may have marks, as `format` tells, or have none.
  init(_ lease: FrameLease, sections format: BodyFormat? = nil) {
    self.lease = lease
    work = format.map { LeaseWork(LeaseSections(lease, as: $0)) } ?? LeaseWork(lease)
  }

  /// Whether the destination has said of other records of the lease what becomes of them.
  var isRest: Bool { !settled.isEmpty || !debts.isEmpty }

  /// Where it makes way for others before it is sent again, because it is put off again and again while others need
  /// not be; nil if it keeps its place. Where others are other tenants' it makes way at once.
  func placeAside(afterAttempts attempts: Int) -> LeaseSchedule.Place? {
    guard place == .consumer else { return nil }
    if work.isSectioned { return .aside(bytes: lease.byteCount) }
    if isRest, attempts >= Self.attemptsInTurn { return .aside(bytes: lease.byteCount) }
    return work.isSuspect ? .suspect : nil
  }

  /// Has what is left take memory of its own, so that the lease's is free, and returns how many bytes it then holds.
  mutating func detach() -> Int {
    guard work.detach() else { return lease.byteCount }
    lease = lease.withoutBytes
    return work.openTotals.bytes
  }

  /// Attempts after which the rest of a lease, of which other records are settled, no longer takes up a consumer.
  private static let attemptsInTurn = 4
}
