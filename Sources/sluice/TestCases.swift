import ArgumentParser
import Gateway
import Options

/// `sluice test`: runs cases through the pipelines of a configuration.
struct TestCases: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run cases, records with what is to come of them, through the pipelines.",
    discussion: """
      Nothing listens and nothing is sent: exporters keep the records they get. Exit code 1 if a case fails.
      """)

  @OptionGroup var config: ConfigArguments

  @Argument(help: ArgumentHelp("YAML files of cases.", valueName: "cases"))
  var files: [String]

  func run() async throws {
    let run = CaseRun(try config.load())
    let report = ConfigReport()
    let cases = files.flatMap { PipelineCase.read($0, report: report) }
    do { try report.throwErrors() } catch {
      writeToStandardError("\(error)")
      throw ExitCode.invalidConfiguration
    }
    var failed = 0
    for test in cases {
      let outcome: CaseRun.Outcome
      do { outcome = try await run.outcome(of: test) } catch {
        writeToStandardError("error: \(error)")
        throw ExitCode.failure
      }
      Self.lines(test, outcome).forEach { print($0) }
      failed += outcome.problems.isEmpty ? 0 : 1
    }
    print("\(cases.count - failed) of \(cases.count) cases passed")
    if failed > 0 { throw ExitCode.failure }
  }

  /// What is printed about a case: faults of statements too, for a case that passes as well.
  static func lines(_ test: PipelineCase, _ outcome: CaseRun.Outcome) -> [String] {
    let title = outcome.problems.isEmpty ? "ok    \(test.name)" : "FAIL  \(test.name) (\(test.place))"
    return [title] + (outcome.problems + outcome.faults.map { "note: \($0)" }).map { "      \($0)" }
  }
}
