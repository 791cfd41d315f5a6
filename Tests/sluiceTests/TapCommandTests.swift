import Testing

@testable import sluice

@Suite struct TapCommandTests {
  @Test func argumentsAreRead() throws {
    let command = try #require(
      try Sluice.parseAsRoot(["tap", "logs", "after:redaction", "--where", "true", "-n", "1000000"]) as? TapCommand)
    #expect(command.pipeline == "logs" && command.stage == "after:redaction" && command.where == "true")
    #expect(command.limit == 1_000_000)
    let plain = try #require(try Sluice.parseAsRoot(["tap"]) as? TapCommand)
    #expect(plain.pipeline == nil && plain.stage == "received" && plain.limit == nil)
  }

  @Test(arguments: ["0", "1000001", "x"]) func limitsOfArgumentsHold(_ limit: String) {
    #expect(throws: (any Error).self) { try Sluice.parseAsRoot(["tap", "-n", limit]) }
  }

  @Test func linesAreTakenApart() {
    let record = TapLine(#"{"record":{"_time":"t","_msg":"a","skipped":"1"}}"#)
    #expect(record.isRecord && record.text == "t - - a skipped=1")
    #expect(TapLine(#"{"before":{"_time":"t","_msg":"a"}}"#).text == "- t - - a")
    #expect(TapLine(#"{"after":{"_time":"t","_msg":"b"}}"#).text == "+ t - - b")
    let gone = TapLine(#"{"after":null}"#)
    #expect(gone.text == "+ (removed)" && !gone.isRecord)
    let other = TapLine(#"{"skipped":3,"because":"x"}"#)
    #expect(!other.isRecord && other.text == nil)
  }
}
