import Gateway
import Options
import Testing

@testable import sluice

@Suite struct TestCasesTests {
  @Test func aCaseIsPrintedWithItsProblems() throws {
    let yaml = "cases: [{name: masks, input: [{body: a}], dropped: 0}]"
    let test = try #require(PipelineCase.read(Array(yaml.utf8), source: "c.yaml", report: ConfigReport()).first)
    var outcome = CaseRun.Outcome()
    #expect(TestCases.lines(test, outcome) == ["ok    masks"])
    outcome.faults = ["processors.transform.log_statements[0] failed once: a value is nil"]
    let note = "      note: processors.transform.log_statements[0] failed once: a value is nil"
    #expect(TestCases.lines(test, outcome) == ["ok    masks", note])
    outcome.problems = ["x: y"]
    #expect(TestCases.lines(test, outcome) == ["FAIL  masks (c.yaml:1:9)", "      x: y", note])
  }

  @Test func filesOfCasesAreNeeded() throws {
    let command = try Sluice.parseAsRoot(["test", "--config", "a.yaml", "b.yaml", "c.yaml"]) as? TestCases
    #expect(command?.files == ["b.yaml", "c.yaml"])
    #expect { try Sluice.parseAsRoot(["test"]) } throws: { Sluice.exitCode(for: $0).rawValue == 64 }
  }
}
