import Testing

@Suite struct ProbabilisticSamplerOptionsTests {
  @Test func samples() throws {
    let traced = #"{"traceId":"00000000000000000000000000000001","attributes":[]}"#
    #expect(try attributes(after: "probabilistic_sampler", "sampling_percentage: 0", traced) == ["dropped"])
    let all = "sampling_percentage: 100\nmode: proportional"
    #expect(try attributes(after: "probabilistic_sampler", all, traced) == ["sampling.threshold=\"0\""])
    #expect(
      processorProblems("probabilistic_sampler", "sampling_percentage: 15.3\nattribute_source: record") == [
        "f.yaml:5:5: processors.probabilistic_sampler.attribute_source: \"record\" needs from_attribute"
      ])
    #expect(
      processorProblems("probabilistic_sampler", "").first?.hasSuffix("sampling_percentage: required, but not given")
        == true)
  }
}
