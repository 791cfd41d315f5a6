import ArgumentParser
import Testing

@testable import LogExport
@testable import sluice

@Suite struct DeadLetterTests {
  private func letter(_ line: String) throws -> DeadLetter { try #require(DeadLetter(line: Array(line.utf8))) }

  @Test func everyCommandIsFound() throws {
    #expect(try Sluice.parseAsRoot(["dead-letter", "list", "--path", "f"]) is DeadLetterCommand.List)
    let show = try Sluice.parseAsRoot(["dead-letter", "show", "--path", "f", "--reason", "x", "--limit", "0"])
    #expect((show as? DeadLetterCommand.Show)?.selection.filter == DeadLetterFilter(reason: "x"))
    let replay = try Sluice.parseAsRoot(["dead-letter", "replay", "--path", "f", "--to", "http://h/"])
    #expect((replay as? DeadLetterCommand.Replay)?.to == "http://h/")
    let purge = try Sluice.parseAsRoot(["dead-letter", "purge", "--path", "f", "--before", "2026-01-31"])
    #expect((purge as? DeadLetterCommand.Purge)?.selection.filter == DeadLetterFilter(before: "2026-01-31"))
  }

  @Test(arguments: [
    ["list"], ["replay", "--path", "f"], ["purge", "--path", "f"], ["show", "--path", "f", "--before", "soon"],
    ["replay", "--path", "f", "--to", "http://h/", "--give-up-after", "0"],
    ["replay", "--path", "f", "--to", "http://h/", "--max-age", "-1"], ["replay", "--path", "f", "--to", "h:9200"],
    ["replay", "--path", "f", "--to", "ftp://h"], ["replay", "--path", "f", "--to", "http://h/x/_bulk"],
  ]) func wrongUsageEndsWithExitCode64(arguments: [String]) {
    #expect { try Sluice.parseAsRoot(["dead-letter"] + arguments) } throws: { Sluice.exitCode(for: $0).rawValue == 64 }
  }

  @Test func aFileThatCannotBeReadEndsWithExitCode1() async throws {
    let list = try #require(
      try Sluice.parseAsRoot(["dead-letter", "list", "--path", "/no/such"]) as? DeadLetterCommand.List)
    await #expect { try await list.run() } throws: { Sluice.exitCode(for: $0).rawValue == 1 }
  }

  @Test func shownLettersCannotDriveATerminal() throws {
    let text = DeadLetterCommand.Show.text(
      try letter(
        "{\"time\":\"t\",\"exporter\":\"e\",\"reason\":\"\u{9B}31m\\n\\u001b[0m\",\"record\":{\"a\":\"\u{202E}\"}}"))
    #expect(
      text == "t  e  1 records, 0 attempts\n  reason: \\u{9b}31m\\u{a}\\u{1b}[0m\n  record: {\"a\":\"\\u{202e}\"}")
  }

  @Test func anEmptySummarySaysSo() {
    #expect(DeadLetterCommand.List.lines(DeadLetterSummary(), asJSON: false) == ["No dead letters."])
    #expect(DeadLetterCommand.List.lines(DeadLetterSummary(), asJSON: true) == [])
  }

  @Test func outcomesAreTextOrJSON() throws {
    var outcome = DeadLetterReplay.Outcome()
    (outcome.delivered, outcome.duplicates, outcome.rejected, outcome.untouchedLetters) = (5, 1, 2, 3)
    outcome.rejections.count("bad \"thing\"", 2)
    outcome.kept.count("too_old", 3)
    for _ in 0..<4 { outcome.failures.count("HTTP 404") }
    #expect(
      DeadLetterCommand.Replay.text(outcome, asJSON: false)
        == "5 records delivered, 1 of them already there; 2 refused again; 3 letters left as they are.")
    #expect(
      DeadLetterCommand.Replay.text(outcome, asJSON: true)
        == "{\"delivered\":5,\"duplicates\":1,\"refused\":2,\"untouched_letters\":3,\"gave_up\":false,"
        + "\"stopped\":false,\"refusals\":{\"bad \\\"thing\\\"\":2},\"kept\":{\"too_old\":3},"
        + "\"failures\":{\"HTTP 404\":4}}")
    let replay = try #require(
      try Sluice.parseAsRoot(["dead-letter", "replay", "--path", "f", "--to", "http://h/"])
        as? DeadLetterCommand.Replay)
    let lines = replay.reasons(outcome)
    #expect(lines[0] == "refused: 2 records: bad \"thing\"" && lines[2] == "failed: 4 attempts: HTTP 404")
    #expect(lines[1].hasPrefix("not sent: 3 letters: too_old: ") && lines[1].contains("7 days"))
  }
}
