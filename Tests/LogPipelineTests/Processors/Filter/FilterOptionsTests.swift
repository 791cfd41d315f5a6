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

  @Test func refusesConditionsThatItCannotRead() {
    #expect(
      processorProblems("filter", "logs: {log_record: ['true']}\nerror_mode: ignore") == [
        "f.yaml:4:12: processors.filter.logs.log_record: not supported by sluice: OTTL conditions are not yet "
          + "supported; use include or exclude"
      ])
    #expect(processorProblems("filter", "log_conditions: ['true']").count == 1)
    #expect(
      processorProblems("filter", "logs: {include: {match_type: regexp, record_attributes: [{key: a, value: 1}]}}") == [
        "f.yaml:4:71: processors.filter.logs.include.record_attributes[0].value: match_type regexp takes text only; "
          + "put it in quotes"
      ])
  }

  @Test func warnsOfAFilterThatKeepsEverything() {
    #expect(
      processorProblems("filter", "logs: {include: {match_type: strict}}") == [
        "f.yaml:4:5: warning: processors.filter.logs: keeps all records: neither include nor exclude asks for anything"
      ])
  }
}
