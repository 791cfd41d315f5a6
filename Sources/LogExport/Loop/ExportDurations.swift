package import LogPipeline

/// How long things took on the way to one destination. Counting takes no lock.
package final class ExportDurations: Sendable {
  private let attempts = AttemptOutcome.allCases.map { ($0, DurationHistogram(.requests)) }
  private let queued = DurationHistogram(.waits)

  /// How many attempts ended so, and how long they took.
  package var byOutcome: [(outcome: AttemptOutcome, durations: DurationHistogram.Snapshot)] {
    attempts.map { ($0, $1.snapshot) }
  }

  /// How long delivered records had been queued; those of a batch as long as its oldest.
  package var inQueue: DurationHistogram.Snapshot { queued.snapshot }

  func attemptEnded(_ outcome: AttemptOutcome, after duration: Duration) {
    for (other, histogram) in attempts where other == outcome { histogram.observe(duration) }
  }

  func delivered(records: Int, after duration: Duration) { queued.observe(duration, count: records) }
}
