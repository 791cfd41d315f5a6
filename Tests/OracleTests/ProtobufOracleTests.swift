import Oracle
import Testing

/// A short run of what `make fuzz` does at length.
@Suite struct ProtobufOracleTests {
  @Test func validRequestsReadAlike() {
    var generator = RequestGenerator(seed: 1)
    for _ in 0..<500 {
      let body = generator.request()
      #expect(ProtobufOracle.compare(body) == .bothAccept, "\(body)")
    }
  }

  @Test func mutatedRequestsAreAcceptedAndReadAlike() {
    var generator = RequestGenerator(seed: 2)
    var mutator = Mutator(seed: 3)
    var refused = 0
    for _ in 0..<300 {
      let body = generator.request()
      let other = generator.request()
      for _ in 0..<40 {
        let mutated = mutator.mutate(body, other: other)
        switch ProtobufOracle.compare(mutated) {
        case .bothAccept, .stricter, .repeated: break
        case .bothRefuse: refused += 1
        case .differ(let how): Issue.record("\(mutated): \(how)")
        }
      }
    }
    #expect(refused > 1000)
  }
}
