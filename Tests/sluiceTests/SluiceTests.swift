import ArgumentParser
import Gateway
import Testing

@testable import sluice

@Suite struct SluiceTests {
  @Test(arguments: [["--version"], ["-v"], ["-v", "validate"], ["--version", "run", "-c", "/no/such"]])
  func theVersionIsShownInsteadOfAnythingElse(_ arguments: [String]) {
    #expect {
      try Sluice.parseAsRoot(arguments)
    } throws: {
      Sluice.exitCode(for: $0) == .success && Sluice.message(for: $0) == BuildInformation.text
    }
  }

  @Test(arguments: [
    (["valdiate"], "Unknown command 'valdiate' of sluice: did you mean validate?"),
    (["valdiate", "--config", "f"], "Unknown command 'valdiate' of sluice: did you mean validate?"),
    (["queue", "drian"], "Unknown command 'drian' of sluice queue: did you mean drain?"),
    (["queue", "xyz"], "Unknown command 'xyz' of sluice queue: there are show, drain"),
    (
      ["gw.yaml"],
      "Unexpected argument 'gw.yaml': a configuration file is given with --config, as in sluice --config gw.yaml"
    ),
    (
      ["validate", "-c", "a.yaml", "b.yml"],
      "Unexpected argument 'b.yml': a configuration file is given with --config, as in sluice validate --config b.yml"
    ),
  ])
  func whatNoCommandTakesIsExplained(_ arguments: [String], _ problem: String) {
    #expect {
      try Sluice.command(arguments)
    } throws: {
      Sluice.exitCode(for: $0).rawValue == 64 && Sluice.message(for: $0) == problem
    }
  }

  @Test(arguments: [["validate", "--nope"], ["test", "cases.yaml", "--nope"], ["dead-letter", "list"]])
  func otherWrongUsageIsToldByTheParser(_ arguments: [String]) {
    #expect {
      try Sluice.command(arguments)
    } throws: {
      Sluice.exitCode(for: $0).rawValue == 64 && !Sluice.message(for: $0).contains("--config")
        && !Sluice.message(for: $0).contains("Unknown command")
    }
  }

  @Test func onlyCommandsThatEndInOrderHeedSignals() throws {
    for arguments in [[], ["run"], ["queue", "drain", "--directory", "d"]] as [[String]] {
      #expect(try Sluice.command(arguments) is any EndedInOrder, "\(arguments)")
    }
    #expect(!(try Sluice.command(["validate"]) is any EndedInOrder))
  }

  @Test func theVersionIsACommandToo() throws { #expect(try Sluice.parseAsRoot(["version"]) is Version) }

  @Test(arguments: [CompletionShell.bash, .zsh, .fish]) func shellsCanComplete(_ shell: CompletionShell) {
    let script = Sluice.completionScript(for: shell)
    for word in ["validate", "dead-letter", "config"] { #expect(script.contains(word)) }
  }
}
