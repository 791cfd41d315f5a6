import LogPipeline
import Testing

@Suite struct FilterOptionsTests {
  @Test(arguments: ["value: null", "value: ~", "value:", ""])
  func aNullValueAsksForAnyAndIsNotForgotten(_ value: String) throws {
    let options = """
      logs:
        exclude:
          match_type: strict
          record_attributes:
            - key: user
              \(value)
            - {key: code, value: 200}
      """
    let processor = try #require(try madeProcessor("filter", options))
    let record = { (pairs: String) in #"{"attributes":[\#(pairs)]}"# }
    let code = #"{"key":"code","value":{"intValue":200}}"#
    let user = #"{"key":"user","value":{"stringValue":"x"}}"#
    var batch = LogBatch()
    let records = [record(code), record(user), record(user + "," + code)].joined(separator: ",")
    let request = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records)]}]}]}"#
    try batch.decode(json: Array(request.utf8), limits: DecodeLimits())
    var context = RequestContext()
    try processor.process(&batch, of: &context)
    #expect(batch.records.map(\.index) == [0, 1])
  }

  @Test(arguments: [
    ("logs: {exclude: {match_type: strict, bodies: [x]}}", "dropped"),
    ("logs: {exclude: {match_type: strict, bodies: [y]}}", "kept"),
    ("logs: {include: {match_type: regexp, record_attributes: [{Key: a, Value: ^b}]}}", "kept"),
    ("logs: {include: {match_type: strict, resource_attributes: [{key: a}]}}", "dropped"),
    ("logs: {include: {match_type: strict, severity_number: {min: WARN}}}", "kept"),
    ("logs: {include: {match_type: strict, severity_number: {min: error2}}}", "dropped"),
    ("logs: {exclude: {match_type: strict, severity_texts: [WARN]}}", "dropped"),
  ])
  func filters(_ options: String, _ outcome: String) throws {
    let record = """
      {"body":{"stringValue":"x"},"severityText":"WARN","severityNumber":13,
      "attributes":[{"key":"a","value":{"stringValue":"bc"}}]}
      """
    #expect(try (attributes(after: "filter", options, record) == ["dropped"] ? "dropped" : "kept") == outcome)
    #expect(processorProblems("filter", options) == [])
  }

  /// The text is parsed with maps that are two deep, and is more than the condition may take where that is little. What
  /// a limit keeps from being asked does not go on.
  @Test(arguments: [
    ("max_depth: 2", "kept"), ("max_depth: 1", "dropped"), ("max_growth: 65536", "kept"),
    ("max_growth: 1024", "dropped"),
  ])
  func conditionsKeepWithinTheirLimits(_ limit: String, _ outcome: String) throws {
    let options = """
      limits: {\(limit)}
      log_conditions: ['ParseJSON(log.body)["a"]["b"] == 2']
      """
    let text = #"{\"a\":{\"b\":1},\"c\":\""# + String(repeating: "x", count: 2000) + #"\"}"#
    let record = #"{"body":{"stringValue":"\#(text)"}}"#
    #expect(try (attributes(after: "filter", options, record) == ["dropped"] ? "dropped" : "kept") == outcome)
    #expect(processorProblems("filter", options) == [])
  }

  private static let record = """
    {"body":{"stringValue":"x"},"severityText":"WARN","severityNumber":13,
    "attributes":[{"key":"a","value":{"stringValue":"bc"}}]}
    """

  @Test(arguments: [
    (#"logs: {log_record: ['body == "y"', 'IsMatch(attributes["a"], "^b")']}"#, "dropped"),
    (#"logs: {log_record: ['body == "y"', 'log.severity_number < 9']}"#, "kept"),
    (#"logs: {resource: ['attributes["a"] == nil']}"#, "dropped"),
    (#"logs: {resource: ['attributes["a"] != nil'], log_record: [severity_number < 9]}"#, "kept"),
    (#"log_conditions: ['scope.name == "lib"']"#, "dropped"),
    (#"log_conditions: ['log.body == "y"', 'false']"#, "kept"),
    (#"log_conditions: [{context: log, conditions: ['body == "x"']}]"#, "dropped"),
    (#"log_conditions: [{context: Resource, error_mode: SILENT, conditions: ['attributes["a"] != nil']}]"#, "kept"),
    (#"log_conditions: [{conditions: ['log.body == "y"']}, {conditions: ['log.body == "x"']}]"#, "dropped"),
    ("logs: {log_record: ['body / 2 == 1', 'severity_number == 13']}", "dropped"),
    ("logs: {log_record: ['body / 2 == 1']}", "kept"),
  ])
  func conditions(_ options: String, _ outcome: String) throws {
    #expect(
      try (attributes(after: "filter", options, Self.record) == ["dropped"] ? "dropped" : "kept") == outcome)
    #expect(processorProblems("filter", options) == [])
  }

  @Test func aFaultRefusesTheRequestIfItIsToldTo() throws {
    let options = "error_mode: propagate\nlogs: {log_record: ['body / 2 == 1']}"
    let refusal = #expect(throws: ProcessorRefusal.self) { try attributes(after: "filter", options, Self.record) }
    #expect(
      refusal?.reason
        == "processors.filter.logs.log_record[0] failed for a record: a value is of a type that is not taken here")
    #expect(refusal?.isFinal == true)
  }

  @Test(arguments: [
    (
      "logs: {log_record: ['body = 1', 'bodyy == 1', 'Leng(body) == 1']}",
      [
        "f.yaml:4:25: processors.filter.logs.log_record[0]: line 1, column 6: expected a comparison such as ==, found =: two values are compared with ==",
        #"f.yaml:4:37: processors.filter.logs.log_record[1]: line 1, column 1: log has no bodyy (did you mean "body"?)"#,
        #"f.yaml:4:51: processors.filter.logs.log_record[2]: line 1, column 1: there is no converter Leng (did you mean "Len"?)"#,
      ]
    ),
    (
      "logs: {log_record: ['true'], exclude: {match_type: strict, bodies: [x]}}",
      ["f.yaml:4:34: processors.filter.logs.exclude: conditions and exclude cannot stand beside each other"]
    ),
    (
      "logs: {log_record: ['true']}\nlog_conditions: ['true']",
      ["f.yaml:5:5: processors.filter.log_conditions: logs and log_conditions exclude each other"]
    ),
    (
      "log_conditions: ['true', {conditions: ['true']}]",
      ["f.yaml:4:5: processors.filter.log_conditions: strings and groups cannot stand in one list"]
    ),
    (
      "log_conditions: ['body == nil']",
      [
        "f.yaml:4:22: processors.filter.log_conditions[0]: line 1, column 1: body does not say whose it is: expected one of log., scope., resource. before it, or the option context"
      ]
    ),
    (
      "log_conditions: [{context: span, conditions: ['set(body, 1)']}]",
      [
        #"f.yaml:4:32: processors.filter.log_conditions[0].context: expected "log", "scope" or "resource", found "span""#,
        "f.yaml:4:51: processors.filter.log_conditions[0].conditions[0]: line 1, column 1: expected a value, found a call of set: the names of converters begin with a capital letter",
      ]
    ),
    (
      "error_mode: sometimes",
      [
        #"f.yaml:4:17: processors.filter.error_mode: expected "ignore", "silent" or "propagate", found "sometimes""#
      ]
    ),
  ])
  func refusesConditionsThatItCannotRead(_ options: String, _ problems: [String]) {
    #expect(processorProblems("filter", options) == problems)
  }

  @Test func refusesPatternsOfOtherTypes() {
    #expect(
      processorProblems("filter", "logs: {include: {match_type: regexp, record_attributes: [{key: a, value: 1}]}}") == [
        "f.yaml:4:71: processors.filter.logs.include.record_attributes[0].value: match_type regexp takes text only; "
          + "put it in quotes"
      ])
  }

  @Test func warnsOfAFilterThatKeepsEverything() {
    #expect(
      processorProblems("filter", "logs: {include: {match_type: strict}}") == [
        "f.yaml:4:5: warning: processors.filter.logs: keeps all records: nothing asks for any to be dropped"
      ])
  }

  @Test func countsWhatConditionsCameTo() throws {
    let options = "logs: {log_record: ['body / 2 == 1', 'body == \"x\"']}"
    let filter = try #require(try madeProcessor("filter", options) as? any StatementUser)
    var request = RequestContext()
    var batch = try LogBatch.decoded(LogPipelineTests.record(body: "x"), LogPipelineTests.record(body: "y"))
    try (filter as? any Processor)?.process(&batch, of: &request)
    #expect(batch.bodies == ["y"])
    #expect(
      filter.statements.map(\.place)
        == ["processors.filter.logs.log_record[0]", "processors.filter.logs.log_record[1]"])
    #expect(filter.statements.map(\.faults) == [2, 0])
    #expect(filter.statements.map(\.met) == [0, 1])
    #expect(filter.statements[0].lastFault == "a value is of a type that is not taken here")
    #expect(filter.statements[1].lastFault == nil)
  }
}
