import Oracle
import Testing

/// A short run of what `make fuzz` does at length.
@Suite struct RedactionOracleTests {
  @Test func whatIsLeftOfAnyTextIsLeftAlone() {
    let oracle = RedactionOracle()
    var texts = SensitiveTexts(seed: 1)
    for _ in 0..<1500 {
      let text = texts.next()
      #expect(oracle.problems(of: text) == [], "\(String(decoding: text, as: UTF8.self).debugDescription)")
    }
  }

  @Test func requestsAreRedactedOnce() {
    let oracle = RedactionOracle()
    var generator = RequestGenerator(seed: 5)
    var mutator = Mutator(seed: 6)
    for _ in 0..<100 {
      let body = mutator.mutate(generator.request(), other: Array("4111111111111111 password=hunter2".utf8))
      #expect(oracle.problems(ofRequest: body) == [], "\(body)")
    }
  }
}
