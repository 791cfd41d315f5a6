import LogPipeline
import Testing

@Suite struct SeverityOptionsTests {
  @Test func namesSeverities() throws {
    let info = #"{"severityText":"INFO"}"#
    let keep = "logs: {include: {match_type: strict, severity_number: {min: INFO}}}"
    #expect(try attributes(after: "filter", keep, info) == ["dropped"])
    #expect(try madeProcessor("severity", "default: WARN\nattributes: [lvl]")?.id == "severity")
    #expect(processorProblems("severity", "default: WARM").first?.hasSuffix("(did you mean \"WARN\"?)") == true)
  }
}
