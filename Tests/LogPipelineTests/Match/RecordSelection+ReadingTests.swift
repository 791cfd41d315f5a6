import Options
import Testing

@testable import LogPipeline

@Suite struct RecordSelectionReadingTests {
  private func severity(_ text: String) -> Result<Int, OptionMismatch> {
    do throws(OptionMismatch) {
      return .success(try OptionType.severity.parse(text))
    } catch {
      return .failure(error)
    }
  }

  @Test func aSeverityIsANumberOrAName() throws {
    let names = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    for number in 1...24 {
      let step = (number - 1) % 4
      let name = names[(number - 1) / 4] + (step == 0 ? "" : "\(step + 1)")
      for text in [name, name.lowercased(), "\(number)"] { #expect(try severity(text).get() == number, "\(text)") }
    }
    #expect(try severity("").get() == 0 && severity("0").get() == 0)
  }

  @Test(arguments: ["25", "-1", "INFO0", "INFO1", "INFO5", "x", "9.0", "é"])
  func otherTextIsNoSeverity(text: String) {
    #expect(throws: OptionMismatch.self) { try severity(text).get() }
  }

  @Test func theNearestNameIsSuggested() {
    guard case .failure(let mismatch) = severity("eror") else {
      Issue.record("taken")
      return
    }
    #expect(mismatch.suggestion == "ERROR")
  }

  private func isKept(_ match: String, _ record: String) throws -> Bool {
    let filter = "logs: {include: {\(match)}}"
    #expect(processorProblems("filter", filter) == [])
    return try attributes(after: "filter", filter, record) != ["dropped"]
  }

  @Test func textsAreComparedOrArePatterns() throws {
    let record = #"{"body":{"stringValue":"a.c"}}"#
    #expect(try isKept("match_type: strict, bodies: ['x', 'a.c']", record))
    #expect(try !isKept("match_type: strict, bodies: ['a.']", record))
    #expect(try isKept("match_type: regexp, bodies: ['^a.c$']", record))
    #expect(try !isKept("match_type: regexp, bodies: ['^abc$']", record))
  }

  @Test func attributesAreReadByKeysOfEitherCase() throws {
    let record = #"{"attributes":[{"key":"k","value":{"intValue":1}}]}"#
    for (key, value) in [("key", "value"), ("Key", "Value")] {
      #expect(try isKept("match_type: strict, record_attributes: [{\(key): k, \(value): 1}]", record))
      #expect(try !isKept("match_type: strict, record_attributes: [{\(key): k, \(value): 2}]", record))
      #expect(try isKept("match_type: strict, record_attributes: [{\(key): k}]", record))
      #expect(try !isKept("match_type: strict, record_attributes: [{\(key): other}]", record))
    }
  }

  @Test func recordsWithoutASeverityMatchIfThatIsSaid() throws {
    for (severity, undefined, isKept) in [(0, false, false), (0, true, true), (8, true, false), (9, false, true)] {
      let match = "match_type: strict, severity_number: {min: INFO, match_undefined: \(undefined)}"
      #expect(try self.isKept(match, #"{"severityNumber":\#(severity)}"#) == isKept)
    }
  }

  @Test(arguments: [
    ("bodies: [a]", "match_type: required"),
    ("match_type: regexp, bodies: ['(']", "bodies: the pattern is refused"),
    (
      "match_type: regexp, record_attributes: [{key: a, value: 1}]",
      "record_attributes[0].value: match_type regexp takes text only; put it in quotes"
    ),
    ("match_type: strict, span_names: [a]", "span_names: not supported by sluice: this gateway handles logs only"),
    ("match_type: strict, severity_number: {min: 25}", "severity_number.min: expected a severity as in INFO"),
  ])
  func whatIsWrongIsNamed(match: String, problem: String) {
    let problems = processorProblems("filter", "logs: {include: {\(match)}}")
    #expect(
      problems.contains { $0.contains(".include.\(problem)") || $0.contains(".include: \(problem)") }, "\(problems)")
  }
}
