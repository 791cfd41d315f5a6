import Options
import Oracle
import Testing

/// A short run of what `make fuzz` does at length.
@Suite struct SignalOracleTests {
  private static let signals = [Signal.traces, .metrics]

  @Test(arguments: signals) func validRequestsAreTheSameThroughJSON(signal: Signal) {
    var generator = SignalGenerator(signal, seed: 11)
    for _ in 0..<400 {
      let body = generator.request()
      #expect(SignalOracle.change(ofValid: body, signal) == nil, "\(body)")
    }
  }

  @Test(arguments: signals) func mutatedRequestsAreAcceptedAlike(signal: Signal) {
    var generator = SignalGenerator(signal, seed: 12)
    var mutator = Mutator(seed: 13)
    var outcomes: [String: Int] = [:]
    for _ in 0..<200 {
      let (body, other) = (generator.request(), generator.request())
      for _ in 0..<20 {
        let mutated = mutator.mutate(body, other: other)
        let outcome = SignalOracle.compare(mutated, signal)
        outcomes[outcome.label, default: 0] += 1
        if case .differ(let how) = outcome { Issue.record("\(mutated): \(how)") }
      }
    }
    #expect(outcomes["accepted alike", default: 0] > 300 && outcomes["refused alike", default: 0] > 300, "\(outcomes)")
  }
}
