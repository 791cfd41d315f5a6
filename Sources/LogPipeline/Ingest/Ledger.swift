package import FrameQueues

/// Where all records of one destination are: nothing that was accepted may be in none of these states.
///
/// Bytes are those of frames that were appended to the queue; what was filtered, or dropped before that, has none.
package struct Ledger: Sendable, Equatable {
  /// In the queue before this process started.
  package var recovered = FrameTotals.zero
  /// Accepted for the destination's pipelines, once for each of them.
  package var received = FrameTotals.zero
  /// Removed or rejected by processors.
  package var filtered = FrameTotals.zero
  /// Not sent because the destination would reject or lose them, because its queue was full (`on_full`), or because
  /// they were damaged on the disk.
  package var dropped = FrameTotals.zero
  /// Taken by the destination, duplicates included.
  package var delivered = FrameTotals.zero
  /// Taken by the destination as faulty, and stored apart (Elasticsearch's failure store).
  package var inFailureStore = FrameTotals.zero
  /// Handed over as rejected by the destination or given up.
  package var deadLettered = FrameTotals.zero
  /// Waiting or being sent.
  package var queued = FrameTotals.zero

  package init() {}

  /// The ledger of a destination of which its export loop has settled so much: `delivered` has what is in the failure
  /// store too; `settledInQueue` are records that are settled but still held by the queue, with others of their lease.
  package init(
    of destination: Destination, delivered: FrameTotals, inFailureStore: FrameTotals = .zero,
    deadLettered: FrameTotals, settledInQueue: FrameTotals
  ) {
    recovered = destination.recovered
    received = FrameTotals(bytes: destination.appended.bytes, records: destination.receivedRecords)
    filtered.records = destination.filteredRecords
    dropped = destination.evicted
    dropped.records += destination.droppedRecords
    dropped += destination.queue.lost
    self.delivered = delivered
    self.delivered -= inFailureStore
    self.inFailureStore = inFailureStore
    self.deadLettered = deadLettered
    queued = destination.queue.queued
    queued -= settledInQueue
    // A lease may have ended between the two.
    queued = FrameTotals(bytes: max(queued.bytes, 0), records: max(queued.records, 0))
  }

  /// Adds where the records of another destination are.
  package static func += (ledger: inout Ledger, other: Ledger) {
    ledger.recovered += other.recovered
    ledger.received += other.received
    ledger.filtered += other.filtered
    ledger.dropped += other.dropped
    ledger.delivered += other.delivered
    ledger.inFailureStore += other.inFailureStore
    ledger.deadLettered += other.deadLettered
    ledger.queued += other.queued
  }

  /// What came in and is in no other state: zero at every moment when no request is being taken and no lease ends,
  /// else something was lost (above zero) or counted twice (below).
  /// Here for tests.
  package var unaccounted: FrameTotals {
    var rest = recovered
    rest += received
    for state in [filtered, dropped, delivered, inFailureStore, deadLettered, queued] { rest -= state }
    return rest
  }
}
