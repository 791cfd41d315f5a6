import LogPipeline
import Testing

@Suite struct HistogramTests {
  /// The counts of the buckets one by one.
  private func counts(_ histogram: Histogram) -> [Double: Int] {
    var counts: [Double: Int] = [:]
    var below = 0
    for (bound, count) in histogram.snapshot.buckets {
      if count > below { counts[bound] = count - below }
      below = count
    }
    return counts
  }

  @Test func aBucketTakesWhatIsAsLongAsItsBound() {
    let histogram = Histogram(.requests)
    for duration in [Duration.zero, .seconds(-1), .milliseconds(1)] { histogram.observe(duration) }
    histogram.observe(.milliseconds(1) + .nanoseconds(1))
    histogram.observe(.seconds(60))
    histogram.observe(.seconds(60) + .nanoseconds(1))
    histogram.observe(.seconds(1 << 40))
    #expect(counts(histogram) == [0.001: 3, 0.0025: 1, 60: 1, .infinity: 2])
    #expect(histogram.snapshot.count == 7)
  }

  @Test func everyBoundIsAboveTheOneBefore() {
    for histogram in [Histogram(.requests), Histogram(.waits), Histogram(.items), Histogram(.bytes)] {
      let bounds = histogram.snapshot.buckets.map(\.bound)
      #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count && bounds.last == .infinity)
      #expect(histogram.snapshot.count == 0 && histogram.snapshot.sum == 0)
    }
  }

  @Test func manyCanBeObservedAtOnce() {
    let histogram = Histogram(.waits)
    histogram.observe(.seconds(3600), count: 1 << 40)
    for count in [0, -1, .min] { histogram.observe(.seconds(1), count: count) }
    #expect(counts(histogram) == [3600: 1 << 40])
    #expect(histogram.snapshot.sum == 3600 * Double(1 << 40))
  }

  @Test(arguments: [0, 1, 1.5, 18.25, 20, 86_400, -2.5, 4e9])
  func aDurationIsItsSeconds(_ seconds: Double) {
    #expect(abs(Duration.seconds(seconds).inSeconds - seconds) <= abs(seconds) * 0x1p-51)
    #expect(Duration.nanoseconds(1).inSeconds == 1e-9 && Duration.seconds(20).inSeconds == 20)
  }

  @Test func sizesAreCountedAsTimesAre() {
    let histogram = Histogram(.bytes)
    for size in [0, -7, 1 << 10, (1 << 10) + 1, 1 << 24, (1 << 24) + 1, .max] { histogram.observe(size) }
    #expect(counts(histogram) == [1024: 3, 2048: 1, 16_777_216: 1, .infinity: 2])
    let items = Histogram(.items)
    for count in [1, 2, 100_000, 100_001] { items.observe(count) }
    #expect(counts(items) == [1: 1, 10: 1, 100_000: 1, .infinity: 1] && items.snapshot.sum == 200_004)
  }

  @Test func nothingIsLostWhenManyObserveTogether() async {
    let histogram = Histogram(.requests)
    await withDiscardingTaskGroup { tasks in
      for task in 0..<8 {
        tasks.addTask {
          for _ in 0..<10_000 { histogram.observe(.milliseconds(task < 4 ? 250 : 500)) }
        }
      }
    }
    #expect(counts(histogram) == [0.25: 40_000, 0.5: 40_000])
    #expect(histogram.snapshot.sum == 30_000)
  }
}
