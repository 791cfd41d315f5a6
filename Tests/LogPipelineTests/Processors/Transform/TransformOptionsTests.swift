import Gateway
import Testing

@testable import LogPipeline

@Suite struct TransformOptionsTests {
  private static let record = """
    {"body":{"stringValue":"x"},"attributes":[{"key":"a","value":{"stringValue":"b"}}]}
    """

  @Test(arguments: [
    (#"log_statements: ['set(log.attributes["a"], "c")']"#, [#"a="c""#]),
    (
      #"log_statements: ['delete_key(log.attributes, "a")', 'set(log.attributes["n"], 1) where log.body == "x"']"#,
      ["n=1"]
    ),
    (#"log_statements: [{context: log, statements: ['set(attributes["a"], body)']}]"#, [#"a="x""#]),
    (
      #"log_statements: [{context: LOG, conditions: ['body == "y"'], statements: ['set(attributes["a"], 1)']}]"#,
      [#"a="b""#]
    ),
    (
      #"log_statements: [{conditions: ['log.body == "y"', 'log.body == "x"'], statements: ['set(log.attributes["a"], 1)']}]"#,
      ["a=1"]
    ),
    (
      #"log_statements: [{statements: ['set(log.cache["k"], 1)']}, {statements: ['set(log.attributes["a"], log.cache["k"])']}]"#,
      [#"a="b""#]
    ),
    (
      #"log_statements: [{shared_cache: true, statements: ['set(log.cache["k"], 1)']}, {shared_cache: true, statements: ['set(log.attributes["a"], log.cache["k"])']}]"#,
      ["a=1"]
    ),
    (#"log_statements: ['set(log.cache["k"], 2)', 'set(log.attributes["a"], log.cache["k"])']"#, ["a=2"]),
    (
      #"log_statements: ['set(log.attributes["a"], log.body / 2)', 'set(log.attributes["b"], true)']"#,
      [#"a="b""#, "b=true"]
    ),
    (
      #"log_statements: [{context: resource, statements: ['set(attributes["r"], "s")']}, {context: log, statements: ['set(attributes["a"], resource.attributes["r"])']}]"#,
      [#"a="s""#]
    ),
    (
      #"log_statements: [{context: scope, statements: ['set(name, "other")']}, {statements: ['set(log.attributes["a"], instrumentation_scope.name)']}]"#,
      [#"a="other""#]
    ),
  ])
  func formsOfStatements(_ options: String, _ expected: [String]) throws {
    #expect(try attributes(after: "transform", options, Self.record) == expected)
    #expect(processorProblems("transform", options) == [])
  }

  @Test(arguments: [
    ("error_mode: ignore", ["f.yaml:4:5: warning: processors.transform.log_statements: changes nothing"]),
    (
      "log_statements: ['set(log.body)', 'sett(log.body, 1)', 'set(body, 1)', 'set(log.body, 1) wher true']",
      [
        "f.yaml:4:22: processors.transform.log_statements[0]: line 1, column 1: set lacks the argument value: it takes 2 arguments, 1 given",
        #"f.yaml:4:39: processors.transform.log_statements[1]: line 1, column 1: no function sett in the context log (did you mean "set"?)"#,
        "f.yaml:4:60: processors.transform.log_statements[2]: line 1, column 5: body does not say whose it is: expected one of log., scope., resource. before it, or the option context",
        #"f.yaml:4:76: processors.transform.log_statements[3]: line 1, column 18: expected where or the end, found wher (did you mean "where"?)"#,
      ]
    ),
    (
      "log_statements: ['set(log.body, 1)', {statements: ['set(log.body, 1)']}]",
      ["f.yaml:4:5: processors.transform.log_statements: strings and groups cannot stand in one list"]
    ),
    (
      "log_statements: [{context: log, conditions: ['body'], statements: ['set(body, 1)', 'IsMap(body)']}]",
      [
        "f.yaml:4:50: processors.transform.log_statements[0].conditions[0]: line 1, column 5: expected a comparison such as ==, found the end",
        "f.yaml:4:88: processors.transform.log_statements[0].statements[1]: line 1, column 1: expected an editor such as set, found IsMap: the names of editors begin with a small letter",
      ]
    ),
    (
      "log_statements:\n      - set(log.body, \"b: c\")\n      - 'set(log.body, 1)'",
      [
        "f.yaml:5:13: processors.transform.log_statements[0]: expected a text, found a map: a text with \": \" in it has to stand in quotes"
      ]
    ),
    (
      "log_statements: [{context: log}]",
      [
        "f.yaml:4:22: warning: processors.transform.log_statements[0].statements: changes nothing: there are no statements"
      ]
    ),
    (
      "log_statements: [{statements: ['set(log.body, 1)'], wrong: true}]",
      [
        "f.yaml:4:57: processors.transform.log_statements[0]: unknown key \"wrong\" (known here: context, error_mode, shared_cache, conditions, statements)"
      ]
    ),
    (
      "log_statements: [{statements: ['set(log.body, 1)'], flatten: true, contex: log}]",
      [
        "f.yaml:4:57: processors.transform.log_statements[0].flatten: not supported by sluice: flatten_data beside log_statements does it for all groups",
        #"f.yaml:4:72: processors.transform.log_statements[0]: unknown key "contex" (did you mean "context"?)"#,
      ]
    ),
    (
      "trace_statements: ['set(span.name, 1)']",
      [
        "f.yaml:4:5: warning: processors.transform.log_statements: changes nothing: there are no statements",
        "f.yaml:4:5: warning: processors.transform.trace_statements: has no effect: only logs come here",
      ]
    ),
    (
      "trace_statements: ['set(span.name, 1)']\nlog_statements: ['set(log.body, 1)']",
      ["f.yaml:4:5: warning: processors.transform.trace_statements: has no effect: only logs come here"]
    ),
    (
      "log_statements: ['set(span.name, 1)']",
      [
        "f.yaml:4:22: processors.transform.log_statements[0]: line 1, column 5: span.name: this gateway handles logs only"
      ]
    ),
    ("log_statements: 5", [#"f.yaml:4:21: processors.transform.log_statements: expected a list, found text"#]),
    ("log_statements: [[a]]", ["f.yaml:4:22: processors.transform.log_statements[0]: expected a map, found a list"]),
  ])
  func whatIsWrongIsNamed(_ options: String, _ problems: [String]) {
    let found = processorProblems("transform", options)
    #expect(found.count == problems.count && zip(found, problems).allSatisfy { $0.hasPrefix($1) }, "\(found)")
  }

  @Test(arguments: [
    ("limits: {max_growth: 1024, max_depth: 1}", nil), ("limits: {max_growth: 1GiB, max_depth: 256}", nil),
    ("limits: {max_growth: 1023}", "1023"), ("limits: {max_growth: 1073741825}", "1073741825"),
    ("limits: {max_depth: 0}", #"found "0""#), ("limits: {max_depth: 257}", #"found "257""#),
    ("limits: {max_deph: 1}", #"did you mean "max_depth""#),
    ("limits: {max_steps: 1000}", nil), ("limits: {max_steps: 1000000000000}", nil),
    ("limits: {max_steps: 999}", #"found "999""#), ("limits: {max_steps: 1000000000001}", #"found "1000000000001""#),
  ])
  func limitsHaveLimits(_ limits: String, _ problem: String?) {
    let found = processorProblems("transform", "log_statements: ['set(log.body, 1)']\n\(limits)")
    #expect(found.count == (problem == nil ? 0 : 1) && found.allSatisfy { $0.contains(problem ?? "?") }, "\(found)")
  }

  /// A text of 512 bytes is written and then kept, which takes twice as much, and two members of a list.
  @Test(arguments: [(0, #"a="c""#), (1, "dropped")])
  func aStatementTakesWhatTheLimitLeavesIt(_ missing: Int, _ expected: String) throws {
    let limit = 1024 + 2 * MemoryLayout<OTTLMember>.stride - missing
    let body = String(repeating: "x", count: 256)
    let options = """
      limits: {max_growth: \(limit)}
      log_statements: ['set(log.attributes["a"], "c") where Len(Concat([log.body, log.body], "")) == 512']
      """
    let record = #"{"body":{"stringValue":"\#(body)"},"attributes":[{"key":"a","value":{"stringValue":"b"}}]}"#
    #expect(try attributes(after: "transform", options, record) == [expected])
  }

  @Test(arguments: [(3, "a=1"), (2, "dropped")])
  func valuesNestAsDeepAsTheLimitSays(_ limit: Int, _ expected: String) throws {
    let options = """
      limits: {max_depth: \(limit)}
      log_statements: [{context: log, statements: ['set(body, {"x": {"y": 1}})', 'set(attributes["a"], body["x"]["y"])']}]
      """
    #expect(try attributes(after: "transform", options, Self.record) == [expected])
  }

  /// A statement that an environment variable gives may hold a password.
  @Test func whatTheEnvironmentGivesIsNotRepeated() {
    let yaml = """
      receivers: {otlp: {protocols: {http: }}}
      processors: {transform: {log_statements: ['set(log.body, "${env:SECRET}', '${env:SECRET}']}}
      exporters: {nop: }
      service: {pipelines: {logs: {receivers: [otlp], processors: [transform], exporters: [nop]}}}
      """
    do throws(ConfigurationError) {
      _ = try Configuration.load([.text(yaml, name: "f.yaml")], registry: .standard) { _ in "pa55word" }
      Issue.record("it is read")
    } catch {
      let found = error.problems.map(\.description)
      #expect(
        found == [
          "f.yaml:2:43: processors.transform.log_statements[0]: in what ${env:SECRET} gives, line 1, column 15: this is not the OTTL that is wanted here",
          "f.yaml:2:75: processors.transform.log_statements[1]: in what ${env:SECRET} gives, line 1, column 9: this is not the OTTL that is wanted here",
        ])
      #expect(!found.joined().contains("pa55"))
    }
  }
}
