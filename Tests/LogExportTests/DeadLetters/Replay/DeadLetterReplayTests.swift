import Testing

@testable import LogExport

@Suite struct DeadLetterReplayTests {
  private let folder = LetterFolder()

  @Test func anAddressThatIsNoneIsAnError() async throws {
    try await folder.file().take([rejected(bulk(1))])
    await #expect(throws: SenderConfigurationError.self) {
      try await DeadLetterReplay(path: folder.path, endpoint: "ftp://x", dialect: replayDialect).run()
    }
    #expect(folder.letters.count == 1)
  }

  @Test(arguments: [
    "127.0.0.1:9200", "ftp://x", "http://", "http://127.0.0.1/_bulk", "http://127.0.0.1/insert/jsonline",
    "http://127.0.0.1/v1/logs", "http://no-such-host.invalid",
  ])
  func anAddressThatLettersCannotGoToIsAnError(_ address: String) async throws {
    try await folder.file().take([rejected(bulk(1))])
    await #expect(throws: SenderConfigurationError.self) {
      try await DeadLetterReplay(path: folder.path, endpoint: address, dialect: replayDialect).run()
    }
    #expect(folder.letters.count == 1)
  }

  @Test func theAddressIsKeptAsItWasGiven() throws {
    let checked = try DeadLetterReplay.checked("https://[::1]:9201/prefix")
    #expect(checked.host == "::1" && checked.port == 9201 && checked.path == "/prefix")
  }

  @Test func textsBeyondTheLimitAreCountedTogether() {
    var tally = Tally()
    let areFirst = (0..<Tally.maxTexts).map { tally.count("reason \($0)") }
    #expect(!areFirst.contains(false))
    let again = [tally.count("reason 3", 4), tally.count("one more", 2), tally.count("another", 3)]
    #expect(again == [false, true, false])
    #expect(tally.counts.count == Tally.maxTexts + 1)
    #expect(tally.rows.prefix(2).map(\.text) == ["other", "reason 3"] && tally.rows.prefix(2).map(\.count) == [5, 5])
  }
}
