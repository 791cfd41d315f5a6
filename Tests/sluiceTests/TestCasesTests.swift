import Gateway
import Options
import Testing

@testable import sluice

@Suite struct TestCasesTests {
  @Test func aCaseIsPrintedWithItsProblems() throws {
    let yaml = "cases: [{name: masks, input: [{body: a}], dropped: 0}]"
    let test = try #require(PipelineCase.read(Array(yaml.utf8), source: "c.yaml", report: ConfigReport()).first)
    #expect(TestCases.lines(test, []) == ["ok    masks"])
    #expect(TestCases.lines(test, ["x: y"]) == ["FAIL  masks (c.yaml:1:9)", "      x: y"])
  }

  @Test func filesOfCasesAreNeeded() throws {
    let command = try Sluice.parseAsRoot(["test", "--config", "a.yaml", "b.yaml", "c.yaml"]) as? TestCases
    #expect(command?.files == ["b.yaml", "c.yaml"])
    #expect { try Sluice.parseAsRoot(["test"]) } throws: { Sluice.exitCode(for: $0).rawValue == 64 }
  }
}
