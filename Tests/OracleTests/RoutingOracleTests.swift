import Oracle
import Testing

/// A short run of what `make fuzz` does over a million requests.
@Suite struct RoutingOracleTests {
  @Test func everyRecordEndsInOnePlace() throws {
    let oracle = try RoutingOracle()
    var generator = RequestGenerator(seed: 11)
    var mutator = Mutator(seed: 12)
    for run in 0..<1500 {
      let body = generator.request()
      let mutated = run % 2 == 0 ? body : mutator.mutate(body, other: generator.request())
      #expect(oracle.problems(ofRequest: mutated, at: UInt64(run) * 100_000_000) == [])
    }
    #expect(oracle.counts.allSatisfy { $0 > 10 }, "\(oracle.counts)")
  }
}
