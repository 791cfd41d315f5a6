import Synchronization

/// How often something took how long, counted in buckets. Any thread may observe; that takes no lock and no memory.
package final class DurationHistogram: Sendable {
  /// Upper bounds of buckets, in seconds; the last bucket has none.
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
  }

  private let buckets: Buckets
  private let counts = InlineArray<16, Atomic<Int>> { _ in Atomic(0) }
  /// The bits of a `Double`, in seconds.
  private let sum = Atomic<UInt64>(0)

  package init(_ buckets: Buckets) { self.buckets = buckets }

  /// Counts something that took so long, or so many of it.
  package func observe(_ duration: Duration, count: Int = 1) {
    guard count > 0 else { return }
    let seconds = max(duration.inSeconds, 0)
    var bucket = 0
    while bucket < buckets.bounds.count, seconds > buckets.bounds[bucket] { bucket += 1 }
    counts[bucket].add(count, ordering: .relaxed)
    add(seconds * Double(count))
  }

  private func add(_ seconds: Double) {
    var known = sum.load(ordering: .relaxed)
    while true {
      let more = (Double(bitPattern: known) + seconds).bitPattern
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
    snapshot.seconds = Double(bitPattern: sum.load(ordering: .relaxed))
    return snapshot
  }

  /// A histogram as it was at some moment.
  package struct Snapshot: Sendable {
    /// How many took no longer than each bound; the last is infinite.
    package fileprivate(set) var buckets: [(bound: Double, count: Int)] = []
    package fileprivate(set) var count = 0
    /// What all of them took together.
    package fileprivate(set) var seconds = 0.0

    /// Adds what another of the same bounds has counted.
    package static func += (one: inout Snapshot, other: Snapshot) {
      for (bucket, more) in zip(one.buckets.indices, other.buckets) { one.buckets[bucket].count &+= more.count }
      one.count &+= other.count
      one.seconds += other.seconds
    }
  }
}

extension Duration {
  /// The whole of it, in seconds.
  package var inSeconds: Double { Double(attoseconds) / 1e18 }
}
