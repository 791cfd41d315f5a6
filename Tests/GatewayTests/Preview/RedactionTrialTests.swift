import LogPipeline
import Testing

@testable import Gateway

@Suite struct RedactionTrialTests {
  private func trial(_ input: String) throws -> RedactionTrial {
    RedactionTrial(Array(input.utf8), by: try RedactionPreview.processor(of: nil, id: nil))
  }

  @Test func aTextIsTheBodyOfARecord() throws {
    let trial = try trial("card 4111111111111111\nand more")
    #expect(trial.form == .text && trial.after == "card ****1111\nand more")
    #expect(trial.values.map(\.path) == ["body"])
    #expect(trial.rules.filter { $0.count > 0 }.map(\.rule) == ["credit_card"])
    #expect(trial.rules.count > 10)
  }

  @Test(arguments: [
    (#"{"body":{"stringValue":"4111111111111111"}}"#, RedactionTrial.Form.record),
    (#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"4111111111111111"}}]}]}]}"#, .request),
    (#"{"body":"4111111111111111"}"#, .record), (#"{"user":"4111111111111111"}"#, .text), ("{4111111111111111", .text),
    (#"{"resourceLogs":"4111111111111111""#, .text),
  ])
  func whatIsARecordIsReadAsOne(_ input: String, _ form: RedactionTrial.Form) throws {
    let trial = try trial(input)
    #expect(trial.form == form)
    #expect(trial.values.count == 1)
    #expect(trial.after.contains("****1111") && !trial.after.contains("4111111111111111"))
  }

  @Test(arguments: ["", "{}", "{", "\u{0}"]) func nothingIsNothing(_ input: String) throws {
    #expect(try trial(input).values == [])
    #expect(try trial(input).after == input)
  }
}
