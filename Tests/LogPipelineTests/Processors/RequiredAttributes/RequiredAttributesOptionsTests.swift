import Testing

@Suite struct RequiredAttributesOptionsTests {
  @Test func marksWhatLacksAnAttribute() throws {
    let options = "keys: [order]\ntrace_id: true"
    #expect(try attributes(after: "required_attributes", options, "{}") == ["sluice.missing=\"order,trace_id\""])
    #expect(try attributes(after: "required_attributes", options + "\naction: drop", "{}") == ["dropped"])
    #expect(try attributes(after: "required_attributes", options + "\naction: reject", "{}") == ["dropped"])
    #expect(
      processorProblems("required_attributes", "") == [
        "f.yaml:3:23: processors.required_attributes: keys or trace_id: one is required"
      ])
  }
}
