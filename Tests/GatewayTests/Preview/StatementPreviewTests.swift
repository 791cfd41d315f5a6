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

  @Test func saysWhatCannotBeRead() {
    let text = #expect(throws: StatementPreview.Problem.self) { try StatementPreview("log.body ==", context: nil) }
    #expect(text?.description == "line 1, column 12: expected a value, found the end")
    let broken = #expect(throws: StatementPreview.Problem.self) { try explained("nonsense") }
    #expect(broken?.description.hasPrefix("cannot decode the input as OTLP JSON: ") == true)
    let long = #expect(throws: StatementPreview.Problem.self) {
      try StatementPreview("true", context: nil)
        .explanations(of: Array(repeating: 0x20, count: StatementPreview.maxInputBytes + 1))
    }
    #expect(long?.description == "the input is too long: the limit is 16777216 bytes")
  }
}
