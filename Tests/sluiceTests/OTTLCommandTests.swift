import Gateway
import Testing

@testable import sluice

@Suite struct OTTLCommandTests {
  @Test func valuesStandInAColumn() throws {
    let preview = try StatementPreview(#"set(log.body, "b") where log.flags == 0"#, context: nil)
    let explanations = try preview.explanations(of: Array("{}\n{\"flags\":1}\n{}".utf8))
    #expect(
      OTTLCommand.Explain.lines(explanations, atMost: 2) == [
        "# 1 of 3", "log.flags == 0      true", "  log.flags         0", #"set(log.body, "b")  run"#,
        #"  log.body          nil -> "b""#,
        "\n# 2 of 3", "log.flags == 0      false", "  log.flags         1",
        #"set(log.body, "b")  not run: where is not true"#, "\n1 more are not shown (--records)",
      ])
    #expect(OTTLCommand.Explain.lines([], atMost: 2) == ["the input has no records"])
    #expect(OTTLCommand.Explain.lines(Array(explanations.prefix(1)), atMost: 2)[0] == "log.flags == 0      true")
  }

  @Test func patternsOfGrokAreListed() throws {
    let functions = try #require(
      try Sluice.parseAsRoot(["ottl", "functions", "--grok"]) as? OTTLCommand.Functions)
    #expect(functions.grok)
    #expect(StatementPreview.grokPatterns.contains("INT (?:[+-]?[0-9]+)"))
    #expect(StatementPreview.grokPatterns.count > 60)
  }

  @Test func optionsAreChecked() throws {
    let explain = try #require(
      try Sluice.parseAsRoot(["ottl", "explain", "log.body", "--context", "scope", "--records", "3", "--full"])
        as? OTTLCommand.Explain)
    #expect(explain.text == "log.body" && explain.context == "scope" && explain.records == 3 && explain.full)
    for wrong in [["--context", "span"], ["--records", "0"]] {
      #expect(throws: (any Error).self) { try Sluice.parseAsRoot(["ottl", "explain", "log.body"] + wrong) }
    }
  }
}
