import Testing

@testable import sluice

@Suite struct ProcessTests {
  private func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

  @Test func takesWhatTheSystemHasToo() {
    #expect(Process.fault(inArguments: ["sluice"], systems: bytes(["sluice"])) == nil)
    #expect(Process.fault(inArguments: ["sluice", "", "x"], systems: bytes(["other", "", "x"])) == nil)
    #expect(Process.fault(inArguments: ["sluice"], systems: nil) == nil)
  }

  @Test func refusesArgumentsThatWereLost() {
    #expect(
      Process.fault(inArguments: [], systems: nil)
        == "the process was started without arguments, or cannot read them: is /proc mounted?")
    #expect(
      Process.fault(inArguments: [""], systems: bytes([""]))
        == "the process was started without arguments, or cannot read them: is /proc mounted?")
    #expect(
      Process.fault(inArguments: ["sluice"], systems: bytes(["sluice", "--config", "f"]))
        == "the process was started with 3 arguments and can read 1 of them")
  }

  @Test func readsTheArgumentsOfTheSystem() {
    #expect(Process.systemsArguments()?.count == CommandLine.arguments.count)
    #expect(Process.systemsArguments("/nowhere") == nil)
    #expect(Process.systemsArguments("/dev/null")?.isEmpty == true)
  }
}
