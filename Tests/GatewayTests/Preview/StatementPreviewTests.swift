import Testing

@testable import Gateway

@Suite struct StatementPreviewTests {
  private func explained(_ input: String) throws -> [[String]] {
    try StatementPreview("log.body", context: nil).explanations(of: Array(input.utf8)).map { $0.lines.map(\.value) }
  }

  @Test func takesRecordsAndRequestsAsAWholeOrInLines() throws {
    let (record, other) = (#"{"body":{"stringValue":"a"}}"#, #"{"body":{"intValue":"5"}}"#)
    let request = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(record),\#(other)]}]}]}"#
    #expect(try explained(record) == [[#""a""#]])
    #expect(try explained(request) == [[#""a""#], ["5"]])
    #expect(try explained("\(record)\n\n\(request)\n\(other)\n") == [[#""a""#], [#""a""#], ["5"], ["5"]])
    #expect(try explained("{\n\"body\": {\"stringValue\":\n\"a\"}}") == [[#""a""#]])
    #expect(try explained("{}") == [["nil"]])
  }

  @Test func knowsTheTimeZonesOfTheSystem() throws {
    let text = #"Time("2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S", "America/New_York")"#
    let shown = try StatementPreview(text, context: nil).explanations(of: Array("{}".utf8))
    #expect(shown.first?.lines.first?.value == "time 2023-05-26T12:34:56-04:00")
  }

  @Test func longValuesAreShownWholeIfTheyAreToBe() throws {
    let preview = try StatementPreview(#"Format("%300d", [flags])"#, context: nil, showsAll: true)
    #expect(try preview.explanations(of: Array("{}".utf8)).first?.lines.first?.value.count == 302)
  }

  @Test func saysWhatCannotBeRead() {
    let text = #expect(throws: StatementPreview.Problem.self) { try StatementPreview("log.body ==", context: nil) }
    #expect(text?.description == "line 1, column 12: expected a value, found the end")
    let broken = #expect(throws: StatementPreview.Problem.self) { try explained("nonsense") }
    #expect(
      broken?.description == "the input is no record or request in OTLP JSON: byte 0: expected a JSON value")
    for (input, key) in [
      (#"{"severity_number":9}"#, #"the input has the key "severity_number", which no record has in OTLP JSON"#),
      (#"{"Body":"x"}"#, #"the input has the key "Body", which no record has in OTLP JSON (did you mean "body"?)"#),
      ("{\n\"logRecords\":\n[]}", #"the input has the key "logRecords", which no record has in OTLP JSON"#),
    ] {
      let problem = #expect(throws: StatementPreview.Problem.self) { try explained(input) }
      #expect(problem?.description.hasPrefix(key) == true, "\(problem?.description ?? "")")
    }
    let long = #expect(throws: StatementPreview.Problem.self) {
      try StatementPreview("true", context: nil)
        .explanations(of: Array(repeating: 0x20, count: StatementPreview.maxInputBytes + 1))
    }
    #expect(long?.description == "the input is too long: the limit is 16777216 bytes")
  }
}
