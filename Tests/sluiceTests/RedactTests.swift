import Gateway
import Testing

@testable import sluice

@Suite struct RedactTests {
  @Test func rulesAreCountedTheMostFirst() {
    let rules = [("jwt", 2), ("iban", 0), ("email", 5), ("cookie", 2)].map {
      RedactionPreview.Counts.Rule(rule: $0.0, action: "mask", count: $0.1)
    }
    #expect(Redact.lines(.init(rules: rules, tooLongLines: 0)) == ["5 email mask", "2 cookie mask", "2 jwt mask"])
    #expect(Redact.lines(.init(rules: [], tooLongLines: 0)) == ["nothing was changed"])
    #expect(Redact.lines(.init(rules: [], tooLongLines: 1)) == ["1 lines were too long and are masked unread"])
  }

  @Test func aProcessorMayBeNamed() throws {
    let redact = try #require(
      try Sluice.parseAsRoot(["redact", "--config", "a.yaml", "--processor", "redaction/b"]) as? Redact)
    #expect(redact.processor == "redaction/b" && redact.config.sources == [.file("a.yaml")])
  }
}
