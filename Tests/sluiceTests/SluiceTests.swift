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

  @Test func theVersionIsACommandToo() throws { #expect(try Sluice.parseAsRoot(["version"]) is Version) }

  @Test(arguments: [CompletionShell.bash, .zsh, .fish]) func shellsCanComplete(_ shell: CompletionShell) {
    let script = Sluice.completionScript(for: shell)
    for word in ["validate", "dead-letter", "config"] { #expect(script.contains(word)) }
  }
}
