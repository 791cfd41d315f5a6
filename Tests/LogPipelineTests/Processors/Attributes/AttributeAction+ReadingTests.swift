import LogPipeline
import Testing

@Suite struct AttributeActionReadingTests {
  @Test(arguments: [
    ("actions: []", "4:5: processors.attributes.actions: at least one action is required"),
    ("actions: [{action: insert, value: 1}]", "4:15: processors.attributes.actions[0]: key: required"),
    ("actions: [{action: delete}]", "4:15: processors.attributes.actions[0]: key or pattern: required"),
    (
      "actions: [{key: a, action: insert}]",
      "4:15: processors.attributes.actions[0]: value, from_attribute, from_context or default_value: one is required"
    ),
    (
      "actions: [{key: a, action: insert, value: 1, from_attribute: b}]",
      "4:50: processors.attributes.actions[0].from_attribute: only one of value, from_attribute and "
        + "from_context may be given"
    ),
    (
      "actions: [{key: a, action: upsert, value: 1, pattern: b}]",
      "4:50: processors.attributes.actions[0].pattern: the action \"upsert\" does not use it"
    ),
    (
      "actions: [{key: a, action: delete, value: 1}]",
      "4:40: processors.attributes.actions[0].value: the action \"delete\" does not use it"
    ),
    (
      "actions: [{action: delete, pattern: '(a'}]",
      "4:32: processors.attributes.actions[0].pattern: the pattern is refused: missing ): (a"
    ),
    (
      "actions: [{key: a, action: extract, pattern: '(a)'}]",
      "4:41: processors.attributes.actions[0].pattern: every group must have a name, as in (?P<name>…), and there "
        + "must be one"
    ),
    (
      "actions: [{key: a, action: extract}]",
      "4:15: processors.attributes.actions[0].pattern: required for \"extract\""
    ),
    (
      "actions: [{key: a, action: convert}]",
      "4:15: processors.attributes.actions[0].converted_type: required for \"convert\""
    ),
    (
      "actions: [{key: a, action: upsert, from_context: auth.raw}]",
      "4:40: processors.attributes.actions[0].from_context: credentials are not given out"
    ),
    (
      "actions: [{key: a, action: upsert, from_context: auth.claims.}]",
      "4:40: processors.attributes.actions[0].from_context: expected a name after \"auth.\""
    ),
    (
      "actions: [{key: a, action: upsert, from_context: metadata.}]",
      "4:40: processors.attributes.actions[0].from_context: expected a header field's name after \"metadata.\""
    ),
    (
      "actions: [{key: a, action: delete, from_context: client.address}]",
      "4:40: processors.attributes.actions[0].from_context: the action \"delete\" does not use it"
    ),
    (
      "actions: [{key: a, action: upsert, from_attribute: b, from_context: client.address}]",
      "4:59: processors.attributes.actions[0].from_context: only one of value, from_attribute and from_context may be given"
    ),
    (
      "actions: [{key: a, action: delete}]\ninclude: {match_type: strict}",
      "5:5: processors.attributes.include: at least one of attributes, resources, libraries or log_… must be given"
    ),
  ])
  func saysWhatIsWrongWithAnAction(_ options: String, _ problem: String) {
    #expect(processorProblems("attributes", options) == ["f.yaml:\(problem)"])
  }

  @Test func suggestsTheNearestAction() {
    #expect(
      processorProblems("resource", "attributes: [{key: a, action: upsrt, value: 1}]").first?
        .hasSuffix("found \"upsrt\" (did you mean \"upsert\"?)") == true)
  }

  @Test func infersTheTypeOfAValue() throws {
    let options = """
      actions:
        - {key: a, action: insert, value: 2245}
        - {key: b, action: insert, value: "2245"}
        - {key: c, action: insert, value: 0.5}
        - {key: d, action: insert, value: false}
        - {key: e, action: insert, value: "false"}
        - {key: f, action: insert, value: v1.2}
        - {key: g, action: insert, value: [1, a]}
        - {key: h, action: insert, value: {x: 1}}
        - {key: i, action: insert, value: ""}
      """
    #expect(
      try attributes(after: "attributes", options, "{}") == [
        "a=2245", "b=\"2245\"", "c=0.5", "d=false", "e=\"false\"", "f=\"v1.2\"", "g:array", "h:map", "i=\"\"",
      ])
  }
}
