import Testing

@testable import LogPipeline

@Suite struct TopNamesTests {
  private func bytes(_ count: Int) -> UsageCounts {
    var counts = UsageCounts()
    counts.decompressedBytes = count
    counts.acceptedRecords = 1
    return counts
  }

  private func add(_ counts: UsageCounts, to name: String, of top: inout TopNames) {
    Array(name.utf8).withUnsafeBytes { top.add(counts, to: $0, NameTable.hash($0)) }
  }

  private func estimate(_ name: String, of top: TopNames) -> (weight: Int, error: Int)? {
    Array(name.utf8).withUnsafeBytes { top.estimate(of: $0) }
  }

  /// Names of a skewed stream: the first are the most frequent.
  private func stream(_ count: Int, of names: Int, skew: Double, seed: UInt64) -> [(name: String, bytes: Int)] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      let place = Double.random(in: 0..<1, using: &random)
      var power = place
      for _ in 1..<Int(skew) { power *= place }
      return ("service-\(Int(power * Double(names)))", Int.random(in: 1...2000, using: &random))
    }
  }

  @Test func fewNamesAreCountedExactly() {
    var top = TopNames(capacity: 3)
    for (name, count) in [("a", 5), ("b", 7), ("a", 1), ("c", 2)] { add(bytes(count), to: name, of: &top) }
    top.add(unnamed: bytes(3))
    let snapshot = top.snapshot
    #expect(snapshot.names.map(\.name) == ["a", "b", "c"])
    #expect(snapshot.names.map(\.counts.decompressedBytes) == [6, 7, 2])
    #expect(snapshot.names.map(\.counts.acceptedRecords) == [2, 1, 1])
    #expect(snapshot.other == UsageCounts() && snapshot.unnamed.decompressedBytes == 3)
  }

  /// What space-saving promises, and that nothing is lost, against exact counts.
  @Test(arguments: [(10, 2, 1), (10, 6, 2), (50, 3, 3), (50, 1, 4), (1, 3, 5)] as [(Int, Double, UInt64)])
  func keepsItsPromises(_ capacity: Int, _ skew: Double, _ seed: UInt64) throws {
    var top = TopNames(capacity: capacity)
    var exact: [String: Int] = [:]
    var total = 0
    for (name, count) in stream(20_000, of: 500, skew: skew, seed: seed) {
      add(bytes(count), to: name, of: &top)
      exact[name, default: 0] += count
      total += count
    }
    #expect(top.count == capacity)
    for (name, count) in exact {
      guard let estimate = estimate(name, of: top) else {
        #expect(count <= total / capacity, "\(name) is heavy and not there")
        continue
      }
      #expect(estimate.weight >= count && estimate.weight - estimate.error <= count)
      #expect(estimate.error <= total / capacity)
    }
    #expect(top.snapshot.total.decompressedBytes == total && top.snapshot.total.acceptedRecords == 20_000)
    for (name, counts) in top.snapshot.names {
      #expect(counts.decompressedBytes <= exact[name, default: 0])
    }
  }

  @Test func heavyNamesHaveCountsOfTheirOwn() {
    var top = TopNames(capacity: 10)
    var random = SplitMix64(seed: 7)
    for step in 0..<100_000 {
      let name = Int.random(in: 0..<10, using: &random) < 4 ? "heavy" : "light-\(step)"
      add(bytes(100), to: name, of: &top)
    }
    let heavy = top.snapshot.names.first { $0.name == "heavy" }
    #expect(Double(heavy?.counts.acceptedRecords ?? 0) > 39_000)
  }

  /// A counter that a series was made of may end and begin anew, never fall.
  @Test func noCountFalls() {
    var top = TopNames(capacity: 5)
    var (other, names) = (0, [String: Int]())
    for (step, (name, count)) in stream(20_000, of: 40, skew: 2, seed: 9).enumerated() {
      add(bytes(count), to: name, of: &top)
      let snapshot = top.snapshot
      #expect(snapshot.other.decompressedBytes >= other, "step \(step)")
      other = snapshot.other.decompressedBytes
      let now = Dictionary(uniqueKeysWithValues: snapshot.names.map { ($0.name, $0.counts.decompressedBytes) })
      for (name, count) in now { #expect(count >= names[name] ?? 0, "step \(step): \(name)") }
      names = now
    }
    #expect(other > 0)
  }

  /// Whoever sends a new name with each record does not make a series of each.
  @Test func namesThatComeOnceGetNoCountsOfTheirOwn() {
    var top = TopNames(capacity: 50)
    var seen: Set<String> = []
    for number in 0..<200_000 {
      add(bytes(100), to: "name-\(number)", of: &top)
      if number.isMultiple(of: 100) { seen.formUnion(top.snapshot.names.map(\.name)) }
    }
    #expect(top.count == 50 && seen.count <= 100, "\(seen.count)")
    #expect(top.snapshot.total.acceptedRecords == 200_000)
  }

  @Test func aNameThatTakesAnothersPlaceIsToldOnceItIsCertain() {
    var top = TopNames(capacity: 1)
    add(bytes(100), to: "a", of: &top)
    add(bytes(60), to: "b", of: &top)
    #expect(top.snapshot.names.isEmpty && top.snapshot.other.decompressedBytes == 160)
    add(bytes(40), to: "b", of: &top)
    #expect(top.snapshot.names.isEmpty)
    add(bytes(1), to: "b", of: &top)
    add(bytes(5), to: "b", of: &top)
    #expect(top.snapshot.names.map(\.name) == ["b"] && top.snapshot.total.decompressedBytes == 206)
  }

  @Test(arguments: [2, 3, 4, 10]) func anotherSizeKeepsTheHeaviest(_ capacity: Int) {
    var top = TopNames(capacity: 4)
    for (name, count) in [("a", 50), ("b", 10), ("c", 40), ("d", 20)] { add(bytes(count), to: name, of: &top) }
    var resized = top.resized(to: capacity)
    let kept = ["a", "c", "d", "b"].prefix(capacity).sorted()
    #expect(resized.snapshot.names.map(\.name) == kept && resized.capacity == capacity)
    #expect(resized.snapshot.total == top.snapshot.total)
    // The least of them is still the one that makes place.
    for number in 0..<(capacity - kept.count) { add(bytes(1000), to: "x\(number)", of: &resized) }
    add(bytes(1000), to: "y", of: &resized)
    #expect(!resized.snapshot.names.map(\.name).contains(capacity < 4 ? kept.last ?? "" : "b"))
    #expect(estimate("a", of: resized)?.weight == 50)
  }
}
