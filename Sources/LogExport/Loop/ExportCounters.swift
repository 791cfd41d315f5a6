package import FrameQueues

/// What one destination's export loop has done since the start.
///
/// Invariant: records appended to the queue = `delivered` + `rejected` + queue's `queued` - `settledInQueue`.
package struct ExportCounters: Sendable, Equatable {
  /// Taken by the destination, duplicates included.
  package var delivered = FrameTotals.zero
  /// Records among them that the destination said it had stored before.
  package var duplicates = 0
  /// What of that the destination stored elsewhere, as faulty (`failure_store: used`).
  package var inFailureStore = FrameTotals.zero
  /// Records that were sent again because they could not even be stored as faulty, once for every time.
  package var failureStoreFailed = 0
  /// Handed to the rejection sink: rejected by the destination or given up.
  package var rejected = FrameTotals.zero
  /// Records among them that were given up because of `max_elapsed_time` or because retrying is off.
  package var gaveUp = 0
  /// Records sent again, once for every time.
  package var retried = 0
  /// Delivered or rejected, but part of a lease of which other records are still open.
  package var settledInQueue = FrameTotals.zero
  /// Bytes of all bodies sent, before compression.
  package var bodyBytes = 0
  /// Bytes of all bodies sent, after compression.
  package var wireBytes = 0
  /// Leases that are being sent or wait to be sent again, and take up a consumer.
  package var openLeases = 0
  /// Leases that take up none: what is left of them waits for the dead letters, or is put off again and again.
  package var asideLeases = 0
  /// Bodies that may be under way at once now.
  package var concurrencyLimit = 0
  /// Attempts that delivered something, and attempts that delivered nothing and are repeated.
  package var tally = Suspicion.Tally()
  /// Seconds since 1970 of the last body delivered in full or in part.
  package var lastSuccess: Int?
  /// Seconds since 1970 of the last attempt after which records had to be sent again.
  package var lastFailure: Int?
  /// The attempts since the last that delivered something, and why the last one did not; nil if the last one did.
  package var failing: Failing?
  /// Seconds since 1970 since which no attempt delivered anything; nil if the last one did.
  package var failingSince: Int? { failing?.since }
  /// The batch that has been sent again for longest, of those that failed again after others had been delivered.
  package var stuck: Failing?
  /// How the rejection sink is.
  package var rejectionDesk = RejectionDesk.Status()

  package init() {}

  /// Adds what another loop has counted; what says how things are now stays as it is.
  package mutating func add(_ other: ExportCounters) {
    delivered += other.delivered
    duplicates &+= other.duplicates
    inFailureStore += other.inFailureStore
    failureStoreFailed &+= other.failureStoreFailed
    rejected += other.rejected
    gaveUp &+= other.gaveUp
    retried &+= other.retried
    bodyBytes &+= other.bodyBytes
    wireBytes &+= other.wireBytes
    rejectionDesk.gaveUp &+= other.rejectionDesk.gaveUp
    lastSuccess = [lastSuccess, other.lastSuccess].compactMap { $0 }.max()
  }

  mutating func settle(delivered totals: FrameTotals) {
    delivered += totals
    settledInQueue += totals
  }

  mutating func settle(rejected totals: FrameTotals) {
    rejected += totals
    settledInQueue += totals
  }
}

/// What keeps being sent again, as the export loop keeps it.
struct FailureStreak {
  /// The time, as `ExportTime.now` has it, of the first attempt that failed.
  var since: Duration
  var attempts: Int
  var error: String
  /// Records of the batch that was tried last.
  var records: Int
}

/// What keeps being sent again.
package struct Failing: Sendable, Equatable {
  /// Seconds since 1970 of the first attempt that failed.
  package var since: Int
  package var attempts: Int
  /// The kind of the last error; holds nothing of records.
  package var error: String
  /// Records of the batch that was tried last.
  package var records: Int

  package init(since: Int, attempts: Int, error: String, records: Int) {
    self.since = since
    self.attempts = attempts
    self.error = error
    self.records = records
  }

  init(_ streak: FailureStreak, by time: ExportTime) {
    self.init(
      since: time.clockTime(of: streak.since) / 1000, attempts: streak.attempts, error: streak.error,
      records: streak.records)
  }
}
