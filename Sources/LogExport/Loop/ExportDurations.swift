package import LogPipeline

/// How long things took on the way to one destination. Counting takes no lock.
package final class ExportDurations: Sendable {
  private let attempts = AttemptOutcome.allCases.map { ($0, Histogram(.requests)) }
  private let queued = Histogram(.waits)

  /// What has been measured so far.
  package var snapshot: Snapshot {
    Snapshot(byOutcome: attempts.map { ($0, $1.snapshot) }, inQueue: queued.snapshot)
  }

  func attemptEnded(_ outcome: AttemptOutcome, after duration: Duration) {
    for (other, histogram) in attempts where other == outcome { histogram.observe(duration) }
  }

  func delivered(records: Int, after duration: Duration) { queued.observe(duration, count: records) }

  /// How long things took, as it was at some moment.
  package struct Snapshot: Sendable {
    /// How many attempts ended so, and how long they took.
    package private(set) var byOutcome: [(outcome: AttemptOutcome, durations: Histogram.Snapshot)]
    /// How long delivered records had been queued; those of a batch as long as its oldest.
    package private(set) var inQueue: Histogram.Snapshot

    fileprivate init(
      byOutcome: [(outcome: AttemptOutcome, durations: Histogram.Snapshot)], inQueue: Histogram.Snapshot
    ) {
      self.byOutcome = byOutcome
      self.inQueue = inQueue
    }

    /// Adds what was measured on another way to the destination.
    package static func += (one: inout Snapshot, other: Snapshot) {
      for (index, more) in zip(one.byOutcome.indices, other.byOutcome) {
        one.byOutcome[index].durations += more.durations
      }
      one.inQueue += other.inQueue
    }
  }
}
