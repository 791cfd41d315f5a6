import Testing

@testable import Gateway

@Suite struct OwnResourceTests {
  @Test func theGatewaySaysWhoItIsUnlessTheConfigurationDoes() throws {
    let own = OwnResource([]).attributes
    #expect(own.map(\.key) == ["service.name", "service.version", "service.instance.id"])
    #expect(own[0].value == "sluice" && own[1].value == BuildInformation.version)
    let form = try Regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    #expect(own[2].value.wholeMatch(of: form) != nil, "\(own[2].value)")
    #expect(OwnResource([]).attributes.map(\.value) == own.map(\.value))
    let given = OwnResource([("service.name", "edge"), ("a", "b")])
    #expect(given.attributes.map(\.key) == ["service.version", "service.instance.id", "service.name", "a"])
    #expect(given.configured.map(\.value) == ["edge", "b"])
  }

  @Test func anEmptyAttributeIsLeftOut() {
    let resource = OwnResource([("service.instance.id", ""), ("a", "")])
    #expect(resource.attributes.map(\.key) == ["service.name", "service.version"] && resource.configured.isEmpty)
  }

  @Test(
    arguments: [
      ([], [], true), (["a.b"], [], true), (["a.*"], [], true), (["*"], ["a.b"], false), (["a"], [], false),
      (["a.bc"], [], false), ([], ["a.*"], false), (["x", "a.b"], ["x"], true),
    ] as [([String], [String], Bool)])
  func aChoiceOfAttributesIsByName(_ included: [String], _ excluded: [String], _ expected: Bool) {
    #expect(AttributeChoice(included: included, excluded: excluded).contains("a.b") == expected)
  }
}
