import LogPipeline
import Testing

@Suite struct DurationHistogramTests {
  /// The counts of the buckets one by one.
  private func counts(_ histogram: DurationHistogram) -> [Double: Int] {
    var counts: [Double: Int] = [:]
    var below = 0
    for (bound, count) in histogram.snapshot.buckets {
      if count > below { counts[bound] = count - below }
      below = count
    }
    return counts
  }

  @Test func aBucketTakesWhatIsAsLongAsItsBound() {
    let histogram = DurationHistogram(.requests)
    for duration in [Duration.zero, .seconds(-1), .milliseconds(1)] { histogram.observe(duration) }
    histogram.observe(.milliseconds(1) + .nanoseconds(1))
    histogram.observe(.seconds(60))
    histogram.observe(.seconds(60) + .nanoseconds(1))
    histogram.observe(.seconds(1 << 40))
    #expect(counts(histogram) == [0.001: 3, 0.0025: 1, 60: 1, .infinity: 2])
    #expect(histogram.snapshot.count == 7)
  }

  @Test func everyBoundIsAboveTheOneBefore() {
    for histogram in [DurationHistogram(.requests), DurationHistogram(.waits)] {
      let bounds = histogram.snapshot.buckets.map(\.bound)
      #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count && bounds.last == .infinity)
      #expect(histogram.snapshot.count == 0 && histogram.snapshot.seconds == 0)
    }
  }

  @Test func manyCanBeObservedAtOnce() {
    let histogram = DurationHistogram(.waits)
    histogram.observe(.seconds(3600), count: 1 << 40)
    for count in [0, -1, .min] { histogram.observe(.seconds(1), count: count) }
    #expect(counts(histogram) == [3600: 1 << 40])
    #expect(histogram.snapshot.seconds == 3600 * Double(1 << 40))
  }

  @Test func nothingIsLostWhenManyObserveTogether() async {
    let histogram = DurationHistogram(.requests)
    await withDiscardingTaskGroup { tasks in
      for task in 0..<8 {
        tasks.addTask {
          for _ in 0..<10_000 { histogram.observe(.milliseconds(task < 4 ? 250 : 500)) }
        }
      }
    }
    #expect(counts(histogram) == [0.25: 40_000, 0.5: 40_000])
    #expect(histogram.snapshot.seconds == 30_000)
  }
}
