import ArgumentParser
import Gateway
import Testing

@testable import sluice

@Suite struct ConfigArgumentsTests {
  private func parse<Command: ParsableCommand>(_ arguments: String...) throws -> Command {
    try #require(try Sluice.parseAsRoot(arguments) as? Command)
  }

  @Test func runsByDefault() throws {
    let run: Run = try parse("--config", "a.yaml")
    #expect(run.config.sources == [.file("a.yaml")])
    let short: Run = try parse("-c", "a.yaml")
    #expect(short.config.sources == [.file("a.yaml")])
    let named: Run = try parse("run", "--config", "a.yaml")
    #expect(named.config.sources == [.file("a.yaml")])
  }

  @Test func usesTheEmbeddedConfigurationUnlessAFileIsGiven() throws {
    let validate: Validate = try parse("validate", "--set", "a.b=1")
    #expect(validate.config.sources == [.embedded, .setting("a.b=1")])
  }

  @Test func takesFilesInOrderAndSettingsAfterThem() throws {
    let print: PrintConfig = try parse(
      "print-config", "--set", "a=1", "--config", "x.yaml", "--config=env:Y", "--set=b=2")
    let expected: [ConfigSource] = [.file("x.yaml"), .environmentVariable("Y"), .setting("a=1"), .setting("b=2")]
    #expect(print.config.sources == expected)
  }

  @Test func endsWithExitCode78ForAnInvalidConfiguration() throws {
    let validate: Validate = try parse("validate", "--config", "/no/such")
    #expect { try validate.run() } throws: { Sluice.exitCode(for: $0).rawValue == 78 }
  }

  @Test(arguments: [["frob"], ["validate", "--config"], ["run", "--no-such-option"]])
  func endsWithExitCode64ForWrongUsage(_ arguments: [String]) {
    #expect { try Sluice.parseAsRoot(arguments) } throws: { Sluice.exitCode(for: $0).rawValue == 64 }
  }
}
