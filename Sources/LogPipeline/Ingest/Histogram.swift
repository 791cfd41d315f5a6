import Synchronization

/// How often something took how long, or came to how much, counted in buckets. Any thread may observe; that takes no
/// lock and no memory.
package final class Histogram: Sendable {
  /// Upper bounds of buckets; the last bucket has none. Those of times are in seconds.
  package struct Buckets: Sendable {
    package let bounds: InlineArray<15, Double>

    /// For the time that a request takes.
    package static let requests = Buckets(bounds: [
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ])
    /// For the time that records wait, also through an outage.
    package static let waits = Buckets(bounds: [
      0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400,
    ])
    /// For records, spans or points that go together.
    package static let items = Buckets(bounds: [
      1, 10, 50, 100, 250, 500, 1000, 2000, 3000, 5000, 8000, 10_000, 20_000, 50_000, 100_000,
    ])
    /// For bytes of a request.
    package static let bytes = Buckets(bounds: [
      1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576, 2_097_152, 4_194_304,
      8_388_608, 16_777_216,
    ])
  }

  private let buckets: Buckets
  private let counts = InlineArray<16, Atomic<Int>> { _ in Atomic(0) }
  /// The bits of a `Double`.
  private let sum = Atomic<UInt64>(0)

  package init(_ buckets: Buckets) { self.buckets = buckets }

  /// Counts something that took so long, or so many of it.
  package func observe(_ duration: Duration, count: Int = 1) { observe(duration.inSeconds, count: count) }

  /// Counts something that came to so many.
  package func observe(_ number: Int) { observe(Double(number), count: 1) }

  private func observe(_ value: Double, count: Int) {
    guard count > 0 else { return }
    let value = max(value, 0)
    var bucket = 0
    while bucket < buckets.bounds.count, value > buckets.bounds[bucket] { bucket += 1 }
    counts[bucket].add(count, ordering: .relaxed)
    add(value * Double(count))
  }

  private func add(_ value: Double) {
    var known = sum.load(ordering: .relaxed)
    while true {
      let more = (Double(bitPattern: known) + value).bitPattern
      let (isDone, found) = sum.weakCompareExchange(expected: known, desired: more, ordering: .relaxed)
      if isDone { return }
      known = found
    }
  }

  /// What has been observed so far.
  package var snapshot: Snapshot {
    var snapshot = Snapshot()
    for bucket in 0..<counts.count {
      snapshot.count &+= counts[bucket].load(ordering: .relaxed)
      let bound = bucket < buckets.bounds.count ? buckets.bounds[bucket] : .infinity
      snapshot.buckets.append((bound, snapshot.count))
    }
    snapshot.sum = Double(bitPattern: sum.load(ordering: .relaxed))
    return snapshot
  }

  /// A histogram as it was at some moment.
  package struct Snapshot: Sendable {
    /// How many were no more than each bound; the last is infinite.
    package fileprivate(set) var buckets: [(bound: Double, count: Int)] = []
    package fileprivate(set) var count = 0
    /// What all of them came to together.
    package fileprivate(set) var sum = 0.0

    /// Adds what another of the same bounds has counted.
    package static func += (one: inout Snapshot, other: Snapshot) {
      for (bucket, more) in zip(one.buckets.indices, other.buckets) { one.buckets[bucket].count &+= more.count }
      one.count &+= other.count
      one.sum += other.sum
    }
  }
}

extension Duration {
  /// The whole of it, in seconds.
  package var inSeconds: Double {
    // All 128 bits at once are converted by generic code, of some 3,000 instructions.
    let (high, low) = (Int64(truncatingIfNeeded: attoseconds &>> 64), UInt64(truncatingIfNeeded: attoseconds))
    return (Double(high) * 0x1p64 + Double(low)) / 1e18
  }
}
